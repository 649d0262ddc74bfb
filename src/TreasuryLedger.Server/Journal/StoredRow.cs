using System.Runtime.CompilerServices;
using Npgsql;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Journal;

/// <summary>Everything that is stored of one position: the event, its index row, and the text beside it.</summary>
/// <param name="Position">The position of event or index row, whichever is there.</param>
/// <param name="Json">The event's content, or <c>null</c> if there is none.</param>
/// <param name="Type">The event's own column.</param>
/// <param name="Timestamp">The event's own column.</param>
/// <param name="Index">The index row, or <c>null</c>.</param>
/// <param name="Text">The row of the text, or <c>null</c>.</param>
/// <param name="IsArchived">Whether the event store would leave the event out.</param>
internal sealed record StoredRow(
    long Position,
    byte[]? Json,
    string? Type,
    Instant? Timestamp,
    StoredIndex? Index,
    StoredText? Text,
    bool IsArchived)
{
    /// <summary>The columns in the order in which <see cref="Read"/> takes them.</summary>
    public const string Select =
        """
        select coalesce(e.version, i.position), e.data, e.type, e.timestamp,
            i.position, i.idempotency_key, i.payload_hash, i.fact_id, i.event_type, i.effective_at, i.recorded_at,
            i.voids, i.hash, t.position, t.salt, t.text, e.is_archived
        from (select version, data, type, timestamp, is_archived from journal.mt_events
              where tenant_id = $1 and stream_id = $2 and version > $3 and version <= $4) e
        full join (select * from ledger.entries
                   where tenant = $1 and journal = $2 and position > $3 and position <= $4) i
            on i.position = e.version
        left join (select * from ledger.texts
                   where tenant = $1 and journal = $2 and position > $3 and position <= $4 and field = 'reason') t
            on t.position = coalesce(e.version, i.position)
        order by 1
        """;

    /// <summary>Rows of one statement, so that a long journal never meets the limit of a statement's time.</summary>
    private const long Page = 10_000;

    /// <summary>The rows of a journal up to a position (inclusive), in their order.</summary>
    public static async IAsyncEnumerable<StoredRow> ReadAsync(
        NpgsqlConnection connection, JournalKey key, long upTo, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (long from = 0; from < upTo; from += Page)
        {
            await using var select = new TenantCommand(connection, key, Select);
            select.Parameters.Add(JournalRows.Number(from));
            select.Parameters.Add(JournalRows.Number(Math.Min(from + Page, upTo)));
            await using var rows = await select.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                yield return Read(rows);
            }
        }
    }

    /// <summary>Reads a row.</summary>
    public static StoredRow Read(NpgsqlDataReader row)
    {
        var hasEvent = !row.IsDBNull(1);
        return new StoredRow(
            row.GetInt64(0),
            hasEvent ? row.GetFieldValue<byte[]>(1) : null,
            hasEvent ? row.GetString(2) : null,
            hasEvent ? JournalRows.InstantOf(row, 3) : null,
            row.IsDBNull(4) ? null : new StoredIndex(
                row.GetString(5),
                row.GetFieldValue<byte[]>(6),
                row.GetString(7),
                row.GetString(8),
                JournalRows.InstantOf(row, 9),
                JournalRows.InstantOf(row, 10),
                row.IsDBNull(11) ? null : row.GetInt64(11),
                row.GetFieldValue<byte[]>(12)),
            row.IsDBNull(13) ? null : new StoredText(
                row.IsDBNull(14) ? null : row.GetFieldValue<byte[]>(14), row.IsDBNull(15) ? null : row.GetString(15)),
            hasEvent && row.GetBoolean(16));
    }
}

/// <summary>An index row: everything in it is also in the stored entry, but for the hash.</summary>
internal sealed record StoredIndex(
    string IdempotencyKey,
    byte[] PayloadHash,
    string Fact,
    string EventType,
    Instant EffectiveAt,
    Instant RecordedAt,
    long? Voids,
    byte[] Hash);

/// <summary>A text beside an entry; both <c>null</c> if it was erased.</summary>
internal sealed record StoredText(byte[]? Salt, string? Text);
