using System.Numerics;
using System.Reflection;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>What is nothing, next to nothing or too much has an answer, and each border has a test.</summary>
public sealed class AaveEdgeTests
{
    public static TheoryData<string, string> Borders() =>
        [.. AaveSample.Table("Borders and their tests").Select(cells => (cells[0], cells[1].Trim('`')))];

    [Theory]
    [MemberData(nameof(Borders))]
    public void each_border_has_a_test(string border, string test) => typeof(AaveEdgeTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttributes().Any(one => one is FactAttribute))
        .Count(method => method.Name == test).ShouldBe(1, border);

    [Fact]
    public void a_reserve_in_which_nothing_is_owed_takes_no_part()
    {
        var account = AaveSample.Account("100", "900", "83000");
        var two = account with { Reserves = account.Reserves.Add(AaveSample.Reserve(2, 6, "1")) };
        var request = new LiquidationRequest(AaveSample.Collateral, 2, Uint256.Max);

        Should.Throw<AaveRevertException>(() => LiquidationCall.Execute(two, request))
            .Message.ShouldContain("SpecifiedCurrencyNotBorrowedByUser");
    }

    [Fact]
    public void collateral_without_worth_carries_nothing_and_cannot_be_counted_out()
    {
        var account = AaveSample.Account("100", "0", "83000");

        AccountData.Of(account).HealthFactor.ShouldBe(BigInteger.Zero);
        Horizon.SecondsUntilBelow(account).ShouldBe(0);
        Should.Throw<AaveRevertException>(() => AaveSample.LiquidateAll(account));
        DeleveragingPlan.Sell(
            account, new SaleTerms(AaveSample.Collateral, AaveSample.Debt, DepthCurve.Flat(0)),
            new HealthFactorTarget(WadRayMath.Wad)).ShouldBeNull();
        DeleveragingPlan.Add(account, AaveSample.Collateral, new HealthFactorTarget(WadRayMath.Wad)).ShouldBeNull();
    }

    [Fact]
    public void debt_without_worth_is_no_debt()
    {
        var account = AaveSample.Account("100", "1000", "83000").WithPrice(AaveSample.Debt, 0);

        AccountData.Of(account).HealthFactor.ShouldBe(Uint256.Max);
        Should.Throw<AaveRevertException>(() => AaveSample.LiquidateAll(account))
            .Message.ShouldContain("HealthFactorNotBelowThreshold");
    }

    [Fact]
    public void without_debt_there_is_no_level_no_time_and_nothing_to_do()
    {
        var account = AaveSample.Account("100", "1000", "0");
        var target = new HealthFactorTarget(2 * WadRayMath.Wad);

        LiquidationLevels.Of(account, AaveSample.Collateral).Side.ShouldBe(LevelSide.Never);
        Horizon.SecondsUntilBelow(account).ShouldBeNull();
        DeleveragingPlan.BreakEvenPrice8(account, AaveSample.Collateral).ShouldBeNull();
        (DeleveragingPlan.Repay(account, AaveSample.Debt, target),
            DeleveragingPlan.Add(account, AaveSample.Collateral, target)).ShouldBe((0, 0));
    }

    [Fact]
    public void the_smallest_unit_owed_is_rounded_up_and_the_smallest_held_down()
    {
        var account = AaveSample.Account("0.000000000000000001", "1000", "0.000001");
        var data = AccountData.Of(account);

        (data.Collateral, data.Debt, data.HealthFactor).ShouldBe((0, 100, 0));
        var done = AaveSample.LiquidateAll(account);
        done.Deficits.ShouldHaveSingleItem().Units.ShouldBe(1);
        done.After.Holdings.ShouldAllBe(held => !held.IsBorrowing && !held.IsCollateral);
    }

    [Fact]
    public void numbers_beyond_256_bits_revert()
    {
        var account = AaveSample.Account("100", "1000", "83000");
        var held = account.Holding(AaveSample.Collateral) with { ScaledSupply = Uint256.Max };

        Should.Throw<AaveRevertException>(() => AccountData.Of(account.With(held)));
        Should.Throw<AaveRevertException>(() => AccountData.Of(
            account.WithPrice(AaveSample.Collateral, Uint256.Max)));
    }
}
