using System.Globalization;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// What the risk side says of the case: liabilities against assets, stress, the fall of the week over the illustrative
/// books, and the holder without debt. Held against published figures, or against ones that are worked out here.
/// </summary>
[Collection(CaseTests.Name)]
public sealed class CaseAnswerTests(RecordedCase recorded)
{
    private const string Trend = "trend-research";
    private const string BookOfThe2nd = "illustrative-2026-02-02";
    private const string BookOfThe6th = "illustrative-2026-02-06";

    /// <summary>Before anything was sold: 651,170 ETH against 1,018.5 million, at the close of 31 January.</summary>
    private const string Before = "2026-02-01T00:00:00Z";

    private const decimal Debt = 1_018_500_000m;
    private const decimal Close = 2_451.95m;
    private const decimal Rate = 0.0409m;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>Liquidation prices of 2 February: two end points are published, the mapping is illustrative.</summary>
    private static readonly decimal[] LevelsOfThe2nd =
        [1_862.02m, 1_845.15m, 1_845.15m, 1_845.15m, 1_845.15m, 1_781.09m];

    [Fact]
    public async Task all_debt_is_open_ended_and_next_to_nothing_stands_free_beside_the_collateral()
    {
        var answer = await recorded.AnswerAsync(Trend, "liabilities", ("asOf", Before), ("haircut", "0.15"));
        var rungs = answer.GetProperty("rungs").EnumerateArray().ToList();
        var coverage = answer.GetProperty("coverage");

        Number(answer.GetProperty("debts").EnumerateArray().ShouldHaveSingleItem(), "value").ShouldBe(Debt);
        Number(rungs[^1], "due").ShouldBe(Debt, "a pool has no day");
        rungs.SkipLast(1).ShouldAllBe(rung => Number(rung, "dueSoFar") == 0 && Number(rung, "callableSoFar") == 0);
        // 651,757 were sold in the end, 651,170 of them lay at the pool: 587 stood free.
        Number(coverage, "liquid").ShouldBe(Number(coverage, "cash") + (587 * Close * 0.85m));
        coverage.TryGetProperty("ratio", out _).ShouldBeFalse("nothing may be called");
    }

    [Fact]
    public async Task borrowing_costs_what_the_rate_of_29_January_says_and_nobody_observed_what_supply_earns()
    {
        var carry = (await recorded.AnswerAsync(Trend, "liabilities", ("asOf", Before))).GetProperty("carry");

        Number(carry, "paidPerYear").ShouldBe(Debt * Rate);
        decimal.Round(Number(carry, "paidPerDay"), 6).ShouldBe(decimal.Round(Debt * Rate / 365, 6));
        carry.GetProperty("lacking").EnumerateArray().Select(one => one.GetString()).ShouldBe(["aave-v3:WETH"]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.05")]
    [InlineData("0.1")]
    public async Task time_to_liquidation_is_when_debt_has_grown_by_the_health_factor(string added)
    {
        var time = (await recorded.AnswerAsync(Trend, "liabilities", ("asOf", Before), ("rates", added)))
            .GetProperty("times").EnumerateArray().ShouldHaveSingleItem();
        var factor = 651_170 * Close * 0.83m / Debt;
        var seconds = time.GetProperty("secondsUntilLiquidation").GetInt64();

        decimal.Round(Number(time, "healthFactor"), 15).ShouldBe(decimal.Round(factor, 15));
        // 1 + x + x²/2 + x³/6 passes the health factor within the second before.
        Grown(seconds).ShouldBeGreaterThan(factor - 0.000_000_001m);
        Grown(seconds - 1).ShouldBeLessThan(factor + 0.000_000_001m);

        decimal Grown(long after)
        {
            var x = (Rate + decimal.Parse(added, Invariant)) * after / 31_536_000;
            return 1 + x + (x * x / 2) + (x * x * x / 6);
        }
    }

    [Fact]
    public async Task the_week_would_have_reached_every_rung_of_2_February_and_none_of_6_February()
    {
        (string, string)[] week =
        [
            ("until", "2026-02-08T23:59:59Z"), ("scale", "absolute"), ("pathKnownAt", "2026-02-09T23:59:59Z"),
        ];
        var path = await recorded.AnswerAsync(
            BookOfThe2nd, "price-path", [("asOf", "2026-02-02T06:01:00Z"), ("from", "2026-02-02T12:00:00Z"), .. week]);
        var later = await recorded.AnswerAsync(
            BookOfThe6th, "price-path", [("asOf", "2026-02-06T05:01:00Z"), ("from", "2026-02-06T12:00:00Z"), .. week]);

        var days = path.GetProperty("points").EnumerateArray()
            .ToDictionary(point => Text(point, "observedAt")[..10], point => point);
        foreach (var (day, low) in new[]
        {
            ("2026-02-04", 2_076.68m), ("2026-02-05", 1_818.18m), ("2026-02-06", 1_747.80m),
        })
        {
            Number(days[day], "low").ShouldBe(low);
            days[day].GetProperty("liquidatable").GetInt32().ShouldBe(LevelsOfThe2nd.Count(level => level >= low));
        }

        // 1,698 is the highest rung that was published for the 6th: nobody was liquidated.
        later.GetProperty("points").EnumerateArray()
            .ShouldAllBe(point => point.GetProperty("liquidatable").GetInt32() == 0);
        later.GetProperty("positions").EnumerateArray().Count().ShouldBe(4);
    }

    [Fact]
    public async Task a_fall_is_borne_down_to_the_level_of_each_book_and_no_further()
    {
        var stress = (await recorded.AnswerAsync(
            BookOfThe2nd, "stress", ("asOf", "2026-02-02T06:01:00Z"), ("prices", "1,0.9,0.8,0.7"), ("pegs", "1,1.02"),
            ("days", "0"))).GetProperty("positions").EnumerateArray().ToList();
        const decimal price = 2_270.15m;
        var cells = stress.Select(one => one.GetProperty("cells").EnumerateArray().ToList()).ToList();
        foreach (var (part, peg) in new[]
        {
            (1m, 1m), (0.9m, 1m), (0.8m, 1m), (0.7m, 1m), (0.9m, 1.02m), (0.8m, 1.02m),
        })
        {
            cells.Count(of => of.Single(cell => Number(cell, "price") == part && Number(cell, "peg") == peg)
                .GetProperty("isLiquidatable").GetBoolean())
                .ShouldBe(LevelsOfThe2nd.Count(level => price * part < level * peg), $"{part} {peg}");
        }

        // Reverse: the fall that each just does not bear is 1 − level ÷ price.
        stress.Select(one => decimal.Round(Number(one.GetProperty("reverse"), "priceFall"), 4)).Order()
            .ShouldBe(LevelsOfThe2nd.Select(level => decimal.Round(1 - (level / price), 4)).Order());
    }

    [Fact]
    public async Task the_holder_without_debt_loses_as_much_and_nobody_can_make_him_sell()
    {
        var exposure = await recorded.AnswerAsync("bitmine", "exposure", ("asOf", "2026-02-02T23:59:59.999999Z"));
        var loss = await recorded.AnswerAsync("bitmine", "unrealized", ("asOf", "2026-02-02T23:59:59.999999Z"));

        exposure.GetProperty("positions").GetArrayLength().ShouldBe(0);
        var total = exposure.GetProperty("total");
        (Text(total, "owed"), Text(total, "leverage")).ShouldBe(("0", "1"));
        Text(total, "equity").ShouldBe(Text(total, "gross"));
        // Published on 2 February: 6.4 to 6.6 billion below cost. 4,240,000 at 2,347.02 against 3,882.
        Number(loss, "unrealizedGain").ShouldBe(4_240_000m * (2_347.02m - 3_882m));
    }

    private static decimal Number(JsonElement of, string name) => decimal.Parse(Text(of, name), Invariant);

    private static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}
