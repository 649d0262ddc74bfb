using System.Collections.Concurrent;
using System.Collections.Immutable;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// A book of observations (prices, market states) over both axes: what was the latest at any instant, as known at any
/// position. It is built from the book's entries in recorded order and only ever grows, so that one of it serves all
/// readers while one thread adds to it.
/// </summary>
/// <typeparam name="TKey">What is observed.</typeparam>
/// <param name="keysOf">What an event observes; nothing for other events.</param>
internal sealed class ObservationHistory<TKey>(Func<LedgerEvent, ImmutableArray<TKey>> keysOf)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, ObservationSeries> _series = new();
    private volatile Recorded _recorded = new(16);

    /// <summary>The position of the last entry that was appended; 0 if there is none.</summary>
    public long Position => _recorded.Position;

    /// <summary>Adds the next entry of the book.</summary>
    /// <exception cref="ArgumentException">Its position does not come after the last one.</exception>
    public void Append(NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Position <= Position)
        {
            throw new ArgumentException($"Entry {entry.Position} was appended after {Position}.", nameof(entry));
        }

        var touched = long.MaxValue;
        var keys = keysOf(entry.Event);
        if (entry.Voids is { } voids && _recorded.Find(voids) is { } voided)
        {
            foreach (var key in keysOf(voided.Event))
            {
                _series[key].Void(voided, entry.Position);
                touched = voided.EffectiveAt.Microseconds;
            }
        }

        foreach (var key in keys)
        {
            _series.GetOrAdd(key, static _ => new ObservationSeries()).Add(entry);
            touched = Math.Min(touched, entry.EffectiveAt.Microseconds);
        }

        _recorded = _recorded.With(entry, touched);
    }

    /// <summary>The position of the last entry recorded at or before an instant; 0 if there is none.</summary>
    public long PositionAt(Instant knownAt) => _recorded.PositionAt(knownAt);

    /// <summary>Refuses a position that is not reached yet: what is known there could still change.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lies behind <see cref="Position"/>, or below 0.</exception>
    public long Reached(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Position);
        return position;
    }

    /// <summary>The latest observation at or before an instant as known at a position, however old.</summary>
    public NarrowEntry? Latest(TKey key, Instant at, long known) =>
        _series.TryGetValue(key, out var series) ? series.Latest(at, known) : null;

    /// <summary>Observations of a span (both inclusive) as known at a position, in order.</summary>
    public IEnumerable<NarrowEntry> Between(TKey key, Instant from, Instant to, long known) =>
        _series.TryGetValue(key, out var series) ? series.Between(from, to, known) : [];

    /// <summary>
    /// The greatest position up to <paramref name="known"/> (inclusive) whose entry observes something at or before an
    /// instant, or voids such an observation; 0 if there is none.
    /// </summary>
    public long LastTouching(Instant through, long known) => _recorded.LastTouching(through, known);

    /// <summary>The first such position after <paramref name="known"/>; <c>null</c> while there is none.</summary>
    public long? NextTouching(Instant through, long known) => _recorded.NextTouching(through, known);

    /// <summary>All entries in recorded order, each with the earliest instant whose observations it changed.</summary>
    private sealed class Recorded(int capacity)
    {
        private readonly NarrowEntry[] _entries = new NarrowEntry[capacity];
        private readonly LeastTree _touched = new(capacity, []);
        private volatile int _count;

        private Recorded(Recorded full)
            : this(checked(full._count * 2))
        {
            full._entries.CopyTo(_entries, 0);
            _touched = new LeastTree(_entries.Length, full._touched.First(full._count));
            _count = full._count;
        }

        public long Position => _count is > 0 and var count ? _entries[count - 1].Position : 0;

        public Recorded With(NarrowEntry entry, long touched)
        {
            var recorded = _count < _entries.Length ? this : new Recorded(this);
            recorded._entries[recorded._count] = entry;
            recorded._touched.Set(recorded._count, touched);
            recorded._count++;
            return recorded;
        }

        public NarrowEntry? Find(long position) =>
            After(entry => entry.Position, position) is > 0 and var after && _entries[after - 1] is var found
                && found.Position == position
                    ? found
                    : null;

        public long PositionAt(Instant knownAt) =>
            After(entry => entry.RecordedAt.Microseconds, knownAt.Microseconds) is > 0 and var after
                ? _entries[after - 1].Position
                : 0;

        public long LastTouching(Instant through, long known)
        {
            var place = _touched.LastBefore(After(entry => entry.Position, known), through.Microseconds);
            return place < 0 ? 0 : _entries[place].Position;
        }

        public long? NextTouching(Instant through, long known)
        {
            var count = _count;
            var place = _touched.FirstFrom(After(entry => entry.Position, known), through.Microseconds);
            return place < 0 || place >= count ? null : _entries[place].Position;
        }

        /// <summary>The first place whose entry is greater than a bound.</summary>
        private int After(Func<NarrowEntry, long> of, long bound)
        {
            var (low, high) = (0, _count);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                (low, high) = of(_entries[middle]) <= bound ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }
}
