using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// An entry that was decided but not yet recorded: everything but what only the shell knows (position, recorded
/// instant, actor, key, hash, salted digest of the text).
/// </summary>
public sealed record EntryDraft
{
    /// <summary>Generated fact ids begin with this, given ones never do.</summary>
    public const string GeneratedFactPrefix = "request:";

    /// <summary>Longest idempotency key (inclusive): with the prefix it must still be a fact id.</summary>
    public const int KeyLengthMax = IdText.ReferenceLengthMax - 8;

    /// <summary>When it happened, or shall happen.</summary>
    public required Instant EffectiveAt { get; init; }

    /// <summary>The fact; <c>null</c> if it is to be made from the idempotency key.</summary>
    public required FactId? Fact { get; init; }

    /// <summary>Whether the fact was named by a source; a replacement keeps what the entry it replaces said.</summary>
    public required bool FactIsGiven { get; init; }

    /// <summary>The source's own order.</summary>
    public SourceOrder? SourceOrder { get; init; }

    /// <summary>The source's own time.</summary>
    public Instant? SourceTimestamp { get; init; }

    /// <summary>When an earlier system recorded it.</summary>
    public Instant? SourceRecordedAt { get; init; }

    /// <summary>Observation or instruction.</summary>
    public required EntryMode Mode { get; init; }

    /// <summary>The position it voids.</summary>
    public long? Voids { get; init; }

    /// <summary>The instruction it fulfils.</summary>
    public FactId? Fulfils { get; init; }

    /// <summary>Why it is believed; <c>null</c> means that the actor says so.</summary>
    public Evidence? Evidence { get; init; }

    /// <summary>Free text; the entry holds only its salted digest.</summary>
    public string? Reason { get; init; }

    /// <summary>What the entry says.</summary>
    public required LedgerEvent Event { get; init; }

    /// <summary>The entry, with what only the shell knows.</summary>
    /// <param name="position">Its number in the journal.</param>
    /// <param name="recordedAt">The head's clock.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="idempotencyKey">A reference of 1 to <see cref="KeyLengthMax"/> characters.</param>
    /// <param name="payloadHash">Hex SHA-256 of the canonical command.</param>
    /// <param name="reason">The digest of <see cref="Reason"/>, if there is one.</param>
    /// <exception cref="FormatException">The key is not a reference or too long.</exception>
    public Entry ToEntry(
        long position,
        Instant recordedAt,
        string actor,
        string idempotencyKey,
        string payloadHash,
        TextDigest? reason) =>
        new()
        {
            Position = position,
            EffectiveAt = EffectiveAt,
            RecordedAt = recordedAt,
            Fact = Fact ?? FactId.Parse(GeneratedFactPrefix + idempotencyKey),
            FactIsGiven = FactIsGiven,
            SourceOrder = SourceOrder,
            SourceTimestamp = SourceTimestamp,
            SourceRecordedAt = SourceRecordedAt,
            Actor = actor,
            IdempotencyKey = idempotencyKey,
            PayloadHash = payloadHash,
            Mode = Mode,
            Voids = Voids,
            Fulfils = Fulfils,
            Evidence = Evidence ?? new Evidence(actor, null, EvidenceQuality.Fact, null),
            Reason = reason,
            Event = Event,
        };
}
