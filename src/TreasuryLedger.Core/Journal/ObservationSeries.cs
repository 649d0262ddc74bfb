using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// All observations of one thing, whatever was known when. One thread adds in recorded order; any number read at
/// positions that were reached before they began.
/// </summary>
/// <remarks>
/// Most observations come in order and go to the end of one long run. Those that come late are kept in a short run
/// beside it, made anew for each, which is merged into the long one when it is full: so n late ones cost about n × √n
/// moves instead of n², and nothing that a reader sees ever moves.
/// </remarks>
internal sealed class ObservationSeries
{
    /// <summary>Longest short run (exclusive): about the square root of a long series.</summary>
    internal const int LateMax = 1024;

    private volatile Runs _runs = new(ObservationRun.Empty(), ObservationRun.Empty());

    /// <summary>Adds an observation that is recorded after all others.</summary>
    public void Add(NarrowEntry entry)
    {
        var (ordered, late) = _runs;
        if (ordered.EndsBefore(entry))
        {
            var longer = ordered.With(entry);
            _runs = longer == ordered ? _runs : new Runs(longer, late);
            return;
        }

        late = late.EndsBefore(entry) ? late.With(entry) : late.MergedWith(ObservationRun.Empty().With(entry));
        _runs = late.Count < LateMax
            ? new Runs(ordered, late)
            : new Runs(ordered.MergedWith(late), ObservationRun.Empty());
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
