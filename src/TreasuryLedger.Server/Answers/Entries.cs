using System.Collections.Immutable;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Answers;

/// <summary>Where an answer about one journal stands.</summary>
/// <param name="Journal">The journal, kind and id.</param>
/// <param name="AsOf">Only entries effective at or before it; absent if all.</param>
/// <param name="KnownAt">Only entries recorded at or before it.</param>
/// <param name="Position">The journal's position at that instant.</param>
/// <param name="ReplayedClock">Recorded instants come from a script, not from a clock.</param>
public sealed record JournalStandpoint(
    string Journal, Instant? AsOf, Instant KnownAt, long Position, bool ReplayedClock);

/// <summary>A free text of an entry.</summary>
/// <param name="Text">The text; absent if it was erased.</param>
/// <param name="ErasedAt">When it was erased; the chain verifies without it.</param>
public sealed record EntryText(string? Text, Instant? ErasedAt);

/// <summary>An entry with what stands beside it.</summary>
/// <param name="Entry">The entry exactly as it is stored and hashed.</param>
/// <param name="Hash">The chain's hash at it, SHA-256 in lower-case hex.</param>
/// <param name="VoidedBy">The entry known by then that voids it, if one does.</param>
/// <param name="Reason">The free text whose digest the entry holds, if it has one.</param>
public sealed record EntryRow(Entry Entry, string Hash, long? VoidedBy, EntryText? Reason);

/// <summary>One entry.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Entry">The entry exactly as it is stored and hashed.</param>
/// <param name="Hash">The chain's hash at it, SHA-256 in lower-case hex.</param>
/// <param name="VoidedBy">The entry known by then that voids it, if one does.</param>
/// <param name="Reason">The free text whose digest the entry holds, if it has one.</param>
public sealed record EntryAnswer(
    JournalStandpoint Viewpoint, Entry Entry, string Hash, long? VoidedBy, EntryText? Reason);

/// <summary>Where a journal stood.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Head">Its newest entry then.</param>
public sealed record JournalHeadAnswer(JournalStandpoint Viewpoint, HeadAnswer Head);

/// <summary>What a request recorded.</summary>
/// <param name="Journal">The journal, kind and id.</param>
/// <param name="IdempotencyKey">The key of the request.</param>
/// <param name="Entries">Its entries; those of a batch in its order.</param>
public sealed record RequestAnswer(string Journal, string IdempotencyKey, ImmutableArray<EntryRow> Entries);

/// <summary>What deriving a journal again from its stored rows found.</summary>
/// <param name="Journal">The journal, kind and id.</param>
/// <param name="Position">The newest entry that was derived again.</param>
/// <param name="Hash">The chain's hash there, SHA-256 in lower-case hex.</param>
/// <param name="ErasedTexts">How many free texts were erased.</param>
/// <param name="IsIntact">Whether everything up to the position is what was recorded.</param>
/// <param name="Fault">The first thing that is wrong, if anything is.</param>
public sealed record VerificationAnswer(
    string Journal, long Position, string Hash, long ErasedTexts, bool IsIntact, Fault? Fault);

/// <summary>A tenant's journals.</summary>
/// <param name="Journals">By name.</param>
public sealed record JournalsAnswer(ImmutableArray<ExportedHead> Journals);

/// <summary>Looks at single entries: the journal itself, before anything is derived from it.</summary>
/// <param name="lookout">Reads journals.</param>
/// <param name="databases">For what stands beside entries.</param>
public sealed class EntryLookout(Lookout lookout, TenantDatabases databases)
{
    /// <summary>One entry.</summary>
    /// <exception cref="ProblemException">There is none at that position then.</exception>
    public async Task<EntryAnswer> OneAsync(
        JournalKey key, string position, QueryReader query, CancellationToken cancellation)
    {
        var (view, standpoint) = await SeeAsync(key, query, cancellation);
        var found = Core.Money.Quantity.TryParse(position, out var number)
            && number.Units >= 1 && number.Units <= view.Entries.Count
                ? view.Entries[(int)number.Units - 1]
                : null;
        if (found is null || found.EffectiveAt > (standpoint.AsOf ?? Instant.Max))
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(Core.Commands.RefusalCode.EntryUnknown).Code,
                $"{key.Journal} has the positions 1 to {view.Entries.Count} at this viewpoint.",
                ("head", view.Entries.Count));
        }

        var row = (await RowsAsync(view, [found], cancellation))[0];
        return new EntryAnswer(standpoint, row.Entry, row.Hash, row.VoidedBy, row.Reason);
    }

    /// <summary>Where a journal stood.</summary>
    public async Task<JournalHeadAnswer> HeadAsync(JournalKey key, QueryReader query, CancellationToken cancellation)
    {
        var (view, standpoint) = await SeeAsync(key, query, cancellation);
        return new JournalHeadAnswer(standpoint, HeadAnswer.Of(view.Head));
    }

    /// <summary>
    /// A tenant's journals that a caller may see, each with its head: keep them elsewhere, and later proof rests on
    /// them.
    /// </summary>
    public async Task<JournalsAnswer> JournalsAsync(string tenant, Grant grant, CancellationToken cancellation)
    {
        var heads = await HeadExport.ReadAsync(await databases.OfAsync(tenant, cancellation), tenant, cancellation);
        return new JournalsAnswer(
        [
            .. heads.Where(head => new JournalKey(head.Tenant, head.Journal) is var key
                && (!key.IsTreasury || grant.Covers(key.Id!))),
        ]);
    }

    /// <summary>Derives a journal again from its stored rows.</summary>
    /// <exception cref="ProblemException">There is no such journal.</exception>
    public async Task<VerificationAnswer> VerifyAsync(JournalKey key, CancellationToken cancellation)
    {
        // Nothing is read through the ordinary way before: a damaged journal may not be readable.
        var database = await databases.OfAsync(key.Tenant, cancellation);
        await foreach (var verdict in new Verification(database).VerifyAsync(key, [], cancellation))
        {
            if (verdict is { Position: 0, Fault: null })
            {
                break;
            }

            return new VerificationAnswer(
                key.Journal, verdict.Position, verdict.Hash, verdict.Erased, verdict.Fault is null, verdict.Fault);
        }

        throw NotOpened(key);
    }

    /// <summary>What a request recorded, whatever became of its answer.</summary>
    /// <exception cref="ProblemException">No such request recorded anything.</exception>
    public async Task<RequestAnswer> RequestAsync(JournalKey key, string request, CancellationToken cancellation)
    {
        if (!WriteEndpoints.IsIdempotencyKey(request))
        {
            throw ProblemException.Of(ErrorRegistry.IdempotencyKeyInvalid, "The address names no key of a request.");
        }

        var positions = await PositionsAsync(key, request, cancellation);
        if (positions.Count == 0)
        {
            throw ProblemException.Of(
                ErrorRegistry.RequestUnknown, $"{key.Journal} has no entry of a request '{request}'.");
        }

        var view = await lookout.ReadJournalAsync(key, knownAt: null, positions.Max(), cancellation);
        var entries = positions.Select(position => view.Entries[(int)position - 1]);
        return new RequestAnswer(key.Journal, request, await RowsAsync(view, entries, cancellation));
    }

    private static ProblemException NotOpened(JournalKey key) => ProblemException.Of(
        ErrorRegistry.Of(Core.Commands.RefusalCode.JournalNotOpened).Code,
        $"Nothing was opened under {key.Journal}.",
        ("journal", key.Journal));

    private async Task<(JournalView View, JournalStandpoint Standpoint)> SeeAsync(
        JournalKey key, QueryReader query, CancellationToken cancellation)
    {
        var asOf = query.Value<AsOf>("asOf");
        var knownAt = query.Value<Instant>("knownAt");
        var minPosition = query.Number("minPosition", 0, long.MaxValue) ?? 0;
        query.End();
        var view = await lookout.ReadJournalAsync(key, knownAt, minPosition, cancellation);
        var zone = view.Entries is [{ Event: TreasuryOpened opened }, ..]
            ? TimeZoneInfo.FindSystemTimeZoneById(opened.TimeZone)
            : TimeZoneInfo.Utc; // books have no zone of their own
        return (view, new JournalStandpoint(
            key.Journal, asOf?.In(zone), view.KnownAt, view.Head.Position, view.Head.ReplayedClock));
    }

    /// <summary>Entries as they are stored, with what stands beside them as known.</summary>
    private async Task<ImmutableArray<EntryRow>> RowsAsync(
        JournalView known, IEnumerable<NarrowEntry> page, CancellationToken cancellation)
    {
        var key = known.Head.Journal;
        var positions = page.Select(entry => entry.Position).ToArray();
        var database = await databases.OfAsync(key.Tenant, cancellation);
        var entries = await JournalRows.EntriesAsync(database, key, positions, cancellation);
        var hashes = await JournalRows.HashesAsync(database, key, positions, cancellation);
        var texts = await TextsAsync(database, key, positions, cancellation);
        var voids = await VoidsAsync(database, key, positions, known.Head.Position, cancellation);
        return
        [
            .. positions.Select(position => new EntryRow(
                entries[position],
                hashes[position],
                voids.TryGetValue(position, out var voidedBy) ? voidedBy : null,
                texts.GetValueOrDefault(position))),
        ];
    }

    /// <summary>Which entries up to a position void some.</summary>
    private static async Task<Dictionary<long, long>> VoidsAsync(
        NpgsqlDataSource database, JournalKey key, long[] positions, long upTo, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(database, key,
            """
            select voids, position from ledger.entries
            where voids = any($3) and journal = $2 and tenant = $1 and position <= $4
            """);
        select.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = positions });
        select.Parameters.Add(JournalRows.Number(upTo));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var voids = new Dictionary<long, long>();
        while (await rows.ReadAsync(cancellation))
        {
            voids.Add(rows.GetInt64(0), rows.GetInt64(1));
        }

        return voids;
    }

    private static async Task<Dictionary<long, EntryText>> TextsAsync(
        NpgsqlDataSource database, JournalKey key, long[] positions, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(database, key,
            """
            select position, text, erased_at from ledger.texts
            where tenant = $1 and journal = $2 and position = any($3) and field = 'reason'
            """);
        select.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = positions });
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var texts = new Dictionary<long, EntryText>();
        while (await rows.ReadAsync(cancellation))
        {
            texts.Add(rows.GetInt64(0), new EntryText(
                await rows.IsDBNullAsync(1, cancellation) ? null : rows.GetString(1),
                await rows.IsDBNullAsync(2, cancellation) ? null : JournalRows.InstantOf(rows, 2)));
        }

        return texts;
    }

    private async Task<List<long>> PositionsAsync(JournalKey key, string request, CancellationToken cancellation)
    {
        var database = await databases.OfAsync(key.Tenant, cancellation);
        // '$' follows '#' in the column's collation: everything between them belongs to the batch with this key.
        await using var select = new TenantCommand(database, key,
            """
            select position from ledger.entries
            where tenant = $1 and journal = $2
              and (idempotency_key = $3 or (idempotency_key > $3 || '#' and idempotency_key < $3 || '$'))
            order by position
            """);
        select.Parameters.Add(JournalRows.Text(request));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var positions = new List<long>();
        while (await rows.ReadAsync(cancellation))
        {
            positions.Add(rows.GetInt64(0));
        }

        return positions;
    }
}
