using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists;

/// <summary>Single entries with what stands beside them, by position.</summary>
internal static class EntryRows
{
    private const string Select =
        """
        select d.data, e.hash, v.position, t.position, t.text, t.erased_at
        from unnest($3) with ordinality as wanted (position, number)
        join journal.mt_events d on d.tenant_id = $1 and d.stream_id = $2 and d.version = wanted.position
        join ledger.entries e on e.tenant = $1 and e.journal = $2 and e.position = wanted.position
        left join ledger.entries v
            on v.voids = wanted.position and v.journal = $2 and v.tenant = $1 and v.position <= $4
        left join ledger.texts t
            on t.tenant = $1 and t.journal = $2 and t.position = wanted.position and t.field = 'reason'
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
        await using var select = new NpgsqlCommand(Select, connection);
        select.Parameters.AddRange(JournalRows.KeyOf(key));
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
