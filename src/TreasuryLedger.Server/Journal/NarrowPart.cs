using Npgsql;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>The narrow rows as something derived: held against the stored events byte for byte.</summary>
internal sealed class NarrowPart : IDerivedPart
{
    /// <summary>Entries that are compared at a time.</summary>
    private const long Window = 20_000;

    /// <summary>Rows that are stored at a time.</summary>
    private const int RowsAtATime = 50;

    private const string SelectWindow =
        """
        select first, last, body from ledger.narrow
        where tenant = $1 and journal = $2 and last > $3 and last <= $4
        order by last
        """;

    private const string SelectNext =
        "select first, last from ledger.narrow where tenant = $1 and journal = $2 and last > $3 order by last limit 1";

    private const string InsertRebuilt =
        "insert into ledger.narrow_rebuilt (tenant, journal, first, last, body) values ($1, $2, $3, $4, $5)";

    private const string DropRebuilt = "delete from ledger.narrow_rebuilt where tenant = $1 and journal = $2";

    private const string DropLive = "delete from ledger.narrow where tenant = $1 and journal = $2";

    private const string MoveRebuilt =
        "insert into ledger.narrow select * from ledger.narrow_rebuilt where tenant = $1 and journal = $2";

    private const string LockHead = "select position from ledger.heads where tenant = $1 and journal = $2 for update";

    /// <inheritdoc/>
    public string Name => "narrow";

    /// <inheritdoc/>
    public string Journals => "select distinct tenant, journal from ledger.narrow";

    /// <inheritdoc/>
    public async Task<DerivedFault?> CheckAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation)
    {
        long reached = 0;
        while (true)
        {
            var rows = await RowsAsync(snapshot, key, reached, cancellation);
            if (rows.Count == 0)
            {
                return await EndAsync(snapshot, key, reached, position, cancellation);
            }

            var fault = await CompareAsync(snapshot, key, rows, reached, position, cancellation);
            if (fault is not null)
            {
                return fault;
            }

            reached = rows[^1].Last;
        }
    }

    /// <inheritdoc/>
    public async Task<long> RebuildAsync(NpgsqlDataSource owner, JournalKey key, CancellationToken cancellation)
    {
        await using var reading = await owner.OpenConnectionAsync(cancellation);
        await using var writing = await owner.OpenConnectionAsync(cancellation);
        await RunAsync(writing, DropRebuilt, key, cancellation);
        var head = await JournalRows.HeadAsync(reading, key, cancellation);
        var derived = head?.Head.Position ?? 0;
        await DeriveAsync(reading, writing, key, 0, derived, cancellation);

        // From here on nobody writes this journal; readers go on, on what they see until the commit.
        await using var swap = await writing.BeginTransactionAsync(cancellation);
        if (head is not null)
        {
            await using var take = Command(writing, LockHead, key);
            var stands = (long)(await take.ExecuteScalarAsync(cancellation))!;
            await NarrowRows.TakeTurnAsync(writing, key, cancellation);
            await DeriveAsync(reading, writing, key, derived, stands, cancellation);
            derived = stands;
        }

        await RunAsync(writing, DropLive, key, cancellation);
        await RunAsync(writing, MoveRebuilt, key, cancellation);
        await RunAsync(writing, DropRebuilt, key, cancellation);
        await swap.CommitAsync(cancellation);
        return derived;
    }

    private static async Task DeriveAsync(
        NpgsqlConnection reading,
        NpgsqlConnection writing,
        JournalKey key,
        long after,
        long upTo,
        CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(writing);
        await foreach (var (first, last, body) in
            NarrowRows.BlocksAsync(reading, key, after, upTo, cancellation))
        {
            batch.BatchCommands.Add(NarrowRows.Insert(InsertRebuilt, key, first, last, body));
            if (batch.BatchCommands.Count == RowsAtATime || last == upTo)
            {
                await batch.ExecuteNonQueryAsync(cancellation);
                batch.BatchCommands.Clear();
            }
        }
    }

    private static async Task<List<Row>> RowsAsync(
        NpgsqlConnection snapshot, JournalKey key, long reached, CancellationToken cancellation)
    {
        await using var select = Command(snapshot, SelectWindow, key);
        select.Parameters.Add(JournalRows.Number(reached));
        select.Parameters.Add(JournalRows.Number(reached + Window));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var found = new List<Row>();
        while (await rows.ReadAsync(cancellation))
        {
            found.Add(new Row(rows.GetInt64(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)));
        }

        return found;
    }

    /// <summary>Nothing follows within the window: then the head must be reached, and nothing lie beyond.</summary>
    private static async Task<DerivedFault?> EndAsync(
        NpgsqlConnection snapshot, JournalKey key, long reached, long position, CancellationToken cancellation)
    {
        await using var select = Command(snapshot, SelectNext, key);
        select.Parameters.Add(JournalRows.Number(reached));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation)
            ? Misplaced(rows.GetInt64(0), rows.GetInt64(1), reached, position)
            : reached < position ? Missing(reached + 1, position) : null;
    }

    private static async Task<DerivedFault?> CompareAsync(
        NpgsqlConnection snapshot,
        JournalKey key,
        List<Row> rows,
        long reached,
        long position,
        CancellationToken cancellation)
    {
        var next = rows.GetEnumerator();
        next.MoveNext();
        if (Misplaced(next.Current.First, next.Current.Last, reached, position) is { } misplaced)
        {
            return misplaced;
        }

        var entries = new List<NarrowEntry>();
        var upTo = Math.Min(rows[^1].Last, position);
        await foreach (var entry in JournalRows.EntriesAsync(snapshot, key, reached, upTo, cancellation))
        {
            entries.Add(entry);
            if (entry.Position == next.Current.Last)
            {
                if (Differs(key, next.Current, entries) is { } fault)
                {
                    return fault;
                }

                entries.Clear();
                if (next.MoveNext()
                    && Misplaced(next.Current.First, next.Current.Last, entry.Position, position) is { } following)
                {
                    return following;
                }
            }
        }

        return null;
    }

    /// <summary>A row must begin behind the one before, leave nothing out, and not go beyond the head.</summary>
    private static DerivedFault? Misplaced(long first, long last, long reached, long position) =>
        last > position ? new DerivedFault(
            Math.Max(first, position + 1), $"A row holds the entries {first} to {last}; the head stands at {position}.")
        : first > reached + 1 ? Missing(reached + 1, first - 1)
        : first < reached + 1 ? new DerivedFault(first, $"Two rows hold the entry {first}.")
        : null;

    private static DerivedFault Missing(long first, long last) =>
        new(first, $"No row holds the entries {first} to {last}. Whoever reads the journal makes one.");

    private static DerivedFault? Differs(JournalKey key, Row row, List<NarrowEntry> entries)
    {
        if (row.Body.AsSpan().SequenceEqual(NarrowBlock.Write(key, entries)))
        {
            return null;
        }

        try
        {
            var block = NarrowBlock.Open(key, row.Body, new NarrowTexts());
            for (var index = 0; index < entries.Count && index < block.Count; index++)
            {
                var stored = NarrowBlock.Write(key, [block.Entry(index)]);
                if (!stored.AsSpan().SequenceEqual(NarrowBlock.Write(key, [entries[index]])))
                {
                    return new DerivedFault(row.First + index, "The row says something else than the stored event.");
                }
            }

            return new DerivedFault(row.First, $"The row holds the entries {block.First} to {block.Last}.");
        }
        catch (NarrowException unfit)
        {
            return new DerivedFault(row.First, $"The row cannot be read: {unfit.Message}.");
        }
    }

    private static async Task RunAsync(
        NpgsqlConnection connection, string sql, JournalKey key, CancellationToken cancellation)
    {
        await using var command = Command(connection, sql, key);
        command.CommandTimeout = 0; // as long as a journal is
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, JournalKey key)
    {
#pragma warning disable CA2100 // one of the constants above
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.Parameters.AddRange(JournalRows.KeyOf(key));
        return command;
    }

    private readonly record struct Row(long First, long Last, byte[] Body);
}
