using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Markets;

/// <summary>Which of the terms of an asset in a market.</summary>
internal enum MarketTerm
{
    LoanToValueMax,
    LiquidationThreshold,
    LiquidationBonus,
    BorrowRate,
    SupplyRate,
    Reserve,
    ProtocolFee,
    ReserveFactor,
    SupplyCap,
    BorrowCap,
    DebtCeiling,
    IsPaused,
    IsFrozen,
    IsSiloed,
    IsBorrowableInIsolation,
    Version,
    EMode,
    Supplied,
    Borrowed,
    Available,
    IsolatedDebt,
    GraceUntil,
}

/// <summary>What is observed for itself.</summary>
/// <param name="Market">The market.</param>
/// <param name="Asset">The asset there; none for what the whole market has.</param>
/// <param name="Term">What.</param>
/// <param name="Category">Of an efficiency mode: its number.</param>
internal readonly record struct MarketKey(string Market, AssetId Asset, MarketTerm Term, int Category = 0);

/// <summary>
/// A market book over both axes: everything that it ever knew, so that a view of any position costs nothing. Each term
/// is observed for itself, as an entry may leave out any. It grows with <see cref="Append"/> by one thread at a time;
/// views may be taken and read meanwhile by any number of others.
/// </summary>
public sealed class MarketHistory
{
    private readonly ObservationHistory<MarketKey> _observed = new(KeysOf);

    /// <summary>The position of the last entry that was appended; 0 if there is none.</summary>
    public long Position => _observed.Position;

    /// <summary>The book as known at the last entry that was appended.</summary>
    public MarketBookView Newest => new(_observed, Position);

    /// <summary>A history of entries.</summary>
    /// <param name="journal">The book's entries in recorded order.</param>
    /// <exception cref="ArgumentException">They are not in order.</exception>
    public static MarketHistory Of(IEnumerable<NarrowEntry> journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var history = new MarketHistory();
        foreach (var entry in journal)
        {
            history.Append(entry);
        }

        return history;
    }

    /// <summary>Adds the next entry of the book, whatever its event; gaps between positions do no harm.</summary>
    /// <exception cref="ArgumentException">Its position does not come after the last one.</exception>
    public void Append(NarrowEntry entry) => _observed.Append(entry);

    /// <summary>The book as known at a position (inclusive).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The position was not reached yet.</exception>
    public MarketBookView At(long position) => new(_observed, _observed.Reached(position));

    /// <summary>The position of the last entry recorded at or before an instant; 0 if there is none.</summary>
    public long PositionAt(Instant knownAt) => _observed.PositionAt(knownAt);

    /// <summary>
    /// The greatest position up to <paramref name="known"/> (inclusive) that says anything about terms observed at or
    /// before an instant: by an observation, or by voiding one; 0 if there is none.
    /// </summary>
    /// <param name="through">Inclusive.</param>
    /// <param name="known">A position.</param>
    public long LastTouching(Instant through, long known) => _observed.LastTouching(through, known);

    /// <summary>The first such position after <paramref name="known"/>; <c>null</c> while there is none.</summary>
    /// <inheritdoc cref="LastTouching"/>
    public long? NextTouching(Instant through, long known) => _observed.NextTouching(through, known);

    private static ImmutableArray<MarketKey> KeysOf(LedgerEvent happened) => happened switch
    {
        MarketStateRecorded seen =>
        [
            .. Enum.GetValues<MarketTerm>()
                .Where(term => term <= MarketTerm.SupplyRate && MarketBookView.Of(seen, term) is not null)
                .Select(term => new MarketKey(seen.Market, seen.Asset, term)),
        ],
        ReserveUpdated seen =>
        [
            new(seen.Market, seen.Asset, MarketTerm.Reserve),
            new(seen.Market, seen.Asset, MarketTerm.BorrowRate),
            new(seen.Market, seen.Asset, MarketTerm.SupplyRate),
        ],
        ReserveConfigured seen => KeysOf(seen.Market, seen.Asset, seen),
        ReserveUseRecorded seen => KeysOf(seen.Market, seen.Asset, seen),
        MarketVersionSet set => [new(set.Market, default, MarketTerm.Version)],
        EModeConfigured mode => [new(mode.Market, default, MarketTerm.EMode, mode.Category)],
        _ => [],
    };

    private static ImmutableArray<MarketKey> KeysOf(string market, AssetId asset, LedgerEvent seen) =>
    [
        .. MarketBookView.TermsOf(seen).Where(term => term.Value is not null)
            .Select(term => new MarketKey(market, asset, term.Term)),
    ];
}
