using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>Commands over HTTP: Kestrel on loopback, with a key, as any caller sends them.</summary>
public static class OverHttp
{
    private const int Requests = 400;
    private const int Callers64 = 64;

    // A commit alone takes about 2 ms; routing, JSON and the loopback connection add less than 1 ms.
    private const string Estimate = "p50 3, p99 8 ms";

    /// <summary>Measures one caller with pauses, then 64 without.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        await lab.NewTreasuryAsync("http");
        using var http = new HttpClient { BaseAddress = lab.Address };
        var key = await new KeyAdministration(lab.Logins.Owner)
            .CreateAsync(Lab.Tenant, "bench", CancellationToken.None);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        for (var number = 0; number < 50; number++)
        {
            await PostAsync(http, "warm", number);
        }

        var (light, clients) = (new Series(), new Series());
        for (var number = 0; number < Requests; number++)
        {
            var watch = Stopwatch.StartNew();
            await PostAsync(http, "light", number);
            light.Add(watch.Elapsed.TotalMilliseconds);
            await Task.Delay(3);
        }

        var limit = 1_000 / await raw.MedianAsync(1);
        findings.Rows.Add(new Row(
            "one command over HTTP, light load", Estimate, light.Percentiles(), $"{Text.Short(limit)} ms (1 client)",
            $"{Text.Short(light.Median / limit)}×", "p50 ≤ 4.5, p99 ≤ 8 ms",
            light.Median <= 4.5 && light.At(0.99) <= 8 ? Reached.Yes : Reached.No));

        for (var round = 0; round < 3; round++)
        {
            var run = $"busy{round}";
            clients.Add(await Callers.RunAsync(
                Callers64, TimeSpan.FromSeconds(2), (caller, number) => PostAsync(http, $"{run}-{caller}", number)));
        }

        var many = await raw.MedianAsync(Callers64);
        findings.Rows.Add(new Row(
            "one hot treasury over HTTP, 64 callers", "2,500/s: HTTP costs as much again as the command",
            clients.PerSecond(), $"{Text.Whole(many)}/s at 64 clients", Text.Percent(clients.Median / many), "–",
            Reached.NoTarget));
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
