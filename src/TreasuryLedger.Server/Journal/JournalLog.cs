using System.Collections;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The entries of a journal from position 1 on, in memory as compactly as they are stored: each is decoded when it is
/// asked for. One does not change: what <see cref="With"/> adds is seen by the log that it gives.
/// </summary>
internal sealed class JournalLog : IStoredEntries
{
    /// <summary>Entries that a question folds without help: fewer are there before another processor is.</summary>
    private const int Alone = 2_048;

    /// <summary>Entries that another processor decodes at a time.</summary>
    private const int Part = 256;

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
                throw Unfit(block, unfit);
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

    /// <summary>When what an entry says was true, without decoding the rest of it.</summary>
    /// <param name="index">0 for the first.</param>
    public Instant EffectiveAt(int index)
    {
        _ = IsPlain(index, out _, out var effectiveAt);
        return effectiveAt;
    }

    /// <inheritdoc/>
    public bool IsPlain(int index, out Instant recordedAt, out Instant effectiveAt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var (block, within) = _entries[index];
        try
        {
            return _blocks[block].IsPlain(within, out recordedAt, out effectiveAt);
        }
        catch (NarrowException unfit)
        {
            throw Unfit(block, unfit);
        }
    }

    /// <summary>
    /// Entries at places. Of a long row the next ones are decoded on another processor, if one is free: whoever comes
    /// first to a part of them decodes it, so nobody waits for a thread that does not come.
    /// </summary>
    public IEnumerable<NarrowEntry> At(IEnumerable<int> places)
    {
        using var from = places.GetEnumerator();
        for (var taken = 0; taken < Alone; taken++)
        {
            if (!from.MoveNext())
            {
                yield break;
            }

            yield return this[from.Current];
        }

        var ahead = new Queue<Lazy<NarrowEntry[]>>();
        for (var more = true; more || ahead.Count > 0;)
        {
            while (more && ahead.Count <= 2 * Environment.ProcessorCount)
            {
                var part = PartOf(from);
                more = part.Length == Part;
                var entries = new Lazy<NarrowEntry[]>(() => Array.ConvertAll(part, place => this[place]));
                ahead.Enqueue(entries);
                _ = Task.Run(() => entries.Value); // what it throws, whoever takes the part is told
            }

            foreach (var entry in ahead.Dequeue().Value)
            {
                yield return entry;
            }
        }

        static int[] PartOf(IEnumerator<int> from)
        {
            var places = new List<int>(Part);
            while (places.Count < Part && from.MoveNext())
            {
                places.Add(from.Current);
            }

            return [.. places];
        }
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

    private InvalidDataException Unfit(int block, NarrowException why) =>
        NarrowRows.Unfit(_key, _blocks[block].First, _blocks[block].Last, why);

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
