using Npgsql;
using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The journal in memory. Right if and only if position and hash are the head row's, which is looked at under its lock
/// at every commit.
/// </summary>
/// <param name="Treasury">What deciding needs.</param>
/// <param name="Hash">The chain's hash after its newest entry, lower-case hex; empty if it has none.</param>
/// <param name="Requests">
/// By idempotency key, the entry. Grows in place: it may hold more than the state when a read of the tail failed, never
/// less, and never something that is not in the journal.
/// </param>
internal sealed record WriterState(TreasuryState Treasury, string Hash, Dictionary<string, long> Requests)
{
    public static WriterState Empty(JournalKey key) => new(
        TreasuryState.Empty(key.Journal.Split('/')[0] switch
        {
            "prices" => JournalKind.PriceBook,
            "markets" => JournalKind.MarketBook,
            _ => JournalKind.Treasury,
        }),
        "",
        new Dictionary<string, long>(StringComparer.Ordinal));

    /// <summary>The state after a commit.</summary>
    public WriterState With(GroupDecision committed, string hash)
    {
        foreach (var accepted in committed.Accepted)
        {
            Requests[accepted.Entry.IdempotencyKey] = accepted.Entry.Position;
        }

        return this with { Treasury = committed.State, Hash = hash };
    }

    /// <summary>The state after everything that is committed by now.</summary>
    public async Task<WriterState> CatchUpAsync(NpgsqlConnection connection, JournalKey key)
    {
        const long tail = 1_000; // fewer are folded under the lock: another round trip would cost more
        var row = await JournalRows.HeadAsync(connection, key, CancellationToken.None);
        return row is null || row.Head.Position - Treasury.Position < tail
            ? this
            : await FollowAsync(connection, key, row.Head);
    }

    /// <summary>The state at a head: this one, or this one and the tail that others wrote, or a new one.</summary>
    public async Task<WriterState> FollowAsync(NpgsqlConnection connection, JournalKey key, JournalHead head)
    {
        if (Treasury.Position == head.Position && (Hash == head.Hash || head.Position == 0))
        {
            return this;
        }

        var (treasury, _, requests) = await IsPrefixAsync(connection, key, head) ? this : Empty(key);
        await foreach (var entry in
            JournalRows.EntriesAsync(connection, key, treasury.Position, head.Position, CancellationToken.None))
        {
            treasury = treasury.Evolve(entry);
            requests[entry.IdempotencyKey] = entry.Position;
        }

        return new WriterState(treasury, head.Hash, requests);
    }

    /// <summary>
    /// Whether what is in memory is how the journal begins; it is not after a restore to an earlier state.
    /// </summary>
    private async Task<bool> IsPrefixAsync(NpgsqlConnection connection, JournalKey key, JournalHead head)
    {
        if (Treasury.Position == 0 || Treasury.Position > head.Position)
        {
            return false;
        }

        var hash = await JournalRows.HashAsync(connection, key, Treasury.Position, CancellationToken.None);
        return hash is not null && Convert.ToHexStringLower(hash) == Hash;
    }
}
