using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// What folds read of an entry: what happened, when, in which order and how sure it is. Who asked and why it is
/// believed stand in <see cref="Entry"/>. Kept apart because a long history is folded from this narrow part alone.
/// </summary>
public record NarrowEntry
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

    /// <summary>The position of the entry that has no effect any more, for whoever knows this one.</summary>
    public long? Voids { get; init; }

    /// <summary>The instruction that this observation fulfils, in part or in full.</summary>
    public FactId? Fulfils { get; init; }

    /// <summary>Who says so (<see cref="Evidence.Source"/>).</summary>
    public virtual string Source { get; init; } = "";

    /// <summary>How much a figure may rest on it (<see cref="Evidence.Quality"/>).</summary>
    public virtual EvidenceQuality Quality { get; init; }

    /// <summary>What the entry says.</summary>
    public required LedgerEvent Event { get; init; }
}
