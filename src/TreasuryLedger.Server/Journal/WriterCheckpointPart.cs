using Npgsql;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>The checkpoints of writers as something derived. That a journal has none is no fault.</summary>
internal sealed class WriterCheckpointPart : IDerivedPart
{
    private const string DeleteAll = "delete from ledger.writer_checkpoints where tenant = $1 and journal = $2";

    /// <inheritdoc/>
    public string Name => "writer checkpoints";

    /// <inheritdoc/>
    public async Task<IDerivedCheck> BeginAsync(
        NpgsqlConnection snapshot, JournalKey key, long position, CancellationToken cancellation) =>
        new Run(snapshot, key, position, await WriterCheckpoints.NewestAsync(snapshot, key, long.MaxValue));

    /// <inheritdoc/>
    public async Task<long> RebuildAsync(NpgsqlDataSource owner, JournalKey key, CancellationToken cancellation)
    {
        await using var connection = await owner.OpenConnectionAsync(cancellation);
        var head = (await JournalRows.HeadAsync(connection, key, cancellation))?.Head;
        byte[] body = [];
        if (head is { Position: > 0 })
        {
            var state = await WriterState.Empty(key).WithTailAsync(
                connection, key, head, new WriterTail(connection, key).StoredAsync);
            body = WriterCheckpoint.Write(key, head.Hash, state.Treasury.Snapshot(), state.Known.Slots);
        }

        await using var swap = await connection.BeginTransactionAsync(cancellation);
        await using (var delete = new TenantCommand(connection, key, DeleteAll))
        {
            await delete.ExecuteNonQueryAsync(cancellation);
        }

        await WriterCheckpoints.InsertAsync(connection, key, head?.Position ?? 0, head?.Hash ?? "", body);
        await swap.CommitAsync(cancellation);
        return head?.Position ?? 0;
    }

    /// <summary>The state that the entries lead to, made beside them and compared at the end.</summary>
    private sealed class Run(NpgsqlConnection snapshot, JournalKey key, long position, StoredCheckpoint? stored)
        : IDerivedCheck
    {
        private WriterState _derived = WriterState.Empty(key);

        public async Task<DerivedFault?> TakeAsync(IReadOnlyList<Entry> next, CancellationToken cancellation)
        {
            if (stored is not null && next[0].Position <= stored.Position)
            {
                _derived = await _derived.AfterAsync(
                    snapshot, key, [.. next.TakeWhile(entry => entry.Position <= stored.Position)]);
            }

            return null;
        }

        public async Task<DerivedFault?> EndAsync(CancellationToken cancellation)
        {
            if (stored is null)
            {
                return null;
            }

            if (stored.Position > position)
            {
                return Wrong($"lies beyond the head, which stands at {position}");
            }

            try
            {
                var hash = await JournalRows.HashAsync(snapshot, key, stored.Position, cancellation);
                if (hash is null || Convert.ToHexStringLower(hash) != stored.Hash)
                {
                    return Wrong("is not of this chain");
                }

                var (state, names) = WriterCheckpoint.Read(key, stored.Hash, stored.Body);
                return !_derived.Known.IsWithin(names) ? Wrong("misses a key or a fact")
                    : !WriterCheckpoint.AreSame(state, _derived.Treasury.Snapshot())
                        ? Wrong("differs from what its entries say")
                    : null;
            }
            catch (NarrowException unfit)
            {
                return Wrong($"cannot be read: {unfit.Message}");
            }
        }

        private DerivedFault Wrong(string what) =>
            new(stored!.Position, $"The checkpoint at {stored.Position} {what}.");
    }
}
