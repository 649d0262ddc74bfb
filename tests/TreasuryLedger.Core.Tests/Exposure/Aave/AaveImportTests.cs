using System.Numerics;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>Logs of a pool become entries whose units are the contract's.</summary>
public sealed class AaveImportTests
{
    private static readonly BigInteger Ether = BigInteger.Pow(10, 18);
    private static readonly Instant Start = Instant.Parse("2026-01-01T00:20:00Z");

    [Fact]
    public void a_log_is_a_touch_with_the_scaled_units_before_it()
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Weth, 10 * Ether);
        pool.Grow(5_000_000, 8_000_000);
        pool.Borrow(PoolSimulator.Usdc, 5_000_000_000);
        pool.Grow(5_000_000, 8_000_000);
        pool.Withdraw(PoolSimulator.Weth, Ether);
        pool.Repay(PoolSimulator.Usdc, 1_000_000_000);
        var read = AaveImport.Of(pool.Logs, PoolSimulator.Terms);

        read.Treasury.Select(Told).ShouldBe(
        [
            "deposit 10 WETH at 1 of 0 moved 10",
            "borrow 5000 USDC at 1.008 of 0 moved 4960.317461",
            "withdraw 1 WETH at 1.010025 from 1 of 10 moved 0.990074503106358754",
            "repay 1000 USDC at 1.016064 from 1.008 of 4960.317461 moved 984.189972",
        ]);
        read.Treasury.Select(command => command.Fact!.Value.ToString()).ShouldBe(
            ["evm-1:0xb100:0xt0:1", "evm-1:0xb101:0xt1:3", "evm-1:0xb102:0xt2:5", "evm-1:0xb102:0xt2:7"]);
        read.Treasury[2].Evidence.ShouldBe(new Evidence("evm-logs", "0xt2", EvidenceQuality.Fact, null));
        read.Treasury[2].SourceOrder!.ToString().ShouldBe("102.5");
        read.Treasury[0].EffectiveAt.ToString().ShouldBe("2026-01-01T00:20:00Z");
        read.Markets.Length.ShouldBe(4);
        ((RecordReserve)read.Markets[1]).VariableBorrowIndex.ShouldBe(ExactDecimal.Parse("1.008"));
    }

    [Fact]
    public void handed_over_supply_deficits_and_choices_are_told()
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Weth, 10 * Ether);
        pool.Borrow(PoolSimulator.Usdc, 5_000_000_000);
        pool.Borrow(PoolSimulator.Weth, Ether);
        pool.Choose(1, isCollateral: false);
        pool.Grow(1_000_000, 2_000_000);
        pool.HandOver(Ether);
        pool.HandOver(2 * Ether, isOut: false);
        pool.Grow(1_000_000, 2_000_000);
        pool.LiquidateAll(2_000_000_000);
        var terms = PoolSimulator.Terms with
        {
            Accounts = PoolSimulator.Terms.Accounts.Add(PoolSimulator.Stranger, AccountId.Parse("other")),
        };
        var read = AaveImport.Of(pool.Logs, terms);

        read.Treasury.Select(Told).Skip(3).ShouldBe(
        [
            "ChooseEMode", "SwitchCollateral",
            "withdraw 1.001 WETH at 1.001 from 1 of 10 moved 1",
            "deposit 2.002 WETH at 1.001 from 1.001 of 9 moved 2",
            "liquidate 11.022011 WETH for 2000 USDC, fee 0, forgiven 3020.02",
            "forgive 1.004004 WETH at 1.004004 from 1 of 1 moved 1",
        ]);
        read.Scaled.Values.ShouldAllBe(sides => sides.Supplied.IsZero && sides.Owed.IsZero);
        Should.Throw<AaveImportException>(() => AaveImport.Of(pool.Logs, PoolSimulator.Terms))
            .Message.ShouldContain("which is no account here");
    }

    [Fact]
    public void interest_that_the_ledger_booked_between_two_logs_is_not_booked_twice()
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Weth, 10 * Ether);
        pool.Grow(5_000_000, 8_000_000);
        pool.Withdraw(PoolSimulator.Weth, Ether);
        var booking = new IndexTouch(
            PoolSimulator.Terms.Position, AssetId.Parse("WETH"), InterestSide.Supply, new Quantity(10 * Ether),
            ExactDecimal.One, new Quantity(10 * Ether), ExactDecimal.Parse("1.001"), Quantity.Zero, Quantity.Zero);
        var read = AaveImport.Of(pool.Logs, PoolSimulator.Terms with
        {
            Bookings = [(Start.Plus(1), [booking])],
        });

        Told(read.Treasury[1]).ShouldStartWith("withdraw 1 WETH at 1.005 from 1.001 of 10 ");
    }

    [Fact]
    public void what_others_do_is_passed_over()
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Weth, Ether, PoolSimulator.Stranger);
        pool.Write(PoolSimulator.Stranger, AaveTopics.Supply, [PoolSimulator.Weth, PoolSimulator.User, "0x0"], [1, 1]);

        AaveImport.Of(pool.Logs, PoolSimulator.Terms).Treasury.ShouldBeEmpty();
    }

    [Fact]
    public void a_block_that_left_the_chain_brings_nothing_and_its_facts_are_named()
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Weth, Ether);
        pool.Grow(1, 1);
        pool.Supply(PoolSimulator.Weth, Ether);
        var removed = pool.Logs.Select(log => log.BlockNumber == 101 ? log with { IsRemoved = true } : log);
        var read = AaveImport.Of(removed, PoolSimulator.Terms);

        read.Treasury.Select(Told).ShouldBe(["deposit 1 WETH at 1 of 0 moved 1"]);
        read.Orphaned.Select(fact => fact.ToString()).ShouldBe(["evm-1:0xb101:0xt1:2", "evm-1:0xb101:0xt1:3"]);
    }

    [Fact]
    public void what_cannot_be_right_or_recorded_stops_with_the_logs_name()
    {
        var short_history = new PoolSimulator();
        short_history.Supply(PoolSimulator.Weth, 2 * Ether);
        short_history.Withdraw(PoolSimulator.Weth, Ether);
        Should.Throw<AaveImportException>(() => AaveImport.Of(short_history.Logs.Skip(2), PoolSimulator.Terms))
            .Message.ShouldBe("Log 3 of block 100 (0xt0) takes more than the logs before it brought: they must begin "
                + "with the position's first.");
        Should.Throw<AaveImportException>(() => AaveImport.Of(short_history.Logs.Skip(1), PoolSimulator.Terms))
            .Message.ShouldContain("has no index of its reserve before it");

        var handed = new PoolSimulator();
        handed.Supply(PoolSimulator.Weth, 2 * Ether);
        handed.HandOver(Ether);
        var strange = PoolSimulator.Terms with { SupplyTokens = PoolSimulator.Terms.SupplyTokens.Clear() };
        Should.Throw<AaveImportException>(() => AaveImport.Of(handed.Logs, strange))
            .Message.ShouldContain("hands over supplied units");

        var cut = new PoolSimulator();
        cut.Supply(PoolSimulator.Weth, Ether);
        var logs = cut.Logs.Select(log => log.Kind == AaveTopics.Supply ? log with { Data = log.Data[..70] } : log);
        Should.Throw<AaveImportException>(() => AaveImport.Of(logs, PoolSimulator.Terms))
            .Message.ShouldContain("has no word 1 in its data");
    }

    private static string Told(Command command) => command switch
    {
        DepositCollateral one => $"deposit {one.Quantity} {one.Asset} {Told(one.Touch!)}",
        WithdrawCollateral one => $"withdraw {one.Quantity} {one.Asset} {Told(one.Touch!)}",
        Borrow one => $"borrow {one.Quantity} {one.Asset} {Told(one.Touch!)}",
        Repay one => $"repay {one.Quantity} {one.Asset} {Told(one.Touch!)}",
        ForgiveDebt one => $"forgive {one.Quantity} {one.Asset} {Told(one.Touch!)}",
        RecordLiquidation one => $"liquidate {one.SeizedQuantity} {one.CollateralAsset} for {one.CoveredQuantity} "
            + $"{one.DebtAsset}, fee {one.ProtocolFeeQuantity}, forgiven {one.ForgivenQuantity}",
        _ => command.GetType().Name,
    };

    private static string Told(TouchTerms touch) => $"at {touch.Index}"
        + (touch.IndexBefore is { } before ? $" from {before}" : "")
        + $" of {touch.ScaledBefore} moved {touch.ScaledMoved}";
}
