using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>Commands over HTTP: Kestrel on loopback, with a key, as any caller sends them.</summary>
public static class OverHttp
{
    private const int Requests = 400;
    private const int Callers64 = 64;

    // A commit alone takes about 2 ms; routing, JSON and the loopback connection add less than 1 ms.
    private const string Estimate = "p50 3, p99 8 ms";

    /// <summary>Measures 64 callers without pauses, and then, warm, one with pauses.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        await lab.NewTreasuryAsync("http");
        using var http = await lab.CallerAsync("bench");
        await MeasureManyAsync(lab, raw, findings, http);
        await MeasureLightAsync(lab, raw, findings, http);
    }

    private static async Task MeasureManyAsync(Lab lab, RawLimit raw, Findings findings, HttpClient http)
    {
        var clients = new Series();
        for (var round = 0; round < 4; round++)
        {
            var run = $"busy{round}";
            using var profile = new CommitProfile(lab);
            var seconds = TimeSpan.FromSeconds(2);
            var rate = await Callers.RunAsync(
                Callers64, seconds, (caller, number) => PostAsync(http, $"{run}-{caller}", number));
            if (round > 0) // the first warms up
            {
                clients.Add(rate);
            }

            if (round == 3)
            {
                findings.Notes.Add(profile.Report(
                    "over HTTP, 64 callers, the client's part included", rate * seconds.TotalSeconds));
            }
        }

        var many = await raw.MedianAsync(Callers64);
        findings.Rows.Add(new Row(
            "one hot treasury over HTTP, 64 callers", "2,500/s: HTTP costs as much again as the command",
            clients.PerSecond(), $"{Text.Whole(many)}/s at 64 clients", Text.Percent(clients.Median / many), "–",
            Reached.NoTarget));
    }

    private static async Task MeasureLightAsync(Lab lab, RawLimit raw, Findings findings, HttpClient http)
    {
        var light = new Series();
        var (collections, paused) = (GC.CollectionCount(0), GC.GetTotalPauseDuration());
        var (methods, compiling) = (JitInfo.GetCompiledMethodCount(), JitInfo.GetCompilationTime());
        using var profile = new CommitProfile(lab);
        for (var number = 0; number < Requests; number++)
        {
            var watch = Stopwatch.StartNew();
            await PostAsync(http, "light", number);
            light.Add(watch.Elapsed.TotalMilliseconds);
            await Task.Delay(3);
        }

        findings.Notes.Add(profile.Report("over HTTP, one caller with pauses", Requests));
        findings.Notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"meanwhile in this program: {GC.CollectionCount(0) - collections} collections that paused it "
            + $"{(GC.GetTotalPauseDuration() - paused).TotalMilliseconds:N1} ms in all, "
            + $"{JitInfo.GetCompiledMethodCount() - methods} methods compiled in "
            + $"{(JitInfo.GetCompilationTime() - compiling).TotalMilliseconds:N0} ms"));
        var limit = 1_000 / await raw.MedianAsync(1);
        findings.Rows.Add(new Row(
            "one command over HTTP, light load", Estimate, light.Percentiles(), $"{Text.Short(limit)} ms (1 client)",
            $"{Text.Short(light.Median / limit)}×", "p50 ≤ 4.5, p99 ≤ 8 ms",
            light.Median <= 4.5 && light.At(0.99) <= 8 ? Reached.Yes : Reached.No));
    }

    private static async Task PostAsync(HttpClient http, string run, int number)
    {
        var reference = string.Create(CultureInfo.InvariantCulture, $"{run}-{number}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/treasuries/http/acquisitions")
        {
            Content = new StringContent(
                $$"""
                {
                  "effectiveAt": "2025-03-01T00:00:00Z", "fact": "http:{{reference}}",
                  "account": "exchange", "asset": "ETH", "quantity": "1.25",
                  "paidAccount": "bank", "paidAsset": "USD", "paidQuantity": "3001.50",
                  "fees": [{ "account": "bank", "asset": "USD", "quantity": "1.25" }]
                }
                """,
                Encoding.UTF8,
                "application/json"),
        };
        request.Headers.Add(WriteEndpoints.IdempotencyKeyHeader, reference);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The server said {response.StatusCode}: {text}");
        }
    }
}
