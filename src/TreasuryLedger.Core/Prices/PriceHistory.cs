using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Prices;

/// <summary>
/// A price book over both axes: everything that it ever knew, so that a view of any position costs nothing. It grows
/// with <see cref="Append"/> by one thread at a time; views may be taken and read meanwhile by any number of others.
/// </summary>
public sealed class PriceHistory
{
    private readonly ObservationHistory<(AssetId Asset, AssetId Currency)> _observed = new(KeysOf);

    /// <summary>The position of the last entry that was appended; 0 if there is none.</summary>
    public long Position => _observed.Position;

    /// <summary>The book as known at the last entry that was appended.</summary>
    public PriceBookView Newest => new(_observed, Position);

    /// <summary>A history of entries.</summary>
    /// <param name="journal">The book's entries in recorded order.</param>
    /// <exception cref="ArgumentException">They are not in order.</exception>
    public static PriceHistory Of(IEnumerable<NarrowEntry> journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var history = new PriceHistory();
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
    public PriceBookView At(long position) => new(_observed, _observed.Reached(position));

    /// <summary>The position of the last entry recorded at or before an instant; 0 if there is none.</summary>
    public long PositionAt(Instant knownAt) => _observed.PositionAt(knownAt);

    /// <summary>
    /// The greatest position up to <paramref name="known"/> (inclusive) that says anything about prices observed at or
    /// before an instant: by a price, or by voiding one. Views from there to <paramref name="known"/> agree up to that
    /// instant. 0 if there is none.
    /// </summary>
    /// <param name="through">Inclusive.</param>
    /// <param name="known">A position.</param>
    public long LastTouching(Instant through, long known) => _observed.LastTouching(through, known);

    /// <summary>
    /// The first such position after <paramref name="known"/>; <c>null</c> while there is none. Views from
    /// <paramref name="known"/> to there, exclusive, agree up to that instant.
    /// </summary>
    /// <inheritdoc cref="LastTouching"/>
    public long? NextTouching(Instant through, long known) => _observed.NextTouching(through, known);

    private static ImmutableArray<(AssetId Asset, AssetId Currency)> KeysOf(LedgerEvent happened) =>
        happened is PriceRecorded price ? [(price.Asset, price.Currency)] : [];
}
