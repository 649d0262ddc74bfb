using System.Diagnostics;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>Atomic batches of 1,000 commands, one after the other, with all checks.</summary>
public static class AtomicBatch
{
    private const int Size = 1_000;
    private const int WarmUp = 25; // by then the runtime has compiled what runs often for good
    private const int Batches = WarmUp + 25;
    private const double Target = 25_000;

    // Marten alone appends 30,000 events a second (33 us each); our own CPU adds about 50 us a command, part of it
    // before the writer: 1/(33 + 40 us).
    private const double Estimate = 13_000;

    /// <summary>Measures batches after as many that warm up.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        var journal = await lab.NewTreasuryAsync("batches");
        var commands = History.Commands(Size * Batches).Chunk(Size).ToList();
        var series = new Series();
        CommitProfile? profile = null;
        for (var number = 0; number < Batches; number++)
        {
            if (number == WarmUp)
            {
                profile = new CommitProfile(lab);
            }

            var watch = Stopwatch.StartNew();
            await lab.SubmitAsync(new Submission(
                journal, $"batch-{number}", "bench", [.. commands[number]], Atomic: true, DryRun: false,
                ScriptedRecordedAt: null));
            if (number >= WarmUp)
            {
                series.Add(Size / watch.Elapsed.TotalSeconds);
            }
        }

        findings.Notes.Add(profile!.Report("atomic batches of 1,000", Size * series.Count));
        profile.Dispose();
        var limit = await raw.MedianAsync(64);
        findings.Rows.Add(new Row(
            "atomic batches of 1,000 commands, commands/s",
            $"{Text.Whole(Estimate)}/s",
            series.PerSecond(),
            $"{Text.Whole(limit)}/s at 64 clients",
            Text.Percent(series.Median / limit),
            "≥ 25,000/s",
            series.Median >= Target ? Reached.Yes : Reached.No));
    }
}
