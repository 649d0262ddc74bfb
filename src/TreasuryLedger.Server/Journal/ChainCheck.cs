using System.Text.Json;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>Derives one journal's chain from its rows in order, up to the first fault.</summary>
internal sealed class ChainCheck
{
    private readonly JournalKey _key;
    private readonly long _headPosition;
    private readonly ILookup<long, ExportedHead> _exported;
    private byte[] _hash;
    private Instant _recordedAt;

    public ChainCheck(JournalKey key, long headPosition, IEnumerable<ExportedHead> against)
    {
        (_key, _headPosition) = (key, headPosition);
        _hash = HashChain.Origin(key.Tenant, key.Journal);
        _exported = against.ToLookup(head => head.Position);
    }

    /// <summary>The newest entry that is right.</summary>
    public long Position { get; private set; }

    /// <summary>The chain's hash there, lower-case hex.</summary>
    public string Hash => Convert.ToHexStringLower(_hash);

    /// <summary>Texts that were erased, so far.</summary>
    public long Erased { get; private set; }

    /// <summary>The first fault, so far.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Takes the next row: event, index row and text of one position.</summary>
    public void Take(NpgsqlDataReader row)
    {
        var position = row.GetInt64(0);
        if (position != Position + 1 || row.IsDBNull(1))
        {
            Say(Position + 1, FaultKind.EntryMissing, $"The next stored entry is {position}.");
            return;
        }

        try
        {
            Take(row, position);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException
            or UnreachableEventException or ArgumentException)
        {
            Say(position, FaultKind.ContentUnreadable, fault.Message);
        }
    }

    /// <summary>Compares the end with the head and with what was exported beyond it.</summary>
    public Fault? Finish(JournalHead? head)
    {
        if (Fault is null && Position < _headPosition)
        {
            Say(Position + 1, FaultKind.EntryMissing, $"The head stands at {_headPosition}.");
        }

        if (Fault is null && head is null && Position > 0)
        {
            Say(Position, FaultKind.HeadWrong, "There is no head.");
        }

        if (Fault is null && head is not null && (head.Hash != Hash || head.RecordedAt != _recordedAt))
        {
            Say(Position, FaultKind.HeadWrong, $"The head says {head.Hash} of {head.RecordedAt}.");
        }

        var beyond = _exported.Where(at => at.Key > Position).MinBy(at => at.Key);
        return Fault ?? (beyond is null ? null : NotContained(beyond.First()));
    }

    private void Take(NpgsqlDataReader row, long position)
    {
        var json = row.GetFieldValue<byte[]>(1);
        var entry = StoredJson.Read(json);
        var hash = HashChain.Next(_hash, json);
        if (entry.Position != position)
        {
            Say(position, FaultKind.PositionWrong, $"The content says {entry.Position}.");
        }

        if (position > 1 && entry.RecordedAt <= _recordedAt)
        {
            Say(position, FaultKind.RecordedAtNotLater, $"{entry.RecordedAt} is not later than {_recordedAt}.");
        }

        if (position > _headPosition)
        {
            Say(position, FaultKind.EntryBeyondHead, $"The head stands at {_headPosition}.");
        }

        if (row.IsDBNull(4))
        {
            Say(position, FaultKind.IndexMissing, "The entry has no index row.");
            return;
        }

        if (!row.GetFieldValue<byte[]>(12).AsSpan().SequenceEqual(hash))
        {
            Say(position, FaultKind.HashWrong, $"The content has the hash {Convert.ToHexStringLower(hash)}.");
        }

        if (IndexFault(row, entry) is { } member)
        {
            Say(position, FaultKind.IndexWrong, $"The column {member} says something else than the content.");
        }

        CheckText(row, entry);
        Fault ??= _exported[position]
            .Where(head => head.Hash != Convert.ToHexStringLower(hash) || head.RecordedAt != entry.RecordedAt)
            .Select(NotContained)
            .FirstOrDefault();

        if (Fault is null)
        {
            (_hash, _recordedAt, Position) = (hash, entry.RecordedAt, position);
        }
    }

    private static string? IndexFault(NpgsqlDataReader row, Entry entry)
    {
        var name = EventNames.Of(entry.Event).Name;
        var voids = row.IsDBNull(11) ? (long?)null : row.GetInt64(11);
        return row.GetString(2) != name ? "type of the event"
            : JournalRows.InstantOf(row, 3) != entry.RecordedAt ? "timestamp of the event"
            : row.GetString(5) != entry.IdempotencyKey ? "idempotency_key"
            : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(6)) != entry.PayloadHash ? "payload_hash"
            : row.GetString(7) != entry.Fact.ToString() ? "fact_id"
            : row.GetString(8) != name ? "event_type"
            : JournalRows.InstantOf(row, 9) != entry.EffectiveAt ? "effective_at"
            : JournalRows.InstantOf(row, 10) != entry.RecordedAt ? "recorded_at"
            : voids != entry.Voids ? "voids"
            : null;
    }

    private void CheckText(NpgsqlDataReader row, Entry entry)
    {
        var isThere = !row.IsDBNull(13);
        if (isThere != entry.Reason is not null)
        {
            Say(
                entry.Position,
                isThere ? FaultKind.TextUnasked : FaultKind.TextWrong,
                isThere ? "The entry has no text." : "The text is missing: neither kept nor erased.");
        }
        else if (isThere && row.IsDBNull(14))
        {
            Erased++;
        }
        else if (isThere && HashChain.DigestOf(row.GetFieldValue<byte[]>(14), row.GetString(15)) != entry.Reason)
        {
            Say(entry.Position, FaultKind.TextWrong, "The text is not the one that was digested.");
        }
    }

    private Fault NotContained(ExportedHead head) => new(
        head.Position,
        FaultKind.ExportedHeadMissing,
        $"{_key} does not contain the exported head {head.Position} of {head.RecordedAt} with the hash {head.Hash}.");

    private void Say(long position, FaultKind kind, string detail) => Fault ??= new Fault(position, kind, detail);
}
