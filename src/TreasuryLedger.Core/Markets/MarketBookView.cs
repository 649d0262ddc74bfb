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

/// <summary>A market book as known at one position.</summary>
public sealed class MarketBookView
{
    private readonly ObservationHistory<(string Market, AssetId Asset, MarketTerm Term)> _observed;

    internal MarketBookView(
        ObservationHistory<(string Market, AssetId Asset, MarketTerm Term)> observed, long known) =>
        (_observed, Known) = (observed, known);

    /// <summary>A book without markets.</summary>
    public static MarketBookView Empty { get; } = Of([]);

    /// <summary>The position up to which the book's entries count (inclusive).</summary>
    public long Known { get; }

    /// <summary>The book from its entries that are known and not voided, in any order.</summary>
    public static MarketBookView Of(IEnumerable<NarrowEntry> known) =>
        MarketHistory.Of(known.OrderBy(entry => entry.Position)).Newest;

    /// <summary>The terms of an asset in a market at an instant (inclusive).</summary>
    public MarketTerms At(string market, AssetId asset, Instant at)
    {
        ExactDecimal? Latest(MarketTerm term) => _observed.Latest((market, asset, term), at, Known) is { } found
            ? Of((MarketStateRecorded)found.Event, term)
            : null;
        return new MarketTerms(
            Latest(MarketTerm.LoanToValueMax),
            Latest(MarketTerm.LiquidationThreshold),
            Latest(MarketTerm.LiquidationBonus),
            Latest(MarketTerm.BorrowRate),
            Latest(MarketTerm.SupplyRate));
    }

    /// <summary>What an observation says of a term; <c>null</c> if nothing.</summary>
    internal static ExactDecimal? Of(MarketStateRecorded seen, MarketTerm term) => term switch
    {
        MarketTerm.LoanToValueMax => seen.LoanToValueMax,
        MarketTerm.LiquidationThreshold => seen.LiquidationThreshold,
        MarketTerm.LiquidationBonus => seen.LiquidationBonus,
        MarketTerm.BorrowRate => seen.BorrowRate,
        _ => seen.SupplyRate,
    };
}
