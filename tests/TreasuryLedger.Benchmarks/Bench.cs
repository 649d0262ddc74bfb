using System.Diagnostics;
using System.Globalization;
using System.Text;
using TreasuryLedger.Benchmarks.Rows;

namespace TreasuryLedger.Benchmarks;

/// <summary>A run: starts the lab, measures the rows one after the other, prints the report.</summary>
public static class Bench
{
    private static readonly (string Name, Func<Lab, RawLimit, Findings, Task> Measure)[] All =
    [
        ("hot", HotTreasury.MeasureAsync),
        ("batch", AtomicBatch.MeasureAsync),
        ("http", OverHttp.MeasureAsync),
        ("storage", Storage.MeasureAsync),
        ("totals", Totals.MeasureAsync),
        ("gains", ColdProcess.MeasureGainsAsync),
        ("verify", ColdProcess.MeasureChainAsync),
        ("derived", DerivedRows.MeasureAsync),
        ("restore", WriterRestore.MeasureAsync),
        ("lists", ListPages.MeasureAsync),
        ("stream", Streaming.MeasureAsync),
        ("lots", ManyLots.MeasureAsync),
        ("positions", Positions.MeasureAsync),
        ("import", Import.MeasureAsync),
        ("files", FileImport.MeasureAsync),
        ("reports", Reports.MeasureAsync),
        ("backdated", BackDated.MeasureAsync), // last: it adds entries to the histories
    ];

    /// <summary>What can be measured.</summary>
    public static IReadOnlyList<string> RowNames { get; } = [.. All.Select(row => row.Name)];

    /// <summary>Runs the program.</summary>
    /// <returns>0 if everything asked for was measured; whether targets are reached is for the reader.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        BenchOptions options;
        try
        {
            options = BenchOptions.Parse(args);
        }
        catch (FormatException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }

        var (watch, load, findings) = (Stopwatch.StartNew(), Machine.Load(), new Findings());
        var (failed, heads) = (0, new List<string>());
        await using (var lab = await Lab.StartAsync(options))
        {
            var raw = await RawLimit.PrepareAsync(lab);
            foreach (var (name, measure) in All.Where(row => options.Wants(row.Name)))
            {
                Lab.Progress($"{watch.Elapsed.TotalSeconds,5:N0} s: {name}");
                try
                {
                    await measure(lab, raw, findings);
                }
                catch (Exception fault) when (fault is not OutOfMemoryException)
                {
                    // One row that cannot be measured must not cost the others; the report and the exit code say so.
                    failed++;
                    findings.Notes.Add($"row {name} FAILED: {fault.Message.ReplaceLineEndings(" ")}");
                    await Console.Error.WriteLineAsync(fault.ToString());
                }
            }

            heads.Add(await Machine.DescribeAsync(lab.App));
            findings.Notes.AddRange(raw.Report());
        }

        heads.Add($"{DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC, "
            + $"commit {Machine.Commit()}, seed {History.Seed}, {watch.Elapsed.TotalSeconds:N0} s in all, "
            + $"load of the machine before {load} and after {Machine.Load()}");
        var report = Report(args, heads, findings);
        Console.WriteLine(report);
        if (options.Out is not null)
        {
            await File.WriteAllTextAsync(options.Out, report);
        }

        return failed == 0 ? 0 : 1;
    }

    private static string Report(string[] args, List<string> heads, Findings findings)
    {
        var command = string.Join(' ', args.TakeWhile(argument => argument != "--out"));
        var text = new StringBuilder()
            .Append("# Measured figures\n\n")
            .Append(CultureInfo.InvariantCulture, $"- {Machine.Describe()}\n");
        heads.ForEach(head => text.Append(CultureInfo.InvariantCulture, $"- {head}\n"));
        text.Append(CultureInfo.InvariantCulture, $"- options: {(command.Length == 0 ? "none" : command)}\n\n")
            .Append("| what | estimate | measured: median (min–max) | raw PostgreSQL, same run | ratio | target |")
            .Append(" reached |\n|---|---|---|---|---|---|---|\n");
        findings.Rows.ForEach(row => text.Append(row.ToMarkdown()).Append('\n'));
        text.Append('\n');
        findings.Notes.ForEach(note => text.Append(CultureInfo.InvariantCulture, $"- {note}\n"));
        return text.ToString();
    }
}
