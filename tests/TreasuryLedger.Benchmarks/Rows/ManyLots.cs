using System.Diagnostics;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>A treasury that never sold: half as many open lots as the largest history has entries.</summary>
public static class ManyLots
{
    private const int Pages = 50;
    private const double TargetMs = 10;

    /// <summary>Measures memory, totals, and the list of lots by pages and whole.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        var count = lab.Options.Entries[^1] / 2;
        var journal = JournalKey.Treasury(Lab.Tenant, $"lots-{count}");
        await lab.RecordAsync(journal, "load", History.Opening().Concat(History.Acquisitions(count)));
        var what = $"{Text.Whole(count)} open lots";
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        Totals.FiguresOf(await Totals.AtAsync(lab.Reader, journal, Instant.Max, null));
        var first = watch.Elapsed.TotalSeconds;
        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1048576.0;
        findings.Rows.Add(new Row(
            $"{what}: first answer, and memory of entries, lots and checkpoints",
            // 0.3 KB a lot, 0.15 KB an entry, 20 KB a checkpoint of every 256 entries.
            $"{Text.Short(count * 0.000004)} s, {Text.Whole(count * 0.00053)} MiB",
            $"{Text.Short(first)} s, {Text.Whole(memory)} MiB", "–", "–", "–", Reached.NoTarget));

        var totals = await Totals.AskAsync(lab, journal);
        findings.Rows.Add(new Row(
            $"{what}: totals at random (E, K), warm", "p50 2 ms, p99 5 ms: sums need no lots", totals.Percentiles(),
            "–", "–", "p99 ≤ 10 ms", totals.At(0.99) > TargetMs ? Reached.No : Reached.Yes));

        using var http = await lab.CallerAsync("lots");
        var path = $"/v1/treasuries/{journal.Id}/lots";
        var pages = new Series();
        for (var page = 0; page < Pages; page++)
        {
            var asked = Stopwatch.StartNew();
            using var response = await http.GetAsync($"{path}?limit=100");
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync();
            pages.Add(asked.Elapsed.TotalMilliseconds);
        }

        var (lines, seconds, _, growth) = await Streaming.ReadAsync(http, $"{path}?format=ndjson");
        findings.Rows.Add(new Row(
            $"{what}: a page of 100 over HTTP, and all as JSON lines",
            // All lots are put in order once for a state; then a lot is 20 us of JSON.
            $"first page {Text.Whole(count * 0.001)} ms, later ones 5 ms; all {Text.Short(count * 0.00002)} s",
            $"{pages.Percentiles()}; all {Text.Short(seconds)} s, {Text.Whole(lines / seconds)}/s, "
            + $"memory grew by {Text.Whole(growth)} MiB at most",
            "–", "–", "–", lines > count ? Reached.NoTarget : Reached.No));
    }
}
