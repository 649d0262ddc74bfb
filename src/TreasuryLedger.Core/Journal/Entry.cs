using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>Whether an entry says what happened or what shall be done.</summary>
public enum EntryMode
{
    /// <summary>Something that happened. Never refused for what it says about the world.</summary>
    Observation,

    /// <summary>Something to be done. Moves no units; asks first (Commands/SPEC.md 5).</summary>
    Instruction,
}

/// <summary>
/// One recorded fact or instruction, immutable. One entry holds one event, takes one position and gets one hash.
/// </summary>
public sealed record Entry : NarrowEntry
{
    /// <summary>The source's own time of the fact, where it differs from its effective instant.</summary>
    public Instant? SourceTimestamp { get; init; }

    /// <summary>
    /// When an earlier system recorded it (imported history); never used as the recorded instant.
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

    /// <summary>Why it is believed.</summary>
    public required Evidence Evidence { get; init; }

    /// <summary>Digest of the reason or note, if one was given.</summary>
    public TextDigest? Reason { get; init; }

    /// <inheritdoc/>
    public override string Source => Evidence.Source;

    /// <inheritdoc/>
    public override EvidenceQuality Quality => Evidence.Quality;
}
