using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Tests.Commands;
using TreasuryLedger.Core.Tests.Lots;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>What the contract takes beside what health allows: at each border, and one unit beside it.</summary>
public sealed class ReserveRulesTests
{
    private const int Collateral = AaveSample.Collateral;
    private const int Debt = AaveSample.Debt;

    private static readonly HealthFactorTarget Two = new(2 * WadRayMath.Wad);

    [Theory]
    [InlineData(Collateral)]
    [InlineData(Debt)]
    public void within_a_grace_period_nobody_is_liquidated_up_to_its_last_second(int id)
    {
        var account = AaveSample.Account("100", "900", "83000") with { Now = 1_000 };
        var request = new LiquidationRequest(Collateral, Debt, Uint256.Max);
        AaveAccount Until(long second) => account.With(account.Reserve(id) with { GraceUntil = second });

        Reverts(Until(1_000), request).ShouldBe("LiquidationGraceSentinelCheckFailed");
        Reverts(Until(999), request).ShouldBeNull();
        ForcedSale.LargestCall(Until(1_000)).ShouldBeNull();
    }

    [Theory]
    [InlineData(Collateral, true, false, false)]
    [InlineData(Debt, false, true, false)]
    public void through_a_paused_reserve_no_plan_goes(int id, bool repays, bool adds, bool sells)
    {
        var account = AaveSample.Account("100", "2300", "130000");
        var paused = account.With(account.Reserve(id) with { IsPaused = true });

        Plans(account).ShouldBe((true, true, true));
        Plans(paused).ShouldBe((repays, adds, sells));
        ReserveRules.RefuseBorrow(paused, id).ShouldBe("ReservePaused");
        ReserveRules.MostToBorrow(paused, id).ShouldBe(BigInteger.Zero);
        ForcedSale.LargestCall(paused.WithPrice(Collateral, AaveSample.Units("1500", 8))).ShouldBeNull();
    }

    [Fact]
    public void a_frozen_reserve_takes_nothing_new_and_lets_all_out()
    {
        var account = AaveSample.Account("100", "2300", "130000");
        var frozen = account.With(account.Reserve(Collateral) with { IsFrozen = true })
            .With(account.Reserve(Debt) with { IsFrozen = true });

        Plans(frozen).ShouldBe((true, false, true));
        ReserveRules.RefuseSupply(frozen, Collateral).ShouldBe("ReserveFrozen");
        ReserveRules.RefuseBorrow(frozen, Debt).ShouldBe("ReserveFrozen");
        ForcedSale.LargestCall(frozen.WithPrice(Collateral, AaveSample.Units("1500", 8))).ShouldNotBeNull();
    }

    [Fact]
    public void a_supply_cap_bounds_what_is_added()
    {
        var account = AaveSample.Account("100", "2300", "130000");
        var needed = DeleveragingPlan.Add(account, Collateral, Two)!.Value;
        AaveAccount Capped(BigInteger? total, BigInteger cap) => account.With(
            account.Reserve(Collateral) with { SupplyCap = cap, TotalSupplied = total });

        DeleveragingPlan.Add(Capped(null, account.Supplied(Collateral) + needed), Collateral, Two).ShouldBe(needed);
        DeleveragingPlan.Add(Capped(null, account.Supplied(Collateral) + needed - 1), Collateral, Two).ShouldBeNull();
        DeleveragingPlan.Add(Capped(1_000, 1_000 + needed), Collateral, Two).ShouldBe(needed);
        DeleveragingPlan.Add(Capped(1_000, 999 + needed), Collateral, Two).ShouldBeNull();
        ReserveRules.RefuseSupply(Capped(1_000, 1_000), Collateral).ShouldBe("SupplyCapExceeded");
    }

    [Fact]
    public void a_borrow_cap_bounds_what_may_be_borrowed()
    {
        var account = AaveSample.Account("100", "2300", "130000");
        AaveAccount Capped(BigInteger? total, BigInteger cap) =>
            account.With(account.Reserve(Debt) with { BorrowCap = cap, TotalOwed = total });

        AaveSample.Tokens(ReserveRules.MostToBorrow(account, Debt), 6).ShouldBe("55150");
        ReserveRules.MostToBorrow(Capped(7, 7 + 41), Debt).ShouldBe(41);
        ReserveRules.RefuseBorrow(Capped(7, 7), Debt).ShouldBe("BorrowCapExceeded");
        ReserveRules.MostToBorrow(Capped(null, account.Owed(Debt) + 3), Debt).ShouldBe(3);
    }

    [Fact]
    public void an_isolated_collateral_carries_permitted_debt_up_to_its_ceiling()
    {
        var account = AaveSample.Account("100", "2300", "130000");
        var isolated = account.With(
            account.Reserve(Collateral) with { DebtCeiling2 = 13_000_150, IsolatedDebt2 = 13_000_000 });
        var allowed = isolated.With(account.Reserve(Debt) with { IsBorrowableInIsolation = true });
        var full = allowed.With(allowed.Reserve(Collateral) with { IsolatedDebt2 = 13_000_151 });

        ReserveRules.RefuseBorrow(isolated, Debt).ShouldBe("AssetNotBorrowableInIsolation");
        // 1.50 may come; up to 1.509999 the contract counts whole hundredths.
        AaveSample.Tokens(ReserveRules.MostToBorrow(allowed, Debt), 6).ShouldBe("1.509999");
        ReserveRules.RefuseBorrow(full, Debt).ShouldBe("DebtCeilingExceeded");
        ReserveRules.RefuseBorrow(isolated with { Version = AaveVersion.V37 }, Debt).ShouldBeNull();
        var second = isolated with { Reserves = isolated.Reserves.Add(AaveSample.Reserve(2, 18, "1000")) };
        second.Supply(2, 5).Holding(2).CollateralEnabled.ShouldBeFalse("isolated collateral stands alone");
        (second with { Version = AaveVersion.V37 }).Supply(2, 5).Holding(2).CollateralEnabled.ShouldBeTrue();
    }

    [Fact]
    public void a_siloed_debt_stands_alone()
    {
        var account = AaveSample.Account("100", "2300", "1000");
        var two = account with { Reserves = account.Reserves.Add(AaveSample.Reserve(2, 6, "1")) };
        var siloed = two.With(two.Reserve(2) with { IsSiloed = true });
        var inSilo = two.With(two.Reserve(Debt) with { IsSiloed = true });

        ReserveRules.RefuseBorrow(siloed, 2).ShouldBe("SiloedBorrowingViolation");
        ReserveRules.RefuseBorrow(inSilo, 2).ShouldBe("SiloedBorrowingViolation");
        ReserveRules.RefuseBorrow(inSilo, Debt).ShouldBeNull();
        ReserveRules.RefuseBorrow(siloed with { Version = AaveVersion.V37 }, 2).ShouldBeNull();
    }

    [Theory]
    [InlineData(AaveVersion.V35, 0, true)]
    [InlineData(AaveVersion.V36, 0, true)]
    [InlineData(AaveVersion.V37, 0, true)]
    [InlineData(AaveVersion.V36, 1, false)]
    public void collateral_on_which_nothing_is_lent_leaves_first(AaveVersion version, int ltv, bool isFirst)
    {
        var account = AaveSample.Account("100", "2300", "130000") with { Version = version };
        var both = (account with
        {
            Reserves = account.Reserves.Add(AaveSample.Reserve(2, 18, "1000") with { LtvBps = ltv }),
        }).With(new AaveHolding(2, AaveSample.Units("1", 18), true, 0));

        ReserveRules.RefuseWithdraw(both, Collateral).ShouldBe(isFirst ? "LtvValidationFailed" : null);
        ReserveRules.RefuseWithdraw(both, 2).ShouldBeNull();
        Plans(both).ShouldBe((true, true, !isFirst));
        // Not where it is no collateral, not once it is gone, and not where nothing is owed.
        ReserveRules.RefuseWithdraw(
            both.With(both.Holding(2) with { CollateralEnabled = false }), Collateral).ShouldBeNull();
        ReserveRules.RefuseWithdraw(both.Withdraw(2, AaveSample.Units("1", 18)), Collateral).ShouldBeNull();
        ReserveRules.RefuseWithdraw(both.Repay(Debt, both.Owed(Debt)), Collateral).ShouldBeNull();
    }

    [Fact]
    public void in_an_e_mode_only_its_assets_are_borrowed()
    {
        var mode = new AaveEMode(1, 9_300, 9_500, 10_100, [Collateral], [], []);
        var account = AaveSample.Account("100", "2300", "1000") with { EModes = [mode], EModeId = 1 };

        ReserveRules.RefuseBorrow(account, Debt).ShouldBe("NotBorrowableInEMode");
        ReserveRules.RefuseBorrow(account with { EModes = [mode with { Borrowable = [Debt] }] }, Debt).ShouldBeNull();
    }

    [Fact]
    public void no_more_is_withdrawn_than_is_there()
    {
        var account = AaveSample.Account("100", "2300", "130000");
        var terms = new SaleTerms(Collateral, Debt, DepthCurve.Flat(0));
        var sold = DeleveragingPlan.Sell(account, terms, Two)!.Sold;
        AaveAccount There(BigInteger units) => account.With(account.Reserve(Collateral) with { Available = units });

        // The last smallest unit of money takes up to 5 * 10^8 smallest units of ether.
        DeleveragingPlan.Sell(There(sold), terms, Two)!.Sold.ShouldBeLessThanOrEqualTo(sold);
        DeleveragingPlan.Sell(There(sold - 1_000_000_000), terms, Two).ShouldBeNull();
        DeleveragingPlan.Sell(There(1), terms with { Liquidity = sold }, Two).ShouldNotBeNull("what is said counts");
        ReserveRules.MostToBorrow(account.With(account.Reserve(Debt) with { Available = 5 }), Debt).ShouldBe(5);
    }

    [Theory]
    [InlineData(null, "3.6", false, true)]
    [InlineData(true, "3.6", true, false)]
    [InlineData(null, "3.7", true, true)]
    public void an_isolated_collateral_counts_alone_or_not_at_all(
        bool? isSwitchedOn, string version, bool isIsolatedCounted, bool isOtherCounted)
    {
        var (eth, btc, loan) = (TestJournal.Eth, TestJournal.Btc, AccountId.Parse("loan"));
        var journal = new TestJournal();
        var registers = journal.Registers with
        {
            Accounts = journal.Registers.Accounts.SetItem(
                loan, new AccountRegistered(loan, AccountKind.LendingPosition, "test", "m")),
        };
        var entries = new LedgerEvent[]
        {
            new MarketStateRecorded("m", eth, ExactDecimal.One, ExactDecimal.One, null, null, null),
            new MarketStateRecorded("m", btc, ExactDecimal.One, ExactDecimal.One, null, null, null),
            new ReserveConfigured("m", eth, null, null, null, null, new ExactDecimal(5, 0), null, null, null, null),
        }.Select((told, i) => (NarrowEntry)SampleEvents.Entry(i + 1, told)).ToList();
        var facts = PositionFacts.None with
        {
            Switches = isSwitchedOn is { } on
                ? PositionFacts.None.Switches.SetItem((loan, eth), on)
                : PositionFacts.None.Switches,
        };
        AaveAccount Of(params AssetId[] held) => PositionAccounts.Of(
            [
                new LendingPosition
                {
                    Account = loan,
                    Market = "m",
                    Collateral = [.. held.Select(asset => new ValuedCollateral(
                        asset, new Quantity(5), Priced(), ExactDecimal.One))],
                    Debts = [],
                },
            ],
            registers, MarketBookView.Of(entries), entries[0].EffectiveAt, AaveVersions.Parse(version), facts)
            .All.Single().Account!;

        var both = Of(eth, btc);
        both.Holdings.Select(held => held.CollateralEnabled)
            .ShouldBe([isOtherCounted, isIsolatedCounted], "in the order of ids: BTC, ETH");
        Of(eth).Holdings.Single().CollateralEnabled.ShouldBeTrue();
    }

    private static Valuation Priced() =>
        new(Amount.Zero, new PriceUsed(ExactDecimal.One, default, 1, "test"), PriceState.Valid);

    private static (bool Repay, bool Add, bool Sell) Plans(AaveAccount account) => (
        DeleveragingPlan.Repay(account, Debt, Two) is not null,
        DeleveragingPlan.Add(account, Collateral, Two) is not null,
        DeleveragingPlan.Sell(account, new SaleTerms(Collateral, Debt, DepthCurve.Flat(0)), Two) is not null);

    private static string? Reverts(AaveAccount account, LiquidationRequest request)
    {
        try
        {
            LiquidationCall.Execute(account, request);
            return null;
        }
        catch (AaveRevertException reverted)
        {
            return reverted.Message;
        }
    }
}
