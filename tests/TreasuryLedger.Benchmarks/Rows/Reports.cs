namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>Reports and files of a history over HTTP, and what server and caller need of memory for each.</summary>
public static class Reports
{
    private const double GrowthMiBMax = 128;

    private static readonly string[] Paths =
    [
        "realized-gains/lots?format=csv", "realized-gains/lots?format=ndjson", "realized-gains/lots?format=xlsx",
        "general-ledger?format=csv", "price-evidence?format=csv", "exports/form-8949?", "exports/beancount?",
        "exports/statement?", "exports/workbook?", "exports/pack?",
    ];

    /// <summary>Measures each size: two of five entries are disposals.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        using var http = await lab.CallerAsync("reports");
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            // What every question keeps of a history belongs to no report.
            await Streaming.ReadAsync(http, $"/v1/treasuries/{journal.Id}/trial-balance?asOf=2026-06-30");
            foreach (var path in Paths)
            {
                var (lines, seconds, bytes, growth) = await Streaming.ReadAsync(
                    http, $"/v1/treasuries/{journal.Id}/{path}&asOf=2026-06-30");
                Lab.Progress($"{path} of {Text.Whole(entries)} entries: {Text.Short(seconds)} s, "
                    + $"{Text.Whole(growth)} MiB");
                findings.Rows.Add(new Row(
                    $"`{path.TrimEnd('?')}` of {Text.Whole(entries)} entries",
                    // 10 us to fold an entry and 40 us to write what it became; 30 MiB whatever the length.
                    $"{Text.Short(entries * 0.00005)} s, 30 MiB",
                    $"{Text.Short(seconds)} s, {Text.Whole(lines)} lines, {Text.Whole(bytes / 1048576.0)} MiB, memory "
                    + $"grew by {Text.Whole(growth)} MiB at most",
                    "–", "–", $"memory grows by {Text.Whole(GrowthMiBMax)} MiB at most",
                    growth > GrowthMiBMax ? Reached.No : Reached.Yes));
            }
        }
    }
}
