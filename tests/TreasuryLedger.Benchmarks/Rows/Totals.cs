using System.Diagnostics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>
/// Totals and the gain by month of one asset at a random (as of, known at): through the reader, whose decoded entries
/// are in memory, and a fold of everything visible.
/// </summary>
public static class Totals
{
    private const int QuestionsMax = 200;
    private const double TargetMs = 10;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(8);

    /// <summary>Measures each size, and how the smallest compares with the largest.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        var medians = new List<double>();
        foreach (var entries in lab.Options.Entries)
        {
            var series = await AskAsync(lab, await lab.HistoryAsync(entries));
            medians.Add(series.Median);
            findings.Rows.Add(new Row(
                $"totals and gain by month of one asset at random (E, K), {Text.Whole(entries)} entries, "
                + "by folding, warm",
                // Half of the history is visible on average; filter, sort and fold cost 2-4 us an entry.
                $"p50 {Text.Short(entries * 0.0015)} ms",
                series.Percentiles(), "–", "–", "p99 ≤ 10 ms at 1M",
                series.At(0.99) > TargetMs ? Reached.No : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
        }

        if (medians.Count > 1)
        {
            var growth = medians[^1] / medians[0];
            findings.Rows.Add(new Row(
                $"the same, {Text.Whole(lab.Options.Entries[^1])} against {Text.Whole(lab.Options.Entries[0])} entries",
                "as many times slower as there are more entries: no checkpoints yet",
                $"{Text.Short(growth)}×", "–", "–", "≤ 1.5× from 10k to 1M",
                growth <= 1.5 ? Reached.Yes : Reached.No));
        }
    }

    /// <summary>The entries of a journal.</summary>
    public static async Task<IReadOnlyList<NarrowEntry>> EntriesAsync(JournalReader reader, JournalKey journal) =>
        await reader.ReadAsync(journal, null, 0, CancellationToken.None) is ReadOutcome<JournalView>.Found found
            ? found.View.Entries
            : throw new InvalidOperationException($"{journal} cannot be read.");

    /// <summary>A treasury as it stands at a viewpoint, through a reader.</summary>
    public static async Task<TreasuryAt> AtAsync(
        JournalReader reader, JournalKey journal, Instant asOf, Instant? knownAt)
    {
        var outcome = await reader.ReadTreasuryAsync(
            journal.Tenant, journal.Id!, knownAt, 0, CancellationToken.None);
        var view = ((ReadOutcome<TreasuryView>.Found)outcome).View;
        return TreasuryAt.Of(
            view.Treasury.Entries, view.Prices.Entries, view.Markets.Entries, new Viewpoint(asOf, view.KnownAt));
    }

    /// <summary>The figures: the asset's open lots and their value, its realized gain by month.</summary>
    /// <returns>The asset's realized gain in all, so that nothing can be left out.</returns>
    public static string FiguresOf(TreasuryAt treasury)
    {
        var periods = Periods.Of(
            PeriodKind.Month, "01-01", TimeZoneInfo.Utc, History.Start, treasury.Book.Viewpoint.AsOf);
        var realized = RealizedGains.Of(treasury.Book, periods, 2);
        var open = UnrealizedGains.Of(treasury).Rows.FirstOrDefault(row => row.Asset == History.Asked);
        var gain = realized.ByAsset.FirstOrDefault(asset => asset.Asset == History.Asked).Figures?.Gain;
        return $"realized {gain?.ToString() ?? "0"}, open {open?.Quantity.ToString() ?? "0"}";
    }

    private static async Task<Series> AskAsync(Lab lab, JournalKey journal)
    {
        var entries = await EntriesAsync(lab.Reader, journal);
        var random = new Random(History.Seed);
        var (series, all) = (new Series(), Stopwatch.StartNew());
        for (var question = -3; question < QuestionsMax && (all.Elapsed < Budget || question < 3); question++)
        {
            var asOf = History.Start.Plus(random.NextInt64((long)History.Length.TotalMicroseconds));
            var knownAt = entries[random.Next(entries.Count / 2, entries.Count)].RecordedAt;
            var watch = Stopwatch.StartNew();
            FiguresOf(await AtAsync(lab.Reader, journal, asOf, knownAt));
            if (question >= 0) // the first warm up
            {
                series.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return series;
    }
}
