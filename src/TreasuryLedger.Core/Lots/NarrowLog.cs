using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// What folds read of one treasury's journal, over everything it ever knew: entries by position, those that books are
/// made from also in <see cref="EntryOrder"/>, who voids whom, and what was registered when. It only grows; views are
/// taken by any number of readers while one thread at a time appends.
/// </summary>
/// <remarks>
/// Of a stored journal it keeps some numbers an entry and asks for the entry itself when a fold takes it: decoded
/// entries are several times as large as stored ones, and collectors would go through all of them.
/// </remarks>
public sealed class NarrowLog
{
    private readonly Lock _appending = new();
    private volatile NarrowLogView _newest = NarrowLogView.Empty();
    private KeptEntries? _kept;

    /// <summary>Everything that was appended so far; it stays as it is.</summary>
    public NarrowLogView Newest => _newest;

    /// <summary>Adds and keeps the next entries in recorded order; gaps between positions do no harm.</summary>
    /// <exception cref="ArgumentException">
    /// One's position does not come after the last one. Those before it are appended.
    /// </exception>
    public void Append(IEnumerable<NarrowEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        lock (_appending)
        {
            _kept ??= KeptEntries.Of(_newest);
            var builder = new NarrowLogView.Builder(_newest, _kept);
            try
            {
                foreach (var entry in entries)
                {
                    builder.Add(entry, _kept);
                }
            }
            finally
            {
                _newest = builder.View();
            }
        }
    }

    /// <summary>Adds what a stored journal has more, without keeping its entries.</summary>
    /// <param name="journal">Begins with what was followed so far; keeps giving the same entries.</param>
    /// <param name="noted">Is told the new entries that are not plain.</param>
    /// <exception cref="InvalidOperationException">This log keeps entries of its own.</exception>
    public void Follow(IStoredEntries journal, Action<NarrowEntry> noted)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(noted);
        lock (_appending)
        {
            if (_kept is not null)
            {
                throw new InvalidOperationException("This log keeps entries of its own.");
            }

            var builder = new NarrowLogView.Builder(_newest, journal);
            builder.Expect(journal.Count);
            try
            {
                while (builder.Count < journal.Count)
                {
                    Take(builder, journal, noted);
                }
            }
            finally
            {
                _newest = builder.View(); // who meets an entry that cannot be read goes on from there
            }
        }
    }

    private static void Take(
        NarrowLogView.Builder builder, IStoredEntries journal, Action<NarrowEntry> noted)
    {
        var index = builder.Count;
        if (journal.IsPlain(index, out var recordedAt, out var effectiveAt))
        {
            builder.AddPlain(index + 1, recordedAt, effectiveAt);
            return;
        }

        var entry = journal[index];
        builder.Add(entry);
        noted(entry);
    }
}

/// <summary>A narrow log up to some position.</summary>
public sealed partial class NarrowLogView
{
    private readonly IStoredEntries _entries;
    private readonly LogColumns _columns;
    private readonly int _count;
    private readonly SortedTree<int> _inOrder;
    private readonly ImmutableList<(long From, Registers Registers)> _registers;
    private readonly ImmutableList<int> _registering;
    private readonly ImmutableHashSet<AssetId> _unregisteredCurrencies;
    private readonly ImmutableList<NarrowEntry> _adoptions;
    private readonly ImmutableList<NarrowEntry> _periods;
    private readonly ImmutableList<NarrowEntry> _risks;

    private NarrowLogView(Builder from)
    {
        (_entries, _columns, _count, _inOrder) = (from.Entries, from.Columns, from.Count, from.InOrder);
        (_registers, _registering) = (from.Registers, from.Registering);
        (_unregisteredCurrencies, _adoptions) = (from.UnregisteredCurrencies, from.AdoptionsSoFar);
        (_periods, _risks) = (from.PeriodsSoFar, from.RisksSoFar);
    }

    private NarrowLogView()
    {
        (_entries, _columns) = (new KeptEntries(), new LogColumns(16));
        (_registers, _registering, _unregisteredCurrencies, _adoptions) = ([], [], [], []);
        (_periods, _risks) = ([], []);
    }

    /// <summary>The position of the last entry; 0 if there is none.</summary>
    public long Position => _count == 0 ? 0 : _columns.Position[_count - 1];

    /// <summary>How many entries.</summary>
    public int Count => _count;

    /// <summary>Nothing, with room of its own that a log may write to.</summary>
    internal static NarrowLogView Empty() => new();

    /// <summary>The position of the last entry recorded at or before an instant; 0 if there is none.</summary>
    public long PositionAt(Instant knownAt)
    {
        var place = UpTo(_columns.RecordedAt, knownAt.Microseconds);
        return place == 0 ? 0 : _columns.Position[place - 1];
    }

    /// <summary>The entry at a position; absent if there is none.</summary>
    public NarrowEntry? Find(long position) => PlaceOf(position) is >= 0 and var place ? _entries[place] : null;

    /// <summary>Entries recorded in a span, in recorded order.</summary>
    /// <param name="after">A position (exclusive).</param>
    /// <param name="through">A position (inclusive).</param>
    public IEnumerable<NarrowEntry> Recorded(long after, long through)
    {
        for (var place = UpTo(_columns.Position, after);
            place < _count && _columns.Position[place] <= through;
            place++)
        {
            yield return _entries[place];
        }
    }

    /// <summary>What is registered for whoever knows the entries up to a position (inclusive).</summary>
    public Registers RegistersAt(long position)
    {
        var (low, high) = (0, _registers.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _registers[middle].From <= position ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? Registers.Empty : _registers[low - 1].Registers;
    }

    /// <summary>
    /// The entries that say something of one book and count for whoever knows the entries up to a position (inclusive),
    /// in the order of the fold.
    /// </summary>
    public IEnumerable<NarrowEntry> Adoptions(long known) =>
        _adoptions.Where(entry => Counts(entry, known)).Order(EntryOrder.Comparer);

    /// <summary>Entries about periods up to a position (inclusive), in recorded order; nothing voids them.</summary>
    public IEnumerable<NarrowEntry> Periods(long known) => _periods.TakeWhile(entry => entry.Position <= known);

    /// <summary>
    /// The entries about limits, the playbook and alerts that count for whoever knows the entries up to a position
    /// (inclusive), in the order of the fold.
    /// </summary>
    public IEnumerable<NarrowEntry> Risks(long known) =>
        _risks.Where(entry => Counts(entry, known)).Order(EntryOrder.Comparer);

    /// <summary>
    /// The earliest instant whose books an entry, with what it voids, may change; absent if it changes none.
    /// </summary>
    public Instant? Touched(long position)
    {
        if (PlaceOf(position) is not (>= 0 and var place))
        {
            return null;
        }

        var touched = Math.Min(_columns.Touched[place], Adopts(_entries[place]));
        touched = _entries[place].Voids is { } voids && Find(voids) is { } voided
            ? Math.Min(touched, Adopts(voided))
            : touched;
        return touched == long.MaxValue ? null : new Instant(touched);

        static long Adopts(NarrowEntry entry) =>
            entry.Event is IOfBook ? entry.EffectiveAt.Microseconds : long.MaxValue;
    }

    /// <summary>
    /// The greatest position up to <paramref name="known"/> (inclusive) that says anything about books at or before an
    /// instant; 0 if there is none. What is known from there to <paramref name="known"/> is the same up to that
    /// instant.
    /// </summary>
    /// <param name="through">Inclusive.</param>
    /// <param name="known">A position.</param>
    public long LastTouching(Instant through, long known)
    {
        var place = _columns.Touched.LastBefore(UpTo(_columns.Position, known), through.Microseconds);
        return place < 0 ? 0 : _columns.Position[place];
    }

    /// <summary>The first such position after <paramref name="known"/>; absent while there is none.</summary>
    /// <inheritdoc cref="LastTouching"/>
    public long? NextTouching(Instant through, long known)
    {
        var place = _columns.Touched.FirstFrom(UpTo(_columns.Position, known), through.Microseconds);
        return place < 0 || place >= _count ? null : _columns.Position[place];
    }

    /// <summary>
    /// The latest instant of which anything is known at a position (inclusive): books do not change after it.
    /// </summary>
    public Instant Latest(long known) => UpTo(_columns.Position, known) is > 0 and var places
        ? new Instant(_columns.Latest[places - 1])
        : default;

    /// <summary>Whether an entry counts for whoever knows the entries up to a position (inclusive).</summary>
    public bool Counts(NarrowEntry entry, long known)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return PlaceOf(entry.Position) is >= 0 and var place && Counts(place, known);
    }

    /// <summary>The entries that books are made from and that count, in the order of the fold.</summary>
    /// <param name="after">Only those that happened after this instant (exclusive); absent: all.</param>
    /// <param name="through">Only those that happened at or before this instant.</param>
    /// <param name="known">For whoever knows the entries up to this position (inclusive).</param>
    internal IEnumerable<NarrowEntry> Counting(Instant? after, Instant through, long known) =>
        _entries.At(PlacesOfCounting(after, through.Microseconds, known));

    private IEnumerable<int> PlacesOfCounting(Instant? after, long through, long known)
    {
        var places = after is { Microseconds: var instant }
            ? _inOrder.From(place => _columns.EffectiveAt[place] <= instant)
            : _inOrder.From();
        foreach (var place in places)
        {
            if (_columns.EffectiveAt[place] > through)
            {
                yield break;
            }

            if (Counts(place, known))
            {
                yield return place;
            }
        }
    }

    private bool Counts(int place, long known) =>
        _columns.Position[place] <= known
        && _columns.VoidedBy[place] is var voidedBy
        && (voidedBy == 0 || voidedBy > known);

    /// <summary>Whether a fold does anything at such an event.</summary>
    private static bool MakesBooks(LedgerEvent happened) => happened is not (
        TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered or PriceRecorded or MarketStateRecorded
        or MarketVersionSet or ReserveUpdated or ReserveConfigured or ReserveUseRecorded or EModeConfigured
        or EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened or InstructionGiven or InstructionCancelled
        or PeriodClosed or PeriodSealed or ReopeningRequested or PeriodReopened or IOfRisk);

    /// <summary>
    /// Whether checkpoints end with such an event: one that says something of a book changes that one alone, and its
    /// checkpoints know by which they were made.
    /// </summary>
    private static bool Touches(LedgerEvent happened) => MakesBooks(happened) && happened is not IOfBook;

    private int PlaceOf(long position)
    {
        // Positions are without gaps, except in journals that somebody has made smaller.
        if (position >= 1 && position <= _count && _columns.Position[position - 1] == position)
        {
            return (int)position - 1;
        }

        var place = UpTo(_columns.Position, position) - 1;
        return place >= 0 && _columns.Position[place] == position ? place : -1;
    }

    /// <summary>The number of entries, from the first on, whose number is at or below a bound.</summary>
    private int UpTo(long[] ascending, long bound)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = ascending[middle] <= bound ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
