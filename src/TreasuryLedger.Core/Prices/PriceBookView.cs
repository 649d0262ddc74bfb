using System.Collections.Frozen;
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
}

/// <summary>
/// A price book as known at one instant. The price at an instant is the latest one observed at or before it; later
/// entries of one instant win by the journal's order.
/// </summary>
public sealed class PriceBookView
{
    private readonly FrozenDictionary<(AssetId Asset, AssetId Currency), Observed[]> _series;

    private PriceBookView(FrozenDictionary<(AssetId Asset, AssetId Currency), Observed[]> series) => _series = series;

    /// <summary>A book without prices.</summary>
    public static PriceBookView Empty { get; } = Of([]);

    /// <summary>The book from its entries that are known and not voided, in any order.</summary>
    public static PriceBookView Of(IEnumerable<NarrowEntry> known) => new(known
        .Where(entry => entry.Event is PriceRecorded)
        .Order(EntryOrder.Comparer)
        .Select(entry => new Observed(entry, (PriceRecorded)entry.Event))
        .GroupBy(observed => (observed.Recorded.Asset, observed.Recorded.Currency))
        .ToFrozenDictionary(group => group.Key, group => group.ToArray()));

    /// <summary>The latest price at or before an instant, however old; <c>null</c> if there is none.</summary>
    public PriceUsed? Latest(AssetId asset, AssetId currency, Instant at) =>
        Find(asset, currency, at) is { } found
            ? new PriceUsed(
                found.Recorded.Price, found.Entry.EffectiveAt, found.Entry.Position, found.Entry.Source)
            {
                Quality = found.Entry.Quality,
            }
            : null;

    /// <summary>All observations of a pair with effective instants in a span (both inclusive), in order.</summary>
    public IEnumerable<NarrowEntry> Between(AssetId asset, AssetId currency, Instant from, Instant to) =>
        _series.TryGetValue((asset, currency), out var series)
            ? series.Select(observed => observed.Entry).Where(e => e.EffectiveAt >= from && e.EffectiveAt <= to)
            : [];

    private Observed? Find(AssetId asset, AssetId currency, Instant at)
    {
        if (!_series.TryGetValue((asset, currency), out var series))
        {
            return null;
        }

        var (low, high) = (0, series.Length); // first index after the instant
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = series[middle].Entry.EffectiveAt <= at ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? null : series[low - 1];
    }

    private sealed record Observed(NarrowEntry Entry, PriceRecorded Recorded);
}
