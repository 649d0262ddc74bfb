using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Model;

/// <content>What happens to units.</content>
public sealed partial class HistoryGenerator
{
    private LedgerEvent? Happening(EntryKind kind) => kind switch
    {
        EntryKind.Buy => Buy(),
        EntryKind.Sell => Sell(),
        EntryKind.Transfer => Moved((sent, to) => new AssetTransferred(sent, to, Fees())),
        EntryKind.Dispatch => Moved((sent, to) => new TransferDispatched(
            sent, to, _dice.Chance(40) ? Start.Plus((Days - 1 + _dice.Below(3)) * _day / 2) : null, Fees())),
        EntryKind.Arrive => Arrive(),
        EntryKind.Yield => new YieldReceived(Any(_world.AnyAccount()), _dice.Chance(30) ? _world.SomeValue() : null),
        EntryKind.Fee => new FeePaid(AnyOrMoney(_world.AnyHolding())),
        EntryKind.Contribute => Contribute(),
        EntryKind.Open => Open(),
        EntryKind.Wrap => Wrap(),
        EntryKind.Deposit => new CollateralDeposited(Any(MostlyAt(World.Wallet)), World.Position, Fees()),
        EntryKind.Withdraw => new CollateralWithdrawn(Any(World.Position), MostlyAt(World.Wallet), Fees()),
        EntryKind.Borrow => new DebtBorrowed(AnyOrMoney(World.Position), MostlyAt(World.Wallet), Fees()),
        EntryKind.Repay => new DebtRepaid(AnyOrMoney(World.Position), MostlyAt(World.Wallet), Fees()),
        EntryKind.Interest => new InterestAccrued(
            AnyOrMoney(World.Position), _dice.Chance(50) ? InterestSide.Debt : InterestSide.Supply),
        EntryKind.Liquidate => Liquidate(),
        EntryKind.Price => new PriceRecorded(
            _dice.Chance(50) ? AssetId.Parse("ETH") : _world.AnyAsset(),
            _dice.Chance(95) ? World.Reporting : _world.AnyMoney(),
            _world.SomePrice(),
            null),
        _ => null,
    };

    private AssetAcquired Buy()
    {
        var account = _dice.Pick([World.Exchange, World.Exchange, World.Wallet, World.Bank]);
        var received = Any(account);
        var paid = Other(received, _dice.Chance(80));
        return new AssetAcquired(received, paid, Fees());
    }

    private AssetSold Sell()
    {
        var sold = Any(World.Exchange);
        return new AssetSold(sold, Other(sold, _dice.Chance(80)), Fees());
    }

    /// <summary>The other side of a trade: never the same asset.</summary>
    private Leg Other(Leg side, bool isMoney)
    {
        var account = MostlyAt(side.Account);
        var other = isMoney ? _world.AnyMoney() : _world.AnyAsset();
        if (other == side.Asset)
        {
            other = side.Asset == World.Reporting ? AssetId.Parse("ETH") : World.Reporting;
        }

        return _world.Leg(account, other);
    }

    private LedgerEvent? Moved(Func<Leg, AccountId, LedgerEvent> happened)
    {
        var from = _world.AnyHolding();
        var to = _world.AnyHolding();
        return from == to ? null : happened(Any(from), to);
    }

    private TransferArrived? Arrive()
    {
        var dispatched = _treasury.Where(entry => entry.Event is TransferDispatched).ToList();
        if (dispatched.Count == 0)
        {
            return null;
        }

        var transfer = _dice.Pick(dispatched);
        var sent = ((TransferDispatched)transfer.Event).Sent;
        var to = _dice.Chance(85) ? ((TransferDispatched)transfer.Event).To : _world.AnyHolding();
        var all = _dice.Chance(40) ? sent.Quantity : _world.Some(sent.Asset);
        return new TransferArrived(transfer.Fact, new Leg(to, sent.Asset, all));
    }

    private CapitalContributed Contribute()
    {
        var received = AnyOrMoney(_world.AnyHolding());
        return new CapitalContributed(received, _dice.Chance(60) ? _world.SomeValue() : null);
    }

    private BalancesOpened Open()
    {
        var lots = ImmutableArray.CreateBuilder<OpeningLot>();
        for (var i = 1 + _dice.Below(3); i > 0; i--)
        {
            var cost = _dice.Chance(75) ? _world.SomeValue() : null;
            lots.Add(new OpeningLot(Any(_world.AnyAccount()), Start.Plus(-_dice.Below(4) * _day), cost));
        }

        return new BalancesOpened(lots.ToImmutable(), _dice.Chance(30) ? [AnyOrMoney(World.Position)] : []);
    }

    private AssetWrapped Wrap()
    {
        var (under, over) = _dice.Pick([.. _world.Wraps]);
        var (from, to) = _dice.Chance(60) ? (under, over) : (over, under);
        var account = _world.AnyHolding();
        var put = _world.Leg(account, from);
        var got = _dice.Chance(85) ? put.Quantity : _world.Some(to);
        return new AssetWrapped(put, new Leg(account, to, got));
    }

    private LiquidationRecorded Liquidate()
    {
        var seized = Any(World.Position);
        var bonus = _dice.Chance(50) ? Quantity.Min(_world.Some(seized.Asset), seized.Quantity) : Quantity.Zero;
        var protocolFee = new Quantity(_dice.Below(2));
        return new LiquidationRecorded(
            seized, AnyOrMoney(World.Position), bonus, Quantity.Min(protocolFee, seized.Quantity - bonus));
    }

    private ImmutableArray<Leg> Fees()
    {
        var fees = ImmutableArray.CreateBuilder<Leg>();
        while (_dice.Chance(25) && fees.Count < 3)
        {
            fees.Add(AnyOrMoney(_world.AnyHolding()));
        }

        return fees.ToImmutable();
    }

    private Leg Any(AccountId account) => _world.Leg(account, _world.AnyAsset());

    private Leg AnyOrMoney(AccountId account) =>
        _dice.Chance(50) ? Any(account) : _world.Leg(account, _world.AnyMoney());

    private AccountId MostlyAt(AccountId account) => _dice.Chance(75) ? account : _world.AnyHolding();
}
