using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// Observations of one thing in the order of <see cref="EntryOrder"/>, with what is needed to know which of them stood
/// at a position. It grows at its end only: what a reader counted stays where it is.
/// </summary>
internal sealed class ObservationRun
{
    private const long Never = long.MinValue;

    private readonly NarrowEntry[] _entries;
    private readonly long[] _instants;
    private readonly LeastTree _recorded; // at which position each was recorded
    private readonly LeastTree _voided; // minus the position that voids it: the later, the less; never is the least
    private volatile int _count;

    private ObservationRun(
        NarrowEntry[] entries, long[] instants, ReadOnlySpan<long> recorded, ReadOnlySpan<long> voided)
    {
        (_entries, _instants, _count) = (entries, instants, recorded.Length);
        _recorded = new LeastTree(entries.Length, recorded);
        _voided = new LeastTree(entries.Length, voided);
    }

    /// <summary>How many there are.</summary>
    public int Count => _count;

    /// <summary>A run without observations.</summary>
    public static ObservationRun Empty() => new([], [], [], []);

    /// <summary>Whether an entry comes after all that are here.</summary>
    public bool EndsBefore(NarrowEntry entry) =>
        _count == 0 || EntryOrder.Comparer.Compare(_entries[_count - 1], entry) < 0;

    /// <summary>Puts an entry at the end of this run, or of one with more room if this one is full.</summary>
    public ObservationRun With(NarrowEntry last)
    {
        var run = _count < _entries.Length ? this : WithRoom(checked(_count * 2));
        run._entries[run._count] = last;
        run._instants[run._count] = last.EffectiveAt.Microseconds;
        run._recorded.Set(run._count, last.Position);
        run._voided.Set(run._count, Never);
        run._count++;
        return run;
    }

    /// <summary>
    /// Both runs as one new one, with a quarter more room. Entries of this one that stand between two of the other are
    /// copied as a block.
    /// </summary>
    public ObservationRun MergedWith(ObservationRun other)
    {
        var count = checked(_count + other._count);
        var (entries, instants) = (new NarrowEntry[checked(count + (count / 4))], new long[count + (count / 4)]);
        var (recorded, voided) = (new long[count], new long[count]);
        var (from, to) = (0, 0);
        for (var place = 0; place <= other._count; place++)
        {
            var until = place == other._count
                ? _count
                : ~Array.BinarySearch(_entries, from, _count - from, other._entries[place], EntryOrder.Comparer);
            _entries.AsSpan(from..until).CopyTo(entries.AsSpan(to));
            _instants.AsSpan(from..until).CopyTo(instants.AsSpan(to));
            _recorded.First(until)[from..].CopyTo(recorded.AsSpan(to));
            _voided.First(until)[from..].CopyTo(voided.AsSpan(to));
            (from, to) = (until, to + until - from);
            if (place < other._count)
            {
                (entries[to], instants[to]) = (other._entries[place], other._instants[place]);
                (recorded[to], voided[to]) = (other._recorded[place], other._voided[place]);
                to++;
            }
        }

        return new ObservationRun(entries, instants, recorded, voided);
    }

    /// <summary>Notes what voids an entry, if it is here and was not voided before.</summary>
    public void Void(NarrowEntry entry, long by)
    {
        var place = Array.BinarySearch(_entries, 0, _count, entry, EntryOrder.Comparer);
        if (place >= 0 && _voided[place] == Never)
        {
            _voided.Set(place, -by);
        }
    }

    /// <summary>The last one at or before an instant that stood at a position; <c>null</c> if there is none.</summary>
    public NarrowEntry? Latest(Instant at, long known)
    {
        var before = Upper(at.Microseconds);
        while (before > 0)
        {
            var recorded = _recorded.LastBefore(before, known);
            var standing = _voided.LastBefore(recorded + 1, VoidedAfter(known));
            if (standing == recorded)
            {
                return recorded < 0 ? null : _entries[recorded];
            }

            before = standing + 1;
        }

        return null;
    }

    /// <summary>Those of a span (both inclusive) that stood at a position, in order.</summary>
    public IEnumerable<NarrowEntry> Between(Instant from, Instant to, long known)
    {
        var end = Upper(to.Microseconds);
        for (var place = Upper(from.Microseconds - 1); place < end; place++)
        {
            if (_recorded[place] <= known && _voided[place] <= VoidedAfter(known))
            {
                yield return _entries[place];
            }
        }
    }

    private ObservationRun WithRoom(int capacity)
    {
        var (entries, instants) = (_entries, _instants);
        Array.Resize(ref entries, Math.Max(4, capacity));
        Array.Resize(ref instants, entries.Length);
        return new ObservationRun(entries, instants, _recorded.First(_count), _voided.First(_count));
    }

    /// <summary>The bound, as <see cref="_voided"/> counts, of what nothing up to a position voids.</summary>
    private static long VoidedAfter(long known) => -known - 1;

    /// <summary>The first place after an instant.</summary>
    private int Upper(long microseconds)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _instants[middle] <= microseconds ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
