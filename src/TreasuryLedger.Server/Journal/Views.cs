using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>A journal as known at one settled instant.</summary>
/// <param name="Head">
/// Where it stood: the position of <paramref name="KnownAt"/>, its recorded instant and hash. Position 0 if nothing was
/// recorded by then.
/// </param>
/// <param name="KnownAt">The instant (inclusive). Nothing will ever be recorded at or before it any more.</param>
/// <param name="Entries">
/// The entries from position 1 to the head's, in recorded order, as folds read them. Each is decoded when it is asked
/// for.
/// </param>
public sealed record JournalView(JournalHead Head, Instant KnownAt, IReadOnlyList<NarrowEntry> Entries)
{
    /// <summary>The entries with what is kept of them in memory.</summary>
    internal JournalLog Log => (JournalLog)Entries;
}

/// <summary>A treasury's journal and its books, all known at one instant: the settled position vector.</summary>
/// <param name="Treasury">The treasury's journal.</param>
/// <param name="Prices">Its price book.</param>
/// <param name="Markets">Its market book.</param>
public sealed record TreasuryView(JournalView Treasury, JournalView Prices, JournalView Markets)
{
    /// <summary>The instant of all three (inclusive).</summary>
    public Instant KnownAt => Treasury.KnownAt;

    /// <summary>The treasury's books, kept in memory while it is read.</summary>
    public BookHistory Books => Treasury.Log.Memory.Books(Treasury.Log, Prices.Log.Memory.Prices(Prices.Log));

    /// <summary>The treasury at an instant, as known at this one.</summary>
    /// <param name="asOf">Inclusive.</param>
    /// <param name="choice">Which book, and what of its terms a what-if changes; absent: the official one.</param>
    /// <param name="cost">Counts what it costs, if anybody wants to know.</param>
    public TreasuryAt At(Instant asOf, BookChoice? choice = null, FoldCost? cost = null) => new(
        Books,
        Markets.Log.Memory.Markets(Markets.Log).At(Markets.Head.Position),
        new Viewpoint(asOf, KnownAt),
        new BookQuestion(asOf, Treasury.Head.Position, Prices.Head.Position, choice) { Cost = cost });

    /// <summary>The treasury at an instant, as known at an earlier one; absent if it was not opened then.</summary>
    /// <param name="asOf">Inclusive.</param>
    /// <param name="knownAt">Inclusive; not after that of this view, so it is settled.</param>
    /// <param name="choice">Which book, and what of its terms a what-if changes; absent: the official one.</param>
    /// <param name="cost">Counts what it costs, if anybody wants to know.</param>
    public TreasuryAt? At(Instant asOf, Instant knownAt, BookChoice? choice, FoldCost? cost = null)
    {
        var (books, markets) = (Books, Markets.Log.Memory.Markets(Markets.Log));
        var position = Math.Min(books.Log.PositionAt(knownAt), Treasury.Head.Position);
        return position == 0
            ? null
            : new TreasuryAt(
                books,
                markets.At(Math.Min(markets.PositionAt(knownAt), Markets.Head.Position)),
                new Viewpoint(asOf, knownAt),
                new BookQuestion(
                    asOf, position, Math.Min(books.Prices.PositionAt(knownAt), Prices.Head.Position), choice)
                {
                    Cost = cost,
                });
    }
}

/// <summary>What a read finds.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public abstract record ReadOutcome<T>
{
    private ReadOutcome()
    {
    }

    /// <summary>The answer.</summary>
    /// <param name="View">What was asked for.</param>
    public sealed record Found(T View) : ReadOutcome<T>;

    /// <summary>No journal was opened under this key.</summary>
    public sealed record NotOpened : ReadOutcome<T>;

    /// <summary>The known-at instant lies in the future.</summary>
    /// <param name="Latest">The latest that can be asked for now.</param>
    public sealed record KnownAtInFuture(Instant Latest) : ReadOutcome<T>;

    /// <summary>The journal does not reach the position that the caller needs.</summary>
    /// <param name="Position">Where it stands.</param>
    public sealed record PositionNotReached(long Position) : ReadOutcome<T>;
}

