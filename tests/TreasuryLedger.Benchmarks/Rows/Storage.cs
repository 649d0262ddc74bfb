using Npgsql;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>Bytes on disk for each entry: every table of the journal with all its indexes.</summary>
public static class Storage
{
    private const double TargetBytes = 2_048;

    // The JSON of an entry is about 700 bytes; the event store's columns, the index row with two hashes, and seven
    // indexes that lead with tenant and journal add about 1,000.
    private const string Estimate = "1,700 B";

    private static readonly string[] Tables =
        ["journal.mt_events", "ledger.entries", "journal.mt_streams", "ledger.heads", "ledger.texts"];

    /// <summary>Measures what the smallest history and everything else so far took.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        await lab.HistoryAsync(lab.Options.Entries[^1]);
        await using var database = NpgsqlDataSource.Create(lab.Postgres.OwnerConnectionString);
        var entries = (double)await NumberAsync(database, "select count(*) from ledger.entries");
        var parts = new List<(string Table, double Bytes, double Heap)>();
        foreach (var table in Tables)
        {
            parts.Add((
                table,
                await NumberAsync(database, "select pg_total_relation_size($1::regclass)", table) / entries,
                await NumberAsync(database, "select pg_table_size($1::regclass)", table) / entries));
        }

        var total = parts.Sum(part => part.Bytes);
        findings.Rows.Add(new Row(
            $"storage for each entry, all indexes ({Text.Whole(entries)} entries)", Estimate,
            $"{Text.Whole(total)} B", "–", "–", "≤ 2 KB", total <= TargetBytes ? Reached.Yes : Reached.No));
        findings.Notes.Add("storage, bytes an entry (rows + indexes): " + string.Join("; ", parts.Select(part =>
            $"{part.Table} {Text.Whole(part.Heap)} + {Text.Whole(part.Bytes - part.Heap)}")));
    }

    private static async Task<long> NumberAsync(NpgsqlDataSource database, string sql, string? table = null)
    {
#pragma warning disable CA2100 // constants of this file
        await using var ask = database.CreateCommand(sql);
#pragma warning restore CA2100
        if (table is not null)
        {
            ask.Parameters.Add(new NpgsqlParameter<string> { TypedValue = table });
        }

        return (long)(await ask.ExecuteScalarAsync())!;
    }
}
