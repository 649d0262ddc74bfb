using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>
/// Finds who holds a key. What was found is believed for moments, so that a request seldom waits for the table.
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
            && !(recent.Key.Caller.Grant.ExpiresAt?.ToUtc() <= time.GetUtcNow().UtcDateTime)
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
        await using var ask = databases.Main.CreateCommand(
            $"select hash, {StoredKeys.Columns} from ledger.shown_key($1)");
        ask.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        await using var rows = await ask.ExecuteReaderAsync(cancellation);
        if (!await rows.ReadAsync(cancellation))
        {
            return null;
        }

        var key = StoredKeys.Read(rows, from: 1);
        var grant = new Grant(key.Roles, key.Treasuries, key.Accounts, key.ExpiresAt);
        return new Found(new Caller(key.Tenant, key.Actor, id, grant), rows.GetFieldValue<byte[]>(0));
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
