using System.Collections.Immutable;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>The prices of a trading session beside its close, each per whole token.</summary>
/// <param name="Open">First.</param>
/// <param name="High">Highest.</param>
/// <param name="Low">Lowest.</param>
public sealed record SessionPrices(ExactDecimal Open, ExactDecimal High, ExactDecimal Low);

/// <summary>A price was observed (in a price book).</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Currency">In what.</param>
/// <param name="Price">Currency per whole token, more than zero.</param>
/// <param name="Session">If the price closes a session: its other prices.</param>
public sealed record PriceRecorded(AssetId Asset, AssetId Currency, ExactDecimal Price, SessionPrices? Session)
    : LedgerEvent;

/// <summary>
/// The terms of one asset in one lending market were observed (in a market book); absent means not observed.
/// </summary>
/// <param name="Market">The market, e.g. aave-v3-ethereum.</param>
/// <param name="Asset">The asset there.</param>
/// <param name="LoanToValueMax">Most that may be borrowed against it, e.g. 0.80.</param>
/// <param name="LiquidationThreshold">Loan-to-value at which it may be liquidated, e.g. 0.83.</param>
/// <param name="LiquidationBonus">What a liquidator gets on top, e.g. 0.05.</param>
/// <param name="BorrowRate">Simple yearly rate of its debt, e.g. 0.0409.</param>
/// <param name="SupplyRate">Simple yearly rate of its supply.</param>
public sealed record MarketStateRecorded(
    string Market,
    AssetId Asset,
    ExactDecimal? LoanToValueMax,
    ExactDecimal? LiquidationThreshold,
    ExactDecimal? LiquidationBonus,
    ExactDecimal? BorrowRate,
    ExactDecimal? SupplyRate) : LedgerEvent;

/// <summary>The version of its contracts that a lending market runs from an instant on (in a market book).</summary>
/// <param name="Market">The market.</param>
/// <param name="Version">One whose arithmetic is known, e.g. 3.6.</param>
public sealed record MarketVersionSet(string Market, string Version) : LedgerEvent;

/// <summary>
/// A reserve's indices and rates right after it was updated (in a market book); they hold from the whole second of the
/// entry on, and grow from there. All with at most 27 digits after the point.
/// </summary>
/// <param name="Market">The market.</param>
/// <param name="Asset">The asset there.</param>
/// <param name="LiquidityIndex">Units that a scaled unit supplied is worth, 1 or more.</param>
/// <param name="VariableBorrowIndex">Units that a scaled unit owed is worth, 1 or more.</param>
/// <param name="LiquidityRate">Yearly rate of supply.</param>
/// <param name="VariableBorrowRate">Yearly rate of debt.</param>
public sealed record ReserveUpdated(
    string Market,
    AssetId Asset,
    ExactDecimal LiquidityIndex,
    ExactDecimal VariableBorrowIndex,
    ExactDecimal LiquidityRate,
    ExactDecimal VariableBorrowRate) : LedgerEvent;

/// <summary>
/// How a reserve is configured beside its terms as collateral (in a market book); absent means not observed.
/// </summary>
/// <param name="Market">The market.</param>
/// <param name="Asset">The asset there.</param>
/// <param name="ProtocolFee">The protocol's part of a liquidation bonus, e.g. 0.1.</param>
/// <param name="ReserveFactor">The protocol's part of the interest.</param>
/// <param name="SupplyCap">Most that may be supplied, in whole tokens; 0: no limit.</param>
/// <param name="BorrowCap">Most that may be borrowed, in whole tokens; 0: no limit.</param>
/// <param name="DebtCeiling">Most debt against it as an isolated collateral, in the base currency; 0: not isolated.
/// </param>
/// <param name="IsPaused">Whether nothing can be done with it.</param>
/// <param name="IsFrozen">Whether nothing new may be supplied or borrowed.</param>
/// <param name="IsSiloed">Whether who borrows it may borrow nothing else.</param>
/// <param name="IsBorrowableInIsolation">Whether it may be borrowed against an isolated collateral.</param>
public sealed record ReserveConfigured(
    string Market,
    AssetId Asset,
    ExactDecimal? ProtocolFee,
    ExactDecimal? ReserveFactor,
    ExactDecimal? SupplyCap,
    ExactDecimal? BorrowCap,
    ExactDecimal? DebtCeiling,
    bool? IsPaused,
    bool? IsFrozen,
    bool? IsSiloed,
    bool? IsBorrowableInIsolation) : LedgerEvent;

/// <summary>
/// How far a reserve was used by all, and up to when nobody is liquidated there (in a market book); absent means not
/// observed.
/// </summary>
/// <param name="Market">The market.</param>
/// <param name="Asset">The asset there.</param>
/// <param name="Supplied">Whole tokens that all have supplied.</param>
/// <param name="Borrowed">Whole tokens that all owe.</param>
/// <param name="Available">Whole tokens that can be withdrawn or borrowed.</param>
/// <param name="IsolatedDebt">Debt against it as an isolated collateral, in the base currency.</param>
/// <param name="GraceUntil">Up to this second (inclusive) liquidations that name it are refused.</param>
public sealed record ReserveUseRecorded(
    string Market,
    AssetId Asset,
    ExactDecimal? Supplied,
    ExactDecimal? Borrowed,
    ExactDecimal? Available,
    ExactDecimal? IsolatedDebt,
    Instant? GraceUntil) : LedgerEvent;

/// <summary>An efficiency mode of a market, as it is from an instant on (in a market book).</summary>
/// <param name="Market">The market.</param>
/// <param name="Category">Its number, 1 to 255.</param>
/// <param name="LoanToValueMax">Most that may be borrowed against its collateral.</param>
/// <param name="LiquidationThreshold">Loan-to-value at which its collateral may be liquidated.</param>
/// <param name="LiquidationBonus">What a liquidator of its collateral gets on top.</param>
/// <param name="Collateral">Assets that have these terms as collateral.</param>
/// <param name="Borrowable">Assets that may be borrowed in it.</param>
/// <param name="LoanToValueZero">Collateral that nothing may be borrowed against (from version 3.6 on).</param>
/// <param name="IsIsolated">Whether other collateral has a loan-to-value of 0 in it (from version 3.7 on).</param>
public sealed record EModeConfigured(
    string Market,
    int Category,
    ExactDecimal LoanToValueMax,
    ExactDecimal LiquidationThreshold,
    ExactDecimal LiquidationBonus,
    ImmutableArray<AssetId> Collateral,
    ImmutableArray<AssetId> Borrowable,
    ImmutableArray<AssetId> LoanToValueZero,
    bool IsIsolated) : LedgerEvent;
