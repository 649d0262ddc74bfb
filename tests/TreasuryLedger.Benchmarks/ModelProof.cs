using System.Diagnostics;
using System.Globalization;
using TreasuryLedger.Model;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// <c>model [--full] [--seed N] [--histories N]</c>: product against model on as many histories as wanted.
/// <c>--full</c> takes 1,000,000 and keeps the result in ops/bench/model-proof.md.
/// </summary>
internal static class ModelProof
{
    private const int FullHistories = 1_000_000;
    private const int SmallHistories = 20_000;

    /// <summary>Long enough to be busy, short enough to see it move.</summary>
    private const int Chunk = 50_000;

    /// <summary>Runs from the folder of the solution.</summary>
    /// <returns>0 if every claim held, 1 if one did not, 2 if the arguments mean nothing.</returns>
    public static int Run(IReadOnlyList<string> arguments)
    {
        var (isFull, seed, histories) = (false, 1_000_000UL, SmallHistories);
        for (var i = 0; i < arguments.Count; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--full":
                    (isFull, histories) = (true, FullHistories);
                    break;
                case "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed):
                case "--histories"
                    when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out histories):
                    i++;
                    break;
                default:
                    Console.Error.WriteLine("model [--full] [--seed N] [--histories N]");
                    return 2;
            }
        }

        return Run(seed, histories, isFull);
    }

    private static int Run(ulong seed, int histories, bool isKept)
    {
        var watch = Stopwatch.StartNew();
        var rules = new NaiveRules();
        var (claims, figures) = (0L, new SortedDictionary<string, long>(StringComparer.Ordinal));
        for (var done = 0; done < histories;)
        {
            var count = Math.Min(Chunk, histories - done);
            var result = Proof.Run(
                seed + (ulong)done,
                count,
                ProductBook.Answer,
                (history, question) => NaiveBook.Answer(rules, history, question),
                Environment.ProcessorCount);
            if (result.Counterexample is { } example)
            {
                Console.WriteLine(example);
                return 1;
            }

            done += count;
            claims += result.Claims;
            foreach (var (kind, figure) in result.Figures)
            {
                figures[kind] = figures.GetValueOrDefault(kind) + figure;
            }

            Console.WriteLine(Text($"{done:N0} histories agree, {watch.Elapsed:hh\\:mm\\:ss}"));
        }

        var report = Report(seed, histories, claims, figures, watch.Elapsed);
        Console.WriteLine(report);
        if (isKept)
        {
            File.WriteAllText(Path.Combine("ops", "bench", "model-proof.md"), report);
        }

        return 0;
    }

    private static string Report(
        ulong seed, int histories, long claims, SortedDictionary<string, long> figures, TimeSpan elapsed) =>
        string.Join('\n', [
            "# Product against model: the last full proof",
            "",
            "`dotnet run -c Release --project tests/TreasuryLedger.Benchmarks -- model --full`",
            "",
            Text($"- date {DateTime.UtcNow:yyyy-MM-dd}, commit {Machine.Commit()}"),
            Text($"- seeds {seed} to {seed + (ulong)histories - 1}"),
            Text($"- {histories:N0} histories, {claims:N0} claims, all held"),
            Text($"- {elapsed:hh\\:mm\\:ss} on {Machine.Describe()}"),
            "",
            "| figures that agreed | how many |",
            "|---|--:|",
            .. figures.Select(figure => Text($"| {figure.Key} | {figure.Value:N0} |")),
            "",
        ]);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
