using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The accepted entries of one commit, hashed, and how they are stored: one round trip takes events, index rows, texts,
/// the head and the COMMIT to the database. Of a large submission the first entries can be stored while the next ones
/// are decided (<see cref="StoreAheadAsync"/>).
/// </summary>
internal sealed class Append : IAsyncDisposable
{
    /// <summary>
    /// Entries that are stored ahead together. Fewer cost more round trips; more, and the database waits for the first.
    /// </summary>
    public const int PartLength = 128;

    // The store's own function for its events. It refuses (MT003) if the stream does not end where the head stands.
    // Of an event we store neither the name of a class nor a second, binary body.
    private const string AppendEvents =
        """
        select cardinality(journal.mt_quick_append_events($2, null, $1, $3, $4, null, $5, null, $6, $7))
        """;

    // Of many events, the same in one statement each: the function's loop costs a third more of the database's
    // processor. The stream must exist, and end where the head stands; otherwise this divides by zero.
    private const string MoveStream =
        """
        with moved as (
            update journal.mt_streams set version = version + $3, timestamp = now()
            where tenant_id = $1 and id = $2 and version = $4 and not is_archived
            returning version)
        select 1 / count(*) from moved
        """;

    private const string InsertEvents =
        """
        insert into journal.mt_events (seq_id, id, stream_id, version, data, type, tenant_id, timestamp, is_archived)
        select nextval('journal.mt_events_sequence'), id, $2, $7 + number, data, type, $1, at, false
        from unnest($3, $4, $5, $6) with ordinality as added (id, type, data, at, number)
        """;

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

    // Nothing may follow a head that did not move: then this divides by zero, and the transaction fails.
    private const string MoveHead =
        """
        with moved as (
            update ledger.heads set position = $3, recorded_at = $4, hash = $5, replayed = $6
            where tenant = $1 and journal = $2 and position = $7
            returning position)
        select 1 / count(*) from moved
        """;

    private readonly JournalKey _key;
    private readonly JournalHead _before;
    private readonly List<AcceptedEntry> _accepted;
    private readonly List<byte[]> _json = [];
    private readonly List<byte[]> _hashes = [];
    private Task _storing = Task.CompletedTask;
    private int _stored;

    /// <summary>Begins a commit.</summary>
    /// <param name="key">The journal.</param>
    /// <param name="before">Its head, locked.</param>
    /// <param name="accepted">What comes behind it; may grow until the commit.</param>
    public Append(JournalKey key, JournalHead before, List<AcceptedEntry> accepted) =>
        (_key, _before, _accepted, Head) = (key, before, accepted, before);

    /// <summary>Where the journal stands after the commit, once it is made.</summary>
    public JournalHead Head { get; private set; }

    /// <summary>
    /// By outcome, the chain's hash (lower-case hex) if this commit added its entry, else <c>null</c>.
    /// </summary>
    public ImmutableArray<string?> HashesOf(ImmutableArray<Outcome> items) =>
    [
        .. items.Select(item => item.EntryPosition > _before.Position
            ? Convert.ToHexStringLower(_hashes[(int)(item.EntryPosition.Value - _before.Position - 1)])
            : null),
    ];

    /// <summary>
    /// Begins to store what was accepted by now, if that is enough, and comes back before it is stored: meanwhile the
    /// next ones are decided. Nothing of it lasts without the commit. Until that, nobody else may use the connection.
    /// </summary>
    public async ValueTask StoreAheadAsync(NpgsqlTransaction transaction)
    {
        if (_accepted.Count - _stored >= PartLength)
        {
            Write();
            await _storing;
            _storing = StoreAsync(transaction, isLast: false);
        }
    }

    /// <summary>
    /// Stores everything and commits, in a transaction that holds the head's lock. A statement that fails stops those
    /// behind it, the COMMIT included: the database works off a batch only up to its first error.
    /// </summary>
    /// <param name="transaction">Holds the lock.</param>
    /// <param name="replayedClock">Whether the journal's recorded instants come from a script.</param>
    /// <exception cref="Exception">See <see cref="IsSurelyNotCommitted"/>.</exception>
    public async Task CommitAsync(NpgsqlTransaction transaction, bool replayedClock)
    {
        Write();
        var newest = _accepted[^1].Entry;
        Head = new JournalHead(
            _key, newest.Position, newest.RecordedAt, Convert.ToHexStringLower(_hashes[^1]), replayedClock);
        await _storing;
        await StoreAsync(transaction, isLast: true);
    }

    /// <summary>Waits for what is being stored ahead: only then can the transaction be ended.</summary>
    public async ValueTask DisposeAsync() => await _storing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Writes and hashes what was accepted since.</summary>
    private void Write()
    {
        var (from, count) = (_json.Count, _accepted.Count - _json.Count);
        var (json, canonical) = (new byte[count][], new byte[count][]);
        Many.Do(count, i =>
        {
            json[i] = StoredJson.Write(_accepted[from + i].Entry);
            canonical[i] = CanonicalEncoding.Of(json[i]);
        });
        _json.AddRange(json);
        var previous = from == 0 ? Convert.FromHexString(_before.Hash) : _hashes[^1];
        foreach (var bytes in canonical)
        {
            previous = HashChain.NextOf(previous, bytes);
            _hashes.Add(previous);
        }
    }

    /// <summary>Stores what is written and not stored yet; the last part moves the head and commits.</summary>
    private async Task StoreAsync(NpgsqlTransaction transaction, bool isLast)
    {
        var part = _stored.._json.Count;
        _stored = _json.Count;
        await using var batch = new NpgsqlBatch(transaction.Connection!, transaction);
        if (part.Start.Value < part.End.Value)
        {
            Store(batch.BatchCommands, part);
        }

        if (isLast)
        {
            batch.BatchCommands.Add(Advance());
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Whatever is stored of entries is stored here: before the head moves, never after the COMMIT.</summary>
    private void Store(NpgsqlBatchCommandCollection to, Range part)
    {
        var accepted = _accepted[part];
        var behind = _before.Position + part.Start.Value;
        var isMany = accepted.Count >= PartLength && behind > 0;
        if (isMany)
        {
            to.Add(Command(MoveStream, JournalRows.Number(accepted.Count), JournalRows.Number(behind)));
        }

        to.Add(Events(isMany ? InsertEvents : AppendEvents, accepted, _json[part].ToArray(), behind));
        to.Add(Entries(accepted, _hashes[part].ToArray()));
        var texts = accepted.FindAll(one => one.Reason is not null);
        if (texts.Count > 0)
        {
            to.Add(Texts(texts));
        }

        to.Add(NarrowRows.Insert(_key, accepted.ConvertAll<NarrowEntry>(one => one.Entry)));
    }

    /// <summary>
    /// Whether a fault of <see cref="CommitAsync"/> says that nothing was committed: the database refused a statement.
    /// Everything else leaves it open, also what the database says of itself (it shuts down, it was told to cancel):
    /// that can be said in the moment after the commit.
    /// </summary>
    public static bool IsSurelyNotCommitted(Exception fault) => fault is PostgresException
    {
        InvariantSeverity: "ERROR",
        SqlState: not ['5', '7', ..],
    };

    /// <summary>
    /// Whether the commit whose answer was lost happened. The lock is the proof: it is free only after the database has
    /// decided the lost transaction. <c>null</c> if the database could not be asked.
    /// </summary>
    public async Task<bool?> WasCommittedAsync(NpgsqlDataSource database, JournalWriters owner)
    {
        var started = owner.Time.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = TimeSpan.FromSeconds(1))
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync();
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

    private NpgsqlBatchCommand Events(string sql, List<AcceptedEntry> accepted, byte[][] json, long behind) => Command(
        sql,
        Column(accepted, NpgsqlDbType.Uuid, static _ => Guid.CreateVersion7()),
        Column(accepted, NpgsqlDbType.Varchar, static e => EventNames.Of(e.Event).Name),
        JournalRows.Array(NpgsqlDbType.Jsonb, json),
        Column(accepted, NpgsqlDbType.TimestampTz, static e => e.RecordedAt.ToUtc()),
        JournalRows.Number(behind));

    private NpgsqlBatchCommand Entries(List<AcceptedEntry> accepted, byte[][] hashes) => Command(
        InsertEntries,
        Column(accepted, NpgsqlDbType.Bigint, static e => e.Position),
        Column(accepted, NpgsqlDbType.Text, static e => e.IdempotencyKey),
        Column(accepted, NpgsqlDbType.Bytea, static e => Convert.FromHexString(e.PayloadHash)),
        Column(accepted, NpgsqlDbType.Text, static e => e.Fact.ToString()),
        Column(accepted, NpgsqlDbType.Text, static e => EventNames.Of(e.Event).Name),
        Column(accepted, NpgsqlDbType.TimestampTz, static e => e.EffectiveAt.ToUtc()),
        Column(accepted, NpgsqlDbType.TimestampTz, static e => e.RecordedAt.ToUtc()),
        Column(accepted, NpgsqlDbType.Bigint, static e => e.Voids),
        JournalRows.Array(NpgsqlDbType.Bytea, hashes));

    private NpgsqlBatchCommand Texts(List<AcceptedEntry> texts) => Command(
        InsertTexts,
        JournalRows.Array(NpgsqlDbType.Bigint, texts.ConvertAll(accepted => accepted.Entry.Position).ToArray()),
        JournalRows.Array(NpgsqlDbType.Bytea, texts.ConvertAll(accepted => accepted.Reason!.Value.Salt).ToArray()),
        JournalRows.Array(NpgsqlDbType.Text, texts.ConvertAll(accepted => accepted.Reason!.Value.Text).ToArray()));

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

    private static NpgsqlParameter<T[]> Column<T>(
        List<AcceptedEntry> accepted, NpgsqlDbType type, Func<Entry, T> value)
    {
        var column = new T[accepted.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(accepted[i].Entry);
        }

        return JournalRows.Array(type, column);
    }
}
