using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>The examples of levels, plans and time of Exposure/SPEC.md, read from the file and executed.</summary>
public sealed class PlanSpecTests
{
    private static readonly BigInteger Cent = AaveSample.Units("0.01", 18);

    public static TheoryData<string> Levels() => Rows("Examples: levels");

    public static TheoryData<string> Plans() => Rows("Examples: plans");

    public static TheoryData<string> Times() => Rows("Examples: time");

    [Theory]
    [MemberData(nameof(Levels))]
    public void each_example_of_a_level_holds(string row)
    {
        var cells = row.Split('|');

        Level(AaveSample.Account(cells[0], "2300", cells[2], cells[1])).ShouldBe(cells[3]);
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void each_example_of_a_plan_holds(string row)
    {
        var cells = row.Split('|');
        var account = AaveSample.Account("100000", "2300", "130000000");
        var target = new HealthFactorTarget(AaveSample.Units("1.75", 18));
        var (tokens, after) = Planned(account, cells[0], cells[1], target);

        tokens.ShouldBe(cells[2]);
        (after is null ? "–" : Level(after)[..7]).ShouldBe(cells[3]);
    }

    [Theory]
    [MemberData(nameof(Times))]
    public void each_example_of_time_holds(string row)
    {
        var cells = row.Split('|');
        var account = AaveSample.Account(cells[0], cells[1], cells[2]);
        var working = account
            .With(account.Reserve(AaveSample.Debt) with { VariableBorrowRate = AaveSample.Units(cells[3], 27) })
            .With(account.Reserve(AaveSample.Collateral) with { LiquidityRate = AaveSample.Units(cells[4], 27) });

        $"{(object?)Horizon.SecondsUntilBelow(working) ?? "–"}".ShouldBe(cells[5]);
    }

    private static (string Tokens, AaveAccount? After) Planned(
        AaveAccount account, string plan, string slippage, PlanTarget target)
    {
        switch (plan)
        {
            case "repay":
                var money = DeleveragingPlan.Repay(account, AaveSample.Debt, target)!.Value;
                return (UpToCents(money * BigInteger.Pow(10, 12)), account.Repay(AaveSample.Debt, money));
            case "add":
                var more = DeleveragingPlan.Add(account, AaveSample.Collateral, target)!.Value;
                return (UpToCents(more), account.Supply(AaveSample.Collateral, more));
            default:
                var curve = DepthCurve.Flat((int)AaveSample.Units(slippage, 4));
                var terms = new SaleTerms(AaveSample.Collateral, AaveSample.Debt, curve);
                var sale = DeleveragingPlan.Sell(account, terms, target);
                return (sale is null ? "–" : UpToCents(sale.Sold), sale?.After);
        }
    }

    private static string UpToCents(BigInteger units) => AaveSample.Tokens(Uint256.DivideUp(units, Cent), 2);

    private static string Level(AaveAccount account)
    {
        var level = LiquidationLevels.Of(account, AaveSample.Collateral);
        return level.Side == LevelSide.AtOrBelow
            ? AaveSample.Tokens(level.Price8, 8)
            : level.Side.ToString().ToLowerInvariant();
    }

    private static TheoryData<string> Rows(string heading) =>
        [.. AaveSample.Table(heading).Select(cells => string.Join('|', cells))];
}
