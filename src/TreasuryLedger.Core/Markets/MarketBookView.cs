using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
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

/// <summary>How a reserve is configured beside its terms as collateral; absent: nobody said.</summary>
/// <param name="ProtocolFee">The protocol's part of a liquidation bonus.</param>
/// <param name="ReserveFactor">The protocol's part of the interest.</param>
/// <param name="SupplyCap">Most that may be supplied, in whole tokens; 0: no limit.</param>
/// <param name="BorrowCap">Most that may be borrowed, in whole tokens; 0: no limit.</param>
/// <param name="DebtCeiling">Most debt against it as an isolated collateral; 0: not isolated.</param>
/// <param name="IsPaused">Whether nothing can be done with it.</param>
/// <param name="IsFrozen">Whether nothing new may be supplied or borrowed.</param>
/// <param name="IsSiloed">Whether who borrows it may borrow nothing else.</param>
/// <param name="IsBorrowableInIsolation">Whether it may be borrowed against an isolated collateral.</param>
/// <param name="Supplied">What all have supplied, in whole tokens.</param>
/// <param name="Borrowed">What all owe, in whole tokens.</param>
/// <param name="Available">What can be withdrawn or borrowed, in whole tokens.</param>
/// <param name="IsolatedDebt">Debt against it as an isolated collateral.</param>
/// <param name="GraceUntil">Up to when (inclusive) liquidations that name it are refused.</param>
public sealed record ReserveConfiguration(
    ExactDecimal? ProtocolFee,
    ExactDecimal? ReserveFactor,
    ExactDecimal? SupplyCap,
    ExactDecimal? BorrowCap,
    ExactDecimal? DebtCeiling,
    bool IsPaused,
    bool IsFrozen,
    bool IsSiloed,
    bool IsBorrowableInIsolation,
    ExactDecimal? Supplied,
    ExactDecimal? Borrowed,
    ExactDecimal? Available,
    ExactDecimal? IsolatedDebt,
    Instant? GraceUntil);

/// <summary>A market book as known at one position.</summary>
public sealed class MarketBookView
{
    private readonly ObservationHistory<MarketKey> _observed;

    internal MarketBookView(ObservationHistory<MarketKey> observed, long known) =>
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
        ExactDecimal? Latest(MarketTerm term) => _observed.Latest(new(market, asset, term), at, Known) is { } found
            ? Of(found.Event, term)
            : null;
        return new MarketTerms(
            Latest(MarketTerm.LoanToValueMax),
            Latest(MarketTerm.LiquidationThreshold),
            Latest(MarketTerm.LiquidationBonus),
            Latest(MarketTerm.BorrowRate),
            Latest(MarketTerm.SupplyRate));
    }

    /// <summary>
    /// The latest update of a reserve at or before an instant, and when it was; absent if there is none.
    /// </summary>
    public (Instant From, ReserveUpdated Reserve)? ReserveAt(string market, AssetId asset, Instant at) =>
        _observed.Latest(new(market, asset, MarketTerm.Reserve), at, Known) is { } found
            ? (found.EffectiveAt, (ReserveUpdated)found.Event)
            : null;

    /// <summary>How a reserve is configured at an instant (inclusive).</summary>
    public ReserveConfiguration ConfigurationAt(string market, AssetId asset, Instant at)
    {
        object? Latest(MarketTerm term) =>
            _observed.Latest(new(market, asset, term), at, Known) is { Event: var seen }
                ? TermsOf(seen).First(one => one.Term == term).Value
                : null;
        return new ReserveConfiguration(
            (ExactDecimal?)Latest(MarketTerm.ProtocolFee),
            (ExactDecimal?)Latest(MarketTerm.ReserveFactor),
            (ExactDecimal?)Latest(MarketTerm.SupplyCap),
            (ExactDecimal?)Latest(MarketTerm.BorrowCap),
            (ExactDecimal?)Latest(MarketTerm.DebtCeiling),
            (bool?)Latest(MarketTerm.IsPaused) ?? false,
            (bool?)Latest(MarketTerm.IsFrozen) ?? false,
            (bool?)Latest(MarketTerm.IsSiloed) ?? false,
            (bool?)Latest(MarketTerm.IsBorrowableInIsolation) ?? false,
            (ExactDecimal?)Latest(MarketTerm.Supplied),
            (ExactDecimal?)Latest(MarketTerm.Borrowed),
            (ExactDecimal?)Latest(MarketTerm.Available),
            (ExactDecimal?)Latest(MarketTerm.IsolatedDebt),
            (Instant?)Latest(MarketTerm.GraceUntil));
    }

    /// <summary>The version that a market runs at an instant; absent if nobody said.</summary>
    public AaveVersion? VersionAt(string market, Instant at) =>
        _observed.Latest(new(market, default, MarketTerm.Version), at, Known) is { } found
            ? AaveVersions.Parse(((MarketVersionSet)found.Event).Version)
            : null;

    /// <summary>An efficiency mode of a market at an instant; absent if it has no such one.</summary>
    public EModeConfigured? EModeAt(string market, int category, Instant at) =>
        _observed.Latest(new(market, default, MarketTerm.EMode, category), at, Known)?.Event as EModeConfigured;

    /// <summary>What an observation says of a term; <c>null</c> if nothing.</summary>
    internal static ExactDecimal? Of(LedgerEvent observed, MarketTerm term) => (observed, term) switch
    {
        (MarketStateRecorded seen, MarketTerm.LoanToValueMax) => seen.LoanToValueMax,
        (MarketStateRecorded seen, MarketTerm.LiquidationThreshold) => seen.LiquidationThreshold,
        (MarketStateRecorded seen, MarketTerm.LiquidationBonus) => seen.LiquidationBonus,
        (MarketStateRecorded seen, MarketTerm.BorrowRate) => seen.BorrowRate,
        (MarketStateRecorded seen, MarketTerm.SupplyRate) => seen.SupplyRate,
        (ReserveUpdated seen, MarketTerm.BorrowRate) => seen.VariableBorrowRate,
        (ReserveUpdated seen, MarketTerm.SupplyRate) => seen.LiquidityRate,
        _ => null,
    };

    /// <summary>What a configuration, or the use of a reserve, says, term by term.</summary>
    internal static (MarketTerm Term, object? Value)[] TermsOf(LedgerEvent told) => told switch
    {
        ReserveConfigured seen =>
        [
            (MarketTerm.ProtocolFee, seen.ProtocolFee),
            (MarketTerm.ReserveFactor, seen.ReserveFactor),
            (MarketTerm.SupplyCap, seen.SupplyCap),
            (MarketTerm.BorrowCap, seen.BorrowCap),
            (MarketTerm.DebtCeiling, seen.DebtCeiling),
            (MarketTerm.IsPaused, seen.IsPaused),
            (MarketTerm.IsFrozen, seen.IsFrozen),
            (MarketTerm.IsSiloed, seen.IsSiloed),
            (MarketTerm.IsBorrowableInIsolation, seen.IsBorrowableInIsolation),
        ],
        ReserveUseRecorded seen =>
        [
            (MarketTerm.Supplied, seen.Supplied),
            (MarketTerm.Borrowed, seen.Borrowed),
            (MarketTerm.Available, seen.Available),
            (MarketTerm.IsolatedDebt, seen.IsolatedDebt),
            (MarketTerm.GraceUntil, seen.GraceUntil),
        ],
        _ => [],
    };
}
