using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// The lock that orders the writers of a journal. Who holds it reads the clock after the lock and not before, sees all
/// that earlier holders committed, and knows that nobody else is still committing.
/// </summary>
internal static class HeadLock
{
    private const string Lock =
        """
        select position, recorded_at, hash, replayed, settled_at from ledger.heads
        where tenant = $1 and journal = $2 for update
        """;

    // In a statement of its own: in the locking one it would be read before the wait.
    private const string Clock = "select clock_timestamp()";

    // One look into an index for each key, whatever the planner believes of a table that grows by the second.
    private const string Known =
        """
        select e.idempotency_key, e.position, e.payload_hash,
            (select salt from ledger.texts t
             where t.tenant = $1 and t.journal = $2 and t.position = e.position and t.field = 'reason')
        from unnest($3) as asked (key)
        cross join lateral (
            select idempotency_key, position, payload_hash from ledger.entries
            where tenant = $1 and journal = $2 and idempotency_key = asked.key
            limit 1) e
        """;

    // Waits for a transaction that is just making the same row.
    private const string Make =
        """
        insert into ledger.heads (tenant, journal, position, recorded_at, hash, replayed, settled_at)
        values ($1, $2, 0, 'epoch', $3, false, 'epoch') on conflict do nothing
        """;

    /// <summary>Locks the head until the transaction ends, and finds which of some keys are in the journal.</summary>
    public static async Task<(HeadRow Head, Dictionary<string, KnownRequest> Known)> TakeAsync(
        NpgsqlConnection connection, JournalKey key, string[] keys)
    {
        var taken = await TryTakeAsync(connection, key, keys);
        if (taken is null)
        {
            await using var make = new NpgsqlCommand(Make, connection);
            make.Parameters.AddRange(JournalRows.KeyOf(key));
            make.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashChain.Origin(key.Tenant, key.Journal) });
            await make.ExecuteNonQueryAsync();
            taken = await TryTakeAsync(connection, key, keys);
        }

        return taken ?? throw new InvalidDataException($"The head of {key} is gone: the journal is damaged.");
    }

    private static async Task<(HeadRow Head, Dictionary<string, KnownRequest> Known)?> TryTakeAsync(
        NpgsqlConnection connection, JournalKey key, string[] keys)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { Of(Lock, key), Of(Clock), Of(Known, key) },
        };
        batch.BatchCommands[2].Parameters.Add(
            new NpgsqlParameter<string[]> { TypedValue = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var rows = await batch.ExecuteReaderAsync();
        if (!await rows.ReadAsync())
        {
            return null;
        }

        var head = new JournalHead(
            key,
            rows.GetInt64(0),
            JournalRows.InstantOf(rows, 1),
            Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(2)),
            rows.GetBoolean(3));
        var settledAt = JournalRows.InstantOf(rows, 4);
        await rows.NextResultAsync();
        await rows.ReadAsync();
        var clock = JournalRows.InstantOf(rows, 0);
        await rows.NextResultAsync();
        var known = new Dictionary<string, KnownRequest>(StringComparer.Ordinal);
        while (await rows.ReadAsync())
        {
            known.Add(rows.GetString(0), new KnownRequest(
                rows.GetInt64(1),
                Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(2)),
                rows.IsDBNull(3) ? null : rows.GetFieldValue<byte[]>(3)));
        }

        return (new HeadRow(head, settledAt, clock), known);
    }

    private static NpgsqlBatchCommand Of(string sql, JournalKey? key = null)
    {
        var command = new NpgsqlBatchCommand(sql);
        if (key is not null)
        {
            command.Parameters.AddRange(JournalRows.KeyOf(key));
        }

        return command;
    }
}
