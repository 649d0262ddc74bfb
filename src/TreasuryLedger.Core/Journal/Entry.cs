using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>Whether an entry says what happened or what shall be done.</summary>
public enum EntryMode
{
    /// <summary>Something that happened. Never refused for what it says about the world.</summary>
    Observation,

    /// <summary>Something to be done. Moves no units; asks first (DESIGN 4).</summary>
    Instruction,
}

/// <summary>
/// One recorded fact or instruction, immutable. One entry holds one event, takes one position and gets one hash.
/// </summary>
public sealed record Entry
{
    /// <summary>Its number in the journal, from 1 on, without gaps. An entry is named by it.</summary>
    public required long Position { get; init; }

    /// <summary>When it happened in the world, as the caller says.</summary>
    public required Instant EffectiveAt { get; init; }

    /// <summary>
    /// When the journal learned it: the database's clock under the head row's lock, strictly increasing.
    /// </summary>
    public required Instant RecordedAt { get; init; }

    /// <summary>What happened; unique in the journal but for replacements, which keep it.</summary>
    public required FactId Fact { get; init; }

    /// <summary><c>false</c> if nobody named the fact and the id was made from the idempotency key.</summary>
    public required bool FactIsGiven { get; init; }

    /// <summary>The source's own order among facts of one instant, if it has one.</summary>
    public SourceOrder? SourceOrder { get; init; }

    /// <summary>The source's own time of the fact, where it differs from <see cref="EffectiveAt"/>.</summary>
    public Instant? SourceTimestamp { get; init; }

    /// <summary>
    /// When an earlier system recorded it (imported history); never used as <see cref="RecordedAt"/>.
    /// </summary>
    public Instant? SourceRecordedAt { get; init; }

    /// <summary>Who asked, from the key of the request.</summary>
    public required string Actor { get; init; }

    /// <summary>Which request asked; the same key never records twice.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>SHA-256 (hex) of the canonical command, by which a reused key is told from a replay.</summary>
    public required string PayloadHash { get; init; }

    /// <summary>Observation or instruction.</summary>
    public required EntryMode Mode { get; init; }

    /// <summary>The position of the entry that has no effect any more, for whoever knows this one.</summary>
    public long? Voids { get; init; }

    /// <summary>The instruction that this observation fulfils, in part or in full.</summary>
    public FactId? Fulfils { get; init; }

    /// <summary>Why it is believed.</summary>
    public required Evidence Evidence { get; init; }

    /// <summary>Digest of the reason or note, if one was given.</summary>
    public TextDigest? Reason { get; init; }

    /// <summary>What the entry says.</summary>
    public required LedgerEvent Event { get; init; }
}
