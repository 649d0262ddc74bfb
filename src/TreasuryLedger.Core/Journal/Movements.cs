using System.Collections.Immutable;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>A change of units at one account.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Change">Smallest units, more than zero in, less than zero out.</param>
public readonly record struct Movement(AccountId Account, AssetId Asset, Quantity Change);

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
        ImmutableArray<Movement> moved = happened switch
        {
            BalancesOpened opened => [.. opened.Lots.Select(lot => In(lot.Held))],
            CapitalContributed contributed => [In(contributed.Received)],
            AssetAcquired acquired => [In(acquired.Received), Out(acquired.Paid)],
            AssetSold sold => [Out(sold.Sold), In(sold.Proceeds)],
            AssetTransferred transfer => [Out(transfer.Sent), In(transfer.Sent with { Account = transfer.To })],
            TransferDispatched dispatched => [Out(dispatched.Sent)],
            TransferArrived arrived => [In(arrived.Received)],
            YieldReceived yield => [In(yield.Received)],
            FeePaid fee => [Out(fee.Paid)],
            AssetWrapped wrapped => [Out(wrapped.From), In(wrapped.To)],
            CollateralDeposited deposit =>
            [
                Out(deposit.Deposited),
                In(deposit.Deposited with { Account = deposit.Position }),
            ],
            CollateralWithdrawn back => [Out(back.Withdrawn), In(back.Withdrawn with { Account = back.To })],
            DebtBorrowed borrowed => [In(borrowed.Owed with { Account = borrowed.To })],
            DebtRepaid repaid => [Out(repaid.Repaid with { Account = repaid.From })],
            InterestAccrued { Side: InterestSide.Supply } earned => [In(earned.Interest)],
            LiquidationRecorded liquidation => [Out(liquidation.Seized)],
            _ when MovesNothingHeld(happened) => [],
            _ => throw new UnreachableEventException(happened),
        };
        return happened is IHasFees { Fees.IsDefaultOrEmpty: false } costs
            ? moved.AddRange(costs.Fees.Select(Out))
            : moved;
    }

    /// <summary>Changes of units owed by lending positions.</summary>
    public static ImmutableArray<Movement> Owed(LedgerEvent happened) => happened switch
    {
        BalancesOpened opened => [.. opened.Debts.Select(In)],
        DebtBorrowed borrowed => [In(borrowed.Owed)],
        DebtRepaid repaid => [Out(repaid.Repaid)],
        InterestAccrued { Side: InterestSide.Debt } owed => [In(owed.Interest)],
        LiquidationRecorded liquidation => [Out(liquidation.Covered)],
        _ => [],
    };

    private static bool MovesNothingHeld(LedgerEvent happened) => happened
        is TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered
        or InterestAccrued or PriceRecorded or MarketStateRecorded
        or EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened
        or InstructionGiven or InstructionCancelled;

    private static Movement In(Leg leg) => new(leg.Account, leg.Asset, leg.Quantity);

    private static Movement Out(Leg leg) => new(leg.Account, leg.Asset, -leg.Quantity);
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
