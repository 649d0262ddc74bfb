using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Declines what somebody proposed, or withdraws what one has proposed oneself; the reason says why.</summary>
public sealed record DeclineProposal : ProposalCommand
{
    private protected override Decision Decide(
        Checks check, TreasuryState state, NarrowEntry target, ChangeProposed proposed, DecisionContext context)
    {
        check.Term(Reason is not null, "reason", "must say why it is declined or withdrawn");
        return check.Accept(new ProposalDeclined(Proposal, context.Actor));
    }
}
