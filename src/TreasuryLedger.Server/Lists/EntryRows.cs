using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists;

/// <summary>Single entries with what stands beside them, by position.</summary>
internal static class EntryRows
{
    // Each row is looked up by itself: a limit cannot be joined in another way. Left to choose, the planner, which
    // knows little of a table that grows by the second, read the whole journal for a page of it.
    private const string Select =
        """
        select d.data, e.hash, v.position, t.position, t.text, t.erased_at
        from unnest($3) with ordinality as wanted (position, number)
        cross join lateral (
            select data from journal.mt_events
            where tenant_id = $1 and stream_id = $2 and version = wanted.position limit 1) d
        cross join lateral (
            select hash from ledger.entries
            where tenant = $1 and journal = $2 and position = wanted.position limit 1) e
        left join lateral (
            select position from ledger.entries
            where voids = wanted.position and journal = $2 and tenant = $1 and position <= $4 limit 1) v on true
        left join lateral (
            select position, text, erased_at from ledger.texts
            where tenant = $1 and journal = $2 and position = wanted.position and field = 'reason' limit 1) t on true
        order by wanted.number
        """;

    /// <summary>The rows of positions, in their order.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="key">The journal.</param>
    /// <param name="positions">All of them exist.</param>
    /// <param name="known">Later entries void nothing.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<List<EntryRow>> ReadAsync(
        NpgsqlConnection connection,
        JournalKey key,
        IReadOnlyCollection<long> positions,
        long known,
        CancellationToken cancellation)
    {
        await using var select = new TenantCommand(connection, key, Select);
        select.Parameters.Add(new NpgsqlParameter
        {
            Value = positions.ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
        });
        select.Parameters.Add(JournalRows.Number(known));
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var found = new List<EntryRow>(positions.Count);
        while (await rows.ReadAsync(cancellation))
        {
            found.Add(new EntryRow(
                StoredJson.Read(rows.GetFieldValue<byte[]>(0)),
                Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(1)),
                rows.IsDBNull(2) ? null : rows.GetInt64(2),
                rows.IsDBNull(3) ? null : new EntryText(
                    rows.IsDBNull(4) ? null : rows.GetString(4),
                    rows.IsDBNull(5) ? null : JournalRows.InstantOf(rows, 5))));
        }

        return found.Count == positions.Count
            ? found
            : throw new InvalidDataException($"Entries of {key} are missing: the journal is damaged.");
    }
}
