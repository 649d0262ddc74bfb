using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>What counts at a viewpoint.</summary>
public static class VisibleEntries
{
    /// <summary>
    /// The entries recorded at or before <paramref name="knownAt"/> that no entry recorded by then voids, in recorded
    /// order.
    /// </summary>
    /// <param name="journal">The journal in recorded order, from position 1 on.</param>
    /// <param name="knownAt">Inclusive.</param>
    public static List<T> KnownAt<T>(IEnumerable<T> journal, Instant knownAt)
        where T : NarrowEntry
    {
        var known = journal.TakeWhile(entry => entry.RecordedAt <= knownAt).ToList();
        var voided = known.Where(entry => entry.Voids is not null).Select(entry => entry.Voids!.Value).ToHashSet();
        known.RemoveAll(entry => voided.Contains(entry.Position));
        return known;
    }

    /// <summary>The entries that count at the viewpoint, in the order of <see cref="EntryOrder"/>.</summary>
    /// <param name="journal">The journal in recorded order, from position 1 on.</param>
    /// <param name="viewpoint">Both bounds inclusive.</param>
    public static List<T> At<T>(IEnumerable<T> journal, Viewpoint viewpoint)
        where T : NarrowEntry
    {
        ArgumentNullException.ThrowIfNull(viewpoint);
        return AsOf(KnownAt(journal, viewpoint.KnownAt), viewpoint.AsOf);
    }

    /// <summary>Of known entries those that have happened, in the order of <see cref="EntryOrder"/>.</summary>
    /// <param name="known">What <see cref="KnownAt"/> gave; not changed.</param>
    /// <param name="asOf">Inclusive.</param>
    public static List<T> AsOf<T>(IEnumerable<T> known, Instant asOf)
        where T : NarrowEntry
    {
        var happened = known.Where(entry => entry.EffectiveAt <= asOf).ToList();
        happened.Sort(EntryOrder.Comparer);
        return happened;
    }
}
