using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>A command whose rule asks who it is that asks, and when it would be recorded.</summary>
public interface IAsksWho;

/// <summary>
/// What a caller asks to record: complete in shape, not yet checked against the treasury. One record a command, named
/// by its imperative; quantities are whole tokens as the caller writes them and become smallest units when decided.
/// </summary>
public abstract record Command
{
    private protected Command()
    {
    }

    /// <summary>When it happened, or shall happen (instruction), in the world.</summary>
    public required Instant EffectiveAt { get; init; }

    /// <summary>
    /// What happened, by the source's own reference. Without it the idempotency key stands for the fact.
    /// </summary>
    public FactId? Fact { get; init; }

    /// <summary>The source's own order among facts of one instant.</summary>
    public SourceOrder? SourceOrder { get; init; }

    /// <summary>The source's own time, where it differs.</summary>
    public Instant? SourceTimestamp { get; init; }

    /// <summary>When an earlier system recorded it (imported history).</summary>
    public Instant? SourceRecordedAt { get; init; }

    /// <summary>Observation (default) or instruction.</summary>
    public EntryMode Mode { get; init; }

    /// <summary>For an instruction: keep its units for it until it ends.</summary>
    public bool Reserves { get; init; }

    /// <summary>For an instruction: from this instant on (inclusive) it is over.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>For an observation: the instruction it fulfils.</summary>
    public FactId? Fulfils { get; init; }

    /// <summary>Why it is believed; without it the actor says so.</summary>
    public Evidence? Evidence { get; init; }

    /// <summary>Free text: why. Kept beside the chain, erasable.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it can be something to be done; then it can also fulfil an instruction.</summary>
    internal virtual bool IsInstructable => false;

    /// <summary>The facts that it names; its rule may ask who holds these and no others.</summary>
    internal virtual IEnumerable<FactId> NamedFacts => Present(Fact, Fulfils);

    /// <summary>The positions that it names; its rule may read these entries and no others.</summary>
    internal virtual IEnumerable<long> NamedEntries => [];

    /// <summary>Whether it may be recorded in a journal of that kind.</summary>
    internal virtual bool BelongsTo(JournalKind journal) => journal == JournalKind.Treasury;

    /// <summary>
    /// The command's own rule: what happened, or the first check that fails. <see cref="Decider"/> has looked at the
    /// journal and at the properties above before; an instruction's further questions come after.
    /// </summary>
    internal abstract Decision Decide(TreasuryState state);

    /// <summary>The same where the rule reads something beside the journal.</summary>
    internal virtual Decision Decide(TreasuryState state, DecisionContext context) => Decide(state);

    private protected static IEnumerable<FactId> Present(params IEnumerable<FactId?> facts) => facts.OfType<FactId>();
}
