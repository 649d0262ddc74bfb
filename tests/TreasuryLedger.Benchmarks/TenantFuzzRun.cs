using System.Diagnostics;
using System.Globalization;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Platform;

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
        var (isFull, seed) = (arguments.Contains("--full"), 20260201);
        var rest = arguments.Where(argument => argument != "--full").ToList();
        if (rest is not [] && !(rest is ["--seed", var text]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed)))
        {
            await Console.Error.WriteLineAsync("tenants [--full] [--seed N]");
            return 2;
        }

        var calls = isFull ? 100_000 : 4_000;
        await using var lab = await Lab.StartAsync(BenchOptions.Parse([]));
        using var http = new HttpClient { BaseAddress = lab.Address, Timeout = TimeSpan.FromMinutes(5) };
        var fuzz = await TenantFuzz.PrepareAsync(http, new KeyAdministration(lab.Logins.Owner));
        var (watch, random) = (Stopwatch.StartNew(), new Random(seed));
        for (var number = 0; number < calls; number++)
        {
            if (await fuzz.CallAsync(random, number) is { } leak)
            {
                Console.WriteLine($"call {number}: {leak}");
                return 1;
            }

            if ((number + 1) % 10_000 == 0)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{number + 1:N0} calls, {watch.Elapsed:hh\\:mm\\:ss}"));
            }
        }

        if (!await fuzz.IsUntouchedAsync())
        {
            Console.WriteLine("Something of the other tenant's moved.");
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
              key was let in, no answer of the other's counted as the caller's, and nothing of the other's moved
            - {elapsed:hh\:mm\:ss} on {Machine.Describe()}

            """);
}
