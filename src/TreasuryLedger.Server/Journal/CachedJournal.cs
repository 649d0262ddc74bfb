using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The narrow entries of one journal as far as anyone asked. They only ever grow at the end, so everyone shares them
/// and sees the part that was there when he asked.
/// </summary>
/// <param name="key">The journal.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody takes holds nothing.")]
internal sealed class CachedJournal(JournalKey key)
{
    private readonly SemaphoreSlim _reading = new(1);
    private readonly NarrowTexts _texts = new();
    private volatile Known _known = new(JournalLog.Empty(key), "");
    private long _usedAt;

    /// <summary>When it was last asked.</summary>
    public long UsedAt
    {
        get => Volatile.Read(ref _usedAt);
        set => Volatile.Write(ref _usedAt, value);
    }

    /// <summary>As far as anyone asked.</summary>
    public JournalLog Newest => _known.Entries;

    /// <summary>Whether books were asked for.</summary>
    public bool HasBooks => _known.Entries.Memory.HasBooks;

    /// <summary>Entries in memory, and the checkpoints of their books.</summary>
    public (int Entries, int Checkpoints) Kept => (_known.Entries.Count, _known.Entries.Memory.Checkpoints);

    /// <summary>The entries from position 1 to a head's.</summary>
    public async Task<JournalLog> UpToAsync(
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

        return known.Entries.First(checked((int)head.Position));
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
        var entries = known.Entries;
        var isPrefix = entries.Count == 0
            || (entries.Count <= head.Position
                && await JournalRows.HashAsync(connection, key, entries.Count, cancellation) is { } before
                && Convert.ToHexStringLower(before) == known.Hash);
        entries = await NarrowRows.FollowAsync(
            connection,
            key,
            isPrefix ? entries : JournalLog.Empty(key),
            _texts,
            head.Position,
            cancellation);
        return new Known(entries, head.Hash);
    }

    private sealed record Known(JournalLog Entries, string Hash)
    {
        public bool Reaches(JournalHead head) => Entries.Count == head.Position
            ? Hash == head.Hash
            : Entries.Count > head.Position
                && (head.Position == 0 || Entries.RecordedAt((int)head.Position - 1) == head.RecordedAt);
    }
}
