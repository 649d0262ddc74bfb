using System.Diagnostics;
using System.Globalization;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Platform;
using TreasuryLedger.Server.Tests.Webhooks;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// <c>tenants [--full] [--seed N]</c>: random calls of one tenant with what it could know of another. <c>--full</c>
/// makes 100,000 and keeps the result in ops/bench/tenant-fuzz.md.
/// </summary>
internal static class TenantFuzzRun
{
    /// <summary>Runs from the folder of the solution.</summary>
    /// <returns>0 if nothing leaked, 1 if something did, 2 if the arguments mean nothing.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (ProofArguments.Of(arguments) is not var (isFull, seed))
        {
            await Console.Error.WriteLineAsync("tenants [--full] [--seed N]");
            return 2;
        }

        var calls = isFull ? 100_000 : 4_000;
        await using var lab = await Lab.StartAsync(BenchOptions.Parse([]));
        using var http = new HttpClient { BaseAddress = lab.Address, Timeout = TimeSpan.FromMinutes(5) };
        await using var receiver = await Receiver.StartAsync(_ => 204);
        var fuzz = await TenantFuzz.PrepareAsync(http, new KeyAdministration(lab.Logins.Owner), receiver);
        var watch = Stopwatch.StartNew();
        var leak = await fuzz.RunAsync(seed, calls, number =>
        {
            if (number % 5_000 == 0)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{number:N0} calls, {watch.Elapsed:hh\\:mm\\:ss}"));
            }
        });
        if (leak is not null)
        {
            Console.WriteLine(leak);
            return 1;
        }

        var report = Report(seed, calls, fuzz, watch.Elapsed);
        Console.WriteLine(report);
        if (isFull)
        {
            await File.WriteAllTextAsync(Path.Combine("ops", "bench", "tenant-fuzz.md"), report);
        }

        return 0;
    }

    private static string Report(int seed, int calls, TenantFuzz fuzz, TimeSpan elapsed) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            # Calls of one tenant with another's names: the last full proof

            `dotnet run -c Release --project tests/TreasuryLedger.Benchmarks -- tenants --full`

            - date {DateTime.UtcNow:yyyy-MM-dd}, commit {Machine.Commit()}, seed {seed}, load {Machine.Load()}
            - {calls:N0} random calls: {string.Join(", ", fuzz.Calls.Select(kind => $"{kind.Value:N0} {kind.Key}"))}
            - 0 leaks: none of {fuzz.Hidden:N0} words that only the other's answers have was in an answer, no forged
              key was let in, no answer of the other's counted as the caller's, none of {fuzz.Delivered:N0} entries
              that were sent to the caller's webhook was the other's, and nothing of the other's moved
            - {elapsed:hh\:mm\:ss} on {Machine.Describe()}

            """);
}
