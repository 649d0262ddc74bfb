using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>
/// Hashes of the tree over a journal, read from its chain. Roots over full blocks are kept in <c>ledger.subtrees</c>
/// once somebody needed them, so a proof of a long journal reads those and at most two blocks of entries.
/// </summary>
/// <param name="databases">Where each journal lies.</param>
internal sealed class JournalTree(TenantDatabases databases)
{
    /// <summary>Entries of a block: a power of two. A journal of a million has a thousand blocks.</summary>
    public const int Block = 1024;

    private const string SelectBlocks =
        """
        select block, root from ledger.subtrees
        where tenant = $1 and journal = $2 and block < $3 order by block
        """;

    private const string SelectHashes =
        """
        select position, hash from ledger.entries
        where tenant = $1 and journal = $2 and position > $3 and position <= $4 order by position
        """;

    private const string InsertBlocks =
        """
        insert into ledger.subtrees (tenant, journal, block, root)
        select $1, $2, * from unnest($3, $4) on conflict do nothing
        """;

    /// <summary>Blocks that are read and written at once.</summary>
    private const int BlocksAtOnce = 64;

    /// <summary>Hashes over leaves of a journal's tree.</summary>
    /// <param name="key">The journal.</param>
    /// <param name="ranges">Which: parts into which the tree of some size divides.</param>
    /// <param name="cancellation">Stops the read.</param>
    /// <exception cref="InvalidDataException">The journal lacks one of the entries.</exception>
    public async Task<byte[][]> HashesAsync(
        JournalKey key, IReadOnlyList<LeafRange> ranges, CancellationToken cancellation)
    {
        var database = await databases.OfAsync(key.Tenant, cancellation);
        var end = ranges.Select(range => range.To).DefaultIfEmpty().Max();
        var blocks = await BlocksAsync(database, key, (int)(end / Block), cancellation);
        var leaves = new Dictionary<long, byte[]>();
        var cut = ranges.SelectMany(range => new[] { range.From, range.To }).Where(at => at % Block != 0);
        foreach (var block in cut.Select(at => at / Block).Distinct())
        {
            var from = block * Block;
            var hashes = await LeavesAsync(database, key, from, Math.Min(from + Block, end), cancellation);
            for (var i = 0; i < hashes.Count; i++)
            {
                leaves[from + i] = hashes[i];
            }
        }

        return [.. ranges.Select(range => MerkleTree.Root(range, Known))];

        byte[]? Known(LeafRange range) =>
            range.Count == 1 && leaves.TryGetValue(range.From, out var leaf) ? leaf
            : range.Count == Block && range.From % Block == 0 ? blocks[(int)(range.From / Block)]
            : null;
    }

    /// <summary>The roots over a journal's first blocks; those not needed before are derived and kept.</summary>
    private static async Task<byte[][]> BlocksAsync(
        NpgsqlDataSource database, JournalKey key, int count, CancellationToken cancellation)
    {
        var blocks = new byte[count][];
        await using (var select = new TenantCommand(database, key, SelectBlocks))
        {
            select.Parameters.Add(JournalRows.Number(count));
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                blocks[rows.GetInt64(0)] = rows.GetFieldValue<byte[]>(1);
            }
        }

        for (var block = Array.IndexOf(blocks, null); block >= 0; block = Array.IndexOf(blocks, null, block))
        {
            var known = Array.FindIndex(blocks, block, root => root is not null);
            var end = Math.Min(known < 0 ? count : known, block + BlocksAtOnce);
            await DeriveAsync(database, key, blocks, block, end, cancellation);
        }

        return blocks;
    }

    private static async Task DeriveAsync(
        NpgsqlDataSource database,
        JournalKey key,
        byte[][] blocks,
        int from,
        int to,
        CancellationToken cancellation)
    {
        var leaves = await LeavesAsync(database, key, (long)from * Block, (long)to * Block, cancellation);
        for (var block = from; block < to; block++)
        {
            blocks[block] = MerkleTree.Root(leaves.GetRange((block - from) * Block, Block));
        }

        await using var insert = new TenantCommand(database, key, InsertBlocks);
        insert.Parameters.Add(new NpgsqlParameter<long[]>
        {
            TypedValue = [.. Enumerable.Range(from, to - from).Select(block => (long)block)],
        });
        insert.Parameters.Add(new NpgsqlParameter<byte[][]>
        {
            TypedValue = blocks[from..to],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<List<byte[]>> LeavesAsync(
        NpgsqlDataSource database, JournalKey key, long from, long to, CancellationToken cancellation)
    {
        var leaves = new List<byte[]>((int)(to - from));
        await using var select = new TenantCommand(database, key, SelectHashes);
        select.Parameters.Add(JournalRows.Number(from));
        select.Parameters.Add(JournalRows.Number(to));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation) && rows.GetInt64(0) == from + leaves.Count + 1)
        {
            leaves.Add(MerkleTree.Leaf(rows.GetFieldValue<byte[]>(1)));
        }

        return from + leaves.Count == to
            ? leaves
            : throw new InvalidDataException($"Entry {from + leaves.Count + 1} of {key} is missing.");
    }
}
