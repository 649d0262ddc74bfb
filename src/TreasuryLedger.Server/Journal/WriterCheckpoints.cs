using System.Data;
using Npgsql;
using TreasuryLedger.Core.Commands;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The checkpoints of one journal's writer: written beside the commits, read when a writer starts. The newest is kept.
/// One is used only if its hash is the chain's at its position; otherwise it is ignored.
/// </summary>
/// <param name="database">Connections of the application role.</param>
/// <param name="key">The journal.</param>
/// <param name="options">How often.</param>
/// <param name="log">Where faults are told; none stops a writer.</param>
internal sealed class WriterCheckpoints(
    NpgsqlDataSource database, JournalKey key, WriterOptions options, ILogger log)
{
    // What a checkpoint costs grows with the journal. So does what lies between two of them: each entry is written down
    // some sixteen times in all, however long the journal gets.
    private const int ShareOfJournal = 16;

    private const int PartLength = 1 << 20;

    private const string SelectNewest =
        """
        select position, hash, sum(octet_length(body)) over (), octet_length(body), body
        from ledger.writer_checkpoints
        where tenant = $1 and journal = $2 and position = (
            select max(position) from ledger.writer_checkpoints
            where tenant = $1 and journal = $2 and position <= $3)
        order by part
        """;

    private const string Insert =
        """
        insert into ledger.writer_checkpoints (tenant, journal, position, part, hash, body)
        values ($1, $2, $3, $4, $5, $6) on conflict do nothing
        """;

    private const string DeleteOlder =
        "delete from ledger.writer_checkpoints where tenant = $1 and journal = $2 and position < $3";

    private Task _writing = Task.CompletedTask;
    private long _written;

    /// <summary>The state of the newest checkpoint that belongs to the journal as it is, if there is one.</summary>
    public async Task<WriterState?> ReadAsync(NpgsqlConnection connection, JournalHead head)
    {
        if (await NewestAsync(connection, key, head.Position) is not { } stored)
        {
            return null;
        }

        try
        {
            var hash = stored.Position == head.Position
                ? head.Hash
                : await JournalRows.HashAsync(connection, key, stored.Position, CancellationToken.None) is { } chained
                    ? Convert.ToHexStringLower(chained)
                    : "";
            if (hash != stored.Hash)
            {
                throw new NarrowException("the chain has another hash there");
            }

            var (snapshot, names) = WriterCheckpoint.Read(key, hash, stored.Body);
            var state = TreasuryState.Of(snapshot);
            if (state.Position != stored.Position || state.Kind != WriterState.Empty(key).Treasury.Kind)
            {
                throw new NarrowException($"it is that of position {state.Position}");
            }

            _written = stored.Position;
            return new WriterState(state, hash, names);
        }
        catch (Exception fault) when (fault is not (NpgsqlException or TimeoutException or IOException))
        {
            log.LogWarning(
                "{Journal}: the checkpoint at {Position} is ignored: {Why}", key, stored.Position, fault.Message);
            return null;
        }
    }

    /// <summary>Writes a checkpoint beside what follows, if enough was recorded since the last one.</summary>
    public void Offer(WriterState state)
    {
        var since = state.Treasury.Position - _written;
        if (_writing.IsCompleted && since >= Math.Max(options.CheckpointAfter, _written / ShareOfJournal))
        {
            Start(state);
        }
    }

    /// <summary>Finishes what is being written, and writes the last state if it is worth it.</summary>
    public async Task CloseAsync(WriterState state)
    {
        await _writing;
        if (state.Treasury.Position - _written >= options.CheckpointAtCloseAfter)
        {
            Start(state);
            await _writing;
        }
    }

    /// <summary>The newest checkpoint up to a position, whatever is in it.</summary>
    public static async Task<StoredCheckpoint?> NewestAsync(NpgsqlConnection connection, JournalKey key, long upTo)
    {
        await using var select = new TenantCommand(connection, key, SelectNewest);
        select.Parameters.Add(JournalRows.Number(upTo));
        await using var rows = await select.ExecuteReaderAsync(CommandBehavior.SequentialAccess);
        var (position, hash, body, length) = (0L, "", Array.Empty<byte>(), 0);
        for (var isFirst = true; await rows.ReadAsync(); isFirst = false)
        {
            (position, hash) = (rows.GetInt64(0), Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(1)));
            var all = rows.GetInt64(2);
            body = isFirst ? GC.AllocateUninitializedArray<byte>(checked((int)all)) : body;
            var part = rows.GetInt32(3);
            await using var bytes = rows.GetStream(4);
            await bytes.ReadExactlyAsync(body.AsMemory(length, part));
            length += part;
        }

        return position == 0 ? null : new StoredCheckpoint(position, hash, body);
    }

    /// <summary>Stores a checkpoint; one that is there for its position stays.</summary>
    public static async Task InsertAsync(
        NpgsqlConnection connection, JournalKey key, long position, string hash, ReadOnlyMemory<byte> body)
    {
        for (var part = 0; !body.IsEmpty; part++)
        {
            var length = Math.Min(PartLength, body.Length);
            await using var insert = new TenantCommand(connection, key, Insert);
            insert.Parameters.Add(JournalRows.Number(position));
            insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = part });
            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Convert.FromHexString(hash) });
            insert.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = body[..length] });
            await insert.ExecuteNonQueryAsync();
            body = body[length..];
        }
    }

    private void Start(WriterState state)
    {
        // The names may grow meanwhile, in other slots or in these: a checkpoint may know more than its position.
        var (treasury, hash, names) = (state.Treasury, state.Hash, state.Known.Slots);
        _written = treasury.Position;
        _writing = Task.Run(() => WriteAsync(treasury, hash, names));
    }

    private async Task WriteAsync(TreasuryState treasury, string hash, ulong[] names)
    {
        try
        {
            var body = WriterCheckpoint.Write(key, hash, treasury.Snapshot(), names);
            await using var connection = await database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await InsertAsync(connection, key, treasury.Position, hash, body);
            await using var delete = new TenantCommand(connection, key, DeleteOlder);
            delete.Parameters.Add(JournalRows.Number(treasury.Position));
            await delete.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }
        catch (Exception fault)
        {
            log.LogWarning(fault, "{Journal}: no checkpoint was written; the next one is tried later.", key);
        }
    }
}

/// <summary>A checkpoint as it is stored; nothing in it is believed yet.</summary>
/// <param name="Position">The position that it says it is of.</param>
/// <param name="Hash">The chain's hash that it says is there, lower-case hex.</param>
/// <param name="Body">The bytes of <see cref="WriterCheckpoint"/>.</param>
internal sealed record StoredCheckpoint(long Position, string Hash, byte[] Body);
