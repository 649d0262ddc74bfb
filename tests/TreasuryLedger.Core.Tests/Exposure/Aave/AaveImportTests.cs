using System.Numerics;
using CsCheck;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>Logs of a pool become entries whose units are the contract's.</summary>
public sealed class AaveImportTests
{
    private static readonly BigInteger Ether = BigInteger.Pow(10, 18);

    [Fact]
    public void a_change_books_the_interest_since_the_last_one()
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
            "deposit 10 WETH",
            "debt interest 0.000001 USDC", "borrow 5000 USDC", // what is owed reads up
            "supply interest 0.100249999999999999 WETH", "withdraw 1 WETH",
            "debt interest 40 USDC", "repay 1000 USDC",
        ]);
        read.Treasury.Select(command => command.Fact!.Value.ToString()).ShouldBe(
        [
            "evm-1:0xb100:0xt0:1", "evm-1:0xb101:0xt1:3:interest-debt", "evm-1:0xb101:0xt1:3",
            "evm-1:0xb102:0xt2:5:interest-supply",
            "evm-1:0xb102:0xt2:5", "evm-1:0xb102:0xt2:7:interest-debt", "evm-1:0xb102:0xt2:7",
        ]);
        read.Treasury[3].Evidence.ShouldBe(new Evidence("evm-logs", "0xt2", EvidenceQuality.Derived, null));
        read.Treasury[4].Evidence!.Quality.ShouldBe(EvidenceQuality.Fact);
        read.Treasury[4].SourceOrder!.ToString().ShouldBe("102.5.1");
        read.Treasury[0].EffectiveAt.ToString().ShouldBe("2026-01-01T00:20:00Z");
        read.Markets.Length.ShouldBe(4);
        ((RecordMarketState)read.Markets[0]).BorrowRate.ShouldBe(new ExactDecimal(40_000_000, 27));
    }

    [Fact]
    public void the_units_booked_are_the_contracts_after_any_history_in_any_order_of_logs() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 1_000_000], Gen.Int[0, 90_000], Gen.Bool).Array[1, 40]
            .Select(Gen.Int[0, 1_000])
            .Sample(
                (steps, seed) =>
                {
                    var pool = Played(steps);
                    var order = new Random(seed);
                    var read = AaveImport.Of(pool.Logs.OrderBy(_ => order.Next()), PoolSimulator.Terms);

                    foreach (var (address, asset) in PoolSimulator.Terms.Assets)
                    {
                        var (held, owed) = Booked(read, asset);
                        read.Scaled.GetValueOrDefault(asset.Asset).ShouldBe(pool.Scaled(address));
                        // After a change the books are the contract's, but for what it rounded down since interest.
                        (held - pool.Supplied(address)).ShouldBeInRange(0, steps.Length + 1);
                        owed.ShouldBe(pool.Owed(address));
                    }
                },
                iter: 500);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void a_liquidation_takes_what_the_liquidator_and_the_protocol_got(bool handedOver)
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Weth, 10 * Ether);
        pool.Borrow(PoolSimulator.Usdc, 5_000_000_000);
        pool.Grow(1_000_000, 2_000_000);
        pool.Liquidate(2_000_000_000, 2 * Ether, Ether / 100, handedOver);
        var read = AaveImport.Of(pool.Logs, PoolSimulator.Terms);
        var (held, owed) = Booked(read, PoolSimulator.Terms.Assets[PoolSimulator.Weth]);

        held.ShouldBe(pool.Supplied(PoolSimulator.Weth));
        owed.ShouldBe(BigInteger.Zero);
        read.Treasury.Select(Told).Skip(2).ShouldBe(
        [
            "supply interest 0.01 WETH", "debt interest 10.000001 USDC",
            "liquidate 2.010000000000000001 WETH for 2000 USDC, fee 0.010000000000000001", // as what is left reads
        ]);
        read.Scaled[AssetId.Parse("USDC")].Owed.ShouldBe(pool.Scaled(PoolSimulator.Usdc).Owed);
    }

    [Fact]
    public void debt_paid_out_of_supply_is_a_withdrawal_and_a_repayment()
    {
        var pool = new PoolSimulator();
        pool.Supply(PoolSimulator.Usdc, 9_000_000_000);
        pool.Borrow(PoolSimulator.Usdc, 5_000_000_000);
        pool.Grow(1_000_000, 2_000_000);
        pool.Repay(PoolSimulator.Usdc, 1_000_000_000, useSupply: true);
        var read = AaveImport.Of(pool.Logs, PoolSimulator.Terms);

        read.Treasury.Select(Told).Skip(2).ShouldBe(
            ["supply interest 8.999999 USDC", "withdraw 1000 USDC", "debt interest 10.000001 USDC", "repay 1000 USDC"]);
        read.Treasury.Select(command => command.Fact!.Value).ShouldBeUnique();
        read.Treasury.Select(command => command.SourceOrder!.ToString()).ShouldBeUnique();
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

        read.Treasury.Select(Told).ShouldBe(["deposit 1 WETH"]);
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
        Should.Throw<AaveImportException>(() => AaveImport.Of(handed.Logs, PoolSimulator.Terms))
            .Message.ShouldContain("hands over supplied units");

        var cut = new PoolSimulator();
        cut.Supply(PoolSimulator.Weth, Ether);
        var logs = cut.Logs.Select(log => log.Kind == AaveTopics.Supply ? log with { Data = log.Data[..70] } : log);
        Should.Throw<AaveImportException>(() => AaveImport.Of(logs, PoolSimulator.Terms))
            .Message.ShouldContain("has no word 1 in its data");
    }

    private static PoolSimulator Played((int Action, int Amount, int Growth, bool IsWeth)[] steps)
    {
        var pool = new PoolSimulator();
        foreach (var (action, amount, growth, isWeth) in steps)
        {
            pool.Grow(growth, 2 * growth);
            var reserve = isWeth ? PoolSimulator.Weth : PoolSimulator.Usdc;
            switch (action)
            {
                case 0:
                    pool.Supply(reserve, 1_000_003 * (BigInteger)amount);
                    break;
                case 1 when pool.Supplied(reserve) > amount:
                    pool.Withdraw(reserve, pool.Supplied(reserve) * amount / 1_000_000);
                    break;
                case 2:
                    pool.Borrow(reserve, 999_983 * (BigInteger)amount);
                    break;
                case 3 when pool.Owed(reserve) > amount:
                    pool.Repay(reserve, pool.Owed(reserve) * amount / 1_000_000);
                    break;
                default:
                    break;
            }
        }

        // A last change brings the interest of both sides into the books.
        foreach (var reserve in new[] { PoolSimulator.Weth, PoolSimulator.Usdc })
        {
            pool.Supply(reserve, 1_000_000);
            pool.Borrow(reserve, 1_000_000);
        }

        return pool;
    }

    private static (BigInteger Held, BigInteger Owed) Booked(AaveImportResult read, AaveImportAsset asset)
    {
        var (held, owed) = (BigInteger.Zero, BigInteger.Zero);
        BigInteger Units(ExactDecimal tokens) => AaveSample.Units(tokens.ToString(), asset.Decimals);
        foreach (var command in read.Treasury)
        {
            switch (command)
            {
                case DepositCollateral one when one.Asset == asset.Asset:
                    held += Units(one.Quantity);
                    break;
                case WithdrawCollateral one when one.Asset == asset.Asset:
                    held -= Units(one.Quantity);
                    break;
                case Borrow one when one.Asset == asset.Asset:
                    owed += Units(one.Quantity);
                    break;
                case Repay one when one.Asset == asset.Asset:
                    owed -= Units(one.Quantity);
                    break;
                case AccrueInterest { Side: InterestSide.Supply } one when one.Asset == asset.Asset:
                    held += Units(one.Quantity);
                    break;
                case AccrueInterest { Side: InterestSide.Debt } one when one.Asset == asset.Asset:
                    owed += Units(one.Quantity);
                    break;
                case RecordLiquidation one:
                    held -= one.CollateralAsset == asset.Asset ? Units(one.SeizedQuantity) : 0;
                    owed -= one.DebtAsset == asset.Asset ? Units(one.CoveredQuantity) : 0;
                    break;
                default:
                    break;
            }
        }

        return (held, owed);
    }

    private static string Told(Command command) => command switch
    {
        DepositCollateral one => $"deposit {one.Quantity} {one.Asset}",
        WithdrawCollateral one => $"withdraw {one.Quantity} {one.Asset}",
        Borrow one => $"borrow {one.Quantity} {one.Asset}",
        Repay one => $"repay {one.Quantity} {one.Asset}",
        AccrueInterest { Side: InterestSide.Debt } one => $"debt interest {one.Quantity} {one.Asset}",
        AccrueInterest one => $"supply interest {one.Quantity} {one.Asset}",
        RecordLiquidation one => $"liquidate {one.SeizedQuantity} {one.CollateralAsset} for {one.CoveredQuantity} "
            + $"{one.DebtAsset}, fee {one.ProtocolFeeQuantity}",
        _ => command.GetType().Name,
    };
}
