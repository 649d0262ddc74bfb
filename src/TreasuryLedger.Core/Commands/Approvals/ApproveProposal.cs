using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Approves what another person proposed. It is in force from the latest of three instants on: the one that was
/// proposed, `effectiveAt`, and the one at which this is recorded.
/// </summary>
public sealed record ApproveProposal : ProposalCommand
{
    private protected override Decision Decide(
        Checks check, TreasuryState state, NarrowEntry target, ChangeProposed proposed, DecisionContext context)
    {
        check.That(proposed.ProposedBy != context.Actor, () => Refusal.Of(
            RefusalCode.SecondPersonNeeded,
            $"{context.Actor} proposed this (entry {Proposal}); somebody else has to approve it.",
            ("actor", context.Actor),
            ("entry", Proposal)));
        var from = Instant.Latest(Instant.Latest(target.EffectiveAt, EffectiveAt), context.RecordedAt);
        var end = (proposed.Change as InstructionGiven)?.ExpiresAt;
        check.That(end is null || from < end, () => Refusal.Of(
            RefusalCode.InstructionEnded,
            $"The instruction of proposal {Proposal} would have to be done before {end}; propose another one.",
            ("proposal", Proposal),
            ("status", "expired"),
            ("expiresAt", end!.Value)));
        if (check.First is null
            && FourEyes.AskAgain(state.Without(target), proposed.Change, from, context) is { } refusal)
        {
            return new Decision.Refused(refusal);
        }

        return check.Accept(proposed.Change) is Decision.Accepted accepted
            ? accepted with { EffectiveAt = from }
            : new Decision.Refused(check.First!);
    }
}
