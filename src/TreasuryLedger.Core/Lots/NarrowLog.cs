using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// What folds read of one treasury's journal, over everything it ever knew: entries by position, those that books are
/// made from also in <see cref="EntryOrder"/>, who voids whom, and what was registered when. It only grows; views are
/// taken by any number of readers while one thread at a time appends.
/// </summary>
public sealed class NarrowLog
{
    private readonly Lock _appending = new();
    private volatile NarrowLogView _newest = NarrowLogView.Empty();

    /// <summary>Everything that was appended so far; it stays as it is.</summary>
    public NarrowLogView Newest => _newest;

    /// <summary>Adds the next entries of the journal in recorded order; gaps between positions do no harm.</summary>
    /// <exception cref="ArgumentException">
    /// One's position does not come after the last one. Those before it are appended.
    /// </exception>
    public void Append(IEnumerable<NarrowEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        lock (_appending)
        {
            var builder = new NarrowLogView.Builder(_newest);
            try
            {
                foreach (var entry in entries)
                {
                    builder.Add(entry);
                }
            }
            finally
            {
                _newest = builder.View();
            }
        }
    }
}

/// <summary>A narrow log up to some position.</summary>
public sealed class NarrowLogView
{
    private readonly NarrowEntry[] _entries;
    private readonly long[] _voidedBy;
    private readonly long[] _latest;
    private readonly LeastTree _touched;
    private readonly int _count;
    private readonly SortedTree<NarrowEntry> _inOrder;
    private readonly ImmutableList<(long From, Registers Registers)> _registers;
    private readonly ImmutableHashSet<AssetId> _unregisteredCurrencies;
    private readonly ImmutableList<NarrowEntry> _adoptions;

    private NarrowLogView(
        NarrowEntry[] entries,
        long[] voidedBy,
        long[] latest,
        LeastTree touched,
        int count,
        SortedTree<NarrowEntry> inOrder,
        ImmutableList<(long From, Registers Registers)> registers,
        ImmutableHashSet<AssetId> unregisteredCurrencies,
        ImmutableList<NarrowEntry> adoptions)
    {
        (_entries, _voidedBy, _latest, _touched, _count) = (entries, voidedBy, latest, touched, count);
        (_inOrder, _registers, _unregisteredCurrencies) = (inOrder, registers, unregisteredCurrencies);
        _adoptions = adoptions;
    }

    /// <summary>Nothing, with room of its own that a log may write to.</summary>
    internal static NarrowLogView Empty() =>
        new(new NarrowEntry[16], new long[16], new long[16], new LeastTree(16, []), 0, default, [], [], []);

    /// <summary>The position of the last entry; 0 if there is none.</summary>
    public long Position => _count == 0 ? 0 : _entries[_count - 1].Position;

    /// <summary>How many entries.</summary>
    public int Count => _count;

    /// <summary>The position of the last entry recorded at or before an instant; 0 if there is none.</summary>
    public long PositionAt(Instant knownAt)
    {
        var place = Places(entry => entry.RecordedAt <= knownAt);
        return place == 0 ? 0 : _entries[place - 1].Position;
    }

    /// <summary>The entry at a position; absent if there is none.</summary>
    public NarrowEntry? Find(long position) => PlaceOf(position) is >= 0 and var place ? _entries[place] : null;

    /// <summary>Entries recorded in a span, in recorded order.</summary>
    /// <param name="after">A position (exclusive).</param>
    /// <param name="through">A position (inclusive).</param>
    public IEnumerable<NarrowEntry> Recorded(long after, long through)
    {
        for (var place = Places(entry => entry.Position <= after);
            place < _count && _entries[place].Position <= through;
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
    /// The entries that adopt terms and count for whoever knows the entries up to a position (inclusive), in the order
    /// of the fold.
    /// </summary>
    public IEnumerable<NarrowEntry> Adoptions(long known) =>
        _adoptions.Where(entry => Counts(entry, known)).Order(EntryOrder.Comparer);

    /// <summary>
    /// The earliest instant whose books an entry, with what it voids, may change; absent if it changes none.
    /// </summary>
    public Instant? Touched(long position)
    {
        if (PlaceOf(position) is not (>= 0 and var place))
        {
            return null;
        }

        var touched = Math.Min(_touched[place], Adopts(_entries[place]));
        touched = _entries[place].Voids is { } voids && Find(voids) is { } voided
            ? Math.Min(touched, Adopts(voided))
            : touched;
        return touched == long.MaxValue ? null : new Instant(touched);

        static long Adopts(NarrowEntry entry) =>
            entry.Event is TermsAdopted ? entry.EffectiveAt.Microseconds : long.MaxValue;
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
        var place = _touched.LastBefore(Places(entry => entry.Position <= known), through.Microseconds);
        return place < 0 ? 0 : _entries[place].Position;
    }

    /// <summary>The first such position after <paramref name="known"/>; absent while there is none.</summary>
    /// <inheritdoc cref="LastTouching"/>
    public long? NextTouching(Instant through, long known)
    {
        var place = _touched.FirstFrom(Places(entry => entry.Position <= known), through.Microseconds);
        return place < 0 || place >= _count ? null : _entries[place].Position;
    }

    /// <summary>
    /// The latest instant of which anything is known at a position (inclusive): books do not change after it.
    /// </summary>
    public Instant Latest(long known) =>
        Places(entry => entry.Position <= known) is > 0 and var places ? new Instant(_latest[places - 1]) : default;

    /// <summary>Whether an entry counts for whoever knows the entries up to a position (inclusive).</summary>
    public bool Counts(NarrowEntry entry, long known)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Position <= known
            && PlaceOf(entry.Position) is >= 0 and var place
            && _voidedBy[place] is var voidedBy
            && (voidedBy == 0 || voidedBy > known);
    }

    /// <summary>
    /// The entries that books are made from, whether they count or not, in the order of the fold.
    /// </summary>
    /// <param name="after">Only those that happened after this instant (exclusive); absent: all.</param>
    internal SortedTree<NarrowEntry>.Cursor InOrder(Instant? after) =>
        after is { } instant ? _inOrder.From(entry => entry.EffectiveAt <= instant) : _inOrder.From();

    /// <summary>Whether a fold does anything at such an event.</summary>
    private static bool MakesBooks(LedgerEvent happened) => happened is not (
        TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered or PriceRecorded or MarketStateRecorded
        or EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened or InstructionGiven or InstructionCancelled);

    /// <summary>
    /// Whether checkpoints end with such an event: one that adopts terms changes one book alone, and its checkpoints
    /// know by which they were made.
    /// </summary>
    private static bool Touches(LedgerEvent happened) => MakesBooks(happened) && happened is not TermsAdopted;

    private int PlaceOf(long position)
    {
        // Positions are without gaps, except in journals that somebody has made smaller.
        if (position >= 1 && position <= _count && _entries[position - 1].Position == position)
        {
            return (int)position - 1;
        }

        var place = Places(entry => entry.Position <= position) - 1;
        return place >= 0 && _entries[place].Position == position ? place : -1;
    }

    /// <summary>The number of entries, from the first on, of which something is true.</summary>
    private int Places(Func<NarrowEntry, bool> isBefore)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = isBefore(_entries[middle]) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>
    /// Makes the next view. It writes behind what earlier views read, in the same arrays where there is room; only who
    /// voids an entry is written among it, with a position that those views do not reach.
    /// </summary>
    internal sealed class Builder(NarrowLogView from)
    {
        private readonly object _owner = new();
        private NarrowEntry[] _entries = from._entries;
        private long[] _voidedBy = from._voidedBy;
        private long[] _latest = from._latest;
        private LeastTree _touched = from._touched;
        private int _count = from._count;
        private SortedTree<NarrowEntry> _inOrder = from._inOrder;
        private ImmutableList<(long From, Registers Registers)> _registers = from._registers;
        private ImmutableHashSet<AssetId> _unregisteredCurrencies = from._unregisteredCurrencies;
        private ImmutableList<NarrowEntry> _adoptions = from._adoptions;

        public NarrowLogView View() => new(
            _entries, _voidedBy, _latest, _touched, _count, _inOrder, _registers, _unregisteredCurrencies, _adoptions);

        public void Add(NarrowEntry entry)
        {
            ArgumentNullException.ThrowIfNull(entry);
            if (_count > 0 && entry.Position <= _entries[_count - 1].Position)
            {
                throw new ArgumentException($"Entry {entry.Position} comes too late.", nameof(entry));
            }

            if (_count == _entries.Length)
            {
                Grow();
            }

            var touched = Math.Min(Void(entry), TouchedBy(entry));
            _entries[_count] = entry;
            _voidedBy[_count] = 0;
            _latest[_count] = Math.Max(
                _count == 0 ? 0 : _latest[_count - 1],
                MakesBooks(entry.Event) ? entry.EffectiveAt.Microseconds : 0);
            _touched.Set(_count, touched);
            _count++;
            if (MakesBooks(entry.Event))
            {
                _inOrder.Insert(entry, EntryOrder.Comparer, _owner);
            }

            if (entry.Event is TermsAdopted)
            {
                _adoptions = _adoptions.Add(entry);
            }

            if (Registers(entry.Event))
            {
                var before = _registers.IsEmpty ? Journal.Registers.Empty : _registers[^1].Registers;
                _registers = _registers.Add((entry.Position, before.Evolve(entry.Event)));
            }
        }

        private static bool Registers(LedgerEvent happened) =>
            happened is TreasuryOpened or AccountRegistered or AssetRegistered;

        private void Grow()
        {
            Array.Resize(ref _entries, _count * 2);
            Array.Resize(ref _voidedBy, _count * 2);
            Array.Resize(ref _latest, _count * 2);
            _touched = new LeastTree(_count * 2, _touched.First(_count));
        }

        /// <summary>Takes effect from what an entry voids, and tells the earliest instant that this changes.</summary>
        private long Void(NarrowEntry entry)
        {
            if (entry.Voids is not { } voids || View().PlaceOf(voids) is not (>= 0 and var place))
            {
                return long.MaxValue;
            }

            var voided = _entries[place];
            _voidedBy[place] = _voidedBy[place] == 0 ? entry.Position : _voidedBy[place];
            if (Registers(voided.Event))
            {
                _registers = _registers.Add((entry.Position, StandingRegisters(entry.Position)));
                return 0;
            }

            return Touches(voided.Event) ? voided.EffectiveAt.Microseconds : long.MaxValue;
        }

        private Registers StandingRegisters(long known) => Journal.Registers.Of(_entries.Take(_count)
            .Where((entry, place) => Registers(entry.Event) && (_voidedBy[place] == 0 || _voidedBy[place] > known)));

        private long TouchedBy(NarrowEntry entry)
        {
            Note(entry.Event);
            return entry.Event switch
            {
                // Units and values of the past rest on what is registered. A new asset changes none of them, unless
                // an entry before it states a value in it.
                AssetRegistered asset when IsKnown(asset.Asset) => 0,
                TreasuryOpened => 0,
                _ => Touches(entry.Event) ? entry.EffectiveAt.Microseconds : long.MaxValue,
            };
        }

        private bool IsKnown(AssetId asset) =>
            _unregisteredCurrencies.Contains(asset) || _registers.Any(one => one.Registers.Assets.ContainsKey(asset));

        /// <summary>Remembers currencies of stated values that are not registered yet.</summary>
        private void Note(LedgerEvent happened)
        {
            switch (happened)
            {
                case BalancesOpened opened:
                    foreach (var lot in opened.Lots)
                    {
                        Note(lot.Cost);
                    }

                    break;
                case CapitalContributed { Value: var value }:
                    Note(value);
                    break;
                case YieldReceived { Value: var value }:
                    Note(value);
                    break;
                default:
                    break;
            }
        }

        private void Note(CurrencyAmount? stated)
        {
            if (stated is not null
                && AssetId.TryParse(stated.Currency, out var currency)
                && (_registers.IsEmpty || !_registers[^1].Registers.Assets.ContainsKey(currency)))
            {
                _unregisteredCurrencies = _unregisteredCurrencies.Add(currency);
            }
        }
    }
}
