using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>
/// A treasury at a viewpoint under a policy: everything that an answer needs, from its books at that instant as known
/// at one position vector. Answers of the API, the command line and audits all start here.
/// </summary>
public sealed class TreasuryAt
{
    private readonly BookHistory _history;
    private readonly Lazy<Book> _book;
    private readonly Lazy<ImmutableArray<LendingPosition>> _positions;

    /// <summary>Asks a history.</summary>
    /// <param name="history">The treasury's books.</param>
    /// <param name="markets">Its market book, as known.</param>
    /// <param name="viewpoint">As of and known at, both inclusive.</param>
    /// <param name="question">The same as-of instant; the positions of the known-at instant; the policy.</param>
    /// <exception cref="InvalidOperationException">The treasury was not opened by then.</exception>
    public TreasuryAt(BookHistory history, MarketBookView markets, Viewpoint viewpoint, BookQuestion question)
    {
        ArgumentNullException.ThrowIfNull(history);
        (_history, Question, Viewpoint, Markets) = (history, question, viewpoint, markets);
        (State, Registers, Prices) = history.At(question);
        Valuer = new Valuer(Registers, State.Policy.Terms, State.Policy.ReportingCurrency, Prices);
        _book = new Lazy<Book>(MakeBook);
        _positions = new Lazy<ImmutableArray<LendingPosition>>(
            () => new LendingPositions(Registers, Valuer, markets).Of(State, viewpoint.AsOf));
    }

    /// <summary>Where it stands.</summary>
    public Viewpoint Viewpoint { get; }

    /// <summary>What was asked, by positions.</summary>
    public BookQuestion Question { get; }

    /// <summary>What is registered, as known.</summary>
    public Registers Registers { get; }

    /// <summary>What was held and owed, and the sums of what was gained; at hand without folding the history.</summary>
    public BookState State { get; }

    /// <summary>The price book, as known.</summary>
    public PriceBookView Prices { get; }

    /// <summary>The market book, as known.</summary>
    public MarketBookView Markets { get; }

    /// <summary>How units are valued.</summary>
    public Valuer Valuer { get; }

    /// <summary>The lending positions, each alone.</summary>
    public ImmutableArray<LendingPosition> Positions => _positions.Value;

    /// <summary>The entries that books are made from and that count, in the order of the fold.</summary>
    public IEnumerable<NarrowEntry> Entries => Happened.Select(rows => rows.Entry);

    /// <summary>The treasury's journal, voided entries and later ones included.</summary>
    public NarrowLogView Log => _history.Log;

    /// <summary>Every row of what happened: folds the whole history when it is asked for.</summary>
    public Book Book => _book.Value;

    /// <summary>What each entry brought forth, in the order of the fold; folded while it is read.</summary>
    public IEnumerable<EntryRows> Happened => HappenedAfter(null);

    /// <summary>The part of <see cref="Happened"/> after an instant (exclusive); absent: all.</summary>
    public IEnumerable<EntryRows> HappenedAfter(Instant? after) => _history.Between(after, Question);

    /// <summary>What happened to a figure since an instant (exclusive); absent: since the beginning.</summary>
    /// <param name="after">The instant.</param>
    /// <param name="figure">The figure of a book; one that changes only with entries.</param>
    public Bridge BridgeFrom(Instant? after, Func<BookState, Amount> figure) =>
        Bridge.Between(_history, after, Question, figure);

    /// <summary>
    /// What one entry brought forth; absent if it counts not, happened later, or is of a kind that books are not made
    /// from.
    /// </summary>
    public EntryRows? RowsOf(NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Log.Counts(entry, Question.Position)
            ? HappenedAfter(Before(entry.EffectiveAt))
                .TakeWhile(rows => rows.Entry.EffectiveAt <= entry.EffectiveAt)
                .FirstOrDefault(rows => rows.Entry.Position == entry.Position)
            : null;
    }

    /// <summary>The last instant before one; absent before the first.</summary>
    public static Instant? Before(Instant at) => at == default ? null : at.Plus(-1);

    /// <summary>Derives a treasury from its journals, without anything that is kept.</summary>
    /// <param name="treasury">Its journal in recorded order; later entries than the viewpoint are ignored.</param>
    /// <param name="prices">Its price book, likewise.</param>
    /// <param name="markets">Its market book, likewise.</param>
    /// <param name="viewpoint">As of and known at, both inclusive.</param>
    /// <param name="choice">Which book, and what of its terms a what-if changes; absent: the official one.</param>
    /// <exception cref="InvalidOperationException">The treasury was not opened by then.</exception>
    public static TreasuryAt Of(
        IEnumerable<NarrowEntry> treasury,
        IEnumerable<NarrowEntry> prices,
        IEnumerable<NarrowEntry> markets,
        Viewpoint viewpoint,
        BookChoice? choice = null)
    {
        ArgumentNullException.ThrowIfNull(viewpoint);
        var known = PriceHistory.Of(prices.TakeWhile(entry => entry.RecordedAt <= viewpoint.KnownAt));
        var history = new BookHistory(known, CheckpointBudget.None);
        history.Append(treasury.TakeWhile(entry => entry.RecordedAt <= viewpoint.KnownAt));
        return new TreasuryAt(
            history,
            MarketHistory.Of(markets.TakeWhile(entry => entry.RecordedAt <= viewpoint.KnownAt)).Newest,
            viewpoint,
            new BookQuestion(viewpoint.AsOf, history.Log.Position, known.Position, choice));
    }

    private Book MakeBook()
    {
        var rows = new BookRows();
        foreach (var happened in Happened)
        {
            rows.AddAll(happened.Rows);
        }

        return State.ToBook(Viewpoint, rows);
    }
}
