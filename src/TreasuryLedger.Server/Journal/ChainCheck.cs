using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>What stands before a row: nothing of it is looked at again.</summary>
/// <param name="Position">The position before.</param>
/// <param name="Hash">The stored hash there.</param>
/// <param name="RecordedAt">The stored recorded instant there.</param>
internal readonly record struct ChainLink(long Position, byte[] Hash, Instant RecordedAt)
{
    /// <summary>What stands before entry 1.</summary>
    public static ChainLink Origin(JournalKey key) =>
        new(0, HashChain.Origin(key.Tenant, key.Journal), default);

    /// <summary>What a row leaves for the next one.</summary>
    public static ChainLink After(StoredRow row) =>
        new(row.Position, row.Index?.Hash ?? [], row.Index?.RecordedAt ?? default);
}

/// <summary>
/// Derives rows of a journal again and compares, up to the first fault. Each row is held against the stored hash before
/// it. So rows can be checked in any order and at once: if none is wrong, then by induction from the origin all are
/// what was hashed; and the first wrong one stands on a right one, exactly as if they were taken one after the other.
/// </summary>
/// <param name="journal">Which journal.</param>
/// <param name="headPosition">Where its head stands.</param>
/// <param name="exported">Heads that were exported before, by position.</param>
internal sealed class ChainCheck(JournalKey journal, long headPosition, ILookup<long, ExportedHead> exported)
{
    /// <summary>What checking some rows found.</summary>
    /// <param name="Last">The newest right row.</param>
    /// <param name="Erased">Texts that were erased, up to there.</param>
    /// <param name="Entries">The entries, up to there.</param>
    /// <param name="Leaves">The leaves of the journal's tree, up to there.</param>
    /// <param name="Fault">The first fault, or <c>null</c>.</param>
    internal sealed record Finding(
        ChainLink Last, long Erased, List<Entry> Entries, List<byte[]> Leaves, Fault? Fault);

    /// <summary>Checks rows that follow each other.</summary>
    /// <param name="before">What stands before the first of them.</param>
    /// <param name="rows">The rows.</param>
    public Finding Check(ChainLink before, IReadOnlyList<StoredRow> rows)
    {
        var (last, erased) = (before, 0L);
        var (entries, leaves) = (new List<Entry>(rows.Count), new List<byte[]>(rows.Count));
        foreach (var row in rows)
        {
            if (Check(last, row, out var entry) is { } fault)
            {
                return new Finding(last, erased, entries, leaves, fault);
            }

            last = ChainLink.After(row);
            erased += row.Text is { Salt: null } ? 1 : 0;
            entries.Add(entry!);
            leaves.Add(MerkleTree.Leaf(last.Hash));
        }

        return new Finding(last, erased, entries, leaves, null);
    }

    /// <summary>What is wrong with a row, or <c>null</c>.</summary>
    /// <param name="before">What stands before it.</param>
    /// <param name="row">The row.</param>
    public Fault? Check(ChainLink before, StoredRow row) => Check(before, row, out _);

    private Fault? Check(ChainLink before, StoredRow row, out Entry? entry)
    {
        entry = null;
        var position = before.Position + 1;
        if (row.Position != position || row.Json is null)
        {
            return new Fault(position, FaultKind.EntryMissing, $"The next stored entry is {row.Position}.");
        }

        try
        {
            var read = entry = StoredJson.Read(row.Json);
            return ContentFault(before, read)
                ?? IndexFault(before, row, read)
                ?? TextFault(row.Text, read)
                ?? exported[position]
                    .Where(head => head.Hash != Convert.ToHexStringLower(row.Index!.Hash)
                        || head.RecordedAt != read.RecordedAt)
                    .Select(NotContained)
                    .FirstOrDefault();
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException
            or UnreachableEventException or ArgumentException)
        {
            return new Fault(position, FaultKind.ContentUnreadable, fault.Message);
        }
    }

    /// <summary>Compares the end with the head and with what was exported beyond it.</summary>
    /// <param name="last">The newest right row.</param>
    /// <param name="head">The head.</param>
    public Fault? Finish(ChainLink last, JournalHead? head)
    {
        if (last.Position < headPosition)
        {
            return new Fault(last.Position + 1, FaultKind.EntryMissing, $"The head stands at {headPosition}.");
        }

        if (head is null && last.Position > 0)
        {
            return new Fault(last.Position, FaultKind.HeadWrong, "There is no head.");
        }

        if (head is not null
            && (head.Hash != Convert.ToHexStringLower(last.Hash) || head.RecordedAt != last.RecordedAt))
        {
            return new Fault(
                last.Position, FaultKind.HeadWrong, $"The head says {head.Hash} of {head.RecordedAt}.");
        }

        var beyond = exported.Where(at => at.Key > last.Position).MinBy(at => at.Key);
        return beyond is null ? null : NotContained(beyond.First());
    }

    /// <summary>The fault of a journal that does not contain an exported head.</summary>
    public Fault NotContained(ExportedHead head) => new(
        head.Position,
        FaultKind.ExportedHeadMissing,
        $"{journal} does not contain the exported head {head.Position} of {head.RecordedAt} with the hash {head.Hash}"
        + (head.Root is null ? "." : $" and the root {head.Root}."));

    private Fault? ContentFault(ChainLink before, Entry entry)
    {
        var position = before.Position + 1;
        return entry.Position != position
            ? new Fault(position, FaultKind.PositionWrong, $"The content says {entry.Position}.")
            : position > 1 && entry.RecordedAt <= before.RecordedAt
                ? new Fault(
                    position,
                    FaultKind.RecordedAtNotLater,
                    $"{entry.RecordedAt} is not later than {before.RecordedAt}.")
            : position > headPosition
                ? new Fault(position, FaultKind.EntryBeyondHead, $"The head stands at {headPosition}.")
            : null;
    }

    private static Fault? IndexFault(ChainLink before, StoredRow row, Entry entry)
    {
        var hash = HashChain.Next(before.Hash, row.Json);
        if (row.Index is not { } index)
        {
            return new Fault(row.Position, FaultKind.IndexMissing, "The entry has no index row.");
        }

        if (!index.Hash.AsSpan().SequenceEqual(hash))
        {
            return new Fault(
                row.Position, FaultKind.HashWrong, $"The content has the hash {Convert.ToHexStringLower(hash)}.");
        }

        var name = EventNames.Of(entry.Event).Name;
        var column = row.Type != name ? "type of the event"
            : row.Timestamp != entry.RecordedAt ? "timestamp of the event"
            : index.IdempotencyKey != entry.IdempotencyKey ? "idempotency_key"
            : !IsHexOf(entry.PayloadHash, index.PayloadHash) ? "payload_hash"
            : index.Fact != entry.Fact.ToString() ? "fact_id"
            : index.EventType != name ? "event_type"
            : index.EffectiveAt != entry.EffectiveAt ? "effective_at"
            : index.RecordedAt != entry.RecordedAt ? "recorded_at"
            : index.Voids != entry.Voids ? "voids"
            : row.IsArchived ? "is_archived of the event"
            : null;
        return column is null ? null : new Fault(
            row.Position, FaultKind.IndexWrong, $"The column {column} says something else than the content.");
    }

    private static bool IsHexOf(string text, byte[] bytes)
    {
        Span<char> hex = stackalloc char[2 * HashChain.Length];
        return bytes.Length == HashChain.Length
            && Convert.TryToHexStringLower(bytes, hex, out _)
            && text.AsSpan().SequenceEqual(hex);
    }

    private static Fault? TextFault(StoredText? beside, Entry entry)
    {
        if (beside is not null != entry.Reason is not null)
        {
            return beside is not null
                ? new Fault(entry.Position, FaultKind.TextUnasked, "The entry has no text.")
                : new Fault(
                    entry.Position, FaultKind.TextWrong, "The text is missing: neither kept nor erased.");
        }

        return beside is { Salt: { } salt, Text: { } text } && HashChain.DigestOf(salt, text) != entry.Reason
            || beside is not null && beside.Salt is null != beside.Text is null
                ? new Fault(entry.Position, FaultKind.TextWrong, "The text is not the one that was digested.")
                : null;
    }
}
