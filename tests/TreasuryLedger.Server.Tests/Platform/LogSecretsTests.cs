using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Api;
using TreasuryLedger.Server.Tests.Webhooks;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform;

/// <summary>
/// Whatever a server is asked and however much it shall log: what it prints, and what it sends to a collector, has no
/// secret in it.
/// </summary>
public sealed class LogSecretsTests(Databases databases)
{
    private const string SealingKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmVkLWJ5LW5vYm9keQ";
    private static readonly string Unknown = $"tlk_0123456789abcdef_{new string('7', 64)}";

    private static readonly string[] Spans =
        ["treasury-ledger", "POST /v1/treasuries/{treasury}/webhooks", "postgresql"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task at_the_most_talkative_level_nothing_printed_or_traced_holds_a_key_a_token_a_secret_or_a_password()
    {
        var login = await databases.NewAsync();
        var password = new NpgsqlConnectionStringBuilder(login).Password.ShouldNotBeNull();
        password.Length.ShouldBeGreaterThan(10);
        var key = await new KeyAdministration(Logins.Of(login).Owner)
            .CreateAsync("logs", "tester", Grant.Everything, Cancellation);
        await using var receiver = await Receiver.StartAsync(_ => 500);
        await using var collector = await Receiver.StartAsync(_ => 200);
        var printed = new ConcurrentQueue<string>();
        using var program = Start(login, collector.Url, printed);
        try
        {
            var secrets = await UseAsync(await AddressAsync(printed), key, receiver);
            await receiver.WaitAsync(1);
            var signature = receiver.All[0].Signature;

            var traced = await TracedAsync(collector);
            var text = string.Join('\n', printed);
            text.ShouldContain("dbug: "); // it does talk
            text.ShouldContain("trce: ");
            foreach (var secret in secrets.Append(key.Secret).Append(signature.Split(',')[1])
                .Concat([password, SealingKey, Token, Token.Split('.')[2], Unknown.Split('_')[2]]))
            {
                text.ShouldNotContain(secret, Case.Insensitive);
                traced.ShouldNotContain(secret, Case.Insensitive);
            }
        }
        finally
        {
            program.Kill();
            await program.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Requests that carry secrets, get secrets, or fail with them.</summary>
    private static async Task<List<string>> UseAsync(Uri address, ApiKey key, Receiver receiver)
    {
        using var http = new HttpClient { BaseAddress = address };
        var secrets = new List<string>();
        foreach (var request in Story.Requests.TakeWhile(request => request.Route.Path != "opening-balances"))
        {
            await SendAsync(key.ToString(), request.Address, request.Example.Json);
        }

        var made = await SendAsync(key.ToString(), ApiClient.Treasury + "/webhooks",
            $$"""{"url":"{{receiver.Url}}","from":1}""");
        secrets.Add(made.GetProperty("secret").GetString()!["whsec_".Length..]);
        var webhook = $"{ApiClient.Treasury}/webhooks/{made.GetProperty("id").GetString()}/rotation";
        var rotated = await SendAsync(key.ToString(), webhook, "");
        secrets.Add(rotated.GetProperty("secret").GetString()!["whsec_".Length..]);
        foreach (var (path, body) in new[]
        {
            ("/v1/keys", """{"actor":"feed","roles":["custodian"]}"""), ($"/v1/keys/{key.Id}/rotation", ""),
        })
        {
            secrets.Add((await SendAsync(key.ToString(), path, body)).GetProperty("key").GetString()!.Split('_')[2]);
        }

        await SendAsync(Token, ApiClient.Treasury + "/fees", "{}");
        await SendAsync(Unknown, ApiClient.Treasury + "/fees", "{}");
        await SendAsync(key.ToString(), ApiClient.Treasury + "/fees", "no json");
        return secrets;

        async Task<JsonElement> SendAsync(string bearer, string path, string body)
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            message.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
            using var answer = await http.SendAsync(message, Cancellation);
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        }
    }

    /// <summary>What came to the collector, once a request and what it asked of the database are among it.</summary>
    private static async Task<string> TracedAsync(Receiver collector)
    {
        var until = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var traced = string.Join('\n', collector.All.Where(one => one.Path == "/v1/traces")
                .Select(one => Encoding.UTF8.GetString(one.Body)));
            if (Spans.All(span => traced.Contains(span, StringComparison.Ordinal)) || DateTime.UtcNow > until)
            {
                Spans.ShouldAllBe(span => traced.Contains(span, StringComparison.Ordinal));
                return traced;
            }

            await Task.Delay(50, Cancellation);
        }
    }

    private static async Task<Uri> AddressAsync(ConcurrentQueue<string> printed)
    {
        const string before = "Listening on ";
        while (true)
        {
            if (printed.FirstOrDefault(line => line.StartsWith(before, StringComparison.Ordinal)) is { } line)
            {
                return new Uri(line[before.Length..line.IndexOf(';', StringComparison.Ordinal)]);
            }

            await Task.Delay(50, Cancellation);
        }
    }

    private static Process Start(string login, string collector, ConcurrentQueue<string> printed)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ServerHost).Assembly.Location, "serve"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["Database__OwnerConnection"] = login,
            ["Logging__LogLevel__Default"] = "Trace",
            ["Logging__LogLevel__TreasuryLedger"] = "Trace",
            ["Webhooks__AllowLoopback"] = "true",
            ["Webhooks__Keys__one"] = SealingKey,
            ["Oidc__Authority"] = "http://127.0.0.1:1",
            ["Oidc__Audience"] = "ledger",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        })
        {
            start.Environment[name] = value;
        }

        var program = Process.Start(start)!;
        program.OutputDataReceived += (_, line) => printed.Enqueue(line.Data ?? "");
        program.ErrorDataReceived += (_, line) => printed.Enqueue(line.Data ?? "");
        program.BeginOutputReadLine();
        program.BeginErrorReadLine();
        return program;
    }
}
