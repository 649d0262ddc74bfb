using System.Net;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>A statement against the ledger, and what becomes of what differs.</summary>
[Collection(ApiTests.Name)]
public sealed class ReconciliationTests(ApiHost host)
{
    private const string Statement = """
        {
          "source": "custodian", "account": "wallet",
          "from": "2026-01-09T00:00:00Z", "until": "2026-01-09T23:59:59Z",
          "lines": [
            { "reference": "A", "at": "2026-01-09T08:00:05Z", "asset": "ETH", "change": "1" },
            { "reference": "B", "at": "2026-01-09T09:00:00Z", "asset": "ETH", "change": "5" },
            { "reference": "C", "at": "2026-01-09T10:00:00Z", "asset": "ETH", "change": "7", "fact": "y:7" },
            { "reference": "D", "at": "2026-01-09T11:00:00Z", "asset": "ETH", "change": "-0.5" }
          ],
          "balances": [ { "asset": "ETH", "at": "2026-01-09T23:59:59Z", "quantity": "12.5" } ],
          "record": true
        }
        """;

    [Fact]
    public async Task what_differs_is_kept_with_a_command_that_mends_it_and_is_gone_when_it_is_mended()
    {
        var client = await OpenAsync();

        var first = await ReconcileAsync(client, Statement);
        Kinds(first).ShouldBe(["balanceDiffers", "missingAtSource", "missingInLedger", "quantityDiffers"]);
        Matched(first).ShouldBe(["one A", "several B"]);
        first.Json.GetProperty("opened").GetInt32().ShouldBe(4);
        (await ReconcileAsync(client, Statement)).Json.GetProperty("opened").GetInt32().ShouldBe(0);

        foreach (var found in first.Json.GetProperty("breaks").EnumerateArray().Where(one =>
            one.TryGetProperty("suggestion", out _)))
        {
            var command = found.GetProperty("suggestion").GetRawText();
            (await client.PostAsync(ApiClient.Treasury + "/batches", $$"""{"commands":[{{command}}]}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        (await client.PostAsync(ApiClient.Treasury + "/yields", Yield("7", "10:00:00", "y:7b")))
            .ShouldBe(HttpStatusCode.Created);
        var mended = Statement.Replace("\"y:7\"", "\"y:7b\"", StringComparison.Ordinal);
        var second = await ReconcileAsync(client, mended);
        Kinds(second).ShouldBeEmpty();
        second.Json.GetProperty("resolved").GetInt32().ShouldBe(4);
        (await client.GetAsync(ApiClient.Treasury + "/breaks?open=true")).Text.ShouldBe("""{"breaks":[]}""");
        // What was known before is answered as before.
        var known = first.Json.GetProperty("knownAt").GetString();
        Kinds(await ReconcileAsync(client, Statement.Replace(
            "\"record\": true", $"\"knownAt\": \"{known}\"", StringComparison.Ordinal))).ShouldBe(Kinds(first));
    }

    [Fact]
    public async Task a_break_has_an_owner_and_is_decided_once()
    {
        var client = await OpenAsync();
        var id = (await ReconcileAsync(client, Statement)).Json.GetProperty("breaks")[0].GetProperty("id").GetString();
        var steps = $"{ApiClient.Treasury}/breaks/{id}/steps";

        (await client.PostAsync(steps, """{"status":"assigned"}""")).Code.ShouldBe(ErrorRegistry.ValueInvalid);
        (await client.PostAsync(steps, """{"status":"accepted"}""")).Code.ShouldBe(ErrorRegistry.ValueInvalid);
        (await client.PostAsync(steps, """{"status":"opened"}""")).Code.ShouldBe(ErrorRegistry.ValueInvalid);
        (await client.PostAsync(steps, """{"status":"assigned","owner":"ops.anna"}""")).ShouldBe(HttpStatusCode.OK);
        var accepted = await client.PostAsync(steps, """{"status":"accepted","note":"Dust of the custodian."}""");
        accepted.Json.GetProperty("owner").GetString().ShouldBe("ops.anna");
        accepted.Json.GetProperty("ageDays").GetInt32().ShouldBe(0);
        (await client.PostAsync(steps, """{"status":"resolved"}""")).Code.ShouldBe(ErrorRegistry.BreakDecided);
        (await client.PostAsync(ApiClient.Treasury + "/breaks/none/steps", """{"status":"resolved"}"""))
            .Code.ShouldBe(ErrorRegistry.BreakUnknown);
        // It stays accepted though it is still found.
        (await ReconcileAsync(client, Statement)).Json.GetProperty("opened").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task a_fact_told_differently_is_a_break_until_somebody_decides()
    {
        var client = await OpenAsync();
        (await client.PostAsync(ApiClient.Treasury + "/yields", Yield("8", "10:00:00", "y:7")))
            .ShouldBe(HttpStatusCode.Accepted);

        var open = (await client.GetAsync(ApiClient.Treasury + "/breaks?open=true")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("breaks")[0];
        var id = open.GetProperty("break").GetProperty("id").GetString()!;
        id.ShouldStartWith("entry-");
        open.GetProperty("break").GetProperty("kind").GetString().ShouldBe("factConflict");
        (await client.PostAsync(
            $"{ApiClient.Treasury}/breaks/{id}/steps", """{"status":"resolved","note":"The first one is right."}"""))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("status").GetString().ShouldBe("resolved");
        (await client.GetAsync(ApiClient.Treasury + "/breaks?open=true")).Text.ShouldBe("""{"breaks":[]}""");
    }

    [Fact]
    public async Task statements_and_breaks_are_given_in_rows_as_every_answer_is()
    {
        var client = await OpenAsync();
        var reconcile = ApiClient.Treasury + "/reconciliations?format=";

        var csv = await client.PostAsync(reconcile + "csv&table=breaks", Statement);
        var lines = await client.PostAsync(reconcile + "ndjson", Statement);
        var sheet = await client.PostAsync(reconcile + "xlsx", Statement);
        var breaks = await client.GetAsync(ApiClient.Treasury + "/breaks?open=true&format=csv");

        csv.ShouldBe(HttpStatusCode.OK).MediaType.ShouldBe("text/csv");
        csv.Text.Split("\r\n").Length.ShouldBe(6); // a line of names, four breaks, and the end
        lines.Text.Split('\n').Count(line => line.StartsWith("{\"table\":\"breaks\"", StringComparison.Ordinal))
            .ShouldBe(4);
        sheet.ShouldBe(HttpStatusCode.OK).MediaType.ShouldBe(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        breaks.Text.Split("\r\n")[0].ShouldStartWith("break.id,break.kind,");
        breaks.Text.Split("\r\n").Length.ShouldBe(6);
        (await client.PostAsync(reconcile + "csv&table=nothing", Statement)).Code.ShouldBe(ErrorRegistry.QueryInvalid);
    }

    [Theory]
    [InlineData("\"until\": \"2026-01-09T23:59:59Z\"", "\"until\": \"2026-01-08T23:59:59Z\"")]
    [InlineData("\"account\": \"wallet\"", "\"account\": \"nobody\"")]
    [InlineData("\"asset\": \"ETH\", \"change\": \"1\"", "\"asset\": \"NONE\", \"change\": \"1\"")]
    [InlineData("\"change\": \"5\"", "\"change\": \"0.0000000000000000001\"")]
    [InlineData("\"record\": true", "\"rules\": { \"groupMax\": 13 }")]
    [InlineData("2026-01-09T08:00:05Z", "2026-01-10T08:00:05Z")]
    [InlineData("\"quantity\": \"12.5\" }", "\"quantity\": \"12.5\" }, null")]
    public async Task a_statement_that_cannot_be_read_is_refused(string text, string other)
    {
        var client = await host.SharedAsync();

        (await client.PostAsync(
            ApiClient.Treasury + "/reconciliations", Statement.Replace(text, other, StringComparison.Ordinal)))
            .ShouldBe(HttpStatusCode.BadRequest).Code.ShouldBe(ErrorRegistry.ValueInvalid);
    }

    private static string Yield(string quantity, string time, string fact) => $$"""
        {"effectiveAt":"2026-01-09T{{time}}Z","fact":"{{fact}}","account":"wallet","asset":"ETH",
         "quantity":"{{quantity}}"}
        """;

    private static List<string> Kinds(ApiAnswer answer) =>
        [.. answer.Json.GetProperty("breaks").EnumerateArray().Select(one => one.GetProperty("kind").GetString()!)
            .Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Matched(ApiAnswer answer) =>
        answer.Json.GetProperty("matches").EnumerateArray().Select(match =>
            $"{match.GetProperty("kind").GetString()} {match.GetProperty("references")[0].GetString()}");

    private static async Task<ApiAnswer> ReconcileAsync(ApiClient client, string statement) =>
        (await client.PostAsync(ApiClient.Treasury + "/reconciliations", statement)).ShouldBe(HttpStatusCode.OK);

    /// <summary>1; 2 and 3, which the statement has as 5; 6 instead of 7; and 4 that only the ledger has.</summary>
    private async Task<ApiClient> OpenAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var (quantity, time, fact) in new[]
        {
            ("1", "08:00:00", "y:1"), ("2", "08:50:00", "y:2"), ("3", "09:10:00", "y:3"), ("6", "10:00:00", "y:7"),
            ("4", "20:00:00", "y:4"),
        })
        {
            (await client.PostAsync(ApiClient.Treasury + "/yields", Yield(quantity, time, fact)))
                .ShouldBe(HttpStatusCode.Created);
        }

        return client;
    }
}
