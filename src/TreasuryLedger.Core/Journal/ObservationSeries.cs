using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// All observations of one thing, whatever was known when. One thread adds in recorded order; any number read at
/// positions that were reached before they began.
/// </summary>
/// <remarks>
/// Most observations come in order and go to the end of the first run; those of a back-fill that is itself in order go
/// to the end of the second one. What fits neither end makes the second run anew, and when that has grown long, both
/// become one. So ordered recording is free of moves, and n that come in any order cost about n × √n of them, not n².
/// Nothing that a reader sees ever moves.
/// </remarks>
internal sealed class ObservationSeries
{
    /// <summary>From this length on (inclusive) the second run is not made anew for one entry.</summary>
    private const int LateMax = 2_048;

    private volatile Runs _runs = new(ObservationRun.Empty(), ObservationRun.Empty());

    /// <summary>Adds an observation that is recorded after all others.</summary>
    public void Add(NarrowEntry entry)
    {
        var (ordered, late) = _runs;
        if (ordered.EndsBefore(entry))
        {
            ordered = ordered.With(entry);
        }
        else if (late.EndsBefore(entry))
        {
            late = late.With(entry);
        }
        else if (late.Count < LateMax)
        {
            late = late.MergedWith(ObservationRun.Empty().With(entry));
        }
        else
        {
            (ordered, late) = (ordered.MergedWith(late), ObservationRun.Empty().With(entry));
        }

        _runs = new Runs(ordered, late);
    }

    /// <summary>Notes that an observation has no effect from a position on.</summary>
    public void Void(NarrowEntry entry, long by)
    {
        var (ordered, late) = _runs;
        ordered.Void(entry, by);
        late.Void(entry, by);
    }

    /// <summary>The last one at or before an instant that stood at a position; <c>null</c> if there is none.</summary>
    public NarrowEntry? Latest(Instant at, long known)
    {
        var (ordered, late) = _runs;
        var first = ordered.Latest(at, known);
        var second = late.Latest(at, known);
        return first is null || (second is not null && EntryOrder.Comparer.Compare(first, second) < 0)
            ? second
            : first;
    }

    /// <summary>Those of a span (both inclusive) that stood at a position, in order.</summary>
    public IEnumerable<NarrowEntry> Between(Instant from, Instant to, long known)
    {
        var (ordered, late) = _runs;
        var first = ordered.Between(from, to, known);
        return late.Count == 0
            ? first
            : first.Concat(late.Between(from, to, known)).Order(EntryOrder.Comparer);
    }

    private sealed record Runs(ObservationRun Ordered, ObservationRun Late);
}
