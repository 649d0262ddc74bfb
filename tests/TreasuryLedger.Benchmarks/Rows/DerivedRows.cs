using System.Diagnostics;
using Npgsql;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>The narrow rows replayed, made anew with their rows written, and held against the journal.</summary>
public static class DerivedRows
{
    /// <summary>Measures each size once.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        await using var owner = NpgsqlDataSource.Create(lab.Logins.Owner);
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            Add(findings, "narrow rows read and every entry decoded", entries, await ReplayAsync(lab, journal),
                1_000_000, "1,000,000/s: 0.7 us to decode, the rest to read");
            Add(findings, "narrow rows made anew from the stored events, written and swapped", entries,
                await TimeAsync(Derived.RebuildAsync(owner, journal, default)), 120_000,
                "100,000/s: 8 us to read stored JSON, 1 us to encode");
            Add(findings, "journal verified and narrow rows held against it ('check')", entries,
                await TimeAsync(Derived.CheckAsync(lab.App, journal, default)), 50_000,
                "50,000/s: stored JSON hashed once and read twice");
        }
    }

    private static void Add(
        Findings findings, string what, int entries, double seconds, double target, string estimate)
    {
        var rate = entries / seconds;
        findings.Rows.Add(new Row(
            $"{what}, {Text.Whole(entries)} entries", estimate, $"{Text.Whole(rate)}/s ({Text.Short(seconds)} s)",
            "–", "–", $"≥ {Text.Whole(target)}/s", rate < target ? Reached.No : Reached.Yes));
    }

    private static async Task<double> ReplayAsync(Lab lab, JournalKey journal)
    {
        var reader = new JournalReader(lab.Tenants, TimeProvider.System);
        var watch = Stopwatch.StartNew();
        var units = 0L;
        foreach (var entry in await Totals.EntriesAsync(reader, journal))
        {
            units += entry.Position;
        }

        return units > 0 ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException("Nothing was read.");
    }

    private static async Task<double> TimeAsync<T>(IAsyncEnumerable<T> work)
    {
        var watch = Stopwatch.StartNew();
        await foreach (var done in work)
        {
            if (done is DerivedVerdict { Fault: { } fault })
            {
                throw new InvalidOperationException(fault.Detail);
            }
        }

        return watch.Elapsed.TotalSeconds;
    }
}
