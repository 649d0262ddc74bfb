using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>
/// The table of keys. The application role only reads it; making and revoking keys needs the owner's connection, which
/// only the command line and the first start use.
/// </summary>
/// <param name="databases">The main one has the keys.</param>
/// <param name="time">For how long a key that was found is believed.</param>
public sealed class KeyStore(TenantDatabases databases, TimeProvider time)
{
    /// <summary>How long a revoked key may go on working on a server that used it just before.</summary>
    public static readonly TimeSpan RevokedWithin = TimeSpan.FromSeconds(5);

    /// <summary>From this age on a key is read again, while requests go on with what was read before.</summary>
    private static readonly TimeSpan ReadAgainAfter = RevokedWithin / 2;

    private readonly ConcurrentDictionary<string, Known> _recent = new(StringComparer.Ordinal);

    /// <summary>Who holds the key; <c>null</c> if it is not known, its secret is wrong or it was revoked.</summary>
    public async ValueTask<Caller?> FindAsync(ApiKey key, CancellationToken cancellation)
    {
        if (!_recent.TryGetValue(key.Id, out var recent) || AgeOf(recent) > RevokedWithin)
        {
            recent = await ReadAgainAsync(key.Id, cancellation);
        }
        else if (AgeOf(recent) > ReadAgainAfter && recent.IsFirstToReadAgain())
        {
            // One request of many; it does not wait either. If this fails, the next one that must know will say so.
            _ = Task.Run(() => ReadAgainAsync(key.Id, CancellationToken.None), CancellationToken.None);
        }

        return recent is not null && CryptographicOperations.FixedTimeEquals(key.Hash(), recent.Key.Hash)
            ? recent.Key.Caller
            : null;
    }

    private TimeSpan AgeOf(Known known) => time.GetElapsedTime(known.Since);

    private async Task<Known?> ReadAgainAsync(string id, CancellationToken cancellation)
    {
        var since = time.GetTimestamp(); // before it is read: what is revoked in between is noticed in time
        if (await ReadAsync(id, cancellation) is not { } found)
        {
            _recent.TryRemove(id, out _);
            return null;
        }

        return _recent[id] = new Known(found, since);
    }

    private async Task<Found?> ReadAsync(string id, CancellationToken cancellation)
    {
        await using var select = databases.Main.CreateCommand(
            "select tenant, actor, hash from ledger.api_keys where id = $1 and revoked_at is null");
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation)
            ? new Found(new Caller(rows.GetString(0), rows.GetString(1), id), rows.GetFieldValue<byte[]>(2))
            : null;
    }

    private sealed record Found(Caller Caller, byte[] Hash);

    private sealed class Known(Found key, long since)
    {
        private int _isReadAgain;

        public Found Key => key;

        public long Since => since;

        public bool IsFirstToReadAgain() => Interlocked.Exchange(ref _isReadAgain, 1) == 0;
    }
}

/// <summary>Makes, lists and revokes keys, with the owner's connection.</summary>
/// <param name="ownerConnection">The connection string of the owner role.</param>
public sealed class KeyAdministration(string ownerConnection)
{
    /// <summary>The actor of the key that a first start makes.</summary>
    public const string AdminActor = "admin";

    /// <summary>Makes a key.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="actor">Who is written into entries.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The key with its secret, which is kept nowhere else.</returns>
    public async Task<ApiKey> CreateAsync(string tenant, string actor, CancellationToken cancellation)
    {
        var key = ApiKey.New();
        await using var connection = await OpenAsync(cancellation);
        await using var insert = new NpgsqlCommand(
            "insert into ledger.api_keys (tenant, id, hash, actor) values ($1, $2, $3, $4)", connection);
        insert.Parameters.AddRange(Values(tenant, key.Id, key.Hash(), actor));
        await insert.ExecuteNonQueryAsync(cancellation);
        return key;
    }

    /// <summary>Makes the first key of the default tenant, if no key exists at all.</summary>
    /// <returns>The key, or <c>null</c> if there are keys.</returns>
    public async Task<ApiKey?> CreateFirstAsync(CancellationToken cancellation)
    {
        var key = ApiKey.New();
        await using var connection = await OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Two servers that start at once make one first key.
        await using var insert = new NpgsqlCommand(
            """
            lock table ledger.api_keys in exclusive mode;
            insert into ledger.api_keys (tenant, id, hash, actor)
            select @tenant, @id, @hash, @actor where not exists (select from ledger.api_keys);
            """, connection, transaction);
        insert.Parameters.AddWithValue("tenant", KeyNames.DefaultTenant);
        insert.Parameters.AddWithValue("id", key.Id);
        insert.Parameters.AddWithValue("hash", key.Hash());
        insert.Parameters.AddWithValue("actor", AdminActor);
        var made = await insert.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return made == 1 ? key : null;
    }

    /// <summary>All keys, by tenant and time.</summary>
    public async Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var select = new NpgsqlCommand(
            "select tenant, id, actor, created_at, revoked_at from ledger.api_keys order by tenant, created_at, id",
            connection);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var keys = new List<StoredKey>();
        while (await rows.ReadAsync(cancellation))
        {
            keys.Add(new StoredKey(
                rows.GetString(0),
                rows.GetString(1),
                rows.GetString(2),
                Instant.FromUtc(rows.GetDateTime(3)),
                await rows.IsDBNullAsync(4, cancellation) ? null : Instant.FromUtc(rows.GetDateTime(4))));
        }

        return keys;
    }

    /// <summary>Revokes a key. Servers stop taking it within <see cref="KeyStore.RevokedWithin"/>.</summary>
    /// <returns><c>false</c> if no such key works.</returns>
    public async Task<bool> RevokeAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await using var update = new NpgsqlCommand(
            "update ledger.api_keys set revoked_at = clock_timestamp() where id = $1 and revoked_at is null",
            connection);
        update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        return await update.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private static NpgsqlParameter[] Values(string tenant, string id, byte[] hash, string actor) =>
    [
        new NpgsqlParameter<string> { TypedValue = tenant },
        new NpgsqlParameter<string> { TypedValue = id },
        new NpgsqlParameter<byte[]> { TypedValue = hash },
        new NpgsqlParameter<string> { TypedValue = actor },
    ];

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(ownerConnection);
        await connection.OpenAsync(cancellation);
        return connection;
    }
}
