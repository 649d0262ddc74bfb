using System.Diagnostics;
using System.Text.Json;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>Figures of a process that starts, reads the stored entries, answers and ends.</summary>
public static class ColdProcess
{
    private const int Runs = 3;
    private const double MemoryMiBMax = 512;

    /// <summary>Realized gains from process start to the figure.</summary>
    public static async Task MeasureGainsAsync(Lab lab, RawLimit raw, Findings findings)
    {
        foreach (var entries in lab.Options.Entries)
        {
            var (seconds, memory, answer) = await RunAsync(lab, "gains", entries);
            var target = entries > 100_000 ? 2.5 : 0.5;
            findings.Rows.Add(new Row(
                $"realized gains, cold process, from {Text.Whole(entries)} stored entries",
                // 0.3 s to start and connect, then 4-5 us to read stored JSON and 4-5 us to sort and fold an entry.
                $"{Text.Short(0.3 + (entries * 0.000009))} s",
                $"{Text.Short(seconds.Median)} s ({Text.Short(seconds.At(0))}–{Text.Short(seconds.Max)}), "
                + $"{Text.Whole(memory)} MiB",
                "–", "–", $"≤ {Text.Short(target)} s at {(entries > 100_000 ? "1M" : "100k")}, ≤ 512 MB",
                seconds.Median > target || memory > MemoryMiBMax ? Reached.No
                    : entries is 100_000 or >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
            findings.Notes.Add($"cold process, {Text.Whole(entries)} entries: {answer}");
        }
    }

    /// <summary>The whole chain hashed again from what is stored, and the figures derived again.</summary>
    public static async Task MeasureChainAsync(Lab lab, RawLimit raw, Findings findings)
    {
        foreach (var entries in lab.Options.Entries)
        {
            var (seconds, memory, answer) = await RunAsync(lab, "verify", entries);
            var limit = 20.0 * entries / 1_000_000;
            findings.Rows.Add(new Row(
                $"chain verified and figures derived again, cold process, {Text.Whole(entries)} entries",
                // 0.3 s to start, 10 us to parse and hash an entry, 9 us to read and fold it.
                $"{Text.Short(0.3 + (entries * 0.000019))} s",
                $"{Text.Short(seconds.Median)} s ({Text.Short(seconds.At(0))}–{Text.Short(seconds.Max)}), "
                + $"{Text.Whole(memory)} MiB, {Text.Whole(entries / seconds.Median)} entries/s",
                "–", "–", "≤ 20 s, ≤ 1 GiB at 1M (in proportion, plus 0.5 s to start)",
                seconds.Median > limit + 0.5 || memory > 1024 ? Reached.No
                    : entries >= 1_000_000 ? Reached.Yes : Reached.YesAtThisSize));
            findings.Notes.Add($"verification, {Text.Whole(entries)} entries: {answer}");
        }
    }

    private static async Task<(Series Seconds, double MemoryMiB, string Answer)> RunAsync(
        Lab lab, string what, int entries)
    {
        var journal = await lab.HistoryAsync(entries);
        var (seconds, memory, answer) = (new Series(), 0.0, "");
        for (var run = 0; run < (entries <= 100_000 ? Runs : 1); run++)
        {
            var watch = Stopwatch.StartNew();
            var said = await ChildAsync(what, lab.Logins.App, journal);
            seconds.Add(watch.Elapsed.TotalSeconds);
            (memory, answer) = (Math.Max(memory, said.MemoryMiB), said.Text);
        }

        return (seconds, memory, answer);
    }

    private static async Task<ColdChild.Answer> ChildAsync(string what, string connection, JournalKey journal)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true, // the password is nobody's argument
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ColdProcess).Assembly.Location);
        }

        Array.ForEach([ColdChild.Verb, what, journal.Tenant, journal.Id!], start.ArgumentList.Add);
        using var child = Process.Start(start)!;
        await child.StandardInput.WriteLineAsync(connection);
        child.StandardInput.Close();
        var said = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0
            ? JsonSerializer.Deserialize<ColdChild.Answer>(said)!
            : throw new InvalidOperationException($"The child process '{what}' ended with {child.ExitCode}.");
    }
}
