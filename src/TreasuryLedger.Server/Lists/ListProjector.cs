using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Lists;

/// <summary>
/// Applies the entries of journals to the tables of lists, each journal on its own and in the order of its positions.
/// Rows and progress are one transaction, and whoever applies holds the journal's progress row: so several nodes share
/// the work without arranging it, and one that dies leaves nothing half done (ops/decisions: lists).
/// </summary>
/// <param name="databases">Where each journal lies.</param>
/// <param name="log">Told when a journal stops.</param>
public sealed class ListProjector(TenantDatabases databases, ILogger<ListProjector> log)
{
    /// <summary>Most entries of one transaction.</summary>
    private const int BatchMax = 5_000;
    private const string BeforeRows = "before_rows";

    /// <summary>Longest reason that is kept.</summary>
    private const int ReasonMax = 500;

    private const string Advance =
        """
        update lists.progress set position = $3, stopped_at = $4, reason = $5,
            stopped_since = case when $4::bigint is null then null else clock_timestamp() end
        where tenant = $1 and journal = $2
        """;

    /// <summary>Applies a journal's entries up to a position.</summary>
    /// <param name="key">Which journal.</param>
    /// <param name="upTo">The position (inclusive); not beyond the journal's head.</param>
    /// <param name="waits">Whether to wait if another applies them just now.</param>
    /// <param name="retries">Whether to try again an entry that could not be applied before.</param>
    /// <param name="cancellation">Stops it between two transactions or inside one; nothing is lost by that.</param>
    /// <returns>How far the rows reach; <c>null</c> if another applies them just now.</returns>
    public async Task<ListProgress?> ApplyAsync(
        JournalKey key, long upTo, bool waits, bool retries, CancellationToken cancellation)
    {
        for (var batch = BatchMax; ;)
        {
            try
            {
                var (progress, isOver) = await StepAsync(key, upTo, batch, waits, retries, cancellation);
                if (isOver)
                {
                    return progress;
                }
            }
            catch (PostgresException refused) when (batch > 1 && IsOfRows(refused))
            {
                // The database does not take a row of these entries. One by one shows which, and how far all is well.
                batch = 1;
            }
        }
    }

    private async Task<(ListProgress? Progress, bool IsOver)> StepAsync(
        JournalKey key, long upTo, int batch, bool waits, bool retries, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var progress = await ListProgress.LockAsync(connection, key, waits, cancellation);
        if (progress is null || progress.Position >= upTo || (progress.StoppedAt is not null && !retries))
        {
            return (progress, true);
        }

        var (entries, fault) = await ReadAsync(
            connection, key, progress.Position, Math.Min(upTo, progress.Position + batch), cancellation);
        var rows = Write(key, entries, ref fault);
        await transaction.SaveAsync(BeforeRows, cancellation);
        try
        {
            await ListTables.InsertAsync(connection, key, rows, cancellation);
        }
        catch (PostgresException refused) when (batch == 1 && IsOfRows(refused))
        {
            // Still under the lock: later the rows may have been made anew, and the stop would name an innocent entry.
            await transaction.RollbackAsync(BeforeRows, cancellation);
            (entries, fault) = ([], refused);
        }

        var reached = progress.Position + entries.Count;
        await AdvanceAsync(connection, key, reached, fault, cancellation);
        await transaction.CommitAsync(cancellation);
        if (fault is not null)
        {
            Tell(key, reached + 1, fault);
        }

        ListMeter.Applied.Add(entries.Count);
        return (
            progress with
            {
                Position = reached,
                StoppedAt = fault is null ? null : reached + 1,
                Reason = fault is null ? null : ReasonOf(fault),
            },
            fault is not null || reached >= upTo);
    }

    /// <summary>The entries that can be read; if one cannot, those before it, and why.</summary>
    private static async Task<(List<Entry> Entries, Exception? Fault)> ReadAsync(
        NpgsqlConnection connection, JournalKey key, long after, long upTo, CancellationToken cancellation)
    {
        var entries = new List<Entry>((int)(upTo - after));
        try
        {
            await foreach (var entry in JournalRows.EntriesAsync(connection, key, after, upTo, cancellation))
            {
                entries.Add(entry);
            }

            return (entries, null);
        }
        catch (Exception fault) when (IsOfAnEntry(fault))
        {
            return (entries, fault);
        }
    }

    /// <summary>The rows of the entries; if one has none, the list ends before it.</summary>
    private static string[] Write(JournalKey key, List<Entry> entries, ref Exception? fault)
    {
        try
        {
            return ListTables.Write(key, entries);
        }
        catch (Exception found) when (IsOfAnEntry(found))
        {
            fault = found;
            var good = entries.FindIndex(entry => !CanWrite(key, entry));
            entries.RemoveRange(good, entries.Count - good);
            return ListTables.Write(key, entries);
        }
    }

    private static bool CanWrite(JournalKey key, Entry entry)
    {
        try
        {
            ListTables.Write(key, [entry]);
            return true;
        }
        catch (Exception fault) when (IsOfAnEntry(fault))
        {
            return false;
        }
    }

    /// <summary>Whatever does not pass with time: the connection, the database and the caller are well.</summary>
    private static bool IsOfAnEntry(Exception fault) =>
        fault is not (NpgsqlException or IOException or TimeoutException or OperationCanceledException
            or OutOfMemoryException);

    private static bool IsOfRows(PostgresException refused) => refused.SqlState[..2] is "22" or "23";

    private static async Task AdvanceAsync(
        NpgsqlConnection connection, JournalKey key, long position, Exception? fault, CancellationToken cancellation)
    {
        await using var advance = new TenantCommand(connection, key, Advance);
        advance.Parameters.Add(JournalRows.Number(position));
        advance.Parameters.Add(new NpgsqlParameter
        {
            Value = fault is null ? DBNull.Value : position + 1,
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint,
        });
        advance.Parameters.Add(new NpgsqlParameter
        {
            Value = fault is null ? DBNull.Value : ReasonOf(fault),
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
        });
        await advance.ExecuteNonQueryAsync(cancellation);
    }

    private static string ReasonOf(Exception fault) =>
        fault.Message.Length <= ReasonMax ? fault.Message : fault.Message[..ReasonMax];

    private void Tell(JournalKey key, long position, Exception fault) => log.LogError(
        fault,
        "{Journal}: lists stop before entry {Position}, which cannot be applied. Everything else goes on.",
        key,
        position);
}
