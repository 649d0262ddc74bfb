using System.Collections.Immutable;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>A change of units at one account.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Change">Smallest units, more than zero in, less than zero out.</param>
public readonly record struct Movement(AccountId Account, AssetId Asset, Quantity Change);

/// <summary>Receives the movements of an event.</summary>
public interface IMovementSink
{
    /// <summary>Units come to an account or leave it.</summary>
    /// <param name="account">Which.</param>
    /// <param name="asset">Of what.</param>
    /// <param name="units">Smallest units, more than zero.</param>
    /// <param name="isOut">Whether they leave.</param>
    void Held(AccountId account, AssetId asset, Quantity units, bool isOut);

    /// <summary>A lending position owes more units, or fewer.</summary>
    /// <param name="position">Which.</param>
    /// <param name="asset">Of what.</param>
    /// <param name="units">Smallest units, more than zero.</param>
    /// <param name="isOut">Whether it owes fewer.</param>
    void Owed(AccountId position, AssetId asset, Quantity units, bool isOut);
}

/// <summary>
/// What each event does to units held and to units owed. The one place that says so: balances, availability and
/// conservation are all sums of these.
/// </summary>
public static class Movements
{
    /// <summary>
    /// Changes of units held, fees included. A dispatched transfer only leaves; it comes when it arrives.
    /// </summary>
    /// <exception cref="UnreachableEventException">The event is not known here.</exception>
    public static ImmutableArray<Movement> Held(LedgerEvent happened)
    {
        var list = new List([], []);
        Tell(happened, ref list);
        return [.. list.OfHeld];
    }

    /// <summary>Changes of units owed by lending positions.</summary>
    /// <inheritdoc cref="Held"/>
    public static ImmutableArray<Movement> Owed(LedgerEvent happened)
    {
        var list = new List([], []);
        Tell(happened, ref list);
        return [.. list.OfOwed];
    }

    /// <summary>Tells a sink every change, without making lists of them.</summary>
    /// <inheritdoc cref="Held"/>
    public static void Tell<TSink>(LedgerEvent happened, ref TSink sink)
        where TSink : struct, IMovementSink
    {
        switch (happened)
        {
            case AssetAcquired acquired:
                In(acquired.Received, ref sink);
                Out(acquired.Paid, ref sink);
                Fees(acquired.Fees, ref sink);
                break;
            case AssetSold sold:
                Out(sold.Sold, ref sink);
                In(sold.Proceeds, ref sink);
                Fees(sold.Fees, ref sink);
                break;
            case AssetTransferred transfer:
                Move(transfer.Sent, transfer.Sent.Account, transfer.To, ref sink);
                Fees(transfer.Fees, ref sink);
                break;
            case TransferDispatched dispatched:
                Out(dispatched.Sent, ref sink);
                Fees(dispatched.Fees, ref sink);
                break;
            case TransferArrived arrived:
                In(arrived.Received, ref sink);
                break;
            case YieldReceived yield:
                In(yield.Received, ref sink);
                break;
            case FeePaid fee:
                Out(fee.Paid, ref sink);
                break;
            case UnitsHandedOver handover:
                Out(handover.Sent, ref sink);
                Fees(handover.Fees, ref sink);
                break;
            case UnitsTakenOver taken:
                In(taken.Received, ref sink);
                break;
            case AssetWrapped wrapped:
                Out(wrapped.From, ref sink);
                In(wrapped.To, ref sink);
                break;
            case CapitalContributed contributed:
                In(contributed.Received, ref sink);
                break;
            default:
                TellOpeningOrLoan(happened, ref sink);
                break;
        }
    }

    private static void TellOpeningOrLoan<TSink>(LedgerEvent happened, ref TSink sink)
        where TSink : struct, IMovementSink
    {
        switch (happened)
        {
            case BalancesOpened opened:
                Open(opened, ref sink);
                break;
            case CollateralDeposited deposit:
                Move(deposit.Deposited, deposit.Deposited.Account, deposit.Position, ref sink);
                Fees(deposit.Fees, ref sink);
                break;
            case CollateralWithdrawn back:
                Move(back.Withdrawn, back.Withdrawn.Account, back.To, ref sink);
                Fees(back.Fees, ref sink);
                break;
            case DebtBorrowed { Owed: var owed } borrowed:
                sink.Held(borrowed.To, owed.Asset, owed.Quantity, isOut: false);
                Fees(borrowed.Fees, ref sink);
                sink.Owed(owed.Account, owed.Asset, owed.Quantity, isOut: false);
                break;
            case DebtRepaid { Repaid: var paid } repaid:
                sink.Held(repaid.From, paid.Asset, paid.Quantity, isOut: true);
                Fees(repaid.Fees, ref sink);
                sink.Owed(paid.Account, paid.Asset, paid.Quantity, isOut: true);
                break;
            case InterestAccrued { Side: InterestSide.Supply } earned:
                In(earned.Interest, ref sink);
                break;
            case InterestAccrued { Interest: var due }:
                sink.Owed(due.Account, due.Asset, due.Quantity, isOut: false);
                break;
            case LiquidationRecorded { Covered: var covered } liquidation:
                Out(liquidation.Seized, ref sink);
                sink.Owed(covered.Account, covered.Asset, covered.Quantity, isOut: true);
                break;
            case DebtForgiven { Forgiven: var forgiven }:
                sink.Owed(forgiven.Account, forgiven.Asset, forgiven.Quantity, isOut: true);
                break;
            case PositionTouched touched:
                foreach (var part in touched.Parts())
                {
                    Tell(part, ref sink);
                }

                break;
            default:
                TellNothing(happened);
                break;
        }
    }

    /// <summary>Events that move no units; others stop here.</summary>
    private static void TellNothing(LedgerEvent happened)
    {
        if (happened is not (TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered or PriceRecorded
            or MarketStateRecorded or MarketVersionSet or ReserveUpdated or ReserveConfigured or ReserveUseRecorded
            or EModeConfigured
            or EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened or InstructionGiven
            or InstructionCancelled or TermsAdopted or TermsProposed or DecisionProposed or PeriodClosed or PeriodSealed
            or ReopeningRequested or PeriodReopened or LotsIdentified or StandingOrderGiven or BasisAllocated
            or EModeChosen or CollateralSwitched or LoanTermsAgreed or UnitsLocked or IOfRisk))
        {
            throw new UnreachableEventException(happened);
        }
    }

    private static void Open<TSink>(BalancesOpened opened, ref TSink sink)
        where TSink : struct, IMovementSink
    {
        foreach (var lot in opened.Lots)
        {
            In(lot.Held, ref sink);
        }

        foreach (var debt in opened.Debts)
        {
            sink.Owed(debt.Account, debt.Asset, debt.Quantity, isOut: false);
        }
    }

    private static void Move<TSink>(Leg what, AccountId from, AccountId to, ref TSink sink)
        where TSink : struct, IMovementSink
    {
        sink.Held(from, what.Asset, what.Quantity, isOut: true);
        sink.Held(to, what.Asset, what.Quantity, isOut: false);
    }

    private static void Fees<TSink>(ImmutableArray<Leg> fees, ref TSink sink)
        where TSink : struct, IMovementSink
    {
        if (!fees.IsDefaultOrEmpty)
        {
            foreach (var fee in fees)
            {
                Out(fee, ref sink);
            }
        }
    }

    private static void In<TSink>(Leg leg, ref TSink sink)
        where TSink : struct, IMovementSink =>
        sink.Held(leg.Account, leg.Asset, leg.Quantity, isOut: false);

    private static void Out<TSink>(Leg leg, ref TSink sink)
        where TSink : struct, IMovementSink =>
        sink.Held(leg.Account, leg.Asset, leg.Quantity, isOut: true);

    private readonly record struct List(List<Movement> OfHeld, List<Movement> OfOwed) : IMovementSink
    {
        public void Held(AccountId account, AssetId asset, Quantity units, bool isOut) =>
            OfHeld.Add(new Movement(account, asset, isOut ? -units : units));

        public void Owed(AccountId position, AssetId asset, Quantity units, bool isOut) =>
            OfOwed.Add(new Movement(position, asset, isOut ? -units : units));
    }
}

/// <summary>A fold met an event that it does not know. The ledger stops rather than skip it.</summary>
public sealed class UnreachableEventException : Exception
{
    /// <summary>For an event without an arm in some fold.</summary>
    public UnreachableEventException(LedgerEvent happened)
        : base($"No rule for {happened?.GetType().Name}: the fold stops here.")
    {
    }

    /// <summary>For serializers.</summary>
    public UnreachableEventException()
    {
    }

    /// <summary>With a message.</summary>
    public UnreachableEventException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public UnreachableEventException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
