using System.Diagnostics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>
/// Totals and the gain by month of one asset at a random (as of, known at): through the reader, whose books are in
/// memory, from the nearest checkpoint on.
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
            var journal = await lab.HistoryAsync(entries);
            var series = await AskAsync(lab, journal);
            medians.Add(series.Median);
            findings.Rows.Add(new Row(
                $"totals and gain by month of one asset at random (E, K), {Text.Whole(entries)} entries, "
                + "warm",
                // Two round trips, then up to a thousand entries folded at 1-2 us.
                "p50 2 ms, p99 5 ms, whatever the history",
                series.Percentiles(), "–", "–", "p99 ≤ 10 ms at 1M",
                series.At(0.99) > TargetMs ? Reached.No : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
            await AskRestatedAsync(lab, journal, entries, series.Median, findings);
        }

        if (medians.Count > 1)
        {
            var growth = medians[^1] / medians[0];
            findings.Rows.Add(new Row(
                $"the same, {Text.Whole(lab.Options.Entries[^1])} against {Text.Whole(lab.Options.Entries[0])} entries",
                "1.2×: deeper trees",
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
        return view.At(asOf);
    }

    /// <summary>The figures: the asset's open lots and their value, its realized gain by month.</summary>
    /// <returns>The asset's realized gain in all, so that nothing can be left out.</returns>
    public static string FiguresOf(TreasuryAt treasury)
    {
        var periods = CalendarPeriods.Of(
            PeriodKind.Month, "01-01", TimeZoneInfo.Utc, History.Start, treasury.Viewpoint.AsOf);
        var realized = RealizedGains.Of(treasury.State, periods, 2, TimeZoneInfo.Utc);
        var open = UnrealizedGains.Of(treasury).Rows.FirstOrDefault(row => row.Asset == History.Asked);
        var gain = realized.ByAsset.FirstOrDefault(asset => asset.Asset == History.Asked).Figures.Gain;
        return $"realized {gain}, open {open?.Quantity.ToString() ?? "0"}";
    }

    /// <summary>The same questions after the beginning of the history was restated five times.</summary>
    private static async Task AskRestatedAsync(
        Lab lab, JournalKey journal, int entries, double before, Findings findings)
    {
        for (var round = 0; round < 5; round++)
        {
            var late = History.At(
                new Random(round), entries + round, History.Start.Plus(1_000 + round), $"restated-{entries}");
            await lab.SubmitAsync(Submission.One(journal, $"restated-{round}", "bench", late));
            var watch = Stopwatch.StartNew();
            FiguresOf(await AtAsync(lab.Reader, journal, Instant.Max, null));
            findings.Notes.Add($"books of {Text.Whole(entries)} entries right "
                + $"{Text.Short(watch.Elapsed.TotalSeconds)} s after a fact back-dated before all of them (limit 5 s)");
        }

        var series = await AskAsync(lab, journal);
        var ratio = series.Median / before;
        findings.Rows.Add(new Row(
            $"the same, {Text.Whole(entries)} entries restated five times from their beginning",
            "as before: later checkpoints were left for the new knowledge", series.Percentiles(),
            "–", $"{Text.Short(ratio)}× of before", "≤ 2×",
            ratio > 2 ? Reached.No : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
    }

    /// <summary>Questions at random instants, once the checkpoints are there.</summary>
    internal static Task<Series> AskAsync(Lab lab, JournalKey journal) => AskAsync(lab, journal, FiguresOf);

    /// <summary>Questions at random instants, once the checkpoints are there.</summary>
    internal static async Task<Series> AskAsync<TFigures>(
        Lab lab, JournalKey journal, Func<TreasuryAt, TFigures> figures)
    {
        var entries = await EntriesAsync(lab.Reader, journal);
        // The first fold of all leaves the checkpoints behind, as the server does by itself after each commit.
        figures(await AtAsync(lab.Reader, journal, Instant.Max, null));
        var random = new Random(History.Seed);
        var (series, all) = (new Series(), Stopwatch.StartNew());
        for (var question = -3; question < QuestionsMax && (all.Elapsed < Budget || question < 3); question++)
        {
            var asOf = History.Start.Plus(random.NextInt64((long)History.Length.TotalMicroseconds));
            var knownAt = entries[random.Next(entries.Count / 2, entries.Count)].RecordedAt;
            var watch = Stopwatch.StartNew();
            figures(await AtAsync(lab.Reader, journal, asOf, knownAt));
            if (question >= 0) // the first warm up
            {
                series.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return series;
    }
}
