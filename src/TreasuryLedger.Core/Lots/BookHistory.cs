using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>How many checkpoints a history keeps.</summary>
/// <param name="Spacing">Entries between two checkpoints that a long fold leaves behind.</param>
/// <param name="CheckpointsMax">Most checkpoints, of all policies together.</param>
/// <param name="AnswersMax">Most answers that are kept so that the next question can go on from them.</param>
public sealed record CheckpointBudget(int Spacing, int CheckpointsMax, int AnswersMax)
{
    /// <summary>
    /// Questions fold some hundred entries at most, once the history was folded. Answers are few: they are young, and a
    /// collector copies what is young.
    /// </summary>
    public static CheckpointBudget Default { get; } = new(256, 8_192, 16);

    /// <summary>Nothing is kept: for a history of which one question is asked.</summary>
    public static CheckpointBudget None { get; } = new(int.MaxValue, 0, 0);
}

/// <summary>Where a question about a book stands.</summary>
/// <param name="AsOf">The instant in the world (inclusive).</param>
/// <param name="Position">What is known of the treasury: the entries up to this position (inclusive).</param>
/// <param name="PricePosition">What is known of its price book: the entries up to this position (inclusive).</param>
/// <param name="Choice">Which book, and what of its terms a what-if changes; absent: the official one.</param>
public sealed record BookQuestion(Instant AsOf, long Position, long PricePosition, BookChoice? Choice = null)
{
    /// <summary>Counts what the answer costs, if anybody wants to know.</summary>
    public FoldCost? Cost { get; init; }
}

/// <summary>A book as a question sees it.</summary>
/// <param name="State">The book.</param>
/// <param name="Registers">The accounts and assets, as known.</param>
/// <param name="Prices">The price book, as known.</param>
public sealed record BookAnswer(BookState State, Registers Registers, PriceBookView Prices);

/// <summary>What one entry brought forth.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Rows">Its rows; often none.</param>
/// <param name="State">Gives the book right after it.</param>
public sealed record EntryRows(NarrowEntry Entry, BookRows Rows, Func<BookState> State);

/// <summary>
/// The books of one treasury at any instant, as known at any position of its journal and of its price book, under any
/// policy. A question goes on from the nearest checkpoint that is valid for what it knows, and folds the rest
/// (SPEC 11). Entries are appended by one thread at a time; any number of threads may ask meanwhile.
/// </summary>
/// <param name="prices">The treasury's price book; grows by itself.</param>
/// <param name="budget">How many checkpoints to keep.</param>
/// <param name="told">Is told of each question how many entries it folded, and whether from a checkpoint.</param>
public sealed class BookHistory(
    PriceHistory prices, CheckpointBudget? budget = null, Action<int, bool>? told = null)
{
    /// <summary>Up to so many checkpoints away (inclusive) a question folds beside any other.</summary>
    private const int ShortWay = 4;

    /// <summary>After so long a question looks whether it can go on from what another one has left.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private readonly CheckpointBudget _budget = budget ?? CheckpointBudget.Default;
    private readonly Checkpoints _checkpoints = new(prices, budget ?? CheckpointBudget.Default);
    private readonly NarrowLog _log = new();
    private readonly object _longWay = new();

    /// <summary>The entries so far.</summary>
    public NarrowLogView Log => _log.Newest;

    /// <summary>The price book.</summary>
    public PriceHistory Prices => prices;

    /// <summary>How many checkpoints are kept now.</summary>
    public int CheckpointCount => _checkpoints.Count;

    /// <summary>How often a question went on from a checkpoint.</summary>
    public long CheckpointsUsed => _checkpoints.Used;

    /// <summary>Adds the next entries of the journal in recorded order.</summary>
    /// <inheritdoc cref="NarrowLog.Append"/>
    public void Append(IEnumerable<NarrowEntry> entries) => _log.Append(entries);

    /// <inheritdoc cref="NarrowLog.Follow"/>
    public void Follow(IStoredEntries journal, Action<NarrowEntry> noted) => _log.Follow(journal, noted);

    /// <summary>The book at a question.</summary>
    /// <exception cref="InvalidOperationException">The treasury was not opened by then.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position was not reached yet.</exception>
    public BookAnswer At(BookQuestion question)
    {
        var asked = Ask(question);
        return new BookAnswer(Fold(asked), asked.Registers, asked.Prices);
    }

    /// <summary>
    /// What happened in a span, entry by entry in the order of the fold. Nothing is folded before it is asked for, so a
    /// list may stop anywhere.
    /// </summary>
    /// <param name="after">The span begins after this instant (exclusive); absent: at the beginning.</param>
    /// <param name="through">Its end (inclusive) and what is known.</param>
    /// <inheritdoc cref="At"/>
    public IEnumerable<EntryRows> Between(Instant? after, BookQuestion through)
    {
        var asked = Ask(through);
        return Between(after, asked);
    }

    private IEnumerable<EntryRows> Between(Instant? after, Asked asked)
    {
        var sink = new Forwarding();
        var fold = after is { } instant
            ? new BookFold(Fold(asked with { AsOf = instant }), asked.Registers, asked.Prices, sink, asked.Choice)
            : new BookFold(asked.Registers, asked.Policy, asked.Prices, sink, asked.Choice);
        // Where disposals wait for acquisitions of other days, so do their entries, and those after them.
        var waiting = new Queue<EntryRows>();
        foreach (var entry in asked.Log.Counting(after, asked.AsOf, asked.Position))
        {
            sink.Begin(entry.Position);
            fold.Apply(entry);
            asked.Cost?.Fold();
            if (waiting.Count == 0 && !fold.Waits(entry.Position))
            {
                yield return new EntryRows(entry, sink.Rows, fold.State);
                continue;
            }

            var state = fold.State();
            waiting.Enqueue(sink.Wait(entry, () => state));
            while (waiting.TryPeek(out var first) && !fold.Waits(first.Entry.Position))
            {
                yield return sink.End(waiting.Dequeue());
            }
        }

        fold.TellWaiting();
        while (waiting.TryDequeue(out var last))
        {
            yield return sink.End(last);
        }
    }

    private Asked Ask(BookQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var log = _log.Newest;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(question.Position, log.Position);
        var registers = log.RegistersAt(question.Position);
        var own = BookPolicy.Of(registers);
        var choice = question.Choice ?? BookChoice.Official;
        return new Asked(
            log,
            // Nothing that is known happened later, so nothing later needs to be looked at.
            log.Latest(question.Position) is var latest && latest < question.AsOf ? latest : question.AsOf,
            question.Position,
            registers,
            new BookPolicy(choice.TermsBefore(own.Terms), choice.Currency ?? own.ReportingCurrency),
            prices.At(question.PricePosition),
            choice,
            [
                .. log.Adoptions(question.Position)
                    .Where(entry => ((IOfBook)entry.Event).Book == choice.Name)
                    .Select(entry => (entry.EffectiveAt, entry.Position)),
            ],
            question.Cost);
    }

    /// <summary>
    /// The state at a question, from the nearest valid checkpoint on. A long way is gone by one question at a time and
    /// leaves checkpoints; the others go on from those, so that nobody folds what somebody else is folding.
    /// </summary>
    private BookState Fold(Asked asked)
    {
        var most = _budget.CheckpointsMax == 0 ? int.MaxValue : checked(ShortWay * _budget.Spacing);
        var (goesAlone, again, folded) = (false, false, 0);
        try
        {
            while (true)
            {
                var start = _checkpoints.Find(asked, again);
                if (Fold(asked, start, goesAlone ? int.MaxValue : most, ref folded) is var (state, entries))
                {
                    asked.Cost?.Save(Math.Max(0, entries - folded));
                    told?.Invoke(folded, start is not null);
                    return state;
                }

                goesAlone = Monitor.TryEnter(_longWay, Patience);
                again = true;
            }
        }
        finally
        {
            if (goesAlone)
            {
                Monitor.Exit(_longWay);
            }
        }
    }

    /// <summary>
    /// The state at a question, from a checkpoint on, and how many entries are in it; absent if more than
    /// <paramref name="most"/> lie between, of which the first have left checkpoints then.
    /// </summary>
    private (BookState State, long Entries)? Fold(Asked asked, Checkpoint? start, int most, ref int folded)
    {
        BookFold? fold = null;
        var (read, point, count) = (0, start?.Point, start?.Entries ?? 0);
        foreach (var entry in asked.Log.Counting(start?.Point, asked.AsOf, asked.Position))
        {
            fold ??= start is null
                ? new BookFold(asked.Registers, asked.Policy, asked.Prices, null, asked.Choice)
                : new BookFold(start.State, asked.Registers, asked.Prices, null, asked.Choice);
            // Entries of one instant are seen together or not at all, so a checkpoint stands between instants.
            if (read >= _budget.Spacing && entry.EffectiveAt > point)
            {
                _checkpoints.Leave(asked, point.Value, fold.State(), count, isAnswer: false);
                read = 0;
            }

            if (most-- <= 0)
            {
                return null;
            }

            fold.Apply(entry);
            asked.Cost?.Fold();
            (read, point, count, folded) = (read + 1, entry.EffectiveAt, count + 1, folded + 1);
        }

        if (fold is not null)
        {
            _checkpoints.Leave(asked, point!.Value, fold.State(), count, isAnswer: true);
        }

        return (fold?.State() ?? start?.State ?? new BookState(asked.Policy, asked.Registers), count);
    }

    /// <summary>
    /// Gives each entry its rows, also those disposals that are told later than the rest; what belongs to entries
    /// before the span goes nowhere.
    /// </summary>
    private sealed class Forwarding : IBookSink
    {
        private readonly Dictionary<long, BookRows> _waiting = [];
        private long _entry;

        public BookRows Rows { get; private set; } = new();

        public void Begin(long entry) => (_entry, Rows) = (entry, new BookRows());

        /// <summary>The entry waits: rows of it may be told while others are applied.</summary>
        public EntryRows Wait(NarrowEntry entry, Func<BookState> state)
        {
            _waiting.Add(entry.Position, Rows);
            return new EntryRows(entry, Rows, state);
        }

        public EntryRows End(EntryRows waited)
        {
            _waiting.Remove(waited.Entry.Position);
            waited.Rows.SortDisposals();
            return waited;
        }

        public void Add(Disposal disposal) =>
            (disposal.Entry == _entry ? Rows : _waiting.GetValueOrDefault(disposal.Entry))?.Add(disposal);

        public void Add(Income income) => Rows.Add(income);

        public void Add(Expense expense) => Rows.Add(expense);

        public void Add(Contribution contribution) => Rows.Add(contribution);

        public void Add(Liquidation liquidation) => Rows.Add(liquidation);

        public void Add(Acquisition acquisition) => Rows.Add(acquisition);

        public void Add(LotCarried part) => Rows.Add(part);

        public void Add(LotsMoved moved) => Rows.Add(moved);
    }
}

/// <summary>A question with what it needs of the journals.</summary>
/// <param name="Log">The treasury's journal.</param>
/// <param name="AsOf">The instant in the world (inclusive).</param>
/// <param name="Position">What is known of the treasury.</param>
/// <param name="Registers">What is registered, as known.</param>
/// <param name="Policy">The book's terms before any that were adopted, with what the what-if changes.</param>
/// <param name="Prices">The price book, as known.</param>
/// <param name="Choice">The book and the what-if.</param>
/// <param name="Adoptions">When and by which entries the book adopts terms, as known, in order.</param>
/// <param name="Cost">Counts what the answer costs, if anybody wants to know.</param>
internal sealed record Asked(
    NarrowLogView Log,
    Instant AsOf,
    long Position,
    Registers Registers,
    BookPolicy Policy,
    PriceBookView Prices,
    BookChoice Choice,
    ImmutableArray<(Instant At, long Position)> Adoptions,
    FoldCost? Cost)
{
    /// <summary>The entries by which the book has adopted terms at an instant (inclusive).</summary>
    public ReadOnlySpan<(Instant At, long Position)> AdoptedBy(Instant instant)
    {
        var count = 0;
        while (count < Adoptions.Length && Adoptions[count].At <= instant)
        {
            count++;
        }

        return Adoptions.AsSpan(0, count);
    }
}
