using System.Diagnostics;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>An entry that happened before all of a history is accepted after it.</summary>
public static class BackDated
{
    private const int Count = 150;
    private const double TargetMs = 100;

    // A commit alone; timelines are balanced trees, so the place in effective order costs a few microseconds.
    private const string Estimate = "p50 2.5, p99 8 ms, whatever the history";

    /// <summary>Measures single commands at instants in the first days.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            var (random, series) = (new Random(History.Seed), new Series());
            for (var number = -10; number < Count; number++)
            {
                var command = History.At(random, entries + number, History.Start.Plus(number + 20), "late");
                var watch = Stopwatch.StartNew();
                await lab.SubmitAsync(Submission.One(journal, $"late-{number}", "bench", command));
                if (number >= 0)
                {
                    series.Add(watch.Elapsed.TotalMilliseconds);
                }
            }

            var limit = 1_000 / await raw.MedianAsync(1);
            findings.Rows.Add(new Row(
                $"entry accepted that is back-dated before {Text.Whole(entries)} later ones", Estimate,
                series.Percentiles(), $"{Text.Short(limit)} ms (1 client)", $"{Text.Short(series.Median / limit)}×",
                "p99 ≤ 100 ms at 1M, no row rewritten",
                series.At(0.99) > TargetMs ? Reached.No
                    : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
        }
    }
}
