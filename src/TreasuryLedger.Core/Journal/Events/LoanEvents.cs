using System.Collections.Immutable;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

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

/// <summary>Debt is gone that no collateral covered: the lender gave it up.</summary>
/// <param name="Forgiven">What the position owes less; its account is the position.</param>
public sealed record DebtForgiven(Leg Forgiven) : LedgerEvent;

/// <summary>
/// One side of an indexed position in one asset, where something touched it. Units are scaled units × the index of
/// their side, as the contract rounds; what was there before and the index that it was last booked at are facts of the
/// contract, so that each touch stands for itself, in whatever order touches are told.
/// </summary>
/// <param name="Position">The position.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Side">What is supplied or what is owed.</param>
/// <param name="ScaledBefore">Scaled units before.</param>
/// <param name="IndexBefore">The index at which the units before were booked last, 1 or more.</param>
/// <param name="ScaledAfter">Scaled units after.</param>
/// <param name="Index">The index of the touch, not less.</param>
/// <param name="Interest">Units that came with the index since then and are booked here, 0 or more.</param>
/// <param name="Lost">Supplied units that rounding in the protocol's favour took beyond them, 0 or more.</param>
public sealed record IndexTouch(
    AccountId Position,
    AssetId Asset,
    InterestSide Side,
    Quantity ScaledBefore,
    ExactDecimal IndexBefore,
    Quantity ScaledAfter,
    ExactDecimal Index,
    Quantity Interest,
    Quantity Lost);

/// <summary>
/// An indexed position was touched: what moved, and in the same entry the interest since each side was booked last. So
/// units booked are the contract's at every touch.
/// </summary>
/// <param name="Changes">What moved, in this order; nothing if only interest is booked.</param>
/// <param name="Touches">The sides that were touched, each once, one or more.</param>
public sealed record PositionTouched(ImmutableArray<LedgerEvent> Changes, ImmutableArray<IndexTouch> Touches)
    : LedgerEvent
{
    /// <summary>
    /// The same as simple events, in the order in which they count: interest, what moved, what rounding took.
    /// </summary>
    public IEnumerable<LedgerEvent> Parts() =>
    [
        .. Touches.Where(touch => !touch.Interest.IsZero).Select(touch => new InterestAccrued(
            new Leg(touch.Position, touch.Asset, touch.Interest), touch.Side)),
        .. Changes,
        .. Touches.Where(touch => !touch.Lost.IsZero).Select(touch => new FeePaid(
            new Leg(touch.Position, touch.Asset, touch.Lost))),
    ];
}

/// <summary>An indexed position chose an efficiency mode.</summary>
/// <param name="Position">The position.</param>
/// <param name="Category">The mode's number; 0: none.</param>
public sealed record EModeChosen(AccountId Position, int Category) : LedgerEvent;

/// <summary>What an indexed position supplies of an asset became collateral, or is none any more.</summary>
/// <param name="Position">The position.</param>
/// <param name="Asset">Of what.</param>
/// <param name="IsCollateral">Whether it counts.</param>
public sealed record CollateralSwitched(AccountId Position, AssetId Asset, bool IsCollateral) : LedgerEvent;

/// <summary>How days of interest are counted.</summary>
public enum DayCount
{
    /// <summary>Days as they are, of a year of 360.</summary>
    Actual360,

    /// <summary>Days as they are, of a year of 365.</summary>
    Actual365,

    /// <summary>Months of 30 days, years of 360 (30E/360).</summary>
    Thirty360,
}

/// <summary>
/// The terms of a collateralized loan between two parties, from an instant on until others are agreed.
/// </summary>
/// <param name="Position">The lending position.</param>
/// <param name="Rate">Simple yearly rate, or what comes on top of the floating one.</param>
/// <param name="FloatingMarket">The market whose borrow rate of the debt's asset the rate floats on; absent: fixed.
/// </param>
/// <param name="Days">How days are counted.</param>
/// <param name="MarginCallLoanToValue">From which on more collateral is asked for; absent: never.</param>
/// <param name="LiquidationLoanToValue">From which on collateral is sold; absent: never.</param>
/// <param name="MaturesAt">When it is to be repaid; absent: no date.</param>
/// <param name="RecallNoticeDays">How many days after a recall; 0: on demand; absent: it cannot be recalled.</param>
public sealed record LoanTermsAgreed(
    AccountId Position,
    ExactDecimal Rate,
    string? FloatingMarket,
    DayCount Days,
    ExactDecimal? MarginCallLoanToValue,
    ExactDecimal? LiquidationLoanToValue,
    Instant? MaturesAt,
    int? RecallNoticeDays) : LedgerEvent;
