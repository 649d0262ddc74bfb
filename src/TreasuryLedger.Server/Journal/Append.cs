using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The accepted entries of one commit, hashed, and how they are stored: one round trip takes events, index rows, texts,
/// the head and the COMMIT to the database.
/// </summary>
internal sealed class Append
{
    // The store's own function for its events. It refuses (MT003) if the stream does not end where the head stands.
    // Of an event we store neither the name of a class nor a second, binary body.
    private const string AppendEvents =
        """
        select cardinality(journal.mt_quick_append_events($2, null, $1, $3, $4, null, $5, null, $6, $7))
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
    private readonly byte[][] _json;
    private readonly byte[][] _hashes;

    /// <summary>Writes and hashes the entries.</summary>
    /// <param name="key">The journal.</param>
    /// <param name="before">Its head, locked.</param>
    /// <param name="accepted">What comes behind it, at least one.</param>
    /// <param name="replayedClock">Whether the journal's recorded instants come from a script.</param>
    public Append(JournalKey key, JournalHead before, List<AcceptedEntry> accepted, bool replayedClock)
    {
        (_key, _before, _accepted) = (key, before, accepted);
        _json = new byte[accepted.Count][];
        _hashes = new byte[accepted.Count][];
        var canonical = new byte[accepted.Count][];
        Many.Do(accepted.Count, i =>
        {
            _json[i] = StoredJson.Write(accepted[i].Entry);
            canonical[i] = CanonicalEncoding.Of(_json[i]);
        });
        var previous = Convert.FromHexString(before.Hash);
        for (var i = 0; i < accepted.Count; i++)
        {
            previous = _hashes[i] = HashChain.NextOf(previous, canonical[i]);
        }

        var newest = accepted[^1].Entry;
        Head = new JournalHead(
            key, newest.Position, newest.RecordedAt, Convert.ToHexStringLower(previous), replayedClock);
    }

    /// <summary>Where the journal stands after the commit.</summary>
    public JournalHead Head { get; }

    /// <summary>
    /// By outcome, the chain's hash (lower-case hex) if this commit added its entry, else <c>null</c>.
    /// </summary>
    public ImmutableArray<string?> HashesOf(ImmutableArray<Outcome> items) =>
    [
        .. items.Select(item => item.EntryPosition > _before.Position
            ? Convert.ToHexStringLower(_hashes[item.EntryPosition.Value - _before.Position - 1])
            : null),
    ];

    /// <summary>
    /// Stores everything and commits, in a transaction that holds the head's lock. A statement that fails stops those
    /// behind it, the COMMIT included: the database works off a batch only up to its first error.
    /// </summary>
    /// <exception cref="Exception">See <see cref="IsSurelyNotCommitted"/>.</exception>
    public async Task CommitAsync(NpgsqlTransaction transaction)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection!, transaction)
        {
            BatchCommands = { Events(), Entries() },
        };
        var texts = _accepted.FindAll(accepted => accepted.Reason is not null);
        if (texts.Count > 0)
        {
            batch.BatchCommands.Add(Texts(texts));
        }

        batch.BatchCommands.Add(NarrowRows.Insert(_key, _accepted.ConvertAll<NarrowEntry>(accepted => accepted.Entry)));
        // Whatever else is stored of the same entries goes here: before the head moves, and never after the COMMIT.
        batch.BatchCommands.Add(Advance());
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync();
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

    private NpgsqlBatchCommand Events() => Command(
        AppendEvents,
        Column(NpgsqlDbType.Uuid, static _ => Guid.CreateVersion7()),
        Column(NpgsqlDbType.Varchar, static e => EventNames.Of(e.Event).Name),
        JournalRows.Array(NpgsqlDbType.Jsonb, _json),
        Column(NpgsqlDbType.TimestampTz, static e => e.RecordedAt.ToUtc()),
        JournalRows.Number(_before.Position));

    private NpgsqlBatchCommand Entries() => Command(
        InsertEntries,
        Column(NpgsqlDbType.Bigint, static e => e.Position),
        Column(NpgsqlDbType.Text, static e => e.IdempotencyKey),
        Column(NpgsqlDbType.Bytea, static e => Convert.FromHexString(e.PayloadHash)),
        Column(NpgsqlDbType.Text, static e => e.Fact.ToString()),
        Column(NpgsqlDbType.Text, static e => EventNames.Of(e.Event).Name),
        Column(NpgsqlDbType.TimestampTz, static e => e.EffectiveAt.ToUtc()),
        Column(NpgsqlDbType.TimestampTz, static e => e.RecordedAt.ToUtc()),
        Column(NpgsqlDbType.Bigint, static e => e.Voids),
        JournalRows.Array(NpgsqlDbType.Bytea, _hashes));

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

    private NpgsqlParameter<T[]> Column<T>(NpgsqlDbType type, Func<Entry, T> value)
    {
        var column = new T[_accepted.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(_accepted[i].Entry);
        }

        return JournalRows.Array(type, column);
    }
}
