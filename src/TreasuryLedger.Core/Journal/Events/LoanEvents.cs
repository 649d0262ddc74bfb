using System.Collections.Immutable;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>Units became collateral of a lending position.</summary>
/// <param name="Deposited">What left, and from where.</param>
/// <param name="Position">The lending position that holds it now.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record CollateralDeposited(Leg Deposited, AccountId Position, ImmutableArray<Leg> Fees)
    : LedgerEvent, IHasFees;

/// <summary>Collateral came back from a lending position.</summary>
/// <param name="Withdrawn">What left the position; its account is the position.</param>
/// <param name="To">Where it went.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record CollateralWithdrawn(Leg Withdrawn, AccountId To, ImmutableArray<Leg> Fees) : LedgerEvent, IHasFees;

/// <summary>Units were borrowed.</summary>
/// <param name="Owed">What the position owes more; its account is the position.</param>
/// <param name="To">Where the units went.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record DebtBorrowed(Leg Owed, AccountId To, ImmutableArray<Leg> Fees) : LedgerEvent, IHasFees;

/// <summary>Debt was repaid.</summary>
/// <param name="Repaid">What the position owes less; its account is the position.</param>
/// <param name="From">Where the units came from.</param>
/// <param name="Fees">Fees beside it.</param>
public sealed record DebtRepaid(Leg Repaid, AccountId From, ImmutableArray<Leg> Fees) : LedgerEvent, IHasFees;

/// <summary>Which side of a lending position earns or owes interest.</summary>
public enum InterestSide
{
    /// <summary>More is owed: an expense.</summary>
    Debt,

    /// <summary>More collateral: income.</summary>
    Supply,
}

/// <summary>Interest was added by amount, at a position without an index.</summary>
/// <param name="Interest">How much; its account is the position.</param>
/// <param name="Side">Owed or earned.</param>
public sealed record InterestAccrued(Leg Interest, InterestSide Side) : LedgerEvent;

/// <summary>A lender seized collateral and covered debt with it: one linked set.</summary>
/// <param name="Seized">All collateral that left the position, bonus and protocol fee included.</param>
/// <param name="Covered">The debt that it paid; its account is the same position.</param>
/// <param name="Bonus">The part of the seized units that rewarded the liquidator, in smallest units, 0 or more.</param>
/// <param name="ProtocolFee">The part of the seized units that went to the protocol, in smallest units, 0 or
/// more.</param>
public sealed record LiquidationRecorded(Leg Seized, Leg Covered, Quantity Bonus, Quantity ProtocolFee) : LedgerEvent;
