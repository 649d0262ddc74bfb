using System.Globalization;
using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Answers;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

[Collection(ApiTests.Name)]
public sealed class ReadTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    public static TheoryData<string> Questions => new(AnswerRoute.All
        .Where(question => question is { Subject: null, MayLack: false })
        .Select(question => question.Path + question.Verb switch
        {
            "restatement" => "?knownAt1=",
            "plan" => "?asset=ETH&account=exchange&quantity=1",
            _ => "",
        }));

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task the_same_question_gets_the_same_bytes_whatever_is_recorded_later(string path)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        var knownAt = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
        var address = $"{Treasury}/{path}".TrimEnd('/');
        address += address.EndsWith('=')
            ? $"{knownAt}&knownAt2={knownAt}&asOf=2026-01-31"
            : $"{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}asOf=2026-01-31&knownAt={knownAt}";
        var before = (await client.GetAsync(address)).ShouldBe(HttpStatusCode.OK);

        // Back-dated facts and prices, and a correction: all known later, all effective before.
        await RecordAsync(client);
        await client.PostAsync(
            ApiClient.Prices + "/prices",
            """{"effectiveAt":"2026-01-04T00:00:00Z","asset":"ETH","currency":"USD","price":"1"}""");
        (await client.PostAsync(Treasury + "/corrections", """{"effectiveAt":"2026-01-31T00:00:00Z","entry":11}"""))
            .ShouldBe(HttpStatusCode.Created);
        var after = (await client.GetAsync(address)).ShouldBe(HttpStatusCode.OK);

        after.Text.ShouldBe(before.Text);
        var now = await client.GetAsync(
            path.EndsWith('=') ? $"{Treasury}/{path}{knownAt}" : $"{Treasury}/{path}".TrimEnd('/'));
        now.ShouldBe(HttpStatusCode.OK).Text.ShouldNotBe(before.Text);
    }

    [Fact]
    public async Task every_answer_says_where_it_stands()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);

        var answer = await client.GetAsync(Treasury + "/lots?asOf=2026-01-31&method=hifo&scope=perAccount");

        var viewpoint = answer.ShouldBe(HttpStatusCode.OK).Json.GetProperty("viewpoint");
        // The end of 31 January in Singapore.
        viewpoint.GetProperty("asOf").GetString().ShouldBe("2026-01-31T15:59:59.999999Z");
        viewpoint.GetProperty("knownAt").GetString().ShouldNotBeNull();
        viewpoint.GetProperty("positions").GetProperty("treasury").GetInt64().ShouldBeGreaterThan(9);
        viewpoint.GetProperty("positions").GetProperty("priceBook").GetInt64().ShouldBe(3);
        viewpoint.GetProperty("positions").GetProperty("marketBook").GetInt64().ShouldBe(6);
        viewpoint.GetProperty("calculationVersion").GetString().ShouldBe("1");
        viewpoint.GetProperty("policy").GetProperty("lotMethod").GetString().ShouldBe("hifo");
        viewpoint.GetProperty("policy").GetProperty("basisScope").GetString().ShouldBe("perAccount");
        viewpoint.GetProperty("policy").GetProperty("stablecoins").GetString().ShouldBe("cashAtPar");
        viewpoint.GetProperty("isOfficial").GetBoolean().ShouldBeFalse();
        viewpoint.GetProperty("replayedClock").GetBoolean().ShouldBeFalse();
        viewpoint.GetProperty("illustrative").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task facts_count_up_to_both_instants_inclusive()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var recorded = await client.PostAsync(
            Treasury + "/capital-contributions",
            """{"effectiveAt":"2026-01-02T08:00:00.000001Z","account":"bank","asset":"USD","quantity":"7"}""");
        var recordedAt = recorded.Json.GetProperty("head").GetProperty("recordedAt").GetString()!;

        (await Balances("2026-01-02T08:00:00Z", recordedAt)).ShouldBe("[]");
        (await Balances("2026-01-02T08:00:00.000001Z", recordedAt)).ShouldContain("\"quantity\":\"7\"");
        (await Balances("2026-01-02T09:00:00.000001%2B01:00", recordedAt)).ShouldContain("\"quantity\":\"7\"");
        var before = Core.Time.Instant.Parse(recordedAt).Plus(-1).ToString();
        (await Balances("2026-01-03T00:00:00Z", before)).ShouldBe("[]");

        async Task<string> Balances(string asOf, string knownAt) =>
            (await client.GetAsync($"{Treasury}/balances?asOf={asOf}&knownAt={knownAt}"))
                .ShouldBe(HttpStatusCode.OK).Json.GetProperty("balances").GetRawText();
    }

    [Theory]
    [InlineData("fifo", "500")]
    [InlineData("lifo", "-500")]
    [InlineData("hifo", "-500")]
    [InlineData("average", "0")]
    public async Task the_policy_belongs_to_the_read(string method, string gain)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);

        var answer = await client.GetAsync($"{Treasury}/realized-gains?method={method}&period=month");

        answer.ShouldBe(HttpStatusCode.OK);
        answer.Json.GetProperty("total").GetProperty("realizedGain").GetString().ShouldBe(gain);
        answer.Json.GetProperty("gains")[0].GetProperty("period").GetString().ShouldBe("2026-01");
    }

    [Fact]
    public async Task a_restatement_lists_entries_whose_effects_add_up_to_the_difference()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        var knownAt = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-01T12:00:00Z", "900"));
        await client.PostAsync(
            Treasury + "/annotations", """{"effectiveAt":"2026-01-02T00:00:00Z","entry":1,"reason":"x"}""");

        var answer = await client.GetAsync($"{Treasury}/restatement?asOf=2026-01-31&knownAt1={knownAt}");

        answer.ShouldBe(HttpStatusCode.OK);
        var json = answer.Json;
        Number(json, "after").ShouldBe(Number(json, "before") + Number(json, "difference"));
        var entries = json.GetProperty("entries");
        entries.GetArrayLength().ShouldBe(1);
        Number(entries[0], "effect").ShouldBe(Number(json, "difference"));
        entries[0].GetProperty("type").GetString().ShouldBe("asset_acquired_v1");
        (await client.GetAsync($"{Treasury}/restatement?knownAt1={knownAt}&knownAt={knownAt}")).Code
            .ShouldBe("query_invalid");
    }

    [Fact]
    public async Task a_restatement_of_a_disposal_without_basis_says_that_it_is_not_complete()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        var knownAt = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
        var question = Treasury + "/restatement?asOf=2026-01-31&knownAt1=";
        (await client.GetAsync(question + knownAt)).Json.GetProperty("isComplete").GetBoolean().ShouldBeTrue();
        (await client.PostAsync(
            Treasury + "/sales",
            """
            {
              "effectiveAt": "2026-01-20T00:00:00Z", "account": "exchange", "asset": "ETH", "quantity": "100",
              "proceedsAsset": "USD", "proceedsQuantity": "250000"
            }
            """)).ShouldBe(HttpStatusCode.Created);

        var answer = await client.GetAsync(question + knownAt);

        answer.ShouldBe(HttpStatusCode.OK);
        answer.Json.GetProperty("isComplete").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task a_question_without_instants_knows_the_newest_price_and_asks_for_now()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        var yesterday = DateTime.UtcNow.AddDays(-1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var price = await client.PostAsync(
            ApiClient.Prices + "/prices",
            $$"""{"effectiveAt":"{{yesterday}}","asset":"ETH","currency":"USD","price":"3210"}""");

        var answer = (await client.GetAsync(Treasury + "/unrealized-gains")).ShouldBe(HttpStatusCode.OK).Json;

        answer.GetProperty("gains")[0].GetProperty("price").GetProperty("price").GetString().ShouldBe("3210");
        answer.GetProperty("gains")[0].GetProperty("priceState").GetString().ShouldBe("valid");
        var viewpoint = answer.GetProperty("viewpoint");
        viewpoint.GetProperty("knownAt").GetString()
            .ShouldBe(price.Json.GetProperty("head").GetProperty("recordedAt").GetString());
        viewpoint.GetProperty("positions").GetProperty("priceBook").GetInt64().ShouldBe(price.Position);
        // What it prints is a question that gets the same answer.
        var instants = $"asOf={viewpoint.GetProperty("asOf")}&knownAt={viewpoint.GetProperty("knownAt")}";
        var again = await client.GetAsync($"{Treasury}/unrealized-gains?{instants}");
        again.Text.ShouldBe(answer.GetRawText());
    }

    [Fact]
    public async Task a_figure_that_needs_the_reporting_currency_waits_for_its_registration()
    {
        var client = await host.NewTenantAsync();
        await client.PostAsync("/v1/treasuries/acme", Story.Requests.Single(r => r.Address == Treasury).Example.Json);

        (await client.GetAsync(Treasury + "/balances")).ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { "realized-gains", "unrealized-gains" })
        {
            (await client.GetAsync($"{Treasury}/{path}")).Code.ShouldBe("asset_unknown");
        }
    }

    /// <summary>Bought for 2,000 and for 3,000, sold for 2,500.</summary>
    [Fact]
    public async Task a_series_over_either_time_ends_where_the_question_stands_and_bridges_join_its_points()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        var knownAt = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
        await RecordAsync(client);
        var overAsOf = await client.GetAsync(Treasury + "/series?asOf=2026-01-10&from=2026-01-01");
        var overKnownAt = await client.GetAsync(Treasury + "/series?asOf=2026-01-10&over=knownAt");
        var then = await client.GetAsync($"{Treasury}/series?asOf=2026-01-10&over=knownAt&knownAt={knownAt}");

        var points = Points(overAsOf);
        points.Count.ShouldBe(10);
        var whole = await client.GetAsync(Treasury + "/bridge?asOf=2026-01-10");
        Number(points[^1], "value").ShouldBe(Number(whole.Json, "after"));
        Number(points[0], "value").ShouldBe(Amount.Zero);
        Number(Points(overKnownAt)[^1], "value").ShouldBe(Number(whole.Json, "after"));
        Number(Points(then)[^1], "value").ShouldBe(AmountOf("500"));
        foreach (var (before, after) in points.Zip(points.Skip(1)))
        {
            var (from, to) = (before.GetProperty("asOf"), after.GetProperty("asOf"));
            var bridge = await client.GetAsync($"{Treasury}/bridge?from={from}&asOf={to}");
            Number(bridge.Json, "difference").ShouldBe(Number(after, "value") - Number(before, "value"));
            bridge.Json.GetProperty("entries").EnumerateArray()
                .Aggregate(Amount.Zero, (sum, entry) => sum + Number(entry, "effect"))
                .ShouldBe(Number(bridge.Json, "difference"));
        }

        (await client.GetAsync(Treasury + "/bridge?from=2026-02-01&asOf=2026-01-01")).Code.ShouldBe("query_invalid");
        (await client.GetAsync(Treasury + "/series?from=1980-01-01")).Code.ShouldBe("query_invalid");
        (await client.GetAsync(Treasury + "/series?asset=NONE")).Code.ShouldBe("asset_unknown");
    }

    [Theory]
    [InlineData("costBasis", "/lots", "cost")]
    [InlineData("marketValue", "/unrealized-gains", "marketValue")]
    [InlineData("unrealizedGain", "/unrealized-gains", "unrealizedGain")]
    public async Task each_figure_of_a_series_is_that_of_its_own_answer(string figure, string path, string member)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await RecordAsync(client);
        await client.PostAsync(
            ApiClient.Prices + "/prices",
            """{"effectiveAt":"2026-01-06T00:00:00Z","asset":"ETH","currency":"USD","price":"2600"}""");

        var series = await client.GetAsync($"{Treasury}/series?asOf=2026-01-06&figure={figure}&asset=ETH");
        var answer = await client.GetAsync($"{Treasury}{path}?asOf=2026-01-06");

        var last = series.ShouldBe(HttpStatusCode.OK).Json.GetProperty("points").EnumerateArray().Last();
        Number(last, "value").ShouldBe(Number(answer.Json, member));
    }

    [Theory]
    [InlineData("realizedGain", true)]
    [InlineData("costBasis", true)]
    [InlineData("marketValue", false)]
    [InlineData("unrealizedGain", false)]
    public async Task each_figure_is_explained_by_what_was_learned_and_by_what_happened(string figure, bool isOfEntries)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var first = (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("recordedAt");
        await RecordAsync(client);
        await client.PostAsync(
            ApiClient.Prices + "/prices",
            """{"effectiveAt":"2026-01-06T15:00:00Z","asset":"ETH","currency":"USD","price":"2600"}""");
        var value = Points(await client.GetAsync($"{Treasury}/series?asOf=2026-01-06&figure={figure}&asset=ETH"))[^1];

        var restated = await client.GetAsync(
            $"{Treasury}/restatement?asOf=2026-01-06&knownAt1={first}&figure={figure}&asset=ETH");
        var bridge = await client.GetAsync($"{Treasury}/bridge?asOf=2026-01-06&figure={figure}&asset=ETH");

        Explains(restated);
        restated.Json.GetProperty("entries").EnumerateArray()
            .Any(entry => entry.GetProperty("journal").GetString() == "prices").ShouldBe(!isOfEntries);
        if (isOfEntries)
        {
            Explains(bridge);
        }
        else
        {
            bridge.Code.ShouldBe("query_invalid");
        }

        void Explains(ApiAnswer answer)
        {
            Number(answer.ShouldBe(HttpStatusCode.OK).Json, "after").ShouldBe(Number(value, "value"));
            answer.Json.GetProperty("asset").GetString().ShouldBe("ETH");
            answer.Json.GetProperty("entries").EnumerateArray()
                .Aggregate(Amount.Zero, (sum, entry) => sum + Number(entry, "effect"))
                .ShouldBe(Number(answer.Json, "difference"));
        }
    }

    private static List<JsonElement> Points(ApiAnswer answer) =>
        [.. answer.ShouldBe(HttpStatusCode.OK).Json.GetProperty("points").EnumerateArray()];

    private static async Task RecordAsync(ApiClient client)
    {
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-02T00:00:00Z", "2000"));
        await client.PostAsync(Treasury + "/acquisitions", Buy("2026-01-03T00:00:00Z", "3000"));
        (await client.PostAsync(
            Treasury + "/sales",
            """
            {
              "effectiveAt": "2026-01-06T00:00:00Z", "account": "exchange", "asset": "ETH", "quantity": "1",
              "proceedsAsset": "USD", "proceedsQuantity": "2500"
            }
            """)).ShouldBe(HttpStatusCode.Created);
    }

    private static string Buy(string at, string price) => $$"""
        {
          "effectiveAt": "{{at}}", "account": "exchange", "asset": "ETH", "quantity": "1", "paidAccount": "bank",
          "paidAsset": "USD", "paidQuantity": "{{price}}"
        }
        """;

    private static Amount AmountOf(string text) =>
        Amount.TryParse(text, out var amount) ? amount : throw new FormatException(text);

    private static Amount Number(JsonElement json, string member) =>
        Amount.TryParse(json.GetProperty(member).GetString(), out var amount)
            ? amount
            : throw new FormatException(json.GetRawText());
}
