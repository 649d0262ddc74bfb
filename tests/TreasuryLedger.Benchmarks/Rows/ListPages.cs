using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>A page of a list at the start of a history and at its end, and how fast the tables are filled.</summary>
public static class ListPages
{
    private const int Page = 100;
    private const int Rounds = 60;
    private const double TargetMs = 100;

    // Some thirty index probes for where the page stands, a range of an index, a hundred rows of four tables, 40 us to
    // read the JSON of each entry.
    private const string Estimate = "p50 9 ms at any depth";

    private static readonly (string Name, ListFilter Filter)[] Filters =
    [
        ("without a filter", new ListFilter()),
        ("of one asset at one account", new ListFilter
        {
            Asset = History.Asked,
            Account = AccountId.Parse("vault"),
        }),
        ("of one asset, sold, not voided", new ListFilter
        {
            Asset = History.Asked,
            Types = ["asset_sold_v1"],
            Voided = false,
        }),
    ];

    /// <summary>Measures each size.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        var projector = new ListProjector(lab.Tenants, NullLogger<ListProjector>.Instance);
        var lookout = new ListLookout(lab.Tenants, projector, new CursorKey(lab.Tenants), TimeProvider.System);
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            await ReachAsync(projector, journal, entries, findings);
            foreach (var (name, filter) in Filters)
            {
                var first = await PagesAsync(lookout, journal, filter, 0);
                var last = await PagesAsync(lookout, journal, filter, entries * 99L / 100);
                var growth = last.Median / first.Median;
                findings.Rows.Add(new Row(
                    $"page of {Page} entries {name}, at the start and after {Text.Whole(entries * 0.99)} of "
                    + $"{Text.Whole(entries)}",
                    Estimate, $"{first.Percentiles()}; deep {last.Percentiles()}", "–",
                    $"{Text.Short(growth)}× deep", "p99 ≤ 100 ms at any depth",
                    Math.Max(first.At(0.99), last.At(0.99)) > TargetMs ? Reached.No
                        : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
            }
        }
    }

    /// <summary>The worker of the server fills the tables meanwhile; whatever it has left is applied here.</summary>
    internal static async Task ReachAsync(
        ListProjector projector, JournalKey journal, int entries, Findings findings)
    {
        var watch = Stopwatch.StartNew();
        var progress = await projector.ApplyAsync(
            journal, entries, waits: true, retries: false, CancellationToken.None);
        if (progress is not { StoppedAt: null })
        {
            throw new InvalidOperationException($"Lists of {journal} stopped: {progress?.Reason}");
        }

        findings.Notes.Add($"lists of {Text.Whole(entries)} entries: rows there "
            + $"{Text.Short(watch.Elapsed.TotalSeconds)} s after the history was recorded");
    }

    private static async Task<Series> PagesAsync(
        ListLookout lookout, JournalKey journal, ListFilter filter, long after)
    {
        var series = new Series();
        var question = new ListQuestion(
            "listEntries", filter, ListOrder.Oldest, null, null, 0, Page, null, ListFormat.Json);
        for (var round = -3; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            var stand = await lookout.StandAsync(journal, question, CancellationToken.None);
            var rows = await lookout.EntriesAsync(
                stand, after == 0 ? null : (after, 0), Page + 1, CancellationToken.None);
            if (round >= 0)
            {
                series.Add(watch.Elapsed.TotalMilliseconds);
            }

            if (rows.Count == 0)
            {
                throw new InvalidOperationException("A page that should have rows has none.");
            }
        }

        return series;
    }
}
