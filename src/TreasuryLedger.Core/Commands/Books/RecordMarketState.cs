using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records the observed terms of an asset in a lending market, in a market book; absent means not observed.
/// </summary>
public sealed record RecordMarketState : Command
{
    /// <summary>The market, an id, e.g. aave-v3-ethereum.</summary>
    public required string Market { get; init; }

    /// <summary>The asset there.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Most that may be borrowed against it, 0 to 1 (inclusive).</summary>
    public ExactDecimal? LoanToValueMax { get; init; }

    /// <summary>Loan-to-value at which it may be liquidated, 0 to 1 (inclusive).</summary>
    public ExactDecimal? LiquidationThreshold { get; init; }

    /// <summary>What a liquidator gets on top, 0 to 1 (inclusive).</summary>
    public ExactDecimal? LiquidationBonus { get; init; }

    /// <summary>Simple yearly rate of its debt, 0 to 100 (inclusive; 0.05 is five percent).</summary>
    public ExactDecimal? BorrowRate { get; init; }

    /// <summary>Simple yearly rate of its supply, 0 to 100 (inclusive).</summary>
    public ExactDecimal? SupplyRate { get; init; }
}
