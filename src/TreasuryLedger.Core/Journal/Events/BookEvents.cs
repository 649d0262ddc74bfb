using TreasuryLedger.Core.Money;

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
