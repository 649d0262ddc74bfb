using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Tests.Lists;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// <c>lists [--full] [--seed N] [--questions N]</c>: lists against a model without tables, on random filters.
/// <c>--full</c> asks 100,000 questions and keeps the result in ops/bench/list-proof.md.
/// </summary>
internal static class ListProofRun
{
    private const int FullQuestions = 100_000;
    private const int SmallQuestions = 2_000;
    private const int Entries = 600;

    /// <summary>Runs from the folder of the solution.</summary>
    /// <returns>0 if every answer was the model's, 1 if one was not, 2 if the arguments mean nothing.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var (isFull, seed, questions) = (false, 20260201, SmallQuestions);
        for (var i = 0; i < arguments.Count; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--full":
                    (isFull, questions) = (true, FullQuestions);
                    break;
                case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed):
                case "--questions"
                    when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out questions):
                    i++;
                    break;
                default:
                    await Console.Error.WriteLineAsync("lists [--full] [--seed N] [--questions N]");
                    return 2;
            }
        }

        await using var lab = await Lab.StartAsync(BenchOptions.Parse([]));
        var (watch, random) = (Stopwatch.StartNew(), new Random(seed));
        var journals = await RecordAsync(lab, random);
        var lookout = new ListLookout(
            lab.Tenants, new ListProjector(lab.Tenants, NullLogger<ListProjector>.Instance), new CursorKey(lab.Tenants),
            TimeProvider.System);
        var proofs = new List<ListProof>();
        foreach (var journal in journals)
        {
            proofs.Add(new ListProof(lookout, journal, await EntriesAsync(lab, journal)));
        }

        for (var asked = 1; asked <= questions; asked++)
        {
            if (await proofs[asked % 6 == 0 ? 1 : 0].AskAsync(random, CancellationToken.None) is { } difference)
            {
                Console.WriteLine(difference);
                return 1;
            }

            if (asked % 5_000 == 0)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{asked:N0} questions agree, {watch.Elapsed:hh\\:mm\\:ss}"));
            }
        }

        var report = Report(seed, questions, proofs, watch.Elapsed);
        Console.WriteLine(report);
        if (isFull)
        {
            await File.WriteAllTextAsync(Path.Combine("ops", "bench", "list-proof.md"), report);
        }

        return 0;
    }

    private static async Task<JournalKey[]> RecordAsync(Lab lab, Random random)
    {
        var (treasury, prices) = (JournalKey.Treasury("listed", "main"), JournalKey.Prices("listed", "main"));
        await lab.RecordAsync(treasury, "opening", ListHistory.Opening());
        await lab.RecordAsync(prices, "prices", ListHistory.Prices(random, 150));
        for (var number = 0; number < Entries; number += 20)
        {
            Command[] commands =
                [.. Enumerable.Range(number, 20).Select(n => ListHistory.At(random, n, 11 + (n / 2)))];
            await lab.Writers.SubmitAsync(
                new Submission(
                    treasury, $"load-{number}", ListHistory.Actors[number / 20 % 3], [.. commands], Atomic: false,
                    DryRun: false, ScriptedRecordedAt: null),
                CancellationToken.None);
        }

        return [treasury, prices];
    }

    private static async Task<List<Entry>> EntriesAsync(Lab lab, JournalKey journal)
    {
        await using var connection = await lab.App.OpenConnectionAsync();
        var head = await JournalRows.HeadAsync(connection, journal, CancellationToken.None);
        return await JournalRows.EntriesAsync(connection, journal, 0, head!.Head.Position, CancellationToken.None)
            .ToListAsync();
    }

    private static string Report(int seed, int questions, List<ListProof> proofs, TimeSpan elapsed) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            # Lists against a model without tables: the last full proof

            `dotnet run -c Release --project tests/TreasuryLedger.Benchmarks -- lists --full`

            - date {DateTime.UtcNow:yyyy-MM-dd}, commit {Machine.Commit()}, seed {seed}
            - {questions:N0} random filter combinations, of which {proofs.Sum(proof => proof.Found):N0} found something;
              {proofs.Sum(proof => proof.Rows):N0} rows, their order, counts and sums were those of the model
            - {elapsed:hh\:mm\:ss} on {Machine.Describe()}

            """);
}
