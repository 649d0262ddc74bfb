using Npgsql;

namespace TreasuryLedger.Server.Journal;

/// <summary>The checkpoints of writers as something derived. That a journal has none is no fault.</summary>
internal sealed class WriterCheckpointPart : IDerivedPart
{
    private const string DeleteAll = "delete from ledger.writer_checkpoints where tenant = $1 and journal = $2";

    /// <inheritdoc/>
    public string Name => "writer checkpoints";

    /// <inheritdoc/>
    public string Journals => "select distinct tenant, journal from ledger.writer_checkpoints";

    /// <inheritdoc/>
    public async Task<DerivedFault?> CheckAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation)
    {
        if (await WriterCheckpoints.NewestAsync(snapshot, key, long.MaxValue) is not { } stored)
        {
            return null;
        }

        if (stored.Position > position)
        {
            return Wrong(stored, $"lies beyond the head, which stands at {position}");
        }

        try
        {
            var hash = await JournalRows.HashAsync(snapshot, key, stored.Position, cancellation);
            if (hash is null || Convert.ToHexStringLower(hash) != stored.Hash)
            {
                return Wrong(stored, "is not of this chain");
            }

            var (state, names) = WriterCheckpoint.Read(key, stored.Hash, stored.Body);
            var derived = await DerivedAsync(snapshot, key, stored.Position, stored.Hash);
            return !derived.Known.IsWithin(names) ? Wrong(stored, "misses a key or a fact")
                : !WriterCheckpoint.AreSame(state, derived.Treasury.Snapshot())
                    ? Wrong(stored, "differs from what its entries say")
                : null;
        }
        catch (NarrowException unfit)
        {
            return Wrong(stored, $"cannot be read: {unfit.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task<long> RebuildAsync(NpgsqlDataSource owner, JournalKey key, CancellationToken cancellation)
    {
        await using var connection = await owner.OpenConnectionAsync(cancellation);
        var head = (await JournalRows.HeadAsync(connection, key, cancellation))?.Head;
        byte[] body = [];
        if (head is { Position: > 0 })
        {
            var state = await DerivedAsync(connection, key, head.Position, head.Hash);
            body = WriterCheckpoint.Write(key, head.Hash, state.Treasury.Snapshot(), state.Known.Slots);
        }

        await using var swap = await connection.BeginTransactionAsync(cancellation);
        await using (var delete = new NpgsqlCommand(DeleteAll, connection))
        {
            delete.Parameters.AddRange(JournalRows.KeyOf(key));
            await delete.ExecuteNonQueryAsync(cancellation);
        }

        await WriterCheckpoints.InsertAsync(connection, key, head?.Position ?? 0, head?.Hash ?? "", body);
        await swap.CommitAsync(cancellation);
        return head?.Position ?? 0;
    }

    private static Task<WriterState> DerivedAsync(
        NpgsqlConnection connection, JournalKey key, long position, string hash) =>
        WriterState.Empty(key).WithTailAsync(
            connection, key, new JournalHead(key, position, default, hash, ReplayedClock: false),
            new WriterTail(connection, key).StoredAsync);

    private static DerivedFault Wrong(StoredCheckpoint stored, string what) =>
        new(stored.Position, $"The checkpoint at {stored.Position} {what}.");
}
