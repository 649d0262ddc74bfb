using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// A command about what waits for a second person. It takes the place of the proposal, whose fact it keeps; so a
/// proposal ends once, whoever asks.
/// </summary>
public abstract record ProposalCommand : Command, IAsksWho
{
    private protected ProposalCommand()
    {
    }

    /// <summary>The position of the entry that proposes it.</summary>
    public required long Proposal { get; init; }

    internal override IEnumerable<long> NamedEntries => [Proposal];

    internal sealed override Decision Decide(TreasuryState state) => Decide(state, DecisionContext.Empty);

    internal sealed override Decision Decide(TreasuryState state, DecisionContext context)
    {
        var check = new Checks(state);
        check.Term(Fact is null, "fact", "must be left out: what ends a proposal keeps its fact");
        var target = check.Entry(Proposal);
        var voidedBy = check.First is null ? state.VoidedBy(Proposal) : null;
        check.That(voidedBy is null, () => Refusal.Of(
            RefusalCode.ProposalEnded,
            $"Proposal {Proposal} was approved, declined or withdrawn by entry {voidedBy}.",
            ("proposal", Proposal),
            ("entry", voidedBy!.Value)));
        var proposed = target?.Event as ChangeProposed;
        check.That(proposed is not null, () => Refusal.Of(
            RefusalCode.ProposalUnknown,
            $"Entry {Proposal} proposes nothing that waits for a second person.",
            ("proposal", Proposal)));
        return check.First is null
            ? Decide(check, state, target!, proposed!, context)
            : check.Accept(new EntryVoided());
    }

    private protected abstract Decision Decide(
        Checks check, TreasuryState state, NarrowEntry target, ChangeProposed proposed, DecisionContext context);
}
