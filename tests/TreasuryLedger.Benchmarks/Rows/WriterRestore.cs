using System.Diagnostics;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>How long the first command after a start waits for the writer's state.</summary>
public static class WriterRestore
{
    private const double TargetSeconds = 1;

    /// <summary>Measures a dry run with writers that hold nothing yet.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            var series = new Series();
            for (var run = 0; run < (entries <= 100_000 ? 3 : 1); run++)
            {
                await using var writers = lab.NewWriters();
                var command = History.At(new Random(History.Seed), entries, History.Start, "restore");
                var watch = Stopwatch.StartNew();
                await lab.SubmitAsync(
                    Submission.One(journal, $"restore-{run}", "bench", command) with { DryRun = true }, writers);
                series.Add(watch.Elapsed.TotalMilliseconds);
            }

            var isFast = series.Median <= TargetSeconds * 1_000;
            findings.Rows.Add(new Row(
                $"writer's state restored, first answer, {Text.Whole(entries)} entries",
                // Reading stored JSON 4-5 us and the next state 6-8 us an entry, from the start: no checkpoint yet.
                $"{Text.Short(entries * 0.012)} ms",
                series.Milliseconds(), "–", "–", "≤ 1 s at 1M",
                !isFast ? Reached.No : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
        }
    }
}
