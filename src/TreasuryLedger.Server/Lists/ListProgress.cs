using Npgsql;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Lists;

/// <summary>How far the rows of a journal reach.</summary>
/// <param name="Position">All entries up to it are there, and none behind it.</param>
/// <param name="StoppedAt">The entry that could not be applied, if one could not.</param>
/// <param name="StoppedSince">When that was found.</param>
/// <param name="Reason">Why.</param>
public sealed record ListProgress(long Position, long? StoppedAt, Instant? StoppedSince, string? Reason)
{
    private const string Columns = "position, stopped_at, stopped_since, reason";

    /// <summary>Nothing applied yet.</summary>
    public static ListProgress None { get; } = new(0, null, null, null);

    /// <summary>How far a journal's rows reach.</summary>
    internal static Task<ListProgress?> ReadAsync(
        NpgsqlConnection connection, JournalKey key, CancellationToken cancellation) =>
        OneAsync(
            connection, key, $"select {Columns} from lists.progress where tenant = $1 and journal = $2", cancellation);

    /// <summary>
    /// Takes the turn to apply a journal's entries until the transaction ends: one at a time may, on any node.
    /// </summary>
    /// <returns><c>null</c> if somebody else has the turn and nobody wants to wait.</returns>
    internal static async Task<ListProgress?> LockAsync(
        NpgsqlConnection connection, JournalKey key, bool waits, CancellationToken cancellation)
    {
        var sql = $"select {Columns} from lists.progress where tenant = $1 and journal = $2 for update"
            + (waits ? "" : " skip locked");
        if (await OneAsync(connection, key, sql, cancellation) is { } taken)
        {
            return taken;
        }

        await using var make = new TenantCommand(
            connection,
            key,
            "insert into lists.progress (tenant, journal, position) values ($1, $2, 0) on conflict do nothing");
        return await make.ExecuteNonQueryAsync(cancellation) == 1 || waits
            ? await OneAsync(connection, key, sql, cancellation)
            : null;
    }

    private static async Task<ListProgress?> OneAsync(
        NpgsqlConnection connection, JournalKey key, string sql, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(connection, key, sql);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation) ? Of(rows, 0) : null;
    }

    /// <summary>The progress that a row says from a column on.</summary>
    internal static ListProgress Of(NpgsqlDataReader row, int column) => new(
        row.GetInt64(column),
        row.IsDBNull(column + 1) ? null : row.GetInt64(column + 1),
        row.IsDBNull(column + 2) ? null : JournalRows.InstantOf(row, column + 2),
        row.IsDBNull(column + 3) ? null : row.GetString(column + 3));
}
