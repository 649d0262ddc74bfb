using System.Net;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Interest of a period is whole, whether or not what is accrued at its end was booked.</summary>
[Collection(ApiTests.Name)]
public sealed class InterestTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;
    private const string January = "from=2025-12-31&asOf=2026-01-31";
    private const string February = "from=2026-01-31&asOf=2026-02-28";

    [Fact]
    public async Task interest_of_a_period_is_booked_and_accrued_together_and_the_batch_books_what_is_accrued()
    {
        var client = await RecordAsync();
        var (january, february) = (await InterestAsync(client, January), await InterestAsync(client, February));

        // 10 ETH at 1.05 that becomes 1.06; 1,080 USDT at 1.08 that becomes 1.1; 36,000 USDT at 9 % for 26 days of 360.
        Rows(january).ShouldBe(
        [
            "aave-9 USDT debt 0 0 20 20", "aave-9 WETH supply 0 0 0.1 0.1", "bilateral USDT debt 0 0 234 234",
        ]);
        Rows(february)[2].ShouldBe("bilateral USDT debt 234 0 486 252");
        (await ExpenseAsync(client, "2026-01-31")).ShouldBe("0");
        (await UnbookedAsync(client)).ShouldBe(
            ["aave-9 USDT debt 20 20", "aave-9 WETH supply 0.1 270", "bilateral USDT debt 234 234"]);

        var batch = january.GetProperty("bookings").GetRawText();
        (await client.PostAsync(Treasury + "/batches", batch)).ShouldBe(HttpStatusCode.Created);
        var booked = await InterestAsync(client, January);

        Rows(booked).ShouldBe(
        [
            "aave-9 USDT debt 0 20 0 20", "aave-9 WETH supply 0 0.1 0 0.1", "bilateral USDT debt 0 0 234 234",
        ]);
        Text(booked, "paid").ShouldBe(Text(january, "paid"));
        booked.TryGetProperty("bookings", out _).ShouldBeFalse();
        // What a loan owes bears no interest before its lender charges it: 252 of February as before.
        Rows(await InterestAsync(client, February)).ShouldBe(["bilateral USDT debt 234 0 486 252"]);
        (await ExpenseAsync(client, "2026-01-31")).ShouldBe("20");
        (await UnbookedAsync(client)).ShouldBe(["bilateral USDT debt 234 234"]);
        // Once: the same batch again would count the same interest twice.
        (await client.PostAsync(Treasury + "/batches", batch)).Code.ShouldBe("interest_booked");
    }

    private static async Task<JsonElement> InterestAsync(ApiClient client, string span) =>
        (await client.GetAsync($"{Treasury}/interest?{span}")).ShouldBe(HttpStatusCode.OK).Json;

    private static string[] Rows(JsonElement answer) =>
    [
        .. answer.GetProperty("rows").EnumerateArray().Select(row => string.Join(
            ' ', new[] { "position", "asset", "side", "accruedBefore", "booked", "accruedAfter", "interest" }
                .Select(name => Text(row, name)))),
    ];

    /// <summary>What the trial balance of the end of January says to be in none of its rows.</summary>
    private static async Task<string[]> UnbookedAsync(ApiClient client) =>
    [
        .. (await client.GetAsync($"{Treasury}/trial-balance?asOf=2026-01-31")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("unbooked").GetProperty("rows").EnumerateArray().Select(row => string.Join(
                ' ', new[] { "position", "asset", "side", "quantity", "value" }.Select(name => Text(row, name)))),
    ];

    private static async Task<string?> ExpenseAsync(ApiClient client, string asOf) =>
        (await client.GetAsync($"{Treasury}/trial-balance?asOf={asOf}")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("rows").EnumerateArray().Where(row => Text(row, "account") == "interestExpense")
            .Select(row => Text(row, "debit")).SingleOrDefault() ?? "0";

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).ToString();

    private async Task<ApiClient> RecordAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await OfAsync("/v1/price-books/reference/prices", "31T12:00",
            "\"asset\":\"ETH\",\"currency\":\"USD\",\"price\":\"2700\"");
        await ReserveAsync("06T12:00", "WETH", "1.05", "1.06");
        await ReserveAsync("06T12:00", "USDT", "1.08", "1.08");
        await ReserveAsync("31T12:00", "WETH", "1.06", "1.07");
        await ReserveAsync("31T12:00", "USDT", "1.1", "1.1");
        await OfAsync(Treasury + "/accounts", "01T00:00",
            "\"account\":\"aave-9\",\"kind\":\"lendingPosition\",\"venue\":\"aave\",\"market\":\"aave-v3-ethereum\"");
        await OfAsync(Treasury + "/accounts", "01T00:00",
            "\"account\":\"bilateral\",\"kind\":\"lendingPosition\",\"venue\":\"bank\"");
        await OfAsync(Treasury + "/capital-contributions", "05T12:00",
            "\"account\":\"wallet\",\"asset\":\"WETH\",\"quantity\":\"100\"");
        await OfAsync(Treasury + "/collateral-deposits", "06T12:00",
            "\"from\":\"wallet\",\"position\":\"aave-9\",\"asset\":\"WETH\",\"quantity\":\"10.5\","
            + "\"touch\":{\"index\":\"1.05\"}");
        await OfAsync(Treasury + "/borrowings", "06T12:00",
            "\"to\":\"wallet\",\"position\":\"aave-9\",\"asset\":\"USDT\",\"quantity\":\"1080\","
            + "\"touch\":{\"index\":\"1.08\"}");
        await OfAsync(Treasury + "/borrowings", "05T12:00",
            "\"to\":\"wallet\",\"position\":\"bilateral\",\"asset\":\"USDT\",\"quantity\":\"36000\"");
        await OfAsync(Treasury + "/loan-terms", "05T12:00",
            "\"position\":\"bilateral\",\"rate\":\"0.09\",\"days\":\"actual360\"");
        return client;

        async Task OfAsync(string address, string at, string members) =>
            (await client.PostAsync(address, $$"""{"effectiveAt":"2026-01-{{at}}:00Z",{{members}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        Task ReserveAsync(string at, string asset, string supply, string debt) => OfAsync(
            "/v1/market-books/lenders/reserves", at,
            $"\"market\":\"aave-v3-ethereum\",\"asset\":\"{asset}\",\"liquidityIndex\":\"{supply}\","
            + $"\"variableBorrowIndex\":\"{debt}\",\"liquidityRate\":\"0\",\"variableBorrowRate\":\"0\"");
    }
}
