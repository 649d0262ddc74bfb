using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>Messages of a custodian: who is let in, and what stands after whatever order they came in.</summary>
[Collection(ApiTests.Name)]
public sealed partial class FireblocksTests(ApiHost host) : IDisposable
{
    private const string Tx = "0x5d00000000000000000000000000000000000000000000000000000000000001";

    private readonly FireblocksSigner _signer = new();

    [Fact]
    public async Task a_completed_transaction_is_recorded_once_with_the_bytes_that_told_it()
    {
        var client = await OpenAsync();
        var body = Message("m-1", "t-1", "COMPLETED", 4);

        var first = await SendAsync(client, body);
        var again = await SendAsync(client, body);

        first.ShouldBe(HttpStatusCode.OK).Json.GetProperty("run").GetProperty("recorded").GetInt32().ShouldBe(1);
        again.ShouldBe(HttpStatusCode.OK).Json.GetProperty("replayed").GetBoolean().ShouldBeTrue();
        again.Json.TryGetProperty("run", out _).ShouldBeFalse();
        (await client.GetFileAsync(
            $"{ApiClient.Treasury}/payloads/{first.Json.GetProperty("payload").GetString()}/content"))
            .ShouldBe(Encoding.UTF8.GetBytes(body));
        (await client.BalancesAsync()).ShouldContain("\"-2.001\""); // 2 to the exchange and the fee
    }

    [Fact]
    public async Task nothing_is_accepted_that_was_not_signed_as_it_came()
    {
        var client = await OpenAsync();
        using var stranger = new FireblocksSigner();
        var body = Message("m-1", "t-1", "COMPLETED", 4);
        var head = await client.HeadAsync();
        var compact = JsonSerializer.Serialize(JsonDocument.Parse(body).RootElement);
        var unsigned = _signer.Jws(body).Split('.');
        (string Body, string? Jws, string? Legacy)[] forged =
        [
            (body, null, null),
            (body, "", null),
            (body, stranger.Jws(body), null),
            (body, stranger.Jws(body, _signer.Id), null),
            (body, _signer.Jws(body + " "), null),
            (compact, _signer.Jws(body), null), // the same JSON, other bytes
            (body[..^1] + " }", _signer.Jws(body), null),
            (body, _signer.Jws(body, algorithm: "none"), null),
            (body, _signer.Jws(body, algorithm: "RS256"), null),
            (body, _signer.Jws(body, critical: true), null),
            (body, $"{unsigned[0]}..", null),
            (body, $"{unsigned[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(body))}.{unsigned[2]}", null),
            (body, _signer.Jws(body) + "x", null),
            (body, null, stranger.Legacy(body)),
            (body, null, "no base64"),
            (body, stranger.Jws(body), _signer.Legacy(body)), // the newer one counts, and is wrong
        ];
        foreach (var (sent, jws, legacy) in forged)
        {
            (await SendAsync(client, sent, jws, legacy)).ShouldBe(HttpStatusCode.Unauthorized)
                .Code.ShouldBe(ErrorRegistry.SignatureInvalid, jws ?? legacy);
        }

        (await SendAsync(client, body, _signer.Jws(body), null, "other")).Code.ShouldBe(ErrorRegistry.SignatureInvalid);
        (await SendAsync(client, body, _signer.Jws(body), null, "desk")).Code.ShouldBe(ErrorRegistry.SignatureInvalid);
        (await client.HeadAsync()).ShouldBe(head);
        (await client.GetAsync(ApiClient.Treasury + "/payloads")).Text.ShouldBe("""{"payloads":[]}""");
        (await SendAsync(client, body, null, _signer.Legacy(body))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_message_is_believed_for_its_hours_taken_once_by_its_id_and_by_the_keys_of_today()
    {
        var client = await OpenAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var other = Message("m-1", "t-1", "COMPLETED", 4, quantity: "3");
        await SendAsync(client, Message("m-1", "t-1", "COMPLETED", 4));

        (await SendAsync(client, other)).ShouldBe(HttpStatusCode.Conflict).Code.ShouldBe(ErrorRegistry.MessageReused);
        (await SendAsync(client, Message("m-2", "t-1", "COMPLETED", 4, madeAt: now + 600_000)))
            .Code.ShouldBe(ErrorRegistry.MessageTooOld);
        await client.RegisterAsync("fireblocks", Terms(_signer, hours: 1));
        (await SendAsync(client, Message("m-3", "t-1", "COMPLETED", 4, madeAt: now - 3_700_000)))
            .Code.ShouldBe(ErrorRegistry.MessageTooOld);

        using var next = new FireblocksSigner();
        await client.RegisterAsync("fireblocks", Terms(next, hours: 1));
        var late = Message("m-4", "t-1", "COMPLETED", 4, madeAt: now);
        (await SendAsync(client, late, _signer.Jws(late), null)).Code.ShouldBe(ErrorRegistry.SignatureInvalid);
        (await SendAsync(client, late, next.Jws(late), null)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task another_amount_opens_a_break_and_an_unknown_account_waits_for_its_name()
    {
        var client = await OpenAsync();
        await SendAsync(client, Message("m-1", "t-1", "COMPLETED", 4));
        var balances = await client.BalancesAsync();

        var other = await SendAsync(client, Message("m-2", "t-1", "COMPLETED", 5, quantity: "3"));
        var unknown = await SendAsync(client, Message("m-3", "t-2", "COMPLETED", 4, to: "0xnobody"));

        FactClient.Short(other.Json.GetProperty("run")).ShouldBe("rows 1, breaks 1, row 1 break_opened");
        FactClient.Short(unknown.Json.GetProperty("run"))
            .ShouldBe("rows 1, parked 1, row 1 data.destination.id account_unmapped");
        (await client.BalancesAsync()).ShouldBe(balances);
        await client.RegisterAsync("fireblocks", Terms(_signer).Replace(
            "\"accounts\": {", "\"accounts\": { \"0xnobody\": \"bank\",", StringComparison.Ordinal));
        var run = await client.PostAsync(
            $"{ApiClient.Treasury}/payloads/{unknown.Json.GetProperty("payload").GetString()}/runs", "{}");
        FactClient.Short(run).ShouldBe("rows 1, recorded 1");
    }

    [Fact]
    public async Task what_is_told_thirty_days_late_counts_from_its_day_and_what_was_known_stays_as_it_was()
    {
        var day = DateTimeOffset.UtcNow.AddDays(-30);
        var at = day.ToUnixTimeMilliseconds();
        var message = Message("m-1", "t-1", "COMPLETED", 4, madeAt: at, at: at);
        // What was bought 5 days before it was moved, and sold 10 days after that where it was moved to.
        var trades = $$"""
            {"command":"acquire-asset","fact":"desk:1","effectiveAt":"{{day.AddDays(-5):yyyy-MM-dd}}T00:00:00Z",
             "account":"wallet","asset":"ETH","quantity":"3","paidAccount":"bank","paidAsset":"USD",
             "paidQuantity":"6000"}
            {"command":"sell-to-exchange","fact":"desk:2","effectiveAt":"{{day.AddDays(10):yyyy-MM-dd}}T00:00:00Z",
             "account":"exchange","asset":"ETH","quantity":"2","proceedsAsset":"USDT","proceedsQuantity":"5000"}
            """.Replace("\n ", " ", StringComparison.Ordinal);
        var (late, inTime) = (await OpenAsync(), await OpenAsync());
        FactClient.Short((await SendAsync(inTime, message)).Json.GetProperty("run")).ShouldBe("rows 1, recorded 1");
        foreach (var client in new[] { late, inTime })
        {
            (await client.ImportAsync("desk", trades, "application/x-ndjson")).ShouldBe("rows 2, recorded 2");
        }

        await late.RegisterAsync("fireblocks", Terms(_signer, hours: 72));
        (await SendAsync(late, message)).Code.ShouldBe(ErrorRegistry.MessageTooOld);
        var known = JsonDocument.Parse(await late.HeadAsync()).RootElement.GetProperty("recordedAt").GetString();
        var before = await AskAsync(late, known);
        before.ShouldNotBe(await AskAsync(inTime, null), "without the transfer the sold units are missing");

        // What a webhook no longer brings comes with the list of transactions.
        var list = $"[{JsonDocument.Parse(message).RootElement.GetProperty("data").GetRawText()}]";
        (await late.ImportAsync("fireblocks", list, "application/json")).ShouldBe("rows 1, recorded 1");

        (await AskAsync(late, known)).ShouldBe(before);
        (await AskAsync(late, null)).ShouldBe(await AskAsync(inTime, null));

        // Known before or now, all that is said of the days between the transfer and today.
        async Task<string> AskAsync(ApiClient client, string? knownAt)
        {
            var said = new StringBuilder();
            foreach (var path in new[] { "balances", "realized-gains", "lots", "shortfalls" })
            {
                foreach (var days in new[] { 1, 15 })
                {
                    var asked = $"{path}?asOf={day.AddDays(days):yyyy-MM-dd}"
                        + (knownAt is null ? "" : $"&knownAt={knownAt}");
                    var answer = (await client.GetAsync($"{ApiClient.Treasury}/{asked}"))
                        .ShouldBe(HttpStatusCode.OK).Json;
                    foreach (var member in answer.EnumerateObject().Where(one => knownAt is not null
                        || one.Name is not ("viewpoint" or "positions")))
                    {
                        said.AppendLine(
                            CultureInfo.InvariantCulture,
                            $"{path} {days} {member.Name}: {member.Value.GetRawText()}");
                    }
                }
            }

            return EntryNumber().Replace(said.ToString(), "");
        }
    }

    [GeneratedRegex("\"entry\":[0-9]+,?")]
    private static partial Regex EntryNumber();

    [Fact]
    public async Task every_order_of_six_messages_leaves_one_state()
    {
        var client = await OpenAsync();
        var orders = Orders([0, 1, 2, 3, 4, 5]).ToList();
        // The six come in six rounds, each order with transactions of its own; what a round brings is one file.
        for (var round = 0; round < 6; round++)
        {
            var lines = orders.Select((order, number) => OneOf(order[round], number)).Select(message =>
                JsonSerializer.Serialize(JsonDocument.Parse(message).RootElement));
            var report = await client.SendFileAsync(
                "fireblocks", Encoding.UTF8.GetBytes(string.Join('\n', lines)), "application/x-ndjson");
            report.Json.GetProperty("problems").GetArrayLength().ShouldBe(0, report.Text);
        }

        var states = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        await foreach (var (number, state) in StandingAsync(client))
        {
            (states.TryGetValue(number, out var list) ? list : states[number] = []).Add(state);
        }

        orders.Count.ShouldBe(720);
        states.Count.ShouldBe(720);
        states.Values.Select(all => string.Join(", ", all.Order(StringComparer.Ordinal))).Distinct()
            .ShouldHaveSingleItem().ShouldBe("fee, fee, tx");
        // 5 and its fee, and the two fees of what failed, for each order: -5.003 each.
        (await client.BalancesAsync()).ShouldContain("\"-3602.16\"");
    }

    /// <summary>One fails after it was completed, one is completed after all, one never gets anywhere.</summary>
    private static string OneOf(int message, int order)
    {
        var tx = Tx[..^4] + order.ToString("x4", CultureInfo.InvariantCulture);
        var (number, other) = ($"{order}", tx.Replace("0x5d", "0x5e", StringComparison.Ordinal));
        return message switch
        {
            0 => Message($"m-1-{number}", $"t-1-{number}", "CONFIRMING", 1, tx: tx),
            1 => Message($"m-2-{number}", $"t-1-{number}", "COMPLETED", 2, tx: tx),
            2 => Message($"m-3-{number}", $"t-1-{number}", "FAILED", 3, tx: tx),
            3 => Message($"m-4-{number}", $"t-2-{number}", "FAILED", 1, tx: other),
            4 => Message($"m-5-{number}", $"t-2-{number}", "COMPLETED", 2, tx: other, quantity: "5"),
            _ => Message($"m-6-{number}", $"t-3-{number}", "CANCELLED", 2, tx: ""),
        };
    }

    /// <summary>Of each order, the kinds of the facts that stand and move units.</summary>
    private async IAsyncEnumerable<(string Order, string Fact)> StandingAsync(ApiClient client)
    {
        await using var connection = new NpgsqlConnection(host.Owner);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var select = new NpgsqlCommand(
            """
            select e.fact_id from ledger.entries e
            where e.tenant = $1 and e.journal = 'treasury/acme' and e.event_type not like 'entry_voided%'
              and (e.fact_id like 'tx:%' or e.fact_id like 'fireblocks:%')
              and not exists (select from ledger.entries v
                where v.tenant = e.tenant and v.journal = e.journal and v.voids = e.position)
            """, connection);
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = client.Tenant });
        await using var rows = await select.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
        {
            var fact = rows.GetString(0).Split(':');
            yield return fact[0] == "tx"
                ? ($"{int.Parse(fact[1][^4..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)}", "tx")
                : (fact[1].Split('-')[2], "fee");
        }
    }

    [Fact]
    public async Task what_a_server_left_behind_is_taken_up_by_the_next_one()
    {
        var client = await OpenAsync();
        var body = Encoding.UTF8.GetBytes(Message("m-1", "t-1", "COMPLETED", 4));
        await using var file = await PayloadFile.ReceiveAsync(
            new MemoryStream(body), TestContext.Current.CancellationToken);
        var journal = Server.Journal.JournalKey.Treasury(client.Tenant, "acme");
        await host.Host.Services.GetRequiredService<FactStore>().KeepAsync(
            journal, file, new KeptPayload("", "fireblocks", null, 0, "m-1", "t-1", "source:fireblocks", default),
            waits: true, TestContext.Current.CancellationToken);

        await host.Host.Services.GetServices<IHostedService>().OfType<WaitingPayloads>().Single()
            .TakeUpNowAsync(TestContext.Current.CancellationToken);

        (await client.BalancesAsync()).ShouldContain("\"-2.001\"");
        var waiting = $"select count(*) from ledger.payloads_waiting where tenant = '{client.Tenant}'";
        (await Database.AskAsync(host.Owner, waiting)).ShouldBe("0");
    }

    public void Dispose() => _signer.Dispose();

    private static IEnumerable<int[]> Orders(int[] items) => items.Length == 1
        ? [items]
        : items.SelectMany(first =>
            Orders([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));

    private static string Terms(FireblocksSigner signer, int hours = 24 * 366 * 10) => $$"""
        {
          "kind": "fireblocks",
          "accounts": { "VAULT_ACCOUNT:0": "wallet", "0xe000000000000000000000000000000000000001": "exchange" },
          "assets": { "ETH_TEST": "ETH" },
          "keys": { "keys": [ {{signer.Jwk}} ] },
          "legacyKey": {{JsonSerializer.Serialize(signer.Pem)}},
          "messageHours": {{hours}}
        }
        """;

    private static string Message(
        string id,
        string transaction,
        string status,
        int updated,
        string quantity = "2",
        string to = "0xE000000000000000000000000000000000000001",
        string tx = Tx,
        long madeAt = 1_767_950_000_000,
        long at = 1_767_949_000_000) => $$"""
        {
          "id": "{{id}}", "resourceId": "{{transaction}}", "workspaceId": "w", "webhookId": "h",
          "eventType": "transaction.status.updated", "eventVersion": 2, "createdAt": {{madeAt}},
          "data": {
            "id": "{{transaction}}", "createdAt": {{at}}, "lastUpdated": {{at + (updated * 1_000)}},
            "assetId": "ETH_TEST", "operation": "TRANSFER", "status": "{{status}}", "subStatus": "", "txHash": "{{tx}}",
            "source": { "id": "0", "type": "VAULT_ACCOUNT", "name": "Treasury", "subType": "" },
            "destination": { "id": null, "type": "ONE_TIME_ADDRESS", "name": "N/A", "subType": "" },
            "destinationAddress": "{{to}}", "sourceAddress": "0xa1", "amount": {{quantity}},
            "amountInfo": { "amount": "{{quantity}}", "requestedAmount": "{{quantity}}", "netAmount": "{{quantity}}" },
            "feeInfo": { "networkFee": "0.001", "gasPrice": "20" }, "feeCurrency": "ETH_TEST",
            "destinations": [], "signedBy": [], "rejectedBy": "", "note": ""
          }
        }
        """;

    private async Task<ApiClient> OpenAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await client.RegisterAsync("fireblocks", Terms(_signer));
        await client.RegisterAsync("desk", """{"kind":"commands"}""");
        return client;
    }

    private async Task<ApiAnswer> SendAsync(ApiClient client, string body) =>
        await SendAsync(client, body, _signer.Jws(body), null);

    private static Task<ApiAnswer> SendAsync(
        ApiClient client, string body, string? jws, string? legacy, string source = "fireblocks")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/messages/fireblocks/{client.Tenant}/acme/{source}")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        if (jws is not null)
        {
            request.Headers.TryAddWithoutValidation("Fireblocks-Webhook-Signature", jws);
        }

        if (legacy is not null)
        {
            request.Headers.TryAddWithoutValidation("Fireblocks-Signature", legacy);
        }

        return client.SendAsync(request);
    }
}
