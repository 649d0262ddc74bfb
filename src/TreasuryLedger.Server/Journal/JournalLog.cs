using System.Collections;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The entries of a journal from position 1 on, in memory as compactly as they are stored: each is decoded when it is
/// asked for. One does not change: what <see cref="With"/> adds is seen by the log that it gives.
/// </summary>
internal sealed class JournalLog : IReadOnlyList<NarrowEntry>
{
    private readonly JournalKey _key;

    // Shared with the logs that grew from this one: they only fill what lies behind its end.
    private readonly NarrowBlock[] _blocks;
    private readonly (int Block, int Index)[] _entries;
    private readonly int _blockCount;

    private JournalLog(
        JournalKey key,
        JournalMemory memory,
        NarrowBlock[] blocks,
        int blockCount,
        (int Block, int Index)[] entries,
        int count)
    {
        (_key, Memory, _blocks, _blockCount) = (key, memory, blocks, blockCount);
        (_entries, Count) = (entries, count);
    }

    /// <summary>What was derived of this log and of those that grew from it.</summary>
    public JournalMemory Memory { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public NarrowEntry this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var (block, within) = _entries[index];
            try
            {
                return _blocks[block].Entry(within);
            }
            catch (NarrowException unfit)
            {
                throw NarrowRows.Unfit(_key, _blocks[block].First, _blocks[block].Last, unfit);
            }
        }
    }

    /// <summary>A log without entries.</summary>
    public static JournalLog Empty(JournalKey key) => new(key, new JournalMemory(), [], 0, [], 0);

    /// <summary>When an entry was recorded, without decoding it.</summary>
    /// <param name="index">0 for the first.</param>
    public Instant RecordedAt(int index)
    {
        var (block, within) = _entries[index];
        return _blocks[block].RecordedAt(within);
    }

    /// <summary>The log with more entries at its end. Only the newest log of a journal may grow.</summary>
    /// <param name="block">Holds the next position; what it holds before that is left out.</param>
    /// <param name="upTo">The last position to take from it.</param>
    public JournalLog With(NarrowBlock block, long upTo)
    {
        var last = checked((int)Math.Min(block.Last, upTo));
        var blocks = Room(_blocks, _blockCount, _blockCount + 1);
        var entries = Room(_entries, Count, last);
        blocks[_blockCount] = block;
        for (var index = Count; index < last; index++)
        {
            entries[index] = (_blockCount, checked((int)(index + 1 - block.First)));
        }

        return new JournalLog(_key, Memory, blocks, _blockCount + 1, entries, last);
    }

    /// <summary>The first entries; the same log, if it holds no more.</summary>
    public JournalLog First(int count) =>
        count == Count ? this : new JournalLog(_key, Memory, _blocks, _blockCount, _entries, count);

    /// <summary>How many entries were recorded at or before an instant; they are in that order.</summary>
    public int CountAt(Instant knownAt)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = RecordedAt(middle) <= knownAt ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <inheritdoc/>
    public IEnumerator<NarrowEntry> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static T[] Room<T>(T[] array, int count, int wanted)
    {
        if (wanted <= array.Length)
        {
            return array;
        }

        var grown = new T[Math.Max(wanted, Math.Max(16, checked(count * 3 / 2)))];
        array.AsSpan(0, count).CopyTo(grown);
        return grown;
    }
}
