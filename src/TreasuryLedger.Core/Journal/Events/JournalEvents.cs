using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>The entry that this one voids has no effect any more, and nothing stands in its place.</summary>
public sealed record EntryVoided : LedgerEvent;

/// <summary>A note was put to an entry; its text is the entry's reason.</summary>
/// <param name="Entry">The position it is about.</param>
public sealed record EntryAnnotated(long Entry) : LedgerEvent;

/// <summary>A second source told a fact that was already recorded, alike.</summary>
/// <param name="Entry">The position of the fact.</param>
public sealed record EvidenceAdded(long Entry) : LedgerEvent;

/// <summary>A second source told a recorded fact differently: nothing is lost, a person decides.</summary>
/// <param name="Entry">The position of the fact as recorded.</param>
/// <param name="ClaimedEffectiveAt">When the second source says it happened.</param>
/// <param name="Claim">What the second source says happened.</param>
public sealed record BreakOpened(long Entry, Instant ClaimedEffectiveAt, LedgerEvent Claim) : LedgerEvent;

/// <summary>Something was instructed. No units move until an observation fulfils it.</summary>
/// <param name="Intended">What shall happen.</param>
/// <param name="Reserves">Whether its units are kept for it until it ends.</param>
/// <param name="ExpiresAt">From this instant on (inclusive) it is over; absent if it stands until cancelled.</param>
public sealed record InstructionGiven(LedgerEvent Intended, bool Reserves, Instant? ExpiresAt) : LedgerEvent;

/// <summary>An instruction was cancelled.</summary>
/// <param name="Instruction">Its fact.</param>
public sealed record InstructionCancelled(FactId Instruction) : LedgerEvent;
