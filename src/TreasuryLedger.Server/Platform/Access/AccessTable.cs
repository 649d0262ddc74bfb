using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Platform.Access;

/// <summary>The table <c>ledger.access_log</c>: the application adds rows and changes none.</summary>
internal static class AccessTable
{
    private const string Insert =
        """
        insert into ledger.access_log (tenant, at, request_id, actor, key_id, method, route, journal, as_of, known_at,
            status, code, milliseconds, missed)
        select $1, * from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """;

    private const string Select =
        """
        select number, at, request_id, actor, key_id, method, route, journal, as_of, known_at, status, code,
            milliseconds, missed
        from ledger.access_log
        where tenant = $1 and number < $2 and ($3::text is null or actor = $3) and (not $4 or status >= 400)
            and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
        order by number desc limit $7
        """;

    /// <summary>Adds rows of a tenant.</summary>
    public static async Task InsertAsync(
        TenantDatabases databases, string tenant, IReadOnlyList<AccessRow> rows, CancellationToken cancellation)
    {
        var database = tenant == AccessLog.Nobody ? databases.Main : await databases.OfAsync(tenant, cancellation);
        await using var insert = new TenantCommand(database, tenant, Insert);
        insert.Parameters.Add(JournalRows.Text(tenant));
        Add(NpgsqlDbType.TimestampTz, row => row.At.ToUtc());
        Add(NpgsqlDbType.Text, row => row.RequestId);
        Add(NpgsqlDbType.Text, row => row.Actor);
        Add(NpgsqlDbType.Text, row => row.KeyId);
        Add(NpgsqlDbType.Text, row => row.Method);
        Add(NpgsqlDbType.Text, row => row.Route);
        Add(NpgsqlDbType.Text, row => row.Journal);
        Add(NpgsqlDbType.Text, row => row.AsOf);
        Add(NpgsqlDbType.Text, row => row.KnownAt);
        Add(NpgsqlDbType.Integer, row => row.Status);
        Add(NpgsqlDbType.Text, row => row.Code);
        Add(NpgsqlDbType.Bigint, row => row.Milliseconds);
        Add(NpgsqlDbType.Bigint, row => row.Missed);
        await insert.ExecuteNonQueryAsync(cancellation);

        void Add<T>(NpgsqlDbType type, Func<AccessRow, T> value) =>
            insert.Parameters.Add(JournalRows.Array(type, rows.Select(value).ToArray()));
    }

    /// <summary>Requests of a tenant, the newest first.</summary>
    /// <param name="database">The tenant's.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="asked">Which.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<ImmutableArray<AccessRow>> ReadAsync(
        NpgsqlDataSource database, string tenant, AccessQuestion asked, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(database, tenant, Select);
        select.Parameters.Add(JournalRows.Text(tenant));
        select.Parameters.Add(JournalRows.Number(asked.Before));
        select.Parameters.Add(Maybe(NpgsqlDbType.Text, asked.Actor));
        select.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = asked.RefusedOnly });
        select.Parameters.Add(Maybe(NpgsqlDbType.TimestampTz, asked.From?.ToUtc()));
        select.Parameters.Add(Maybe(NpgsqlDbType.TimestampTz, asked.Until?.ToUtc()));
        select.Parameters.Add(JournalRows.Number(asked.Limit));
        await using var row = await select.ExecuteReaderAsync(cancellation);
        var found = ImmutableArray.CreateBuilder<AccessRow>();
        while (await row.ReadAsync(cancellation))
        {
            found.Add(new AccessRow(
                row.GetInt64(0), JournalRows.InstantOf(row, 1), row.GetString(2), TextOf(row, 3), TextOf(row, 4),
                row.GetString(5), TextOf(row, 6), TextOf(row, 7), TextOf(row, 8), TextOf(row, 9), row.GetInt32(10),
                TextOf(row, 11), row.GetInt64(12), row.GetInt64(13)));
        }

        return found.ToImmutable();
    }

    private static NpgsqlParameter Maybe(NpgsqlDbType type, object? value) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static string? TextOf(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>Which requests of the access log are asked for.</summary>
/// <param name="Before">Those with a smaller number.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Actor">Those of one actor, if given.</param>
/// <param name="RefusedOnly">Only those that were refused or failed.</param>
/// <param name="From">Those that ended then or later (inclusive), if given.</param>
/// <param name="Until">Those that ended before (exclusive), if given.</param>
internal sealed record AccessQuestion(
    long Before, long Limit, string? Actor, bool RefusedOnly, Instant? From, Instant? Until);
