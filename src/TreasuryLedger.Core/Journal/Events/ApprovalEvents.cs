using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// Two persons decide limits, the playbook, terms of books and this rule itself since the first such entry was
/// recorded; and instructions above an amount from the effective instant on (inclusive), until the next such entry.
/// </summary>
/// <param name="InstructionsAbove">
/// An instruction worth more than this, in the reporting currency, waits for a second person; absent: none does.
/// </param>
public sealed record FourEyesSet(ExactDecimal? InstructionsAbove) : LedgerEvent, IOfRisk;

/// <summary>
/// Somebody asks for what two persons decide. Nothing of it is in force: who approves it records it in an entry of its
/// own, which takes this one's place.
/// </summary>
/// <param name="Change">All of what is asked for.</param>
/// <param name="ProposedBy">Who asks; that person cannot approve it.</param>
public sealed record ChangeProposed(LedgerEvent Change, string ProposedBy) : LedgerEvent, IOfRisk;

/// <summary>A proposal was withdrawn by its author or declined by somebody else; nobody can approve it any more.
/// </summary>
/// <param name="Proposal">The entry that proposed it.</param>
/// <param name="DeclinedBy">Who says so.</param>
public sealed record ProposalDeclined(long Proposal, string DeclinedBy) : LedgerEvent, IOfRisk;
