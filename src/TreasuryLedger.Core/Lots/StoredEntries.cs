using System.Collections;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// The entries of a journal from position 1 on, each made when it is asked for. Any number of threads may ask.
/// </summary>
public interface IStoredEntries : IReadOnlyList<NarrowEntry>
{
    /// <summary>
    /// Whether an entry only moves units: it registers nothing, states no value, voids and fulfils nothing. Of such a
    /// one the two instants are told without making it; of any other one <c>false</c> may be said too.
    /// </summary>
    /// <param name="index">0 for the first.</param>
    /// <param name="recordedAt">When it was recorded; means nothing if it is not plain.</param>
    /// <param name="effectiveAt">When it happened; likewise.</param>
    bool IsPlain(int index, out Instant recordedAt, out Instant effectiveAt);

    /// <summary>The entries at places, in the order of those; they may be made ahead of whoever takes them.</summary>
    /// <param name="places">From 0 on; gone through once.</param>
    IEnumerable<NarrowEntry> At(IEnumerable<int> places);
}

/// <summary>Entries that are kept as they came. One thread puts, any number read what was put before.</summary>
internal sealed class KeptEntries : IStoredEntries
{
    private volatile NarrowEntry[] _entries = [];

    public int Count { get; private set; }

    public NarrowEntry this[int index] => _entries[index];

    /// <summary>Those of a log that follows a journal no longer, or did not yet.</summary>
    public static KeptEntries Of(NarrowLogView log)
    {
        var kept = new KeptEntries();
        foreach (var entry in log.Recorded(0, long.MaxValue))
        {
            kept.Put(kept.Count, entry);
        }

        return kept;
    }

    /// <summary>Puts an entry behind the others, or in the place of one that no log took.</summary>
    public void Put(int index, NarrowEntry entry)
    {
        if (index == _entries.Length)
        {
            var entries = _entries;
            Array.Resize(ref entries, Math.Max(16, checked(index * 2)));
            _entries = entries;
        }

        _entries[index] = entry;
        Count = index + 1;
    }

    public bool IsPlain(int index, out Instant recordedAt, out Instant effectiveAt)
    {
        (recordedAt, effectiveAt) = (default, default);
        return false;
    }

    public IEnumerable<NarrowEntry> At(IEnumerable<int> places) => places.Select(place => _entries[place]);

    public IEnumerator<NarrowEntry> GetEnumerator() => _entries.Take(Count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
