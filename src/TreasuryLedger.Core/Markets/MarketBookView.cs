using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Markets;

/// <summary>
/// The terms of an asset in a market at an instant; each stands until a later observation changes it.
/// </summary>
/// <param name="LoanToValueMax">Most that may be borrowed against it.</param>
/// <param name="LiquidationThreshold">Loan-to-value at which it may be liquidated.</param>
/// <param name="LiquidationBonus">What a liquidator gets on top.</param>
/// <param name="BorrowRate">Simple yearly rate of its debt.</param>
/// <param name="SupplyRate">Simple yearly rate of its supply.</param>
public sealed record MarketTerms(
    ExactDecimal? LoanToValueMax,
    ExactDecimal? LiquidationThreshold,
    ExactDecimal? LiquidationBonus,
    ExactDecimal? BorrowRate,
    ExactDecimal? SupplyRate)
{
    /// <summary>Nothing observed.</summary>
    public static MarketTerms Unknown { get; } = new(null, null, null, null, null);
}

/// <summary>A market book as known at one instant.</summary>
public sealed class MarketBookView
{
    private readonly ImmutableArray<NarrowEntry> _entries;

    private MarketBookView(ImmutableArray<NarrowEntry> entries) => _entries = entries;

    /// <summary>A book without markets.</summary>
    public static MarketBookView Empty { get; } = new([]);

    /// <summary>The book from its entries that are known and not voided, in any order.</summary>
    public static MarketBookView Of(IEnumerable<NarrowEntry> known) =>
        new([.. known.Where(entry => entry.Event is MarketStateRecorded).Order(EntryOrder.Comparer)]);

    /// <summary>The terms of an asset in a market at an instant (inclusive).</summary>
    public MarketTerms At(string market, AssetId asset, Instant at)
    {
        var terms = MarketTerms.Unknown;
        foreach (var entry in _entries.TakeWhile(entry => entry.EffectiveAt <= at))
        {
            if (entry.Event is MarketStateRecorded seen && seen.Market == market && seen.Asset == asset)
            {
                terms = new MarketTerms(
                    seen.LoanToValueMax ?? terms.LoanToValueMax,
                    seen.LiquidationThreshold ?? terms.LiquidationThreshold,
                    seen.LiquidationBonus ?? terms.LiquidationBonus,
                    seen.BorrowRate ?? terms.BorrowRate,
                    seen.SupplyRate ?? terms.SupplyRate);
            }
        }

        return terms;
    }
}
