using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Fuzz;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// <c>fuzz [--full] [--seed N]</c>: requests by chance from the OpenAPI document, each answer held against it.
/// <c>--full</c> sends 50,000 and keeps the result in ops/bench/fuzz-proof.md.
/// </summary>
internal static class FuzzProof
{
    private const int FullRequests = 50_000;
    private const int SmallRequests = 5_000;

    /// <summary>Runs from the folder of the solution.</summary>
    /// <returns>0 if every answer conforms, 1 if one does not, 2 if the arguments mean nothing.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (ProofArguments.Of(arguments) is not var (isFull, seed))
        {
            await Console.Error.WriteLineAsync("fuzz [--full] [--seed N]");
            return 2;
        }

        await using var lab = await Lab.StartAsync(BenchOptions.Parse([]));
        var key = await new KeyAdministration(lab.Logins.Owner)
            .CreateAsync("fuzzed", "fuzzer", Grant.Everything, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = lab.Address, Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        var fuzz = new ContractFuzz(await http.GetStringAsync("/openapi/v1.json"), http);
        await fuzz.BeginAsync();
        var (watch, count) = (Stopwatch.StartNew(), isFull ? FullRequests : SmallRequests);
        var faults = await fuzz.RunAsync(count, seed, CancellationToken.None);
        foreach (var fault in faults.Take(20))
        {
            Console.WriteLine(fault + "\n");
        }

        var statuses = string.Join(", ", fuzz.Statuses.OrderBy(one => one.Key).Select(one =>
            string.Create(CultureInfo.InvariantCulture, $"{one.Key} × {one.Value:N0}")));
        var report = string.Create(CultureInfo.InvariantCulture, $"""
            # The contract under requests by chance: the last full proof

            `dotnet run -c Release --project tests/TreasuryLedger.Benchmarks -- fuzz --full`

            - date {DateTime.UtcNow:yyyy-MM-dd}, commit {Machine.Commit()}, seed {seed}
            - {count:N0} requests made from the OpenAPI document, three of four spoilt: types, numbers, text, nesting,
              members, content types, headers, parameters, methods
            - {faults.Count} answers that the document does not promise
            - statuses: {statuses}
            - the slowest answer took {fuzz.Slowest.Took.TotalMilliseconds:N0} ms
            - {watch.Elapsed:hh\:mm\:ss} on {Machine.Describe()}

            """);
        Console.WriteLine(report);
        if (isFull && faults.Count == 0)
        {
            await File.WriteAllTextAsync(Path.Combine("ops", "bench", "fuzz-proof.md"), report);
        }

        return faults.Count == 0 ? 0 : 1;
    }
}
