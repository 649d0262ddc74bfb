using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Server.Platform.Keys;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Both halves of a handover between two treasuries, side by side.</summary>
[Collection(ApiTests.Name)]
public sealed class HandoverTests(ApiHost host)
{
    private const string First = ApiClient.Treasury;
    private const string Second = "/v1/treasuries/second";
    private const string Lots = "\"lots\":[{\"quantity\":\"1\",\"acquiredAt\":\"2026-01-02T08:00:00Z\","
        + "\"cost\":{\"currency\":\"USD\",\"amount\":\"1000\"}}]";

    [Fact]
    public async Task they_stand_side_by_side_and_say_what_lacks_until_they_agree()
    {
        var client = await GiveAsync();
        var limited = await host.NewCallerAsync(
            client.Tenant, "limited", new Grant([Role.Compliance], ["acme"], []));

        (await AskAsync(client, First)).ShouldBe("1 - halfMissing");
        (await AskAsync(client, Second)).ShouldBe("");
        (await AskAsync(client, Second, "?with=acme")).ShouldBe("1 - halfMissing");

        var taken = (await client.PostAsync(Second + "/takeovers", Takeover("2026-01-06", "1", "")))
            .ShouldBe(HttpStatusCode.Created).Position;
        (await AskAsync(client, First)).ShouldBe("1 1 amountMissing lots");
        foreach (var (day, quantity, lots, said) in new[]
        {
            ("2026-01-06", "0.5", Lots.Replace("\"1\"", "\"0.5\"", StringComparison.Ordinal), "1 0.5 units lots"),
            ("2026-01-06", "1", Lots.Replace("01-02", "01-03", StringComparison.Ordinal), "1 1 lots"),
            ("2026-01-06", "1", Lots.Replace("1000", "999.99", StringComparison.Ordinal), "1 1 amount lots"),
            ("2026-01-04", "1", Lots, "1 1 cameFirst"),
            ("2026-01-06", "1", Lots, "1 1 agrees"),
        })
        {
            taken = (await client.PostAsync(
                Second + "/corrections",
                $$"""
                {"effectiveAt":"2026-02-01T00:00:00Z","entry":{{taken}},
                "replacement":{"command":"take-over-units",{{Takeover(day, quantity, lots)[1..]}} }
                """)).ShouldBe(HttpStatusCode.Created).Position;
            (await AskAsync(client, First)).ShouldBe(said);
            (await AskAsync(client, Second)).ShouldBe(said);
        }

        (await AskAsync(client, First, "?book=us-tax")).ShouldBe("1 1 agrees");
        var row = (await limited.GetAsync(First + "/handovers")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("handovers")[0];
        row.GetProperty("isOtherSeen").GetBoolean().ShouldBeFalse();
        row.GetProperty("agrees").GetBoolean().ShouldBeFalse();
        row.TryGetProperty("taken", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task a_treasury_whose_script_ends_earlier_refuses_no_question()
    {
        var client = await GiveAsync();
        var opening = Story.Requests.First(request => request.Address == First).Example.Json
            .Replace("\"name\"", "\"replayedClock\": true, \"name\"", StringComparison.Ordinal);
        const string account =
            """{"effectiveAt":"2026-01-01T00:00:00Z","account":"wallet","kind":"wallet","venue":"ledger"}""";
        foreach (var (path, body, at) in new[]
        {
            ("early", opening, "2026-02-01T00:00:00Z"), ("replayed", opening, "2026-03-01T00:00:00Z"),
            ("later", opening, "2026-03-15T00:00:00Z"), ("replayed/accounts", account, "2026-04-01T00:00:00Z"),
        })
        {
            (await client.PostAsync("/v1/treasuries/" + path, body, recordedAt: at)).ShouldBe(HttpStatusCode.Created);
        }

        (await AskAsync(client, First, "?with=replayed")).ShouldBe("1 - halfMissing");
        (await AskAsync(client, First, "?with=replayed&knownAt=" + await KnownAtAsync(First, "second")))
            .ShouldBe("1 - halfMissing");
        // What two scripts know together ends where the first of them does, unless that is before the other began.
        (await KnownAtAsync("/v1/treasuries/replayed", "acme")).ShouldBe("2026-04-01T00:00:00Z");
        (await KnownAtAsync("/v1/treasuries/replayed", "later")).ShouldBe("2026-03-15T00:00:00Z");
        (await KnownAtAsync("/v1/treasuries/replayed", "early")).ShouldBe("2026-04-01T00:00:00Z");

        async Task<string?> KnownAtAsync(string treasury, string with) =>
            (await client.GetAsync($"{treasury}/handovers?with={with}")).ShouldBe(HttpStatusCode.OK).Json
                .GetProperty("viewpoint").GetProperty("knownAt").GetString();
    }

    private static async Task<string> AskAsync(ApiClient client, string treasury, string query = "")
    {
        var answer = (await client.GetAsync(treasury + "/handovers" + query)).ShouldBe(HttpStatusCode.OK).Json;
        return string.Join('\n', answer.GetProperty("handovers").EnumerateArray().Select(row =>
        {
            row.GetProperty("from").GetString().ShouldBe("acme");
            row.GetProperty("to").GetString().ShouldBe("second");
            var differences = row.GetProperty("differences").EnumerateArray().Select(one => one.GetString());
            return $"{Quantity(row, "given")} {Quantity(row, "taken")} "
                + (row.GetProperty("agrees").GetBoolean() ? "agrees" : string.Join(' ', differences));
        }));

        static string? Quantity(JsonElement row, string half) =>
            row.TryGetProperty(half, out var told) ? told.GetProperty("quantity").GetString() : "-";
    }

    private static string Takeover(string day, string quantity, string lots) =>
        $$"""{"effectiveAt":"{{day}}T12:00:00Z","fact":"h:1","to":"wallet","treasury":"acme","asset":"ETH","""
        + $"\"quantity\":\"{quantity}\"{(lots.Length > 0 ? "," + lots : "")}}}";

    /// <summary>Two treasuries, and one ETH that the first one bought for 1000 USD and gave away.</summary>
    private async Task<ApiClient> GiveAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var request in Story.Requests.TakeWhile(request => request.Route.Path != "opening-balances")
            .Where(request => request.Address.StartsWith(First, StringComparison.Ordinal)))
        {
            (await client.PostAsync(Second + request.Address[First.Length..], request.Example.Json))
                .ShouldBe(HttpStatusCode.Created);
        }

        foreach (var (route, at, members) in new[]
        {
            ("acquisitions", "2026-01-02T08:00:00Z",
                "\"account\":\"wallet\",\"asset\":\"ETH\",\"quantity\":\"2\",\"paidAccount\":\"bank\","
                + "\"paidAsset\":\"USD\",\"paidQuantity\":\"2000\""),
            ("handovers", "2026-01-05T12:00:00Z",
                "\"fact\":\"h:1\",\"from\":\"wallet\",\"treasury\":\"second\",\"asset\":\"ETH\",\"quantity\":\"1\""),
        })
        {
            (await client.PostAsync($"{First}/{route}", $$"""{"effectiveAt":"{{at}}",{{members}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        return client;
    }
}
