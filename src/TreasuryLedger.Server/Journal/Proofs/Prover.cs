using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>All tree heads of a tenant at one moment.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="At">The database's clock at that moment.</param>
/// <param name="Root">The head of heads, lower-case hex: the one value to keep elsewhere.</param>
/// <param name="Heads">The heads, in the order of their journals.</param>
public sealed record TenantHeads(string Tenant, Instant At, string Root, ImmutableArray<TreeHead> Heads);

/// <summary>
/// Makes proof files. Each is checked before it is given: a database that was changed gives no proof, and says where.
/// </summary>
/// <param name="databases">Where each journal lies.</param>
public sealed class Prover(TenantDatabases databases)
{
    private const string Heads =
        """
        select clock_timestamp(), journal, position from ledger.heads
        where tenant = $1 and position > 0 order by journal
        """;

    private const string At =
        """
        select recorded_at, hash from ledger.entries where tenant = $1 and journal = $2 and position = $3
        """;

    private const string Stored =
        """
        select e.data, i.hash, t.salt, t.text
        from journal.mt_events e
        left join ledger.entries i on i.tenant = $1 and i.journal = $2 and i.position = $3 - 1
        left join ledger.texts t on t.tenant = $1 and t.journal = $2 and t.position = $3 and t.field = 'reason'
        where e.tenant_id = $1 and e.stream_id = $2 and e.version = $3
        """;

    private readonly JournalTree _tree = new(databases);

    /// <summary>
    /// Tenants that have a journal, and those of a database that does not answer, which may have one.
    /// </summary>
    public async Task<IReadOnlyList<string>> TenantsAsync(CancellationToken cancellation)
    {
        var tenants = new SortedSet<string>(StringComparer.Ordinal);
        var away = await databases.EachAsync(
            async database =>
            {
                await using var select = database.CreateCommand(
                    "select distinct tenant from ledger.every_head() where position > 0");
                await using var rows = await select.ExecuteReaderAsync(cancellation);
                while (await rows.ReadAsync(cancellation))
                {
                    tenants.Add(rows.GetString(0));
                }
            },
            cancellation);
        var asked = databases.All.Select(database => database.Name).Except(away);
        tenants.UnionWith((await databases.ListAsync(cancellation))
            .Where(tenant => !asked.Contains(tenant.Database)).Select(tenant => tenant.Tenant));
        return [.. tenants];
    }

    /// <summary>The heads of all journals of a tenant at one moment.</summary>
    /// <exception cref="ProblemException">The tenant has no journal, or one is damaged.</exception>
    public async Task<TenantHeads> HeadsAsync(string tenant, CancellationToken cancellation)
    {
        var at = default(Instant);
        var positions = new List<(string Journal, long Position)>();
        var database = await databases.OfAsync(tenant, cancellation);
        await using (var select = new TenantCommand(database, tenant, Heads))
        {
            select.Parameters.Add(JournalRows.Text(tenant));
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                at = JournalRows.InstantOf(rows, 0);
                positions.Add((rows.GetString(1), rows.GetInt64(2)));
            }
        }

        // Entries never change: what is read of them after the positions is what it was at them.
        var heads = ImmutableArray.CreateBuilder<TreeHead>();
        foreach (var (journal, position) in positions)
        {
            heads.Add(await HeadAsync(new JournalKey(tenant, journal), position, cancellation));
        }

        return heads.Count > 0
            ? new TenantHeads(tenant, at, TreeHead.RootOf(heads), heads.ToImmutable())
            : throw NotOpened($"Tenant {tenant} has no journal.");
    }

    /// <summary>The proof that an entry stands in a journal.</summary>
    /// <param name="key">The journal.</param>
    /// <param name="position">The entry.</param>
    /// <param name="size">
    /// The size of the tree in which it is proven; <c>null</c> for the newest, which leads on to the head of heads.
    /// </param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">There is no such entry or size, or the journal is damaged.</exception>
    public async Task<EntryProof> EntryAsync(
        JournalKey key, long position, long? size, CancellationToken cancellation)
    {
        if (size is { } wanted)
        {
            return await EntryAsync(key, position, await HeadAsync(key, wanted, cancellation), null, cancellation);
        }

        var heads = await HeadsAsync(key.Tenant, cancellation);
        return await EntryAsync(key, position, heads.Heads, cancellation);
    }

    /// <summary>The proof that an entry stands in a journal as it was when heads were anchored.</summary>
    /// <inheritdoc cref="EntryAsync(JournalKey, long, long?, CancellationToken)"/>
    public async Task<EntryProof> EntryAsync(
        JournalKey key, long position, ImmutableArray<TreeHead> heads, CancellationToken cancellation)
    {
        var index = heads.Select(head => head.Journal).ToImmutableArray().IndexOf(key.Journal);
        if (index < 0)
        {
            throw NotOpened($"{key.Journal} is not among the heads.");
        }

        List<byte[]> leaves = [.. heads.Select(head => head.Leaf())];
        var path = MerkleTree.InclusionPath(index, leaves.Count)
            .Select(range => Hex(MerkleTree.Root(leaves[(int)range.From..(int)range.To])));
        var tree = new TenantTree(TreeHead.RootOf(heads), index, leaves.Count, [.. path]);
        return await EntryAsync(key, position, heads[index], tree, cancellation);
    }

    /// <summary>The proof that a journal only grew from one size to another.</summary>
    /// <param name="key">The journal.</param>
    /// <param name="from">The earlier size.</param>
    /// <param name="to">The later size; <c>null</c> for the newest.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">There are no such sizes, or the journal is damaged.</exception>
    public async Task<ConsistencyProof> ConsistencyAsync(
        JournalKey key, long from, long? to, CancellationToken cancellation)
    {
        var later = await HeadAsync(key, to ?? await PositionAsync(key, cancellation), cancellation);
        if (from > later.Size)
        {
            throw NotReached(key, from, later.Size);
        }

        return await ConsistencyAsync(
            key.Tenant, [await HeadAsync(key, from, cancellation)], [later], cancellation);
    }

    /// <summary>The proof that the journals of a tenant only grew from some heads to others.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="from">The earlier heads.</param>
    /// <param name="to">The later heads.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ProblemException">They did not only grow: a journal was rewritten, cut or removed.</exception>
    public async Task<ConsistencyProof> ConsistencyAsync(
        string tenant,
        ImmutableArray<TreeHead> from,
        ImmutableArray<TreeHead> to,
        CancellationToken cancellation)
    {
        var later = to.ToDictionary(head => head.Journal);
        var paths = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        foreach (var head in from)
        {
            var grown = later.GetValueOrDefault(head.Journal);
            var ranges = grown?.Size >= head.Size ? MerkleTree.ConsistencyPath(head.Size, grown.Size) : [];
            paths.Add([.. (await HashesAsync(new JournalKey(tenant, head.Journal), ranges, cancellation)).Select(Hex)]);
        }

        var proof = new ConsistencyProof(ConsistencyProof.Name, tenant, from, to, paths.ToImmutable());
        return Checked(proof, ProofCheck.CheckParts);
    }

    private async Task<EntryProof> EntryAsync(
        JournalKey key, long position, TreeHead head, TenantTree? tree, CancellationToken cancellation)
    {
        if (position > head.Size)
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
                $"{key.Journal} has no entry {position} among its first {head.Size}.",
                ("position", position),
                ("size", head.Size));
        }

        var path = await HashesAsync(key, MerkleTree.InclusionPath(position - 1, head.Size), cancellation);
        var database = await databases.OfAsync(key.Tenant, cancellation);
        await using var select = new TenantCommand(database, key, Stored);
        select.Parameters.Add(JournalRows.Number(position));
        await using var row = await select.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation) || (position > 1 && row.IsDBNull(1)))
        {
            throw Damaged($"Entry {position} of {key} is missing.");
        }

        return Checked(
            new EntryProof(
                EntryProof.Name,
                key.Tenant,
                key.Journal,
                JsonSerializer.Deserialize<JsonElement>(row.GetFieldValue<byte[]>(0)),
                row.IsDBNull(2) ? null : new ProofText(Hex(row.GetFieldValue<byte[]>(2)), row.GetString(3)),
                Hex(position == 1 ? HashChain.Origin(key.Tenant, key.Journal) : row.GetFieldValue<byte[]>(1)),
                [.. path.Select(Hex)],
                head,
                tree),
            ProofCheck.CheckParts);
    }

    private async Task<TreeHead> HeadAsync(JournalKey key, long size, CancellationToken cancellation)
    {
        if (await ChainAtAsync(key, size, cancellation) is not var (recordedAt, hash))
        {
            var position = await PositionAsync(key, cancellation);
            throw size > position ? NotReached(key, size, position) : Damaged($"Entry {size} of {key} is missing.");
        }

        var root = await HashesAsync(key, [new LeafRange(0, size)], cancellation);
        return new TreeHead(key.Tenant, key.Journal, size, recordedAt, Hex(hash), Hex(root[0]));
    }

    private async Task<(Instant RecordedAt, byte[] Hash)?> ChainAtAsync(
        JournalKey key, long position, CancellationToken cancellation)
    {
        var database = await databases.OfAsync(key.Tenant, cancellation);
        await using var select = new TenantCommand(database, key, At);
        select.Parameters.Add(JournalRows.Number(position));
        await using var row = await select.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? (JournalRows.InstantOf(row, 0), row.GetFieldValue<byte[]>(1))
            : null;
    }

    private async Task<long> PositionAsync(JournalKey key, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        return await JournalRows.HeadAsync(connection, key, cancellation) is { Head.Position: > 0 and var position }
            ? position
            : throw NotOpened($"Nothing was opened under {key.Journal}.");
    }

    private async Task<byte[][]> HashesAsync(
        JournalKey key, IReadOnlyList<LeafRange> ranges, CancellationToken cancellation)
    {
        try
        {
            return await _tree.HashesAsync(key, ranges, cancellation);
        }
        catch (InvalidDataException gap)
        {
            throw Damaged(gap.Message);
        }
    }

    private static T Checked<T>(T proof, Action<T> check)
    {
        try
        {
            check(proof);
            return proof;
        }
        catch (ProofException fault)
        {
            throw Damaged(fault.Message);
        }
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    private static ProblemException NotOpened(string detail) =>
        ProblemException.Of(ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code, detail);

    private static ProblemException NotReached(JournalKey key, long size, long position) => ProblemException.Of(
        ErrorRegistry.PositionNotReached,
        $"{key.Journal} has {position} entries, not {size}.",
        ("position", position),
        ("size", size));

    private static ProblemException Damaged(string detail) =>
        ProblemException.Of(ErrorRegistry.JournalDamaged, detail);
}
