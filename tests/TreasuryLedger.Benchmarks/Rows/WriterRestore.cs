using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>How long the first command after a start waits for the writer's state, and what that costs.</summary>
public static class WriterRestore
{
    private const double TargetSeconds = 1;

    /// <summary>A writer that leaves what it finds: each run starts from the same checkpoint.</summary>
    private static readonly WriterOptions Reading = new() { CheckpointAtCloseAfter = int.MaxValue };

    /// <summary>Measures a dry run with writers that hold nothing yet.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        foreach (var entries in lab.Options.Entries)
        {
            var journal = await lab.HistoryAsync(entries);
            await WriteAsync(lab, journal, findings);
            var series = new Series();
            for (var run = 0; run < 3; run++)
            {
                await using var writers = lab.NewWriters(Reading);
                var command = History.At(new Random(History.Seed), entries, History.Start, "restore");
                var watch = Stopwatch.StartNew();
                await lab.SubmitAsync(
                    Submission.One(journal, $"restore-{run}", "bench", command) with { DryRun = true }, writers);
                series.Add(watch.Elapsed.TotalMilliseconds);
            }

            var isFast = series.Median <= TargetSeconds * 1_000;
            findings.Rows.Add(new Row(
                $"writer's state restored, first answer, {Text.Whole(entries)} entries",
                // Reading, digest and decoding of some 45 bytes an entry, and a tail of a sixteenth from narrow rows.
                $"{Text.Short(10 + (entries * 0.0008))} ms",
                series.Milliseconds(), "–", "–", "≤ 1 s at 1M",
                !isFast ? Reached.No : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
        }
    }

    /// <summary>Moves the checkpoint as far behind the head as it can be, and says what it costs.</summary>
    private static async Task WriteAsync(Lab lab, JournalKey journal, Findings findings)
    {
        await using var connection = await lab.App.OpenConnectionAsync();
        var head = (await JournalRows.HeadAsync(connection, journal, CancellationToken.None))!.Head;
        var behind = Math.Max(new WriterOptions().CheckpointAfter, head.Position / 16);
        var position = Math.Max(1, head.Position - behind);
        var hash = await JournalRows.HashAsync(connection, journal, position, CancellationToken.None);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var entries = new WriterTail(connection, journal);
        var (state, folded) = await TimeAsync(() => WriterState.Empty(journal).WithTailAsync(
            connection, journal, head with { Position = position, Hash = Convert.ToHexStringLower(hash!) },
            entries.EntriesAsync));
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;

        await using (var clear = new NpgsqlCommand("delete from ledger.writer_checkpoints", connection))
        {
            await clear.ExecuteNonQueryAsync();
        }

        var (body, made) = await TimeAsync(() => Task.FromResult(
            WriterCheckpoint.Write(journal, state.Hash, state.Treasury.Snapshot(), state.Known.Slots)));
        var (_, stored) = await TimeAsync(async () =>
        {
            await WriterCheckpoints.InsertAsync(connection, journal, position, state.Hash, body);
            return true;
        });

        var checkpoints = new WriterCheckpoints(lab.App, journal, Reading, NullLogger.Instance);
        var (restored, read) = await TimeAsync(() => checkpoints.ReadAsync(connection, head));
        var (_, tail) = await TimeAsync(() => restored!.WithTailAsync(
            connection, journal, head, entries.EntriesAsync));
        findings.Notes.Add(
            $"writer's checkpoint at {Text.Whole(position)} of {Text.Whole(head.Position)} entries: "
            + $"{Text.Short(body.Length / (double)position)} bytes an entry; made in {made}, stored in {stored}, "
            + $"read and decoded in {read}, the tail behind it folded in {tail}; without one, folded from the entries "
            + $"in {folded}; {Text.Short(memory / (double)position)} bytes of memory an "
            + "entry");
    }

    private static async Task<(T Result, string Cost)> TimeAsync<T>(Func<Task<T>> work)
    {
        var (processor, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        var result = await work();
        var used = Environment.CpuUsage.TotalTime - processor;
        return (result, $"{Text.Whole(watch.Elapsed.TotalMilliseconds)} ms "
            + $"({Text.Whole(used.TotalMilliseconds)} of this process's processors)");
    }
}
