using System.Net;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Derived lists over HTTP: pages that stay where the first stood, streams, sums, and alerts.</summary>
[Collection(ApiTests.Name)]
public sealed class DerivedListTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    [Theory]
    [InlineData("disposals", "disposals")]
    [InlineData("acquisitions", "acquisitions")]
    [InlineData("lots", "lots")]
    [InlineData("transfers", "transfers")]
    public async Task pages_stay_at_the_instants_of_the_first_whatever_is_recorded_meanwhile(string path, string member)
    {
        var client = await TellAsync();
        var whole = await RowsAsync(client, $"{path}?limit=1000", member);
        var (given, cursor) = (new List<string>(), "");
        do
        {
            var answer = (await client.GetAsync($"{Treasury}/{path}?limit=1{cursor}")).ShouldBe(HttpStatusCode.OK).Json;
            given.AddRange(answer.GetProperty(member).EnumerateArray().Select(row => row.GetRawText()));
            cursor = answer.TryGetProperty("next", out var next) ? $"&cursor={next.GetString()}" : "";
            await BuyAsync(client, "2026-01-01T00:00:00Z", "1");
        }
        while (cursor.Length > 0);

        whole.Count.ShouldBeGreaterThan(1);
        given.Select(Bare).ShouldBe(whole.Select(Bare));

        // Paths name the viewpoint of their answer.
        static string Bare(string row) => row.Split("\"path\"")[0];
    }

    [Fact]
    public async Task a_cursor_goes_on_with_its_own_question_and_no_other()
    {
        var client = await TellAsync();
        var first = (await client.GetAsync(Treasury + "/disposals?asset=ETH&limit=1")).Json;
        var cursor = first.GetProperty("next").GetString()!;

        (await client.GetAsync($"{Treasury}/disposals?asset=ETH&limit=2&cursor={cursor}")).ShouldBe(HttpStatusCode.OK);
        foreach (var other in new[]
        {
            "disposals?limit=1", "disposals?asset=ETH&kind=sale&limit=1", "disposals?asset=ETH&method=lifo&limit=1",
            "disposals?asset=ETH&asOf=2026-01-06&limit=1", "acquisitions?asset=ETH&limit=1",
            "disposals?asset=ETH&knownAt=2026-01-06&limit=1",
        })
        {
            var code = (await client.GetAsync($"{Treasury}/{other}&cursor={cursor}")).Code;
            var isForm = other.Contains("knownAt", StringComparison.Ordinal);
            code.ShouldBe(isForm ? "query_invalid" : "cursor_invalid", other);
        }

        (await client.GetAsync($"{Treasury}/disposals?kind=gift")).Code.ShouldBe("query_invalid");
        (await client.GetAsync($"{Treasury}/disposals?limit=0")).Code.ShouldBe("query_invalid");
    }

    [Fact]
    public async Task a_stream_has_every_row_says_where_it_stands_and_how_it_ended()
    {
        var client = await TellAsync();
        var whole = await RowsAsync(client, "disposals?asOf=2026-01-06&limit=1000", "disposals");

        var lines = (await client.GetAsync(Treasury + "/disposals?asOf=2026-01-06&format=ndjson"))
            .ShouldBe(HttpStatusCode.OK);
        var csv = (await client.GetAsync(Treasury + "/disposals?asOf=2026-01-06&format=csv"))
            .ShouldBe(HttpStatusCode.OK);

        var texts = lines.Text.TrimEnd('\n').Split('\n');
        JsonDocument.Parse(texts[0]).RootElement.GetProperty("viewpoint").GetProperty("treasury").GetString()
            .ShouldBe("acme");
        texts[1..^1].ShouldBe(whole);
        texts[^1].ShouldBe($$"""{"rows":{{whole.Count}}}""");
        csv.MediaType.ShouldBe("text/csv");
        csv.Headers.GetValues("Ledger-As-Of").Single().ShouldBe("2026-01-06T15:59:59.999999Z");
        csv.Text.TrimEnd().Split("\r\n").Length.ShouldBe(whole.Count + 1);
        csv.Text.ShouldStartWith("disposal,entry,at,account,");
    }

    [Fact]
    public async Task a_row_of_realized_gains_is_the_sum_of_the_disposals_that_its_bounds_name()
    {
        var client = await TellAsync();
        foreach (var period in new[] { "day", "month", "all" })
        {
            var gains = (await client.GetAsync($"{Treasury}/realized-gains?asOf=2026-01-31&period={period}")).Json;
            gains.GetProperty("gains").GetArrayLength().ShouldBeGreaterThan(0);
            foreach (var row in gains.GetProperty("gains").EnumerateArray())
            {
                var bounds = $"asOf=2026-01-31&asset={row.GetProperty("asset").GetString()}"
                    + $"&effectiveFrom={row.GetProperty("from").GetString()}"
                    + $"&effectiveUntil={row.GetProperty("until").GetString()}";
                var sums = (await client.GetAsync($"{Treasury}/disposals/sums?{bounds}")).ShouldBe(HttpStatusCode.OK);
                var sum = sums.Json.GetProperty("sums").EnumerateArray().ShouldHaveSingleItem();
                sum.GetProperty("figures").GetRawText().ShouldBe(row.GetProperty("figures").GetRawText());
                sum.GetProperty("quantity").GetString().ShouldBe(row.GetProperty("quantity").GetString());
                (await RowsAsync(client, $"disposals?{bounds}&limit=1000", "disposals")).Count
                    .ShouldBe(row.GetProperty("figures").GetProperty("disposals").GetInt32());
            }
        }
    }

    [Fact]
    public async Task what_needs_attention_is_told_with_its_cause_and_ends_with_it()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        (await client.PostAsync(
            Treasury + "/sales",
            """
            {
              "effectiveAt": "2026-02-06T00:00:00Z", "account": "exchange", "asset": "ETH", "quantity": "1",
              "proceedsAsset": "USD", "proceedsQuantity": "2500"
            }
            """)).ShouldBe(HttpStatusCode.Created);

        var alerts = (await RowsAsync(client, "alerts?asOf=2026-02-10", "alerts"))
            .ConvertAll(row => JsonDocument.Parse(row).RootElement);

        alerts.Select(row => row.GetProperty("code").GetString()).ShouldBe(["disposalsIncomplete", "shortfallOpen"]);
        alerts[0].GetProperty("count").GetInt64().ShouldBe(1);
        alerts[0].GetProperty("since").GetString().ShouldBe("2026-02-05T16:00:00Z");
        alerts[1].GetProperty("quantity").GetString().ShouldBe("1");
        foreach (var alert in alerts)
        {
            var cause = (await client.GetAsync(alert.GetProperty("path").GetString()!))
                .ShouldBe(HttpStatusCode.OK).Json;
            cause.EnumerateObject().Last(member => member.Value.ValueKind == JsonValueKind.Array).Value.GetArrayLength()
                .ShouldBe(1);
        }

        await BuyAsync(client, "2026-02-01T00:00:00Z", "1");
        (await RowsAsync(client, "alerts?asOf=2026-02-10&asset=ETH", "alerts")).ShouldBeEmpty();
        var known = alerts[1].GetProperty("path").GetString()!.Split("knownAt=")[1].Split('&')[0];
        (await RowsAsync(client, $"alerts?asOf=2026-02-10&knownAt={known}", "alerts")).Count.ShouldBe(2);
    }

    private static async Task<List<string>> RowsAsync(ApiClient client, string path, string member) =>
    [
        .. (await client.GetAsync($"{Treasury}/{path}")).ShouldBe(HttpStatusCode.OK).Json.GetProperty(member)
            .EnumerateArray().Select(row => row.GetRawText()),
    ];

    private static async Task BuyAsync(ApiClient client, string at, string quantity) =>
        (await client.PostAsync(Treasury + "/acquisitions", $$"""
            {
              "effectiveAt": "{{at}}", "account": "exchange", "asset": "ETH", "quantity": "{{quantity}}",
              "paidAccount": "bank", "paidAsset": "USD", "paidQuantity": "2000"
            }
            """)).ShouldBe(HttpStatusCode.Created);

    /// <summary>A tenant of whom the documentation's story was told.</summary>
    private async Task<ApiClient> TellAsync()
    {
        var client = await host.NewTenantAsync();
        foreach (var request in Story.Requests)
        {
            (await client.PostAsync(request.Address, request.Example.Json)).ShouldBe(HttpStatusCode.Created);
        }

        return client;
    }
}
