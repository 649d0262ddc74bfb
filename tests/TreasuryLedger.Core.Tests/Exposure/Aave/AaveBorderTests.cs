using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>Exactly at each border of the liquidation rule, and one smallest unit beside it.</summary>
public sealed class AaveBorderTests
{
    [Fact]
    public void a_health_factor_of_one_is_safe_and_the_next_lower_price_is_not()
    {
        Refusal(AaveSample.Account("100", "1000", "83000")).ShouldBe("HealthFactorNotBelowThreshold");
        Refusal(AaveSample.Account("100", "999.99999999", "83000")).ShouldBeNull();
    }

    [Fact]
    public void at_095_all_debt_may_be_paid_and_just_above_it_half()
    {
        Most(AaveSample.Account("100", "950", "83000")).ShouldBe("83000");
        Most(AaveSample.Account("100", "950.00000001", "83000")).ShouldBe("41500");
    }

    [Fact]
    public void two_thousand_on_both_sides_is_half_and_a_micro_dollar_less_debt_is_all()
    {
        // 2,400 of collateral at 83 % carry 1,992: a debt of 2,000 is just below health.
        Most(AaveSample.Account("2.4", "1000", "2000")).ShouldBe("1000");
        Most(AaveSample.Account("2.4", "1000", "1999.999999")).ShouldBe("1999.999999");
    }

    [Fact]
    public void two_thousand_of_collateral_is_half_and_less_of_it_is_all()
    {
        var second = AaveSample.Reserve(2, 18, "1000");
        var account = AaveSample.Account("2", "1000", "4000");
        var both = account with { Reserves = account.Reserves.Add(second) };
        var rich = both.With(new AaveHolding(2, AaveSample.Units("2.81", 18), true, 0));

        Most(rich).ShouldBe("2000");
        Most(rich.WithPrice(AaveSample.Collateral, AaveSample.Units("999.99999999", 8))).ShouldBe("4000");
    }

    [Fact]
    public void half_is_of_the_whole_debt_so_a_smaller_debt_may_be_paid_in_full()
    {
        var account = AaveSample.Account("100", "999", "30000");
        var two = account with { Reserves = account.Reserves.Add(AaveSample.Reserve(2, 6, "1")) };
        var owing = two.With(new AaveHolding(2, 0, false, AaveSample.Units("53000", 6)));

        Most(owing).ShouldBe("30000");
        var call = new LiquidationRequest(AaveSample.Collateral, 2, Uint256.Max);
        AaveSample.Tokens(LiquidationCall.MostDebt(owing, call, AccountData.Of(owing)), 6).ShouldBe("41500");
    }

    [Theory]
    [InlineData("999.999999", null)]
    [InlineData("1000", "MustNotLeaveDust")]
    [InlineData("1999.999999", null)]
    public void debt_of_a_thousand_may_be_left_and_less_may_not(string paid, string? error)
    {
        var account = AaveSample.Account("2.4", "1000", "1999.999999");

        Refusal(account, AaveSample.Units(paid, 6)).ShouldBe(error);
    }

    [Fact]
    public void a_thousand_of_collateral_may_be_left_and_less_may_not()
    {
        // 10,000 of debt on 10,600: 9,142.857142 of it take 9,599.9999991, which leaves 1,000.0000009.
        var account = AaveSample.Account("10.6", "1000", "10150");

        Refusal(account, AaveSample.Units("9142.857142", 6)).ShouldBeNull();
        Refusal(account, AaveSample.Units("9142.857144", 6)).ShouldBe("MustNotLeaveDust");
    }

    [Fact]
    public void what_is_asked_for_is_cut_and_less_is_taken_as_asked()
    {
        var account = AaveSample.Account("100", "999", "83000");
        var less = LiquidationCall.Execute(
            account, new LiquidationRequest(AaveSample.Collateral, AaveSample.Debt, AaveSample.Units("1", 6)));

        less.DebtCovered.ShouldBe(1_000_000);
        AaveSample.LiquidateAll(account).DebtCovered.ShouldBe(AaveSample.Units("41500", 6));
    }

    [Fact]
    public void without_collateral_every_debt_is_burned_and_named()
    {
        var account = AaveSample.Account("10", "1000", "10000");
        var two = account with { Reserves = account.Reserves.Add(AaveSample.Reserve(2, 6, "1")) };
        var done = AaveSample.LiquidateAll(two.With(new AaveHolding(2, 0, false, AaveSample.Units("77", 6))));

        done.Deficits.Select(deficit => $"{deficit.ReserveId} {AaveSample.Tokens(deficit.Units, 6)}")
            .ShouldBe(["1 476.190476", "2 77"]);
        done.After.Holdings.ShouldAllBe(held => !held.IsBorrowing && !held.IsCollateral);
    }

    [Fact]
    public void a_few_units_without_worth_are_no_collateral_left_and_37_also_takes_the_flag()
    {
        // 1,999.99 of debt take 2.0999895 at 1,000 each; five wei more are worth nothing.
        var account = AaveSample.Account("2.099989500000000005", "1000", "1999.99");
        var two = account with { Reserves = account.Reserves.Add(AaveSample.Reserve(2, 6, "1")) };
        var owing = two.With(new AaveHolding(2, 0, false, AaveSample.Units("77", 6)));
        var old = AaveSample.LiquidateAll(owing);
        var now = AaveSample.LiquidateAll(owing with { Version = AaveVersion.V37 });

        old.Deficits.ShouldBe([new Deficit(2, AaveSample.Units("77", 6))]);
        now.Deficits.ShouldBe(old.Deficits.AsEnumerable());
        old.After.Holding(AaveSample.Collateral).ShouldBe(new AaveHolding(AaveSample.Collateral, 5, true, 0));
        now.After.Holding(AaveSample.Collateral).ShouldBe(new AaveHolding(AaveSample.Collateral, 5, false, 0));
    }

    [Theory]
    [InlineData(AaveVersion.V36)]
    [InlineData(AaveVersion.V37)]
    public void other_collateral_keeps_the_debt_alive(AaveVersion version)
    {
        var account = AaveSample.Account("1", "1000", "1999") with { Version = version };
        var two = account with { Reserves = account.Reserves.Add(AaveSample.Reserve(2, 18, "1000")) };
        var done = AaveSample.LiquidateAll(two.With(new AaveHolding(2, AaveSample.Units("1", 18), true, 0)));

        done.Deficits.ShouldBeEmpty();
        done.After.Holding(AaveSample.Collateral).IsCollateral.ShouldBeFalse();
        AaveSample.Tokens(done.After.Owed(AaveSample.Debt), 6).ShouldBe("1046.619047");
    }

    [Fact]
    public void a_paused_reserve_takes_no_part()
    {
        var account = AaveSample.Account("100", "900", "83000");

        Refusal(account.With(account.Reserve(AaveSample.Debt) with { IsPaused = true })).ShouldBe("ReservePaused");
    }

    [Fact]
    public void collateral_that_is_not_enabled_cannot_be_seized()
    {
        var account = AaveSample.Account("100", "900", "83000");
        var off = account.With(account.Holding(AaveSample.Collateral) with { CollateralEnabled = false });

        Refusal(off).ShouldBe("CollateralCannotBeLiquidated");
        AccountData.Of(off).HealthFactor.ShouldBe(BigInteger.Zero);
    }

    [Fact]
    public void inside_an_e_mode_its_bonus_counts()
    {
        var mode = new AaveEMode(1, 9_300, 9_500, 10_100, [AaveSample.Collateral], [AaveSample.Debt], []);
        var account = AaveSample.Account("100", "873", "83000") with { EModes = [mode], EModeId = 1 };
        var done = AaveSample.LiquidateAll(account);

        // 41,500 ÷ 873 × 1.01
        AaveSample.Tokens(done.CollateralReceived + done.ProtocolFee, 18).ShouldBe("48.012600229095074455");
    }

    [Fact]
    public void a_threshold_of_zero_counts_as_collateral_from_36_on()
    {
        var account = AaveSample.Account("10", "2000", "1000", threshold: "0", ltv: "0");

        AccountData.Of(account).Collateral.ShouldBe(AaveSample.Units("20000", 8));
        AccountData.Of(account with { Version = AaveVersion.V35 }).Collateral.ShouldBe(BigInteger.Zero);
    }

    [Fact]
    public void an_isolated_e_mode_leaves_other_collateral_its_threshold_but_no_loan_to_value()
    {
        var mode = new AaveEMode(1, 9_300, 9_500, 10_100, [AaveSample.Debt], [], [], IsIsolated: true);
        var account = AaveSample.Account("10", "2000", "1000") with { EModes = [mode], EModeId = 1 };
        var now = AccountData.Of(account with { Version = AaveVersion.V37 });

        (now.LtvBps, now.LiquidationThresholdBps, now.HasLtvZero).ShouldBe((0, 8_300, true));
        AccountData.Of(account).LtvBps.ShouldBe(8_050);
    }

    [Theory]
    [InlineData("3.4")]
    [InlineData("3.6.1")]
    [InlineData("3.8")]
    [InlineData("2")]
    [InlineData("")]
    public void a_version_that_is_not_known_is_refused_by_name(string version) =>
        Should.Throw<NotSupportedException>(() => AaveVersions.Parse(version)).Message.ShouldContain($"'{version}'");

    [Fact]
    public void versions_are_read_as_they_are_written() => Enum.GetValues<AaveVersion>()
        .ShouldAllBe(version => AaveVersions.Parse(version.Text()) == version);

    private static string Most(AaveAccount account)
    {
        var call = new LiquidationRequest(AaveSample.Collateral, AaveSample.Debt, Uint256.Max);
        AccountData.Of(account).IsLiquidatable.ShouldBeTrue();
        return AaveSample.Tokens(LiquidationCall.MostDebt(account, call, AccountData.Of(account)), 6);
    }

    private static string? Refusal(AaveAccount account, BigInteger? asked = null)
    {
        try
        {
            LiquidationCall.Execute(
                account, new LiquidationRequest(AaveSample.Collateral, AaveSample.Debt, asked ?? Uint256.Max));
            return null;
        }
        catch (AaveRevertException reverted)
        {
            return reverted.Message;
        }
    }
}
