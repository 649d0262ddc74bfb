using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>
/// Makes, approves, rotates, lists and revokes keys: for the operator with the owner's connection, for admins with the
/// application's, of whom the table itself asks for a second person.
/// </summary>
/// <param name="open">Connections of either.</param>
public sealed class KeyAdministration(Func<CancellationToken, ValueTask<NpgsqlConnection>> open)
{
    /// <summary>The actor of the key that a first start makes.</summary>
    public const string AdminActor = "admin";

    /// <summary>How long a key goes on working after it was rotated, unless another time is asked for.</summary>
    public static readonly TimeSpan RotatedFor = TimeSpan.FromHours(24);

    /// <summary>With the owner's connection.</summary>
    /// <param name="ownerConnection">The connection string of the owner role.</param>
    public KeyAdministration(string ownerConnection)
        : this(async cancellation =>
        {
            var connection = new NpgsqlConnection(ownerConnection);
            await connection.OpenAsync(cancellation);
            return connection;
        })
    {
    }

    /// <summary>Makes a key, as the operator: it works at once.</summary>
    /// <inheritdoc cref="CreateAsync(string, string, Grant, string, CancellationToken)"/>
    public Task<ApiKey> CreateAsync(string tenant, string actor, Grant grant, CancellationToken cancellation) =>
        CreateAsync(tenant, actor, grant, KeyNames.Operator, cancellation);

    /// <summary>Makes a key. One that is not the operator's works when somebody else has approved it.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="actor">Who is written into entries.</param>
    /// <param name="grant">What it may do.</param>
    /// <param name="madeBy">Who makes it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The key with its secret, which is kept nowhere else.</returns>
    public async Task<ApiKey> CreateAsync(
        string tenant, string actor, Grant grant, string madeBy, CancellationToken cancellation)
    {
        var key = ApiKey.New();
        await using var connection = await open(cancellation);
        await using var insert = new TenantCommand(
            connection,
            tenant,
            """
            insert into ledger.api_keys
                (tenant, id, hash, actor, roles, treasuries, accounts, expires_at, made_by, approved_by, approved_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $10 is not null then clock_timestamp() end)
            """);
        insert.Parameters.AddRange(Values(tenant, key, actor, grant));
        insert.Parameters.Add(Text(madeBy));
        insert.Parameters.Add(Text(madeBy == KeyNames.Operator ? madeBy : null));
        await insert.ExecuteNonQueryAsync(cancellation);
        return key;
    }

    /// <summary>Makes the first key of the default tenant, which may do everything, if no key exists at all.</summary>
    /// <returns>The key, or <c>null</c> if there are keys.</returns>
    public async Task<ApiKey?> CreateFirstAsync(CancellationToken cancellation)
    {
        var key = ApiKey.New();
        await using var connection = await open(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Two servers that start at once make one first key.
        await using var turn = new NpgsqlCommand(
            "lock table ledger.api_keys in exclusive mode", connection, transaction);
        await turn.ExecuteNonQueryAsync(cancellation);
        await using var insert = new TenantCommand(
            connection,
            KeyNames.DefaultTenant,
            """
            insert into ledger.api_keys
                (tenant, id, hash, actor, roles, treasuries, accounts, expires_at, made_by, approved_by, approved_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, 'operator', 'operator', clock_timestamp()
            where not exists (select from ledger.api_keys)
            """);
        insert.Parameters.AddRange(Values(KeyNames.DefaultTenant, key, AdminActor, Grant.Everything));
        var made = await insert.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return made == 1 ? key : null;
    }

    /// <summary>Approves a key that somebody else made.</summary>
    /// <returns>
    /// <c>true</c>: it works now; <c>null</c>: the approver made it; <c>false</c>: no such key waits for approval.
    /// </returns>
    public async Task<bool?> ApproveAsync(string tenant, string id, string approver, CancellationToken cancellation)
    {
        await using var connection = await open(cancellation);
        await using var update = new TenantCommand(
            connection,
            tenant,
            """
            with waiting as (
                select made_by from ledger.api_keys
                where tenant = $1 and id = $2 and approved_by is null and revoked_at is null),
            approved as (
                update ledger.api_keys set approved_by = $3, approved_at = clock_timestamp()
                where tenant = $1 and id = $2 and approved_by is null and revoked_at is null and made_by <> $3
                returning 1)
            select (select made_by from waiting), (select count(*) from approved)
            """);
        update.Parameters.AddRange((NpgsqlParameter[])[Text(tenant), Text(id), Text(approver)]);
        await using var row = await update.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return row.GetInt64(1) == 1 ? true
            : !await row.IsDBNullAsync(0, cancellation) && row.GetString(0) == approver ? null : false;
    }

    /// <summary>Makes the successor of a key, with what it may do; the old one goes on working for a while.</summary>
    /// <param name="tenant">Whose; <c>null</c>: anybody's.</param>
    /// <param name="id">The key that is followed.</param>
    /// <param name="keep">For how long the old one goes on working.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The successor, or <c>null</c> if no such key works.</returns>
    public async Task<ApiKey?> RotateAsync(
        string? tenant, string id, TimeSpan keep, CancellationToken cancellation)
    {
        var key = ApiKey.New();
        await using var connection = await open(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var insert = new TenantCommand(
            connection,
            tenant ?? "",
            """
            insert into ledger.api_keys
                (tenant, id, hash, actor, roles, treasuries, accounts, expires_at, made_by, approved_by, approved_at,
                 rotates)
            select tenant, $2, $3, actor, roles, treasuries, accounts, expires_at, actor, approved_by, approved_at, id
            from ledger.api_keys
            where id = $1 and revoked_at is null and approved_by is not null
                and (expires_at is null or expires_at > clock_timestamp())
            """);
        insert.Parameters.AddRange((NpgsqlParameter[])[Text(id), Text(key.Id), Bytes(key.Hash())]);
        if (await insert.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return null;
        }

        await using var update = new TenantCommand(
            connection,
            tenant ?? "",
            "update ledger.api_keys set expires_at = least(expires_at, clock_timestamp() + $2) where id = $1");
        update.Parameters.Add(Text(id));
        update.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = keep });
        await update.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return key;
    }

    /// <summary>Keys by tenant and time.</summary>
    /// <param name="tenant">Whose; <c>null</c>: all.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<IReadOnlyList<StoredKey>> ListAsync(string? tenant, CancellationToken cancellation)
    {
        await using var connection = await open(cancellation);
        await using var select = new TenantCommand(
            connection,
            tenant ?? "",
            $"""
            select {StoredKeys.Columns} from ledger.api_keys
            where $1 is null or tenant = $1 order by tenant, created_at, id
            """);
        select.Parameters.Add(Text(tenant));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var keys = new List<StoredKey>();
        while (await rows.ReadAsync(cancellation))
        {
            keys.Add(StoredKeys.Read(rows, from: 0));
        }

        return keys;
    }

    /// <summary>Revokes a key, at once and alone: what is taken away needs no second person. Servers stop taking it
    /// within <see cref="KeyStore.RevokedWithin"/>.</summary>
    /// <param name="tenant">Whose; <c>null</c>: anybody's.</param>
    /// <param name="id">The key.</param>
    /// <param name="revokedBy">Who revokes it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns><c>false</c> if no such key works.</returns>
    public async Task<bool> RevokeAsync(
        string? tenant, string id, string revokedBy, CancellationToken cancellation)
    {
        await using var connection = await open(cancellation);
        await using var update = new TenantCommand(
            connection,
            tenant ?? "",
            """
            update ledger.api_keys set revoked_at = clock_timestamp(), revoked_by = $3
            where ($1 is null or tenant = $1) and id = $2 and revoked_at is null
            """);
        update.Parameters.AddRange((NpgsqlParameter[])[Text(tenant), Text(id), Text(revokedBy)]);
        return await update.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private static NpgsqlParameter[] Values(string tenant, ApiKey key, string actor, Grant grant) =>
    [
        Text(tenant), Text(key.Id), Bytes(key.Hash()), Text(actor),
        Texts(grant.Roles.Select(WordConverterFactory.WordOf)), Texts(grant.Treasuries), Texts(grant.Accounts),
        new NpgsqlParameter
        {
            Value = grant.ExpiresAt is { } until ? until.ToUtc() : DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.TimestampTz,
        },
    ];

    private static NpgsqlParameter Text(string? text) =>
        new() { Value = text ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter<string[]> Texts(IEnumerable<string> texts) =>
        new() { TypedValue = [.. texts] };

    private static NpgsqlParameter<byte[]> Bytes(byte[] bytes) => new() { TypedValue = bytes };
}

/// <summary>Rows of keys.</summary>
internal static class StoredKeys
{
    /// <summary>What is read of a key, in order.</summary>
    public const string Columns = "tenant, id, actor, roles, treasuries, accounts, created_at, made_by, approved_by, "
        + "rotates, expires_at, last_used_at, revoked_at, revoked_by";

    /// <summary>Reads a key from <see cref="Columns"/>.</summary>
    public static StoredKey Read(NpgsqlDataReader row, int from) => new(
        row.GetString(from),
        row.GetString(from + 1),
        row.GetString(from + 2),
        [.. row.GetFieldValue<string[]>(from + 3).Select(RoleOf)],
        [.. row.GetFieldValue<string[]>(from + 4)],
        [.. row.GetFieldValue<string[]>(from + 5)],
        Instant.FromUtc(row.GetDateTime(from + 6)),
        row.GetString(from + 7),
        TextOf(row, from + 8),
        TextOf(row, from + 9),
        InstantOf(row, from + 10),
        InstantOf(row, from + 11),
        InstantOf(row, from + 12),
        TextOf(row, from + 13));

    private static Role RoleOf(string word) => WordConverterFactory.TryRead<Role>(word, out var role)
        ? role
        : throw new InvalidOperationException($"The table of keys has a role {word} that this version does not know.");

    private static string? TextOf(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private static Instant? InstantOf(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : Instant.FromUtc(row.GetDateTime(column));
}
