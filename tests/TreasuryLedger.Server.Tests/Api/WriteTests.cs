using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

[Collection(ApiTests.Name)]
public sealed class WriteTests(ApiHost host)
{
    private const string Contributions = ApiClient.Treasury + "/capital-contributions";

    private const string Money = """
        {"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"100.00","reason":"seed money"}
        """;

    private const string TradeAtKraken = """
        {
          "effectiveAt": "2026-01-05T09:00:00Z", "fact": "kraken:trade-1", "account": "exchange", "asset": "ETH",
          "quantity": "1", "paidAccount": "bank", "paidAsset": "USD", "paidQuantity": "2500"
        }
        """;

    [Fact]
    public async Task a_recorded_entry_is_answered_with_position_instant_and_hash_and_can_be_read()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();

        var answer = (await client.PostAsync(Contributions, Money)).ShouldBe(HttpStatusCode.Created);

        var row = answer.Json.GetProperty("entries")[0];
        var stored = (await client.GetAsync($"{ApiClient.Treasury}/entries/{answer.Position}")).Json;
        var entry = stored.GetProperty("entry");
        entry.GetProperty("recordedAt").GetString().ShouldBe(row.GetProperty("recordedAt").GetString());
        entry.GetProperty("actor").GetString().ShouldBe("tester");
        entry.GetProperty("type").GetString().ShouldBe("capital_contributed_v1");
        stored.GetProperty("hash").GetString().ShouldBe(row.GetProperty("hash").GetString());
        stored.GetProperty("reason").GetProperty("text").GetString().ShouldBe("seed money");
        answer.Json.GetProperty("head").GetProperty("hash").GetString().ShouldBe(row.GetProperty("hash").GetString());
    }

    [Fact]
    public async Task the_same_request_again_gets_its_first_answer_and_records_nothing()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var first = (await client.PostAsync(Contributions, Money, "same")).ShouldBe(HttpStatusCode.Created);
        await client.PostAsync(Contributions, Money);
        var head = await client.HeadAsync();

        // 100.00 and 100.0 are one number, and one instant has many texts.
        var again = await client.PostAsync(
            Contributions,
            Money.Replace("100.00", "100.0", StringComparison.Ordinal)
                .Replace("2026-01-02T08:00:00Z", "2026-01-02T09:00:00.0+01:00", StringComparison.Ordinal),
            "same");

        again.ShouldBe(HttpStatusCode.OK);
        again.Headers.GetValues(WriteEndpoints.ReplayedHeader).ShouldBe(["true"]);
        Row(again, "hash").ShouldBe(Row(first, "hash"));
        Row(again, "recordedAt").ShouldBe(Row(first, "recordedAt"));
        again.Json.GetProperty("entries")[0].GetProperty("replayed").GetBoolean().ShouldBeTrue();
        first.Headers.Contains(WriteEndpoints.ReplayedHeader).ShouldBeFalse();
        (await client.HeadAsync()).ShouldBe(head);
    }

    [Fact]
    public async Task a_key_that_comes_with_another_payload_is_refused_with_the_first()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var first = await client.PostAsync(Contributions, Money, "same");

        var other = await client.PostAsync(
            Contributions, Money.Replace("100.00", "100.01", StringComparison.Ordinal), "same");

        other.ShouldBe(HttpStatusCode.Conflict).Code.ShouldBe("idempotency_key_reused");
        other.Json.GetProperty("numbers").EnumerateObject()
            .ShouldContain(number => number.Value.GetString() == first.Position.ToString(
                System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task a_refused_request_leaves_its_key_free()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var refused = await client.PostAsync(
            Contributions, Money.Replace("bank", "nowhere", StringComparison.Ordinal), "same");

        refused.Code.ShouldBe("account_unknown");
        (await client.PostAsync(Contributions, Money, "same")).ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task a_dry_run_answers_as_if_and_leaves_no_trace()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var head = await client.HeadAsync();

        var dry = await client.PostAsync(Contributions + "?dryRun=true", Money, "dry");
        var refused = await client.PostAsync(
            Contributions + "?dryRun=true", Money.Replace("bank", "nowhere", StringComparison.Ordinal), "dry");

        dry.ShouldBe(HttpStatusCode.OK).Json.GetProperty("dryRun").GetBoolean().ShouldBeTrue();
        dry.Position.ShouldBe(JsonDocument.Parse(head).RootElement.GetProperty("position").GetInt64() + 1);
        refused.Code.ShouldBe("account_unknown");
        (await client.HeadAsync()).ShouldBe(head);
        (await client.GetAsync($"{ApiClient.Treasury}/requests/dry")).Code.ShouldBe("request_unknown");
        (await client.PostAsync(Contributions, Money, "dry")).ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task the_same_fact_from_a_second_source_is_evidence_and_a_different_claim_opens_a_break()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var address = ApiClient.Treasury + "/acquisitions";
        var first = (await client.PostAsync(address, TradeAtKraken)).ShouldBe(HttpStatusCode.Created);

        var alike = await client.PostAsync(address, TradeAtKraken);
        var different = await client.PostAsync(
            address, TradeAtKraken.Replace("2500", "2501", StringComparison.Ordinal));

        alike.ShouldBe(HttpStatusCode.OK);
        Row(alike, "outcome").ShouldBe("evidenceAdded");
        different.ShouldBe(HttpStatusCode.Accepted);
        Row(different, "outcome").ShouldBe("breakOpened");
        foreach (var second in new[] { alike, different })
        {
            second.Json.GetProperty("entries")[0].GetProperty("factPosition").GetInt64().ShouldBe(first.Position);
        }

        var balances = await client.GetAsync(ApiClient.Treasury + "/balances");
        balances.Text.ShouldContain("""{"account":"exchange","asset":"ETH","quantity":"1"}""");
    }

    [Fact]
    public async Task a_batch_is_recorded_whole_or_not_at_all()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var head = await client.HeadAsync();
        var address = ApiClient.Treasury + "/batches";

        var refused = await client.PostAsync(address, Batch("bank", "bank", "nowhere"), "batch");

        refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Code.ShouldBe("account_unknown");
        refused.Json.GetProperty("numbers").GetProperty("index").GetString().ShouldBe("2");
        (await client.HeadAsync()).ShouldBe(head);

        var recorded = (await client.PostAsync(address, Batch("bank", "bank", "exchange"), "batch"))
            .ShouldBe(HttpStatusCode.Created);
        recorded.Json.GetProperty("entries").GetArrayLength().ShouldBe(3);
        var again = (await client.PostAsync(address, Batch("bank", "bank", "exchange"), "batch"))
            .ShouldBe(HttpStatusCode.OK);
        again.Headers.GetValues(WriteEndpoints.ReplayedHeader).ShouldBe(["true"]);
        (await client.PostAsync(address, Batch("bank", "bank"), "batch")).Code.ShouldBe("idempotency_key_reused");

        var found = await client.GetAsync($"{ApiClient.Treasury}/requests/batch");
        found.ShouldBe(HttpStatusCode.OK).Json.GetProperty("entries").GetArrayLength().ShouldBe(3);
    }

    [Theory]
    [InlineData("desk/2026:a+b@c_d.e-1")]
    [InlineData("r")]
    public async Task a_request_is_found_again_by_its_key(string key)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var recorded = await client.PostAsync(Contributions, Money, key);

        foreach (var address in new[] { key, Uri.EscapeDataString(key) })
        {
            var found = await client.GetAsync($"{ApiClient.Treasury}/requests/{address}");
            found.ShouldBe(HttpStatusCode.OK);
            found.Json.GetProperty("entries")[0].GetProperty("hash").GetString().ShouldBe(Row(recorded, "hash"));
        }
    }

    [Fact]
    public async Task a_journal_that_nobody_touched_is_intact_and_listed_with_its_head()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var last = await client.PostAsync(Contributions, Money);

        var verified = (await client.GetAsync(ApiClient.Treasury + "/verification")).ShouldBe(HttpStatusCode.OK).Json;
        var listed = (await client.GetAsync("/v1/journals")).ShouldBe(HttpStatusCode.OK).Json;

        verified.GetProperty("isIntact").GetBoolean().ShouldBeTrue();
        verified.GetProperty("position").GetInt64().ShouldBe(last.Position);
        verified.GetProperty("hash").GetString().ShouldBe(Row(last, "hash"));
        listed.GetProperty("journals").EnumerateArray().Select(head => head.GetProperty("journal").GetString())
            .ShouldBe(["markets/lenders", "prices/reference", "treasury/acme"]);
        listed.GetProperty("journals")[2].GetProperty("hash").GetString().ShouldBe(Row(last, "hash"));
        (await client.GetAsync("/v1/treasuries/nobody/verification")).Code.ShouldBe("journal_not_opened");
    }

    [Fact]
    public async Task prices_are_corrected_like_everything_else()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var wrong = await client.PostAsync(
            ApiClient.Prices + "/prices",
            """{"effectiveAt":"2026-01-07T00:00:00Z","asset":"ETH","currency":"USD","price":"27000"}""");

        var corrected = await client.PostAsync(
            ApiClient.Prices + "/corrections",
            $$"""
            {
              "effectiveAt": "2026-01-08T00:00:00Z", "entry": {{wrong.Position}},
              "replacement": {
                "command": "record-price", "effectiveAt": "2026-01-07T00:00:00Z", "asset": "ETH", "currency": "USD",
                "price": "2700"
              }
            }
            """);

        corrected.ShouldBe(HttpStatusCode.Created);
        var entry = await client.GetAsync($"{ApiClient.Prices}/entries/{wrong.Position}");
        entry.Json.GetProperty("voidedBy").GetInt64().ShouldBe(corrected.Position);
    }

    [Fact]
    public async Task a_replayed_clock_takes_its_recorded_instants_from_the_script()
    {
        var client = await host.NewTenantAsync();
        const string open = """{"effectiveAt":"2026-01-01T00:00:00Z","name":"Replayed","replayedClock":true}""";
        const string price = """{"effectiveAt":"2026-01-02T00:00:00Z","asset":"ETH","currency":"USD","price":"2"}""";
        var opened = await client.PostAsync(ApiClient.Prices, open, recordedAt: "2026-01-01T00:00:00Z");

        var later = await client.PostAsync(ApiClient.Prices + "/prices", price, recordedAt: "2026-01-03T00:00:00.5Z");
        var without = await client.PostAsync(ApiClient.Prices + "/prices", price);

        opened.ShouldBe(HttpStatusCode.Created);
        Row(later, "recordedAt").ShouldBe("2026-01-03T00:00:00.5Z");
        later.Json.GetProperty("head").GetProperty("replayedClock").GetBoolean().ShouldBeTrue();
        without.Code.ShouldBe("scripted_clock_wrong");
    }

    private static string? Row(ApiAnswer answer, string member) =>
        answer.Json.GetProperty("entries")[0].GetProperty(member).GetString();

    private static string Batch(params string[] accounts)
    {
        var commands = accounts.Select(account => $$"""
            {
              "effectiveAt": "2026-01-02T08:00:00Z", "account": "{{account}}", "asset": "USD", "quantity": "1",
              "command": "contribute-capital"
            }
            """);
        return $$"""{"commands":[{{string.Join(',', commands)}}]}""";
    }
}
