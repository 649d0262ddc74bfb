using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Lists;

/// <summary>
/// The tables of lists as something derived: held against the stored events row by row, and made anew.
/// </summary>
internal sealed class ListPart : IDerivedPart
{
    /// <summary>Entries that are derived at a time.</summary>
    private const int Window = 4_000;

    private const string DropRows =
        """
        delete from lists.entries where tenant = $1 and journal = $2;
        delete from lists.movements where tenant = $1 and journal = $2;
        delete from lists.prices where tenant = $1 and journal = $2
        """;

    private const string LockProgress =
        """
        insert into lists.progress as p (tenant, journal, position) values ($1, $2, 0)
        on conflict (tenant, journal) do update set position = p.position
        """;

    private const string MoveProgress =
        """
        update lists.progress set position = $3, stopped_at = null, stopped_since = null, reason = null
        where tenant = $1 and journal = $2
        """;

    private const string DropProgress = "delete from lists.progress where tenant = $1 and journal = $2";

    /// <inheritdoc/>
    public string Name => "lists";

    /// <inheritdoc/>
    public async Task<IDerivedCheck> BeginAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation) =>
        new ListCheck(
            snapshot, key, position, await ListProgress.ReadAsync(snapshot, key, cancellation) ?? ListProgress.None);

    /// <inheritdoc/>
    public async Task<long> RebuildAsync(NpgsqlDataSource owner, JournalKey key, CancellationToken cancellation)
    {
        await using var reading = await owner.OpenConnectionAsync(cancellation);
        await using var writing = await owner.OpenConnectionAsync(cancellation);
        await using var swap = await writing.BeginTransactionAsync(cancellation);
        // Until the commit readers see the old rows; who applies new entries waits, and goes on from the new ones.
        await RunAsync(writing, LockProgress, key, cancellation);
        foreach (var drop in DropRows.Split(';'))
        {
            await RunAsync(writing, drop, key, cancellation);
        }

        var head = (await JournalRows.HeadAsync(reading, key, cancellation))?.Head.Position ?? 0;
        // While the database takes some rows in, the next ones are derived.
        var copying = Task.CompletedTask;
        for (var after = 0L; after < head; after += Window)
        {
            var rows = await Task.Run(
                () => RowsAsync(reading, key, after, Math.Min(after + Window, head), cancellation), cancellation);
            await copying;
            copying = ListTables.CopyAsync(writing, ListTables.Schema, rows, cancellation);
        }

        await copying;
        await RunAsync(
            writing, head == 0 ? DropProgress : MoveProgress, key, cancellation,
            head == 0 ? [] : [JournalRows.Number(head)]);
        await swap.CommitAsync(cancellation);
        return head;
    }

    private static async Task<string[]> RowsAsync(
        NpgsqlConnection reading, JournalKey key, long after, long upTo, CancellationToken cancellation)
    {
        var entries = new List<Entry>((int)(upTo - after));
        await foreach (var entry in JournalRows.EntriesAsync(reading, key, after, upTo, cancellation))
        {
            entries.Add(entry);
        }

        return ListTables.Write(key, entries);
    }

    private static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        JournalKey key,
        CancellationToken cancellation,
        params NpgsqlParameter[] more)
    {
        await using var command = new TenantCommand(connection, key, sql) { CommandTimeout = 0 };
        command.Parameters.AddRange(more);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
