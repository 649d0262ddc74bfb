using System.Diagnostics;
using Npgsql;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>
/// The narrow rows replayed; each part of what is derived made anew, with its rows written; all of it held against the
/// journal.
/// </summary>
public static class DerivedRows
{
    /// <summary>Measures each size.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        await using var owner = NpgsqlDataSource.Create(lab.Logins.Owner);
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            await ReachListsAsync(lab, journal, entries);
            await AddAsync(lab, findings, "narrow rows read and every entry decoded", entries, 1_000_000,
                "1,000,000/s: 0.7 us to decode, the rest to read", () => ReplayAsync(lab, journal));
            await AddAsync(lab, findings, "narrow rows made anew from the stored events, written and swapped", entries,
                120_000, "100,000/s: 8 us to read stored JSON, 1 us to encode",
                () => new NarrowPart().RebuildAsync(owner, journal, default));
            await AddAsync(lab, findings, "the writer's checkpoint made anew", entries, null,
                "50,000/s: 8 us to read stored JSON, 3 us to take an entry in, on one processor",
                () => new WriterCheckpointPart().RebuildAsync(owner, journal, default));
            await AddAsync(lab, findings, "rows of lists made anew, nine indexes, written and swapped", entries,
                120_000, "20,000/s: some 19 rows of tables and indexes an entry, 2.5 us each",
                () => new ListPart().RebuildAsync(owner, journal, default));
            await AddAsync(lab, findings, "journal verified and all that is derived held against it ('check')", entries,
                50_000, "50,000/s: stored JSON read and hashed once, all parts side by side",
                () => CheckAsync(lab, journal));
        }
    }

    private static async Task AddAsync(
        Lab lab, Findings findings, string what, int entries, double? target, string estimate, Func<Task> work)
    {
        var runs = entries > 100_000 ? 1 : 3;
        var (rates, before) = (new Series(), Machine.Processor(lab.Postgres.ProcessId));
        for (var run = 0; run < runs; run++)
        {
            var watch = Stopwatch.StartNew();
            await work();
            rates.Add(entries / watch.Elapsed.TotalSeconds);
        }

        var after = Machine.Processor(lab.Postgres.ProcessId);
        var median = rates.Median;
        findings.Rows.Add(new Row(
            $"{what}, {Text.Whole(entries)} entries",
            estimate,
            $"{Text.Whole(median)}/s ({Text.Short(entries / median)} s); processor an entry: program "
            + $"{Text.Short((after.Program - before.Program) / runs / entries)}, database "
            + $"{Text.Short((after.Database - before.Database) / runs / entries)} µs",
            "–", "–", target is null ? "–" : $"≥ {Text.Whole(target.Value)}/s",
            target is null ? Reached.NoTarget
                : median < target ? Reached.No
                : entries < 1_000_000 ? Reached.YesAtThisSize : Reached.Yes));
    }

    /// <summary>The server's own worker has applied all by then: it does not work beside what is measured.</summary>
    private static async Task ReachListsAsync(Lab lab, JournalKey journal, int entries)
    {
        await using var connection = await lab.App.OpenConnectionAsync();
        while ((await ListProgress.ReadAsync(connection, journal, default))?.Position is not { } reached
            || reached < entries)
        {
            await Task.Delay(100);
        }
    }

    private static async Task ReplayAsync(Lab lab, JournalKey journal)
    {
        var reader = new JournalReader(lab.Tenants, TimeProvider.System);
        var units = 0L;
        foreach (var entry in await Totals.EntriesAsync(reader, journal))
        {
            units += entry.Position;
        }

        ArgumentOutOfRangeException.ThrowIfZero(units);
    }

    private static async Task CheckAsync(Lab lab, JournalKey journal)
    {
        await foreach (var verdict in Derived.CheckAsync(lab.App, journal, default))
        {
            if (verdict.Fault is { } fault)
            {
                throw new InvalidOperationException(fault.Detail);
            }
        }
    }
}
