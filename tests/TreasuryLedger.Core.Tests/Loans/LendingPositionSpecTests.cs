using TreasuryLedger.Core.Exposure;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Tests.Loans;

/// <summary>The examples of Loans/SPEC.md, read from the file and executed.</summary>
public sealed class LendingPositionSpecTests
{
    private static readonly AssetId Eth = AssetId.Parse("ETH");

    public static TheoryData<string> Examples() =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Loans", "SPEC.md"))
            .SkipWhile(line => !line.StartsWith("## Examples", StringComparison.Ordinal))
            .Where(line => line.StartsWith('|') && char.IsAsciiDigit(line[2])),
    ];

    [Theory]
    [MemberData(nameof(Examples))]
    public void each_example_of_the_specification_holds(string row)
    {
        var cells = row.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var position = Position("p", Tokens(cells[0]), cells[1], cells[2], Tokens(cells[3]));

        Text(position.LoanToValue).ShouldBe(cells[4]);
        Text(position.HealthFactor).ShouldBe(cells[5]);
        Text(position.LiquidationPrice(Eth, 18)).ShouldBe(cells[6]);
    }

    [Fact]
    public void at_its_liquidation_price_the_health_factor_is_one_and_just_below_it_is_less()
    {
        var price = Position("p", "175800", "2500", "0.83", "274000000").LiquidationPrice(Eth, 18)!.Value;
        var below = new ExactDecimal(price.Mantissa - 1, price.Scale);

        Position("p", "175800", price.ToString(), "0.83", "274000000").HealthFactor.ShouldBe(ExactDecimal.One);
        Position("p", "175800", below.ToString(), "0.83", "274000000").HealthFactor!.Value.ShouldBeLessThan(
            ExactDecimal.One);
    }

    [Fact]
    public void a_missing_price_leaves_figures_absent_and_says_so()
    {
        var position = Position("p", "10", null, "0.83", "10000");

        position.Gaps.ShouldBe([PositionGap.PriceMissing]);
        position.HealthFactor.ShouldBeNull();
        position.LoanToValue.ShouldBeNull();
        position.LiquidationPrice(Eth, 18).ShouldBe(ExactDecimal.Parse("1204.81927710843373494"));
    }

    [Fact]
    public void the_ladder_starts_with_the_position_that_falls_first_and_adds_up()
    {
        var rungs = LiquidationLadder.Of(
            [
                Position("low", "10", "2000", "0.8", "8000"),
                Position("none", "10", "2000", "0.8", "0"),
                Position("high", "5", "2000", "0.8", "6000"),
            ],
            Eth,
            18);

        rungs.Select(rung => $"{rung.Account} {rung.Price} {rung.CollateralSoFar.ToTokens(18)} {rung.DebtSoFar} "
            + $"{rung.AmountAtRung}").ShouldBe(["high 1500 5 6000 7500", "low 1000 15 14000 15000"]);
    }

    [Fact]
    public void positions_taken_together_add_units_and_amounts()
    {
        var together = LendingPositions.Together(
            [Position("a", "10", "2000", "0.8", "8000"), Position("b", "5", "2000", "0.8", "6000")]);

        together.CollateralAmount.ShouldBe(Amount.TryParse("30000", out var all) ? all : default);
        together.LiquidationPrice(Eth, 18)!.Value.ToString().ShouldBe("1166.666666666666666667");
    }

    private static LendingPosition Position(
        string account, string tokens, string? price, string threshold, string owed)
    {
        var used = price is null ? null : new PriceUsed(ExactDecimal.Parse(price), default, 1, "test");
        Quantity.TryFromTokens(ExactDecimal.Parse(tokens), 18, out var collateral);
        Quantity.TryFromTokens(ExactDecimal.Parse(owed), 6, out var debt);
        Amount? worth = used is null ? null : Amount.Of(collateral, 18, used.Price);
        return new LendingPosition
        {
            Account = AccountId.Parse(account),
            Market = "m",
            Collateral =
            [
                new ValuedCollateral(
                    Eth,
                    collateral,
                    new Valuation(worth, used, used is null ? PriceState.Missing : PriceState.Valid),
                    ExactDecimal.Parse(threshold)),
            ],
            Debts =
            [
                new ValuedDebt(
                    AssetId.Parse("USDT"),
                    debt,
                    new Valuation(Amount.Of(debt, 6, ExactDecimal.One), null, PriceState.Valid)),
            ],
        };
    }

    private static string Tokens(string cell) => cell.Split(' ')[0];

    private static string Text(ExactDecimal? value) => value?.ToString() ?? "–";
}
