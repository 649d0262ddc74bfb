using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Voids an entry and may put another observation in its place; the replacement keeps the fact of what it replaces and
/// is checked as if the voided entry had never been there.
/// </summary>
public sealed record CorrectEntry : Command, IAsksWho
{
    /// <summary>The position of the entry that shall have no effect any more.</summary>
    public required long Entry { get; init; }

    /// <summary>
    /// What is true instead: an observation with its own instant, source and evidence. Absent: nothing is.
    /// </summary>
    public Command? Replacement { get; init; }

    internal override IEnumerable<FactId> NamedFacts => base.NamedFacts.Concat(Replacement?.NamedFacts ?? []);

    internal override IEnumerable<long> NamedEntries => [Entry, .. Replacement?.NamedEntries ?? []];

    internal override bool BelongsTo(JournalKind journal) => true;

    internal override Decision Decide(TreasuryState state) => Decide(state, DecisionContext.Empty);

    internal override Decision Decide(TreasuryState state, DecisionContext context)
    {
        var check = new Checks(state);
        check.Term(Fact is null, "fact", "must be left out: a correction keeps the fact of the entry it corrects");
        var target = check.Entry(Entry);
        if (target is null || check.First is not null)
        {
            return check.Accept(new EntryVoided());
        }

        CheckCorrectable(check, state, target);
        CheckReplacement(check, state, target);
        return check.First is not null || Replacement is null
            ? check.Accept(new EntryVoided())
            : Decider.DecideAlone(state.Without(target), Replacement, context);
    }

    private void CheckCorrectable(Checks check, TreasuryState state, NarrowEntry target)
    {
        var voidedBy = state.VoidedBy(target.Position);
        check.That(voidedBy is null, () => Refusal.Of(
            RefusalCode.EntryAlreadyVoided,
            $"Entry {Entry} was voided by entry {voidedBy}; correct that one.",
            ("entry", Entry),
            ("voidedBy", voidedBy!.Value)));
        check.That(target.Event is not (TreasuryOpened or BookOpened), () => NotCorrectable(
            "opens the journal: every other entry rests on it"));
        check.That(!PeriodEntry.IsOne(target.Event), () => NotCorrectable(
            "is about a period of a book; what was closed is reopened instead"));
        check.That(
            target.Event is not (TermsProposed or DecisionProposed or TermsAdopted { Book: StarterBooks.Official }
                or StandingOrderGiven { Book: StarterBooks.Official }),
            () => NotCorrectable("is decided of the official book; two persons decide otherwise, from another day on"));
        check.That(target.Event is not (ChangeProposed or ProposalDeclined), () => NotCorrectable(
            "is about what waits, or waited, for a second person; approve or decline it, or propose another"));
        check.That(
            target.Event is not FourEyesSet && !(FourEyes.AreNeeded(state) && FourEyes.IsPolicy(target.Event)),
            () => NotCorrectable("is a policy that two persons decide; propose another one instead"));
        check.That(target.Event is not BasisAllocated, () => NotCorrectable(
            "says for good which lots of a book lie where; that is never taken back"));
        check.That(target.Event is not EntryVoided || Replacement is not null, () => NotCorrectable(
            "voided a fact and put nothing in its place; it can be corrected only by what is true instead"));
        var resting = check.First is null ? state.FirstRestingOn(target) : null;
        check.That(resting is null, () => Refusal.Of(
            RefusalCode.EntryNotCorrectable,
            $"Entry {Entry} registers what entry {resting} uses; correct the entries that rest on it first.",
            ("entry", Entry),
            ("restingEntry", resting!.Value)));
    }

    private void CheckReplacement(Checks check, TreasuryState state, NarrowEntry target)
    {
        check.Term(
            Replacement is not (CorrectEntry or PeriodCommand or IBookDecision { Book: StarterBooks.Official }),
            "replacement",
            "must be what is true instead, not a correction, something about a period or a decision of the official "
            + "book");
        check.Term(
            Replacement is not (SetFourEyes or ProposalCommand)
                && !(Replacement is SetLimits or AdoptPlaybook or AdoptTerms && FourEyes.AreNeeded(state)),
            "replacement",
            "must not be what two persons decide; record it by itself, and a second person approves it");
        check.That(Replacement?.Mode != EntryMode.Instruction, () => Refusal.Of(
            RefusalCode.NotInstructable,
            "A replacement says what happened. Void the instruction and give a new one instead.",
            ("entry", Entry)));
        check.Term(
            Replacement?.Fact is null || Replacement.Fact == target.Fact,
            "fact",
            $"of the replacement must be left out or be {target.Fact}: a correction keeps the fact");
    }

    private Refusal NotCorrectable(string why) =>
        Refusal.Of(RefusalCode.EntryNotCorrectable, $"Entry {Entry} {why}.", ("entry", Entry));
}
