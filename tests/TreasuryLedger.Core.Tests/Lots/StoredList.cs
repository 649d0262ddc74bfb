using System.Collections;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>The first entries of a list as a stored journal gives them: each time it is asked for, made anew.</summary>
internal sealed class StoredList(IReadOnlyList<NarrowEntry> entries, int count) : IStoredEntries
{
    public int Count => count;

    /// <summary>A copy, so that nothing can rest on its being the same object.</summary>
    public NarrowEntry this[int index] => index < count
        ? entries[index] with { }
        : throw new ArgumentOutOfRangeException(nameof(index));

    public bool IsPlain(int index, out Instant recordedAt, out Instant effectiveAt)
    {
        var entry = this[index];
        (recordedAt, effectiveAt) = (entry.RecordedAt, entry.EffectiveAt);
        return entry is { Voids: null, Fulfils: null }
            and { Event: AssetAcquired or AssetSold or AssetTransferred or FeePaid };
    }

    public IEnumerable<NarrowEntry> At(IEnumerable<int> places) => places.ToList().Select(place => this[place]);

    public IEnumerator<NarrowEntry> GetEnumerator() => entries.Take(count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
