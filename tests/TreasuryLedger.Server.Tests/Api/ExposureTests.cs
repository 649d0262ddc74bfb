using System.Globalization;
using System.Net;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Accounts, ladder, series, stress, plans and forced sales of recorded positions, over HTTP.</summary>
[Collection(ApiTests.Name)]
public sealed class ExposureTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private const string At = "asOf=2026-01-07T00:00:00Z";

    [Fact]
    public async Task a_position_is_an_account_of_its_market()
    {
        var client = await RecordAsync();
        var answer = (await client.GetAsync($"{Treasury}/exposure?{At}")).ShouldBe(HttpStatusCode.OK).Json;
        var position = answer.GetProperty("positions")[0];

        Text(position, "collateralValue").ShouldBe("270000");
        Text(position, "debtValue").ShouldBe("130000");
        Text(position, "healthFactor").ShouldBe("1.723846153846153846");
        Text(position, "loanToValue").ShouldBe("0.481481481481481481");
        Text(position, "availableBorrows").ShouldBe("86000");
        Text(position.GetProperty("levels")[0], "price").ShouldBe("1566.26506024");
        Text(position.GetProperty("levels")[0], "side").ShouldBe("atOrBelow");
        Text(answer.GetProperty("total"), "equity").ShouldBe("270000");
        Text(answer.GetProperty("total"), "leverage").ShouldBe("1.481481481481481481");
        var ether = answer.GetProperty("assets").EnumerateArray().Single(asset => Text(asset, "asset") == "ETH");
        Text(ether, "pledged").ShouldBe("100");
        Text(ether, "gross").ShouldBe("270000");
        answer.GetProperty("venues").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task limits_that_break_are_alerts_with_who_noticed_and_resolved_them()
    {
        var client = await RecordAsync();
        const string limits =
            """
            { "effectiveAt": "2026-01-06T00:00:00Z", "healthFactorMin": "2", "venues": ["aave"],
              "concentrations": [{ "of": "counterparty", "partMax": "0.1" }] }
            """;
        (await client.PostAsync(Treasury + "/limits", limits)).ShouldBe(HttpStatusCode.Created);
        (await client.PostAsync(Treasury + "/playbooks",
            """
            { "effectiveAt": "2026-01-06T00:00:00Z", "bands": [{ "healthFactorBelow": "1.8", "action": "repay",
              "healthFactorTarget": "2", "deadlineSeconds": 3600, "approver": "cfo" }] }
            """)).ShouldBe(HttpStatusCode.Created);
        var exposure = (await client.GetAsync($"{Treasury}/exposure?{At}")).ShouldBe(HttpStatusCode.OK).Json;

        string?[] broken = [.. exposure.GetProperty("brokenLimits").EnumerateArray().Select(one => Text(one, "limit"))];
        broken.ShouldBe(["healthFactorMin", "counterpartyPartMax", "venueAllowed"], ignoreOrder: true);
        await StepAsync(client, "alerts", "\"fact\":\"watch:1\",\"limit\":\"healthFactorMin\","
            + "\"subject\":\"aave-1\",\"is\":\"1.72\",\"allowed\":\"2\"");
        await StepAsync(client, "alerts/acknowledgements", "\"alert\":\"watch:1\"");
        var noticed = await AlertAsync(client);
        await StepAsync(client, "alerts/resolutions", "\"alert\":\"watch:1\"");
        var resolved = await AlertAsync(client);

        (Text(noticed, "is"), Text(noticed.GetProperty("playbook"), "approver")).ShouldBe(
            ("1.723846153846153846", "cfo"));
        noticed.TryGetProperty("resolved", out _).ShouldBeFalse();
        noticed.GetProperty("acknowledged").GetProperty("entry").GetInt64().ShouldBeGreaterThan(0);
        // Resolved and still broken: somebody accepts it, and everybody sees so.
        resolved.GetProperty("isBroken").GetBoolean().ShouldBeTrue();
        resolved.GetProperty("resolved").GetProperty("entry").GetInt64().ShouldBeGreaterThan(0);

        static async Task StepAsync(ApiClient client, string path, string body) =>
            (await client.PostAsync($"{Treasury}/{path}", "{\"effectiveAt\":\"2026-01-06T12:00:00Z\"," + body + "}"))
            .ShouldBe(HttpStatusCode.Created);
        static async Task<JsonElement> AlertAsync(ApiClient client) =>
            (await client.GetAsync($"{Treasury}/alerts?{At}&code=limitBroken")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("alerts").EnumerateArray().Select(alert => alert.GetProperty("limit"))
            .Single(limit => Text(limit, "limit") == "healthFactorMin");
    }

    [Fact]
    public async Task a_breach_says_from_when_to_when_and_what_acting_would_have_been()
    {
        var client = await RecordAsync();
        var answer = (await client.GetAsync($"{Treasury}/exposure/breaches?{At}&healthFactorMin=2&healthFactor=2"))
            .ShouldBe(HttpStatusCode.OK).Json;
        var breach = answer.GetProperty("breaches").EnumerateArray().ShouldHaveSingleItem();

        (Text(breach, "subject"), Text(breach, "limit")).ShouldBe(("aave-1", "healthFactorMin"));
        breach.TryGetProperty("until", out _).ShouldBeFalse();
        Text(breach, "worst").ShouldBe(Text(breach, "is"));
        breach.GetProperty("acting").TryGetProperty("sell", out _).ShouldBeTrue();
        (await client.GetAsync($"{Treasury}/exposure/breaches?{At}&healthFactorMin=1.1")).ShouldBe(HttpStatusCode.OK)
            .Json.GetProperty("breaches").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task a_history_has_points_by_day_and_by_entry_and_its_files_have_the_same_bytes_each_time()
    {
        var client = await RecordAsync();
        var days = await HistoryAsync("day");
        var entries = await HistoryAsync("entry");

        days[^1].TryGetProperty("entry", out _).ShouldBeFalse();
        Text(days[^1], "price").ShouldBe("2700");
        Text(days[^1].GetProperty("positions")[0], "liquidationPrice").ShouldBe("1566.26506024");
        entries.ShouldAllBe(point => point.GetProperty("entry").GetInt64() > 0);
        var known = Text(
            (await client.GetAsync($"{Treasury}/exposure?{At}")).Json.GetProperty("viewpoint"), "knownAt");
        foreach (var (form, holds) in new[] { ("svg", "<svg"), ("png", "PNG"), ("csv", "asOf,entry,price,low,") })
        {
            var path = $"{Treasury}/exports/exposure-{form}?{At}&knownAt={known}&from=2026-01-05";
            var (first, second) = (await client.GetAsync(path), await client.GetAsync(path));
            first.ShouldBe(HttpStatusCode.OK).Text.ShouldContain(holds);
            second.Text.ShouldBe(first.Text);
            (await client.GetAsync($"{path}&asset=NONE")).Code.ShouldBe("asset_unknown");
        }

        async Task<JsonElement[]> HistoryAsync(string by) =>
        [
            .. (await client.GetAsync($"{Treasury}/exposure/history?{At}&from=2026-01-05&by={by}"))
                .ShouldBe(HttpStatusCode.OK).Json.GetProperty("points").EnumerateArray(),
        ];
    }

    [Fact]
    public async Task a_plan_is_a_batch_that_reaches_its_target_when_posted_as_it_is_and_one_unit_less_does_not()
    {
        const string question = $"{Treasury}/exposure/plan?{At}&account=aave-1&healthFactor=2&via=wallet";
        var client = await RecordAsync();
        var batches = (await client.GetAsync(question)).ShouldBe(HttpStatusCode.OK).Json.GetProperty("batches");
        var repay = batches.GetProperty("repay");
        var quantity = decimal.Parse(Text(repay.GetProperty("commands")[0], "quantity")!, Invariant);

        // Nothing but what rounding takes is lost: the units come at 2,700 and leave at 2,700.
        Text(batches.GetProperty("gain"), "realizedGain")!.ShouldStartWith("-0.0006");
        Text(batches.GetProperty("gain").GetProperty("takes")[0], "quantity").ShouldBe(
            Text(batches.GetProperty("sale").GetProperty("commands")[0], "quantity"));
        (await AfterAsync(repay.GetRawText())).ShouldStartWith("2");
        var less = quantity - 0.000001m;
        (await AfterAsync(repay.GetRawText().Replace(
            $"\"{quantity.ToString(Invariant)}\"", $"\"{less.ToString(Invariant)}\"", StringComparison.Ordinal)))
            .ShouldStartWith("1.99999");
        (await AfterAsync(batches.GetProperty("sale").GetRawText())).ShouldStartWith("2");
        (await AfterAsync(batches.GetProperty("add").GetRawText())).ShouldStartWith("2");

        var instructed = (await client.GetAsync(question + "&mode=instruction")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("batches");
        foreach (var plan in new[] { "repay", "sale" })
        {
            (await client.PostAsync(Treasury + "/batches", instructed.GetProperty(plan).GetRawText()))
                .ShouldBe(HttpStatusCode.Created);
        }

        async Task<string> AfterAsync(string batch)
        {
            var other = await RecordAsync();
            (await other.PostAsync(Treasury + "/capital-contributions", """
                {"effectiveAt":"2026-01-06T12:30:00Z","account":"wallet","asset":"WETH","quantity":"100"}
                """)).ShouldBe(HttpStatusCode.Created);
            (await other.PostAsync(Treasury + "/batches", batch)).ShouldBe(HttpStatusCode.Created);
            return Text(
                (await other.GetAsync($"{Treasury}/exposure?{At}")).Json.GetProperty("positions")[0], "healthFactor")!;
        }
    }

    [Fact]
    public async Task a_path_of_another_books_prices_is_laid_over_positions()
    {
        var client = await RecordAsync();
        (await client.PostAsync("/v1/price-books/other", """
            {"effectiveAt":"2025-12-01T00:00:00Z","name":"Other"}
            """)).ShouldBe(HttpStatusCode.Created);
        foreach (var (day, price, low) in new[] { (1, "1000", "1000"), (2, "800", "500"), (3, "900", "880") })
        {
            (await client.PostAsync("/v1/price-books/other/prices", $$"""
                {"effectiveAt":"2025-12-0{{day}}T00:00:00Z","asset":"BTC","currency":"USD","price":"{{price}}",
                "session":{"open":"{{price}}","high":"1000","low":"{{low}}"} }
                """)).ShouldBe(HttpStatusCode.Created);
        }

        // The newest instant of the ledger is that of the treasury and its own books.
        (await client.PostAsync(Treasury + "/annotations", """
            {"effectiveAt":"2026-01-06T13:00:00Z","entry":1,"reason":"The other book is known now."}
            """)).ShouldBe(HttpStatusCode.Created);
        var answer = (await client.GetAsync($"{Treasury}/exposure/price-path?{At}&priceBook=other&pathAsset=BTC"))
            .ShouldBe(HttpStatusCode.OK).Json;
        var position = answer.GetProperty("positions")[0];

        // 2,700 falls by the same parts: to 2,160 and, in the session, to 1,350; 1,566 is where it may be liquidated.
        answer.GetProperty("points").EnumerateArray().Select(point => $"{Text(point, "price")} {Text(point, "low")}")
            .ShouldBe(["2700 2700", "2160 1350", "2430 2376"]);
        (Text(position, "belowAt"), Text(position, "belowPrice"), Text(position, "lowestAt")).ShouldBe(
            ("2025-12-02T00:00:00Z", "1350", "2025-12-02T00:00:00Z"));
        answer.GetProperty("points")[1].GetProperty("liquidatable").GetInt32().ShouldBe(1);
        (await client.GetAsync($"{Treasury}/exposure/price-path?{At}&priceBook=other&pathAsset=BTC&scale=absolute"))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("positions")[0].GetProperty("belowPrice").ToString()
            .ShouldBe("1000");
        (await client.GetAsync($"{Treasury}/exposure/price-path?{At}&priceBook=No")).Code.ShouldBe("query_invalid");
    }

    [Fact]
    public async Task liabilities_stand_against_assets_by_when_they_are_due_and_free()
    {
        var client = await RecordAsync();
        await OfTreasuryAsync("accounts", "\"account\":\"loan-2\",\"kind\":\"lendingPosition\",\"venue\":\"bank\"");
        await OfTreasuryAsync("borrowings", Leg("position", "loan-2", "50000") + ",\"to\":\"wallet\"");
        await OfTreasuryAsync("loan-terms", "\"position\":\"loan-2\",\"rate\":\"0.072\",\"days\":\"actual360\","
            + "\"maturesAt\":\"2026-03-20T00:00:00Z\",\"recallNoticeDays\":5");
        await OfTreasuryAsync(
            "unit-locks", Leg("account", "wallet", "20000") + ",\"until\":\"2026-01-10T00:00:00Z\"");
        var answer = (await client.GetAsync($"{Treasury}/exposure/liabilities?{At}&haircut=0.1&rates=0.1,0.5"))
            .ShouldBe(HttpStatusCode.OK).Json;

        var loan = answer.GetProperty("debts").EnumerateArray().Single(row => Text(row, "account") == "loan-2");
        (Text(loan, "due"), Text(loan, "callable"), Text(loan, "callableAt"), Text(loan, "perDay")).ShouldBe(
            ("within90Days", "within7Days", "2026-01-12T00:00:00Z", "10"));
        var pool = answer.GetProperty("debts").EnumerateArray().Single(row => Text(row, "account") == "aave-1");
        (Text(pool, "due"), Text(pool, "callable")).ShouldBe(("openEnded", "openEnded"));
        string?[] free = [.. answer.GetProperty("assets").EnumerateArray()
            .Where(row => Text(row, "asset") == "USDT")
            .Select(row => $"{Text(row, "quantity")} {Text(row, "free")}")];
        free.ShouldBe(["160000 today", "20000 within7Days"]);
        var coverage = answer.GetProperty("coverage");
        (Text(coverage, "callable"), Text(coverage, "cash"), Text(coverage, "cashRatio")).ShouldBe(
            ("50010", "180000", "3.599280143971205758"));
        answer.GetProperty("rungs").GetArrayLength().ShouldBe(7);
        var times = answer.GetProperty("times").EnumerateArray().Where(row => Text(row, "account") == "aave-1")
            .Select(row => row.GetProperty("secondsUntilLiquidation").GetInt64()).ToList();
        times[0].ShouldBeGreaterThan(times[1]);
        (await client.GetAsync($"{Treasury}/exposure/liabilities?{At}&format=csv&table=rungs"))
            .ShouldBe(HttpStatusCode.OK).Text.ShouldContain("band,until,due,callable,liquid");

        static string Leg(string name, string account, string quantity) =>
            $"\"{name}\":\"{account}\",\"asset\":\"USDT\",\"quantity\":\"{quantity}\"";
        async Task OfTreasuryAsync(string path, string members) => (await client.PostAsync(
            $"{Treasury}/{path}", "{\"effectiveAt\":\"2026-01-06T13:00:00Z\"," + members + "}"))
            .ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task the_same_question_gets_the_same_bytes_and_earlier_knowledge_knows_less()
    {
        var client = await RecordAsync();
        var first = await client.GetAsync($"{Treasury}/exposure?{At}");
        var known = Text(first.Json.GetProperty("viewpoint"), "knownAt");
        await client.PostAsync(Treasury + "/repayments", Loan("position", "USDT", "30000", "from", "wallet"));
        var now = await client.GetAsync($"{Treasury}/exposure?{At}");
        var then = await client.GetAsync($"{Treasury}/exposure?{At}&knownAt={known}");

        then.Text.ShouldBe(first.Text);
        Text(now.Json.GetProperty("positions")[0], "debtValue").ShouldBe("100000");
    }

    [Fact]
    public async Task the_ladder_and_its_series_stand_at_their_instants()
    {
        var client = await RecordAsync();
        var ladder = (await client.GetAsync($"{Treasury}/exposure/ladder?{At}")).ShouldBe(HttpStatusCode.OK).Json;
        var series = (await client.GetAsync($"{Treasury}/exposure/series?{At}&from=2026-01-05"))
            .ShouldBe(HttpStatusCode.OK).Json;

        var rung = ladder.GetProperty("rungs")[0];
        (Text(rung, "price"), Text(rung, "collateral"), Text(rung, "account")).ShouldBe(
            ("1566.26506024", "100", "aave-1"));
        Text(ladder, "price").ShouldBe("2700");
        var points = series.GetProperty("points").EnumerateArray().ToList();
        points[0].GetProperty("ladder").GetArrayLength().ShouldBe(0);
        Text(points[^1], "asset").ShouldBe("WETH");
        Text(points[^1].GetProperty("ladder")[0], "price").ShouldBe("1566.26506024");
        Text(points[^1].GetProperty("positions")[0], "healthFactor").ShouldBe("1.723846153846153846");
    }

    [Fact]
    public async Task a_grid_has_every_combination_and_what_would_save_it()
    {
        var client = await RecordAsync();
        var answer = (await client.GetAsync(
            $"{Treasury}/exposure/stress?{At}&prices=1,0.5&pegs=1,0.97&rates=0,0.05&days=0&healthFactorMin=1.1"))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("positions")[0];
        var cells = answer.GetProperty("cells").EnumerateArray().ToList();

        cells.Count.ShouldBe(8);
        Text(cells[0], "repay").ShouldBe("0");
        Text(cells[4], "price").ShouldBe("0.5");
        Text(cells[4], "healthFactor").ShouldBe("0.861923076923076923");
        cells[4].GetProperty("isLiquidatable").GetBoolean().ShouldBeTrue();
        // 130,000 less 135,000 × 0.83 ÷ 1.1, up
        Text(cells[4], "repay").ShouldBe("28136.363637");
        // 1.1 ÷ 1.7238…: prices may fall by 36.2 %
        Text(answer.GetProperty("reverse"), "priceFall")![..6].ShouldBe("0.3618");
    }

    [Fact]
    public async Task a_plan_says_what_to_repay_to_add_and_to_sell()
    {
        var client = await RecordAsync();
        var plan = (await client.GetAsync(
            $"{Treasury}/exposure/plan?{At}&account=aave-1&healthFactor=2&depth=3:0,50:0.02&between=1.02"))
            .ShouldBe(HttpStatusCode.OK).Json;

        Text(plan, "repay").ShouldBe("17950");
        Text(plan, "add")![..7].ShouldBe("16.0196");
        Text(plan.GetProperty("sale").GetProperty("after"), "healthFactor")!.Split('.')[0].ShouldBe("2");
        plan.GetProperty("sale").GetProperty("rounds").GetArrayLength().ShouldBe(1);
        Text(plan, "breakEvenPrice").ShouldBe("1300.00000001");
        var nobody = await client.GetAsync($"{Treasury}/exposure/plan?{At}&account=nobody");
        nobody.Code.ShouldBe("figure_unknown");
    }

    [Fact]
    public async Task waiting_for_liquidators_is_compared_with_selling_before()
    {
        var client = await RecordAsync();
        var answer = (await client.GetAsync($"{Treasury}/exposure/forced-sale?{At}&price=1500&healthFactor=2"))
            .ShouldBe(HttpStatusCode.OK).Json;
        var forced = answer.GetProperty("forced");

        Text(forced.GetProperty("calls")[0], "covered").ShouldBe("65000");
        // 65,000 × 1.05 ÷ 1,500
        Text(forced.GetProperty("calls")[0], "seized").ShouldBe("45.5");
        Text(forced, "penalty").ShouldBe("3250");
        Text(forced, "breakEvenSlippage").ShouldBe("0.047619047619047619");
        Text(forced, "equity").ShouldBe("16750");
        answer.GetProperty("voluntary").GetProperty("calls").GetArrayLength().ShouldBe(0);
        decimal.Parse(Text(answer, "advantage")!, System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBeGreaterThan(3_250m);
    }

    [Fact]
    public async Task a_position_without_terms_has_no_figures_and_says_why()
    {
        var client = await RecordAsync();
        var position = (await client.GetAsync($"{Treasury}/exposure?asOf=2025-12-31T00:00:00Z")).Json;
        var stale = (await client.GetAsync($"{Treasury}/exposure?asOf=2026-02-01T00:00:00Z")).Json;

        position.GetProperty("positions").GetArrayLength().ShouldBe(0);
        stale.GetProperty("positions")[0].GetProperty("gaps").ToString().ShouldContain("priceStale");
        stale.GetProperty("positions")[0].TryGetProperty("healthFactor", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("exposure?version=3.4", "version")]
    [InlineData("exposure/stress?prices=1,x", "prices")]
    [InlineData("exposure/stress?depth=1", "depth")]
    [InlineData("exposure/stress?depth=2:0.1,1:0.2", "depth")]
    [InlineData("exposure/plan", "account")]
    [InlineData("exposure/plan?account=aave-1&healthFactor=0.9", "healthFactor")]
    [InlineData("exposure/plan?account=aave-1&healthFactor=2&safeAt=1", "healthFactor")]
    [InlineData("exposure/ladder?healthFactorMin=0", "healthFactorMin")]
    [InlineData("exposure/forced-sale?price=-1", "price")]
    public async Task what_is_not_of_its_form_is_refused_with_its_name(string path, string parameter)
    {
        var client = await RecordAsync();
        var refused = await client.GetAsync($"{Treasury}/{path}");

        refused.Code.ShouldBe("query_invalid");
        Text(refused.Json.GetProperty("numbers"), "parameter").ShouldBe(parameter);
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).ToString();

    private static string Loan(string side, string asset, string quantity, string other, string account) =>
        $$"""
        {"effectiveAt":"2026-01-06T13:00:00Z","{{side}}":"aave-1","asset":"{{asset}}","quantity":"{{quantity}}",
        "{{other}}":"{{account}}"}
        """;

    /// <summary>100 WETH against 130,000 USDT, at 2,700.</summary>
    private async Task<ApiClient> RecordAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var (path, body) in new[]
        {
            ("capital-contributions", """
                {"effectiveAt":"2026-01-06T12:30:00Z","account":"wallet","asset":"WETH","quantity":"100",
                "value":{"currency":"USD","amount":"270000"} }
                """),
            ("collateral-deposits", Loan("position", "WETH", "100", "from", "wallet")),
            ("borrowings", Loan("position", "USDT", "130000", "to", "wallet")),
        })
        {
            (await client.PostAsync($"{Treasury}/{path}", body)).ShouldBe(HttpStatusCode.Created);
        }

        foreach (var request in Story.Requests.Where(request => request.Route.Path is "prices" or "states"))
        {
            await client.PostAsync(request.Address, request.Example.Json);
        }

        return client;
    }
}
