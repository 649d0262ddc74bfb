using Npgsql;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// What a writer knows of its journal in memory. Right if and only if position and hash are the head row's, which is
/// looked at under its lock at every commit.
/// </summary>
/// <param name="Treasury">What deciding needs.</param>
/// <param name="Hash">The chain's hash after its newest entry, lower-case hex; empty if it has none.</param>
/// <param name="Known">
/// The names in the journal. Grows in place: it may hold more than the state when a read of the tail failed, never
/// less.
/// </param>
internal sealed record WriterState(TreasuryState Treasury, string Hash, KnownNames Known)
{
    public static WriterState Empty(JournalKey key) => new(
        TreasuryState.Empty(key.Journal.Split('/')[0] switch
        {
            "prices" => JournalKind.PriceBook,
            "markets" => JournalKind.MarketBook,
            _ => JournalKind.Treasury,
        }),
        "",
        new KnownNames());

    /// <summary>The state after a commit.</summary>
    public WriterState With(GroupDecision committed, string hash)
    {
        foreach (var accepted in committed.Accepted)
        {
            Known.AddKey(accepted.Entry.IdempotencyKey);
            Known.AddFact(accepted.Entry);
        }

        return this with { Treasury = committed.State.Recalling(Recalled.Nothing), Hash = hash };
    }

    /// <summary>
    /// The state at a head: this one, or this one and the tail that others wrote, or a new one from the newest
    /// checkpoint on.
    /// </summary>
    public async Task<WriterState> FollowAsync(
        NpgsqlConnection connection, JournalKey key, JournalHead head, WriterCheckpoints checkpoints)
    {
        if (Treasury.Position == head.Position && (Hash == head.Hash || head.Position == 0))
        {
            return this;
        }

        var prefix = await IsPrefixAsync(connection, key, head)
            ? this
            : await checkpoints.ReadAsync(connection, head) ?? Empty(key);
        return await prefix.WithTailAsync(connection, key, head, new WriterTail(connection, key).EntriesAsync);
    }

    /// <summary>The state with the entries after it, up to a head.</summary>
    /// <param name="connection">Where what they void is looked up.</param>
    /// <param name="key">The journal.</param>
    /// <param name="head">The head.</param>
    /// <param name="read">Gives the entries after one position up to another, and takes in their names.</param>
    public async Task<WriterState> WithTailAsync(
        NpgsqlConnection connection,
        JournalKey key,
        JournalHead head,
        Func<long, long, KnownNames, Task<List<NarrowEntry>>> read)
    {
        var (treasury, _, known) = this;
        while (treasury.Position < head.Position)
        {
            var upTo = Math.Min(treasury.Position + WriterTail.PageMax, head.Position);
            var page = await read(treasury.Position, upTo, known);
            treasury = await AfterAsync(treasury, page, targets => Recollection.EntriesAsync(connection, key, targets));
        }

        return new WriterState(treasury, head.Hash, known);
    }

    /// <summary>The state after the next entries; of which hash they are is not known.</summary>
    /// <param name="connection">Where what they void is looked up.</param>
    /// <param name="key">The journal.</param>
    /// <param name="next">In recorded order without gaps.</param>
    public async Task<WriterState> AfterAsync(
        NpgsqlConnection connection, JournalKey key, IReadOnlyList<Entry> next)
    {
        foreach (var entry in next)
        {
            Known.AddKey(entry.IdempotencyKey);
            Known.AddFact(entry);
        }

        var treasury = await AfterAsync(
            Treasury, next, targets => Recollection.EntriesAsync(connection, key, targets));
        return this with { Treasury = treasury, Hash = "" };
    }

    /// <summary>The state after the next entries, for which those that they void are looked up.</summary>
    private static async Task<TreasuryState> AfterAsync(
        TreasuryState treasury, IReadOnlyList<NarrowEntry> next, Func<long[], Task<List<Entry>>> entriesAt)
    {
        var voided = next.Where(entry => entry.Voids is not null).Select(entry => entry.Voids!.Value).ToArray();
        var before = voided.Where(position => position <= treasury.Position).ToArray();
        var found = before.Length == 0 ? [] : await entriesAt(before);
        var recalling = treasury.Recalling(Recalled.Of(
            [new Named([], [.. voided])], found.Where(entry => entry.Position <= treasury.Position)));
        return next.Aggregate(recalling, (state, entry) => state.Evolve(entry)).Recalling(Recalled.Nothing);
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
