using Npgsql;
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

    // Waits for a transaction that is just making the same row.
    private const string Make =
        """
        insert into ledger.heads (tenant, journal, position, recorded_at, hash, replayed, settled_at)
        values ($1, $2, 0, 'epoch', $3, false, 'epoch') on conflict do nothing
        """;

    /// <summary>Locks the head until the transaction ends.</summary>
    public static async Task<HeadRow> TakeAsync(NpgsqlConnection connection, JournalKey key)
    {
        var taken = await TryTakeAsync(connection, key);
        if (taken is null)
        {
            await using var make = new TenantCommand(connection, key, Make);
            make.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashChain.Origin(key.Tenant, key.Journal) });
            await make.ExecuteNonQueryAsync();
            taken = await TryTakeAsync(connection, key);
        }

        return taken ?? throw new InvalidDataException($"The head of {key} is gone: the journal is damaged.");
    }

    private static async Task<HeadRow?> TryTakeAsync(NpgsqlConnection connection, JournalKey key)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { TenantCommand.Says(key.Tenant), new(Lock), new(Clock) },
        };
        batch.BatchCommands[1].Parameters.AddRange(JournalRows.KeyOf(key));
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
        return new HeadRow(head, settledAt, JournalRows.InstantOf(rows, 0));
    }
}
