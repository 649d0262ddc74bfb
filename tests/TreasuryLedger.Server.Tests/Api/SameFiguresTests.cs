using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>
/// Whatever shows a health factor, a loan-to-value or a liquidation price of a position shows the same one: of
/// positions by amount, with an index, in an efficiency mode, with supply that is no collateral, and of a loan.
/// </summary>
[Collection(ApiTests.Name)]
public sealed class SameFiguresTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;
    private const string Then = "2026-01-06T12:00:00Z";
    private const string Now = "2026-01-07T00:00:00Z";
    private const string At = "asOf=" + Now;
    private const int Count = 12;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly (string Supply, string Debt) EtherThen = ("1.05", "1.06");
    private static readonly (string Supply, string Debt) DollarThen = ("1.08", "1.09");
    private static readonly (string Supply, string Debt) EtherNow = ("1.050123456789", "1.060987654321");
    private static readonly (string Supply, string Debt) DollarNow = ("1.0800777", "1.0900999000111");

    [Fact]
    public async Task every_answer_shows_the_same_figures_and_an_instruction_is_judged_by_them()
    {
        var positions = Positions(new Random(7));
        var client = await RecordAsync(positions);
        var shown = Exposure((await Get(client, $"exposure?{At}")).GetProperty("positions"));

        shown.Count.ShouldBe(Count + 1);
        shown.Values.ShouldAllBe(one => one.HealthFactor != null && one.LoanToValue != null);
        var others = await Others(client, shown.Keys);
        // Positions, both ladders, that of the series, the history and the plan show the price of those that have one.
        others.CountBy(one => one.Account).ShouldAllBe(one => one.Value >= 9);
        others.Count(one => one.Figures.Price is not null)
            .ShouldBe(6 * shown.Values.Count(one => one.Price is not null));
        // Positions, series, history, stress, plan and breaches show both ratios; the price path and liabilities one.
        others.Count(one => one.Figures.HealthFactor is not null).ShouldBe(8 * shown.Count);
        others.Count(one => one.Figures.LoanToValue is not null).ShouldBe(6 * shown.Count);
        foreach (var (answer, account, figures) in others)
        {
            var expected = shown[account];
            foreach (var (name, value, own) in new[]
            {
                ("health factor", figures.HealthFactor, expected.HealthFactor),
                ("loan-to-value", figures.LoanToValue, expected.LoanToValue),
                ("liquidation price", figures.Price, expected.Price),
            })
            {
                if (value is not null)
                {
                    value.ShouldBe(own, $"{name} of {account} by {answer}");
                }
            }
        }

        await JudgedAsync(client, positions);
    }

    [Fact]
    public async Task a_threshold_of_the_efficiency_mode_alone_gives_figures_but_for_contracts_that_need_its_own()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        const string lenders = "/v1/market-books/lenders/";
        foreach (var (address, members) in new[]
        {
            (lenders + "emodes", "\"market\":\"modes\",\"category\":1,\"loanToValueMax\":\"0.7\","
                + "\"liquidationThreshold\":\"0.8\",\"liquidationBonus\":\"0.01\",\"collateral\":[\"WETH\"]"),
            (Treasury + "/accounts",
                "\"account\":\"p-m\",\"kind\":\"lendingPosition\",\"venue\":\"aave\",\"market\":\"modes\""),
            (Treasury + "/collateral-deposits", Leg("p-m", "WETH", "10", "from") + ",\"touch\":{\"index\":\"1\"}"),
            (Treasury + "/borrowings", Leg("p-m", "USDT", "1000", "to") + ",\"touch\":{\"index\":\"1\"}"),
            (Treasury + "/emode-choices", "\"position\":\"p-m\",\"category\":1"),
        })
        {
            (await client.PostAsync(address, $$"""{"effectiveAt":"{{Then}}",{{members}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        var (shown, plain) = await BothAsync();
        Text(shown, "healthFactor").ShouldNotBeNull();
        Text(plain, "healthFactor").ShouldBe(Text(shown, "healthFactor"));
        plain.GetProperty("gaps").GetArrayLength().ShouldBe(0);

        (await client.PostAsync(
            lenders + "versions", $$"""{"effectiveAt":"{{Then}}","market":"modes","version":"3.5"}"""))
            .ShouldBe(HttpStatusCode.Created);
        (shown, plain) = await BothAsync();
        (Text(shown, "healthFactor"), Text(plain, "healthFactor")).ShouldBe((null, null));
        plain.GetProperty("gaps").EnumerateArray().Single().GetString().ShouldBe("thresholdMissing");

        async Task<(JsonElement Shown, JsonElement Plain)> BothAsync() => (
            Of(await Get(client, $"exposure?{At}")), Of(await Get(client, $"positions?{At}")));
        static JsonElement Of(JsonElement answer) => answer.GetProperty("positions").EnumerateArray()
            .Single(row => Text(row, "account") == "p-m");
    }

    /// <summary>What an instruction is refused for is what is seen once it was done.</summary>
    private static async Task JudgedAsync(ApiClient client, List<Sample> positions)
    {
        (await client.PostAsync(
            $"{Treasury}/limits", $$"""{"effectiveAt":"{{Now}}","healthFactorMin":"1000"}"""))
            .ShouldBe(HttpStatusCode.Created);
        var alerts = (await Get(client, $"alerts?{At}&code=limitBroken")).GetProperty("alerts").EnumerateArray()
            .Select(alert => alert.GetProperty("limit"))
            .ToDictionary(limit => Text(limit, "subject")!, limit => Text(limit, "is"));
        Exposure((await Get(client, $"exposure?{At}")).GetProperty("positions"))
            .ShouldAllBe(one => alerts[one.Key] == one.Value.HealthFactor);
        var judged = new Dictionary<string, string?>();
        foreach (var (one, i) in positions.Select((one, i) => (one, i)))
        {
            var (path, members, touch) = i / 2 % 2 == 0
                ? ("borrowings", Leg(one.Account, "USDT", "1234.567891", "to"),
                    Touch(DollarNow.Debt, DollarThen.Debt, Scaled(one.Debt, DollarThen.Debt, 6, isDebt: true)))
                : ("collateral-withdrawals", Leg(one.Account, "WETH", "0.123456789012345678", "to"),
                    Touch(EtherNow.Supply, EtherThen.Supply, Scaled(one.Ether, EtherThen.Supply, 18, isDebt: false)));
            var refused = await client.PostAsync(
                $"{Treasury}/{path}", $$"""{"effectiveAt":"{{Now}}","mode":"instruction",{{members}}}""");
            refused.Code.ShouldBe("limit_broken");
            judged[one.Account] = Text(refused.Json.GetProperty("numbers"), "healthFactor");
            (await client.PostAsync(
                $"{Treasury}/{path}",
                $$"""{"effectiveAt":"{{Now}}",{{members}}{{(one.IsIndexed ? touch : "")}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        var after = Exposure((await Get(client, $"exposure?{At}")).GetProperty("positions"));
        judged.ShouldAllBe(one => after[one.Key].HealthFactor == one.Value);
    }

    private static async Task<List<(string Answer, string Account, Figures Figures)>> Others(
        ApiClient client, IEnumerable<string> accounts)
    {
        var found = new List<(string, string, Figures)>();
        void Add(string answer, JsonElement rows, Func<JsonElement, Figures> read) => found.AddRange(
            rows.EnumerateArray().Where(row => row.TryGetProperty("account", out _))
                .Select(row => (answer, Text(row, "account")!, read(row))));
        Figures Both(JsonElement row) => new(Text(row, "healthFactor"), Text(row, "loanToValue"), null);
        Figures Price(JsonElement row) => new(null, null, Text(row, "price"));
        static JsonElement Last(JsonElement series) => series.GetProperty("points").EnumerateArray().Last();

        var plain = await Get(client, $"positions?{At}");
        Add("positions", plain.GetProperty("positions"), row => Both(row) with
        {
            Price = row.GetProperty("collateral").EnumerateArray().Where(item => Text(item, "asset") == "WETH")
                .Select(item => Text(item, "liquidationPrice")).Single(),
        });
        found.AddRange(plain.GetProperty("ladder").EnumerateArray().Where(row => Text(row, "asset") == "WETH")
            .Select(row => ("ladder of positions", Text(row, "account")!, Price(row))));
        Add("ladder", (await Get(client, $"exposure/ladder?{At}&asset=WETH")).GetProperty("rungs"), Price);
        var series = Last(await Get(client, $"exposure/series?{At}&asset=WETH&from=2026-01-06"));
        Add("series", series.GetProperty("positions"), Both);
        Add("ladder of the series", series.GetProperty("ladder"), Price);
        Add("history", Last(await Get(client, $"exposure/history?{At}&asset=WETH&from=2026-01-06"))
            .GetProperty("positions"), row => Both(row) with { Price = Text(row, "liquidationPrice") });
        Add("stress", (await Get(client, $"exposure/stress?{At}&prices=1&days=0")).GetProperty("positions"),
            row => Both(row.GetProperty("cells")[0]));
        Add("price path", (await Get(client, $"exposure/price-path?{At}")).GetProperty("positions"), Both);
        Add("liabilities", (await Get(client, $"exposure/liabilities?{At}&rates=0")).GetProperty("times"), Both);
        found.AddRange((await Get(
                client, $"exposure/breaches?{At}&from={Now}&healthFactorMin=1000&loanToValueMax=0.000001"))
            .GetProperty("breaches").EnumerateArray().Select(row => ("breaches", Text(row, "subject")!,
                Text(row, "limit") == "healthFactorMin"
                    ? new Figures(Text(row, "is"), null, null)
                    : new Figures(null, Text(row, "is"), null))));
        foreach (var account in accounts)
        {
            var before = (await Get(client, $"exposure/plan?{At}&account={account}&asset=WETH")).GetProperty("before");
            found.Add(("plan", account, Both(before) with { Price = Text(before, "liquidationPrice") }));
        }

        found.Select(one => one.Item1).Distinct().Count().ShouldBe(11);
        return found;
    }

    private static Dictionary<string, Figures> Exposure(JsonElement positions) => positions.EnumerateArray()
        .ToDictionary(row => Text(row, "account")!, row => new Figures(
            Text(row, "healthFactor"), Text(row, "loanToValue"),
            row.GetProperty("levels").EnumerateArray().Where(level => Text(level, "asset") == "WETH")
                .Select(level => Text(level, "price")).Single()));

    private static List<Sample> Positions(Random random)
    {
        var made = Enumerable.Range(0, Count).Select(i =>
        {
            var (ether, bitcoin) = (random.Next(2_000_000, 50_000_000), random.Next(0, 300_000));
            var worth = (ether * 2.7m / 1_000) + (bitcoin * 0.07m);
            return new Sample(
                $"p-{i}",
                (ether / 1_000_000m) + 0.000000000123456789m,
                bitcoin / 1_000_000m,
                decimal.Round(worth * random.Next(250, 550) / 1_000, 2) + 0.000007m,
                IsIndexed: i % 2 == 0,
                HasMode: i % 3 == 0,
                IsPledged: i % 4 != 1);
        });
        return [.. made, new Sample("bilateral", 10.5m, 0, 11_111.111111m, false, false, true)];
    }

    private async Task<ApiClient> RecordAsync(List<Sample> positions)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await OfAsync("/v1/price-books/reference/prices", Then,
            "\"asset\":\"CBTC\",\"currency\":\"USD\",\"price\":\"70123.4567890123\"");
        await OfAsync("/v1/market-books/lenders/states", "2026-01-01T00:00:00Z",
            "\"market\":\"aave-v3-ethereum\",\"asset\":\"CBTC\",\"loanToValueMax\":\"0.73\","
            + "\"liquidationThreshold\":\"0.78\"");
        await ReserveAsync(Then, "WETH", EtherThen);
        await ReserveAsync(Then, "USDT", DollarThen);
        await ReserveAsync(Now, "WETH", EtherNow);
        await ReserveAsync(Now, "USDT", DollarNow);
        await OfAsync(Treasury + "/assets", Then, "\"asset\":\"CBTC\",\"kind\":\"token\",\"decimals\":8");
        foreach (var asset in new[] { "WETH", "CBTC" })
        {
            await OfAsync(
                Treasury + "/capital-contributions", Then,
                $"\"account\":\"wallet\",\"asset\":\"{asset}\",\"quantity\":\"1000000\"");
        }

        foreach (var one in positions)
        {
            var market = one.Account == "bilateral" ? "" : ",\"market\":\"aave-v3-ethereum\"";
            await OfAsync(Treasury + "/accounts", Then,
                $"\"account\":\"{one.Account}\",\"kind\":\"lendingPosition\",\"venue\":\"aave\"{market}");
            await MoveAsync("collateral-deposits", "WETH", one.Ether, "from", EtherThen.Supply);
            await MoveAsync("collateral-deposits", "CBTC", one.Bitcoin, "from", "1");
            await MoveAsync("borrowings", "USDT", one.Debt, "to", DollarThen.Debt);
            if (one.HasMode)
            {
                await OfAsync(Treasury + "/emode-choices", Then, $"\"position\":\"{one.Account}\",\"category\":1");
            }

            if (!one.IsPledged)
            {
                await OfAsync(Treasury + "/collateral-switches", Then,
                    $"\"position\":\"{one.Account}\",\"asset\":\"CBTC\",\"isCollateral\":false");
            }

            async Task MoveAsync(string path, string asset, decimal quantity, string other, string index)
            {
                if (quantity > 0)
                {
                    await OfAsync($"{Treasury}/{path}", Then,
                        Leg(one.Account, asset, quantity.ToString(Invariant), other)
                        + (one.IsIndexed ? $",\"touch\":{{\"index\":\"{index}\"}}" : ""));
                }
            }
        }

        await OfAsync(Treasury + "/loan-terms", "2026-01-05T00:00:00Z",
            "\"position\":\"bilateral\",\"rate\":\"0.09\",\"days\":\"actual360\",\"marginCallLoanToValue\":\"0.7\","
            + "\"liquidationLoanToValue\":\"0.8\"");
        return client;

        async Task OfAsync(string address, string at, string members) =>
            (await client.PostAsync(address, $$"""{"effectiveAt":"{{at}}",{{members}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        Task ReserveAsync(string at, string asset, (string Supply, string Debt) index) => OfAsync(
            "/v1/market-books/lenders/reserves", at,
            $"\"market\":\"aave-v3-ethereum\",\"asset\":\"{asset}\",\"liquidityIndex\":\"{index.Supply}\","
            + $"\"variableBorrowIndex\":\"{index.Debt}\",\"liquidityRate\":\"0.0184\","
            + "\"variableBorrowRate\":\"0.0261\"");
    }

    private static string Leg(string position, string asset, string quantity, string other) =>
        $"\"position\":\"{position}\",\"asset\":\"{asset}\",\"quantity\":\"{quantity}\",\"{other}\":\"wallet\"";

    private static string Touch(string index, string before, string scaled) =>
        $",\"touch\":{{\"index\":\"{index}\",\"indexBefore\":\"{before}\",\"scaledBefore\":\"{scaled}\"}}";

    /// <summary>Scaled units that the contract made of tokens, in whole tokens.</summary>
    private static string Scaled(decimal tokens, string index, int decimals, bool isDebt)
    {
        ExactDecimal.Parse(tokens.ToString(Invariant)).TryMantissaAt(decimals, out var units);
        ExactDecimal.Parse(index).TryMantissaAt(27, out BigInteger ray);
        return new ExactDecimal(
            isDebt ? TokenMath.DebtMinted(units, ray) : TokenMath.SupplyMinted(units, ray), decimals).ToString();
    }

    private static async Task<JsonElement> Get(ApiClient client, string path) =>
        (await client.GetAsync($"{Treasury}/{path}")).ShouldBe(HttpStatusCode.OK).Json;

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) ? value.ToString() : null;

    private sealed record Figures(string? HealthFactor, string? LoanToValue, string? Price);

    private sealed record Sample(
        string Account, decimal Ether, decimal Bitcoin, decimal Debt, bool IsIndexed, bool HasMode, bool IsPledged);
}
