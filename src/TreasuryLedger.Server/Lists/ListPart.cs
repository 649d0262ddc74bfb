using System.Globalization;
using System.Runtime.CompilerServices;
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
    private const int Window = 20_000;

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

    /// <summary>The rows as lines, as they are copied; each begins with its position.</summary>
    private static readonly (string Table, string Select)[] Tables =
    [
        ("entries",
            """
            select position, concat_ws(' ', position, to_char(effective_at at time zone 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), event_type, mode, quality, actor, source, fact_id)
            from lists.entries where tenant = $1 and journal = $2 and position > $3 and position <= $4
            order by position
            """),
        ("movements",
            """
            select position, concat_ws(' ', position, leg, side, coalesce(account, '-'), coalesce(asset, '-'),
                coalesce(units::text, '-'))
            from lists.movements where tenant = $1 and journal = $2 and position > $3 and position <= $4
            order by position, leg
            """),
        ("prices",
            """
            select position, concat_ws(' ', position, asset, currency, price)
            from lists.prices where tenant = $1 and journal = $2 and position > $3 and position <= $4
            order by position
            """),
    ];

    /// <inheritdoc/>
    public string Name => "lists";

    /// <inheritdoc/>
    public string Journals =>
        """
        select tenant, journal from lists.progress union select tenant, journal from lists.entries
        union select tenant, journal from lists.movements union select tenant, journal from lists.prices
        """;

    /// <inheritdoc/>
    public async Task<DerivedFault?> CheckAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation)
    {
        var progress = await ListProgress.ReadAsync(snapshot, key, cancellation) ?? ListProgress.None;
        if (progress.Position > position)
        {
            return new DerivedFault(position + 1, $"The progress says {progress.Position}, behind the journal's head.");
        }

        for (var after = 0L; after < progress.Position; after += Window)
        {
            var upTo = Math.Min(after + Window, progress.Position);
            var entries = new List<Entry>();
            await foreach (var entry in JournalRows.EntriesAsync(snapshot, key, after, upTo, cancellation))
            {
                entries.Add(entry);
            }

            if (await CompareAsync(snapshot, key, after, upTo, entries, cancellation) is { } fault)
            {
                return fault;
            }
        }

        // Behind the progress there is nothing: whoever goes on from it would meet these rows.
        return await CompareAsync(snapshot, key, progress.Position, long.MaxValue, [], cancellation)
            ?? await CompareAsync(snapshot, key, long.MinValue, 0, [], cancellation)
            ?? (progress is { StoppedAt: { } stopped, Reason: var reason }
                ? new DerivedFault(stopped, $"The rows end here: {reason}")
                : null);
    }

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
        for (var after = 0L; after < head; after += Window)
        {
            var entries = new List<Entry>(Window);
            var upTo = Math.Min(after + Window, head);
            await foreach (var entry in JournalRows.EntriesAsync(reading, key, after, upTo, cancellation))
            {
                entries.Add(entry);
            }

            await ListTables.CopyAsync(writing, ListTables.Schema, ListTables.Write(key, entries), cancellation);
        }

        await RunAsync(
            writing, head == 0 ? DropProgress : MoveProgress, key, cancellation,
            head == 0 ? [] : [JournalRows.Number(head)]);
        await swap.CommitAsync(cancellation);
        return head;
    }

    private static async Task<DerivedFault?> CompareAsync(
        NpgsqlConnection snapshot,
        JournalKey key,
        long after,
        long upTo,
        List<Entry> entries,
        CancellationToken cancellation)
    {
        DerivedFault? first = null;
        foreach (var (table, select) in Tables)
        {
            using var derived = entries.SelectMany(entry => LinesOf(table, entry)).GetEnumerator();
            var fault = await FirstAsync(
                table, StoredAsync(snapshot, select, key, after, upTo, cancellation), derived);
            first = fault is not null && (first is null || fault.Position < first.Position) ? fault : first;
        }

        return first;
    }

    private static async Task<DerivedFault?> FirstAsync(
        string table,
        IAsyncEnumerable<(long Position, string Line)> rows,
        IEnumerator<(long Position, string Line)> derived)
    {
        await foreach (var row in rows)
        {
            if (!derived.MoveNext())
            {
                return new DerivedFault(row.Position, $"lists.{table} has a row too many: {row.Line}");
            }

            if (derived.Current != row)
            {
                return new DerivedFault(
                    Math.Min(row.Position, derived.Current.Position),
                    $"lists.{table} has '{row.Line}', and the journal says '{derived.Current.Line}'.");
            }
        }

        return derived.MoveNext()
            ? new DerivedFault(derived.Current.Position, $"lists.{table} lacks '{derived.Current.Line}'.")
            : null;
    }

    private static IEnumerable<(long Position, string Line)> LinesOf(string table, Entry entry)
    {
        IEnumerable<object?[]> rows = table switch
        {
            "entries" => [ListRows.EntryOf(entry)],
            "movements" => ListRows.MovementsOf(entry.Event).Index().Select(leg => new object?[]
            {
                entry.Position, leg.Index, ListRows.Word(leg.Item.Side), leg.Item.Account, leg.Item.Asset,
                leg.Item.Units,
            }),
            _ when entry.Event is PriceRecorded price => [[entry.Position, price.Asset, price.Currency, price.Price]],
            _ => [],
        };
        return rows.Select(row => (entry.Position, string.Join(' ', row.Select(value =>
            Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "-"))));
    }

    private static async IAsyncEnumerable<(long Position, string Line)> StoredAsync(
        NpgsqlConnection snapshot,
        string sql,
        JournalKey key,
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var select = Command(snapshot, sql, key, [JournalRows.Number(after), JournalRows.Number(upTo)]);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            yield return (rows.GetInt64(0), rows.GetString(1));
        }
    }

    private static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        JournalKey key,
        CancellationToken cancellation,
        params NpgsqlParameter[] more)
    {
        await using var command = Command(connection, sql, key, more);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(
        NpgsqlConnection connection, string sql, JournalKey key, NpgsqlParameter[] more)
    {
#pragma warning disable CA2100 // constants of this file
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        command.Parameters.AddRange(JournalRows.KeyOf(key));
        command.Parameters.AddRange(more);
        return command;
    }
}
