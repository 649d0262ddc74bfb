using System.Text.Json;
using Marten;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using SessionOptions = Marten.Services.SessionOptions;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The accepted entries of one commit, hashed, and how they are stored: event, index row, text, head.
/// </summary>
internal sealed class Append
{
    private const string InsertEntries =
        """
        insert into ledger.entries (tenant, journal, position, idempotency_key, payload_hash, fact_id, event_type,
            effective_at, recorded_at, voids, hash)
        select $1, $2, * from unnest($3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    private const string InsertTexts =
        """
        insert into ledger.texts (tenant, journal, position, field, salt, text)
        select $1, $2, position, 'reason', salt, text from unnest($3, $4, $5) as added (position, salt, text)
        """;

    private const string MoveHead =
        """
        update ledger.heads set position = $3, recorded_at = $4, hash = $5, replayed = $6
        where tenant = $1 and journal = $2 and position = $7
        """;

    private readonly JournalKey _key;
    private readonly JournalHead _before;
    private readonly List<AcceptedEntry> _accepted;
    private readonly List<IStored> _stored;
    private readonly byte[][] _hashes;

    public Append(JournalKey key, JournalHead before, GroupDecision decision)
    {
        (_key, _before, _accepted) = (key, before, decision.Accepted);
        _stored = new List<IStored>(_accepted.Count);
        _hashes = new byte[_accepted.Count][];
        var previous = Convert.FromHexString(before.Hash);
        for (var i = 0; i < _accepted.Count; i++)
        {
            var entry = _accepted[i].Entry;
            var json = StoredJson.Write(entry);
            using var document = JsonDocument.Parse(json);
            previous = _hashes[i] = HashChain.Next(previous, document.RootElement);
            _stored.Add(EventNames.Of(entry.Event).Store(entry, json));
        }

        var newest = _accepted[^1].Entry;
        Head = new JournalHead(
            key, newest.Position, newest.RecordedAt, Convert.ToHexStringLower(previous), decision.State.ReplayedClock);
    }

    /// <summary>Where the journal stands after the commit.</summary>
    public JournalHead Head { get; }

    /// <summary>Stores everything in a transaction that holds the head's lock; the commit is the caller's.</summary>
    public async Task StoreAsync(IDocumentStore store, NpgsqlTransaction transaction)
    {
        var options = SessionOptions.ForTransaction(transaction);
        options.TenantId = _key.Tenant;
        await using (var session = store.LightweightSession(options))
        {
            var stream = session.Events.Append(_key.Journal, _stored);
            for (var i = 0; i < stream.Events.Count; i++)
            {
                stream.Events[i].Timestamp = new DateTimeOffset(_accepted[i].Entry.RecordedAt.ToUtc());
                stream.Events[i].DotNetTypeName = null!; // names of classes are nobody's business in a stored row
            }

            await session.SaveChangesAsync();
            if (stream.Events[0].Version != _before.Position + 1)
            {
                throw new InvalidDataException(
                    $"The stream of {_key} goes on at {stream.Events[0].Version}, "
                    + $"its head stands at {_before.Position}.");
            }
        }

        await using var batch = new NpgsqlBatch(transaction.Connection!, transaction)
        {
            BatchCommands = { Entries(), Narrow(), Advance() },
        };
        var texts = _accepted.Count(accepted => accepted.Reason is not null);
        if (texts > 0)
        {
            batch.BatchCommands.Add(Texts());
        }

        if (await batch.ExecuteNonQueryAsync() is var rows && rows != _accepted.Count + 2 + texts)
        {
            throw new InvalidDataException($"{rows} rows were written for {_accepted.Count} entries of {_key}.");
        }
    }

    /// <summary>
    /// Whether the commit whose answer was lost happened. The lock is the proof: it is free only after the database has
    /// decided the lost transaction. <c>null</c> if the database could not be asked.
    /// </summary>
    public async Task<bool?> WasCommittedAsync(JournalWriters owner)
    {
        var started = owner.Time.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = TimeSpan.FromSeconds(1))
        {
            try
            {
                await using var connection = await owner.Database.OpenConnectionAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                await HeadLock.TakeAsync(connection, _key);
                var hash = await JournalRows.HashAsync(connection, _key, _before.Position + 1, CancellationToken.None);
                await transaction.RollbackAsync();
                return hash is not null && hash.AsSpan().SequenceEqual(_hashes[0]);
            }
            catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
            {
                if (owner.Time.GetElapsedTime(started) > owner.Options.ResolveWithin)
                {
                    owner.Log.LogError(fault, "{Journal}: the outcome of a commit stays unknown.", _key);
                    return null;
                }
            }

            await Task.Delay(pause, owner.Time);
        }
    }

    private NpgsqlBatchCommand Entries() => Command(
        InsertEntries,
        Column(NpgsqlDbType.Bigint, e => e.Position),
        Column(NpgsqlDbType.Text, e => e.IdempotencyKey),
        Column(NpgsqlDbType.Bytea, e => Convert.FromHexString(e.PayloadHash)),
        Column(NpgsqlDbType.Text, e => e.Fact.ToString()),
        Column(NpgsqlDbType.Text, e => EventNames.Of(e.Event).Name),
        Column(NpgsqlDbType.TimestampTz, e => e.EffectiveAt.ToUtc()),
        Column(NpgsqlDbType.TimestampTz, e => e.RecordedAt.ToUtc()),
        Column(NpgsqlDbType.Bigint, e => e.Voids),
        JournalRows.Array(NpgsqlDbType.Bytea, _hashes));

    private NpgsqlBatchCommand Narrow() =>
        NarrowRows.Insert(_key, _accepted.ConvertAll<NarrowEntry>(accepted => accepted.Entry));

    private NpgsqlBatchCommand Texts()
    {
        var texts = _accepted.Where(accepted => accepted.Reason is not null).ToList();
        return Command(
            InsertTexts,
            JournalRows.Array(NpgsqlDbType.Bigint, texts.ConvertAll(accepted => accepted.Entry.Position).ToArray()),
            JournalRows.Array(NpgsqlDbType.Bytea, texts.ConvertAll(accepted => accepted.Reason!.Value.Salt).ToArray()),
            JournalRows.Array(NpgsqlDbType.Text, texts.ConvertAll(accepted => accepted.Reason!.Value.Text).ToArray()));
    }

    private NpgsqlBatchCommand Advance() => Command(
        MoveHead,
        JournalRows.Number(Head.Position),
        new NpgsqlParameter<DateTime> { TypedValue = Head.RecordedAt.ToUtc() },
        new NpgsqlParameter<byte[]> { TypedValue = Convert.FromHexString(Head.Hash) },
        new NpgsqlParameter<bool> { TypedValue = Head.ReplayedClock },
        JournalRows.Number(_before.Position));

    private NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(JournalRows.KeyOf(_key));
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private NpgsqlParameter<T[]> Column<T>(NpgsqlDbType type, Func<Entry, T> value) =>
        JournalRows.Array(type, _accepted.ConvertAll(accepted => value(accepted.Entry)).ToArray());
}
