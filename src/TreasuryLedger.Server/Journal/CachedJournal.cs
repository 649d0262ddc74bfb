using System.Diagnostics.CodeAnalysis;
using Npgsql;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The decoded entries of one journal as far as anyone asked. They only ever grow at the end, so everyone shares one
/// array and sees the part that was there when he asked.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody takes holds nothing.")]
internal sealed class CachedJournal
{
    private readonly SemaphoreSlim _reading = new(1);
    private volatile Known _known = new([], 0, "");
    private long _usedAt;

    /// <summary>When it was last asked.</summary>
    public long UsedAt
    {
        get => Volatile.Read(ref _usedAt);
        set => Volatile.Write(ref _usedAt, value);
    }

    /// <summary>The entries from position 1 to a head's.</summary>
    public async Task<ArraySegment<Entry>> UpToAsync(
        NpgsqlConnection connection, JournalHead head, CancellationToken cancellation)
    {
        var known = _known;
        if (!known.Reaches(head))
        {
            await _reading.WaitAsync(cancellation);
            try
            {
                known = await FollowAsync(connection, head, cancellation);
                _known = known;
            }
            finally
            {
                _reading.Release();
            }
        }

        return new ArraySegment<Entry>(known.Entries, 0, checked((int)head.Position));
    }

    private async Task<Known> FollowAsync(
        NpgsqlConnection connection, JournalHead head, CancellationToken cancellation)
    {
        var known = _known;
        if (known.Reaches(head))
        {
            return known; // someone else was faster
        }

        // A database that was put back to an earlier state may have gone on differently from there.
        var before = known.Count == 0 || known.Count > head.Position
            ? null
            : await JournalRows.HashAsync(connection, head.Journal, known.Count, cancellation);
        var (entries, count) = before is not null && Convert.ToHexStringLower(before) == known.Hash
            ? (known.Entries, known.Count)
            : ([], 0);
        await foreach (var entry in
            JournalRows.EntriesAsync(connection, head.Journal, count, head.Position, cancellation))
        {
            if (count == entries.Length)
            {
                var grown = new Entry[Math.Max(checked((int)head.Position), entries.Length * 3 / 2)];
                entries.AsSpan().CopyTo(grown);
                entries = grown;
            }

            entries[count++] = entry;
        }

        return new Known(entries, count, head.Hash);
    }

    private sealed record Known(Entry[] Entries, int Count, string Hash)
    {
        public bool Reaches(JournalHead head) => Count == head.Position
            ? Hash == head.Hash
            : Count > head.Position
                && (head.Position == 0 || Entries[head.Position - 1].RecordedAt == head.RecordedAt);
    }
}
