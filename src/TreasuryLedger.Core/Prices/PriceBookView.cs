using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Prices;

/// <summary>A price that valued something, so that the figure can be opened down to it.</summary>
/// <param name="Price">Currency per whole token.</param>
/// <param name="ObservedAt">When it was true.</param>
/// <param name="Position">Its entry in the price book; 0 if the price is par by definition.</param>
/// <param name="Source">Who says so.</param>
public sealed record PriceUsed(ExactDecimal Price, Instant ObservedAt, long Position, string Source)
{
    /// <summary>How much a figure may rest on it.</summary>
    public EvidenceQuality Quality { get; init; }

    /// <summary>Converted by a price of one currency in another: how. Absent if it is a price as recorded.</summary>
    public PriceConversion? Conversion { get; init; }

    /// <summary>Whether an entry of the price book made it.</summary>
    public bool IsOf(long position) => Position == position || Conversion?.Rate.Position == position;
}

/// <summary>How a price in one currency became one in another (Lots/SPEC.md 17).</summary>
/// <param name="Price">The price in the treasury's currency.</param>
/// <param name="Rate">The recorded price of one currency in the other.</param>
/// <param name="IsInverse">Whether the rate is the reporting currency's price, so that it divides.</param>
public sealed record PriceConversion(PriceUsed Price, PriceUsed Rate, bool IsInverse);

/// <summary>
/// A price book as known at one position. The price at an instant is the latest one observed at or before it; later
/// entries of one instant win by the journal's order.
/// </summary>
public sealed class PriceBookView
{
    private readonly ObservationHistory<(AssetId Asset, AssetId Currency)> _observed;

    internal PriceBookView(ObservationHistory<(AssetId Asset, AssetId Currency)> observed, long known) =>
        (_observed, Known) = (observed, known);

    /// <summary>A book without prices.</summary>
    public static PriceBookView Empty { get; } = Of([]);

    /// <summary>The position up to which the book's entries count (inclusive).</summary>
    public long Known { get; }

    /// <summary>The book from its entries that are known and not voided, in any order.</summary>
    public static PriceBookView Of(IEnumerable<NarrowEntry> known) =>
        PriceHistory.Of(known.OrderBy(entry => entry.Position)).Newest;

    /// <summary>The latest price at or before an instant, however old; <c>null</c> if there is none.</summary>
    public PriceUsed? Latest(AssetId asset, AssetId currency, Instant at) =>
        _observed.Latest((asset, currency), at, Known) is { } found
            ? new PriceUsed(((PriceRecorded)found.Event).Price, found.EffectiveAt, found.Position, found.Source)
            {
                Quality = found.Quality,
            }
            : null;

    /// <summary>All observations of a pair with effective instants in a span (both inclusive), in order.</summary>
    public IEnumerable<NarrowEntry> Between(AssetId asset, AssetId currency, Instant from, Instant to) =>
        _observed.Between((asset, currency), from, to, Known);
}
