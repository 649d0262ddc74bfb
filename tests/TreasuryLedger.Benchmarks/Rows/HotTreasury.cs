using System.Globalization;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>
/// One hot treasury: single commands through the bus and its handler; each caller waits for its answer before the next
/// command. Keys, fact ids and hash chain on.
/// </summary>
public static class HotTreasury
{
    private const int Rounds = 3;
    private const int Seconds = 2;
    private const double Target = 5_000;
    private const double TargetShare = 0.30;

    // A commit is about six round trips (0.1-0.2 ms each), the disk (0.5-1 ms), and 60-80 us of our CPU a command:
    // alone 1/(2 ms); 64 together 64/(64 x 80 us + 4 ms).
    private static readonly (int Callers, double Estimate)[] Loads = [(1, 500), (8, 2_500), (64, 6_500)];

    /// <summary>Measures callers and the raw limit in turns.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        var measured = Loads.ToDictionary(load => load.Callers, _ => new Series());
        var journal = await lab.NewTreasuryAsync("hot");
        await RunAsync(lab, journal, "warm", 8, TimeSpan.FromSeconds(1));
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (callers, _) in Loads)
            {
                await raw.MeasureAsync(callers, Seconds);
                measured[callers].Add(await RunAsync(
                    lab, journal, $"r{round}-c{callers}", callers, TimeSpan.FromSeconds(Seconds)));
            }
        }

        foreach (var (callers, estimate) in Loads)
        {
            var (series, limit) = (measured[callers], await raw.MedianAsync(callers));
            var share = series.Median / limit;
            findings.Rows.Add(new Row(
                $"one hot treasury, single commands, {callers} callers in process",
                $"{Text.Whole(estimate)}/s",
                series.PerSecond(),
                $"{Text.Whole(limit)}/s",
                Text.Percent(share),
                callers == 64 ? "≥ 5,000/s and ≥ 30 % of raw" : "–",
                callers != 64 ? Reached.NoTarget
                    : series.Median >= Target && share >= TargetShare ? Reached.Yes : Reached.No));
        }

        foreach (var callers in new[] { 1, 64 })
        {
            using var profile = new CommitProfile(lab);
            var rate = await RunAsync(lab, journal, $"profile-{callers}", callers, TimeSpan.FromSeconds(1));
            findings.Notes.Add(profile.Report($"hot treasury, {callers} callers", rate));
        }

        await CommandCost.MeasureAsync(lab, journal, findings);
    }

    private static Task<double> RunAsync(Lab lab, JournalKey journal, string run, int callers, TimeSpan time)
    {
        var randoms = Enumerable.Range(0, callers).Select(caller => new Random(History.Seed + caller)).ToArray();
        return Callers.RunAsync(callers, time, (caller, number) =>
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{run}-{caller}");
            Command command = History.At(
                randoms[caller], number + 8, History.Start.Plus((number + 1) * 1_000_000L), key);
            return lab.HandleAsync(Submission.One(
                journal, string.Create(CultureInfo.InvariantCulture, $"{key}-{number}"), "bench", command));
        });
    }
}
