using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The table <c>ledger.narrow</c>: a journal's entries as folds read them. A commit adds a row of what it records; what
/// is made from stored events lies in rows of up to <see cref="EntriesMax"/> entries.
/// </summary>
internal static class NarrowRows
{
    /// <summary>Most entries of a row that is made from stored events.</summary>
    public const int EntriesMax = 1_000;

    /// <summary>Entries that are put in their place at a time, so that nobody waits long for the lock.</summary>
    private const int Step = 50 * EntriesMax;

    private const string InsertRow =
        "insert into ledger.narrow (tenant, journal, first, last, body) values ($1, $2, $3, $4, $5)";

    private const string SelectRows =
        """
        select first, last, body from ledger.narrow
        where tenant = $1 and journal = $2 and last > $3 and first <= $4
        order by last
        """;

    private const string LockRows = "select pg_advisory_xact_lock(hashtextextended($1 || ' narrow ' || $2, 0))";

    /// <summary>Stores entries of one commit, or of a part of a journal.</summary>
    /// <param name="key">Their journal.</param>
    /// <param name="entries">At least one, in recorded order without gaps.</param>
    public static NpgsqlBatchCommand Insert(JournalKey key, IReadOnlyList<NarrowEntry> entries) =>
        Insert(InsertRow, key, entries[0].Position, entries[^1].Position, NarrowBlock.Write(key, entries));

    /// <summary>Stores the bytes of a block.</summary>
    public static NpgsqlBatchCommand Insert(string sql, JournalKey key, long first, long last, byte[] body)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(JournalRows.KeyOf(key));
        command.Parameters.Add(JournalRows.Number(first));
        command.Parameters.Add(JournalRows.Number(last));
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = body, NpgsqlDbType = NpgsqlDbType.Bytea });
        return command;
    }

    /// <summary>
    /// A log with all entries up to a position. Rows that are not there (they were recorded before the table was) are
    /// made from the stored events; a row that cannot be read stops the reader.
    /// </summary>
    /// <param name="connection">A connection of the application role, not in a transaction.</param>
    /// <param name="key">The journal.</param>
    /// <param name="log">What is there already: the beginning of this very journal.</param>
    /// <param name="texts">The texts of the log.</param>
    /// <param name="upTo">A position that the journal has.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidDataException">A row or a stored event is damaged.</exception>
    public static async Task<JournalLog> FollowAsync(
        NpgsqlConnection connection,
        JournalKey key,
        JournalLog log,
        NarrowTexts texts,
        long upTo,
        CancellationToken cancellation)
    {
        (log, var gapEnd) = await TakeAsync(connection, key, log, texts, upTo, cancellation);
        while (gapEnd > 0)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await TakeTurnAsync(connection, key, cancellation);
            // Whoever had the lock before may have made them.
            (log, gapEnd) = await TakeAsync(connection, key, log, texts, upTo, cancellation);
            if (gapEnd > 0)
            {
                log = await FillAsync(
                    connection, key, log, texts, Math.Min(gapEnd, log.Count + Step), cancellation);
                (log, gapEnd) = await TakeAsync(connection, key, log, texts, upTo, cancellation);
            }

            await transaction.CommitAsync(cancellation);
        }

        return log;
    }

    /// <summary>Waits, until the transaction ends, for whoever makes rows of a journal.</summary>
    public static async Task TakeTurnAsync(
        NpgsqlConnection connection, JournalKey key, CancellationToken cancellation)
    {
        await using var turn = new TenantCommand(connection, key, LockRows);
        await turn.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>That a row is not what this version writes.</summary>
    public static InvalidDataException Unfit(JournalKey key, long first, long last, NarrowException why) => new(
        $"The narrow row of the entries {first} to {last} of {key} cannot be read: {why.Message}. The journal itself "
        + "is stored elsewhere: 'check' says whether it is intact, 'rebuild' makes the row anew.",
        why);

    /// <summary>Takes the rows that are there, up to the first gap.</summary>
    /// <returns>The log, and the last position of the gap; 0 if there is none.</returns>
    private static async Task<(JournalLog Log, long GapEnd)> TakeAsync(
        NpgsqlConnection connection,
        JournalKey key,
        JournalLog log,
        NarrowTexts texts,
        long upTo,
        CancellationToken cancellation)
    {
        if (log.Count >= upTo)
        {
            return (log, 0);
        }

        await using var select = new TenantCommand(connection, key, SelectRows);
        select.Parameters.Add(JournalRows.Number(log.Count));
        select.Parameters.Add(JournalRows.Number(upTo));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var (first, last) = (rows.GetInt64(0), rows.GetInt64(1));
            if (first > log.Count + 1)
            {
                return (log, first - 1);
            }

            if (last > log.Count)
            {
                log = log.With(Open(key, first, last, rows.GetFieldValue<byte[]>(2), texts), upTo);
            }
        }

        return (log, log.Count < upTo ? upTo : 0);
    }

    private static NarrowBlock Open(JournalKey key, long first, long last, byte[] body, NarrowTexts texts)
    {
        try
        {
            var block = NarrowBlock.Open(key, body, texts);
            return block.First == first && block.Last == last
                ? block
                : throw new NarrowException($"it holds the entries {block.First} to {block.Last}");
        }
        catch (NarrowException unfit)
        {
            throw Unfit(key, first, last, unfit);
        }
    }

    private static async Task<JournalLog> FillAsync(
        NpgsqlConnection connection,
        JournalKey key,
        JournalLog log,
        NarrowTexts texts,
        long upTo,
        CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        await foreach (var (first, last, body) in BlocksAsync(connection, key, log.Count, upTo, cancellation))
        {
            log = log.With(NarrowBlock.Open(key, body, texts), upTo);
            batch.BatchCommands.Add(Insert(InsertRow, key, first, last, body));
        }

        await batch.ExecuteNonQueryAsync(cancellation);
        return log;
    }

    /// <summary>Blocks made from stored events, after one position up to another (inclusive).</summary>
    public static async IAsyncEnumerable<(long First, long Last, byte[] Body)> BlocksAsync(
        NpgsqlConnection connection,
        JournalKey key,
        long after,
        long upTo,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var entries = new List<NarrowEntry>(EntriesMax);
        await foreach (var entry in JournalRows.EntriesAsync(connection, key, after, upTo, cancellation))
        {
            entries.Add(entry);
            if (entries.Count == EntriesMax || entry.Position == upTo)
            {
                yield return (entries[0].Position, entry.Position, NarrowBlock.Write(key, entries));
                entries.Clear();
            }
        }
    }
}
