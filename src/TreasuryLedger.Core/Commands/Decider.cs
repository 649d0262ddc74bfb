using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Decides commands, and makes entries of what was accepted. Pure: the same state, command and context always give the
/// same decision, so a dry run is this and nothing else. The order of checks is SPEC.md 2.
/// </summary>
public static class Decider
{
    /// <summary>
    /// Decides a command. If its given fact is recorded already, the accepted event is <see cref="EvidenceAdded"/> or
    /// <see cref="BreakOpened"/>: the shell need not look facts up. Idempotency keys, scripted clocks, time zone data
    /// and texts beside the chain are the shell's.
    /// </summary>
    /// <param name="state">The journal after its newest entry, with what the command names recalled.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="context">What it may read beside its journal; few commands do.</param>
    public static Decision Decide(TreasuryState state, Command command, DecisionContext context)
    {
        if (Header.Refuse(state, command) is { } refusal)
        {
            return new Decision.Refused(refusal);
        }

        return command.Fact is { } fact && state.HolderOf(fact) is { } holder
            ? Meet(state, holder, command)
            : DecideNew(state, command, context);
    }

    /// <summary>
    /// What a second telling of a recorded fact is. Alike (content and effective instant): evidence. Otherwise a break
    /// with the claim; but an instruction is a wish and not a claim, so it is refused.
    /// </summary>
    /// <param name="state">The journal after its newest entry.</param>
    /// <param name="holder">The entry that holds the fact now (see <see cref="TreasuryState.HolderOf"/>).</param>
    /// <param name="command">The second telling; its header was checked.</param>
    public static Decision Meet(TreasuryState state, NarrowEntry holder, Command command)
    {
        var check = new Checks(state);
        var isInstruction = command.Mode == EntryMode.Instruction;
        var held = holder.Event is ChangeProposed proposed ? proposed.Change : holder.Event;
        check.FactKind(
            isInstruction || held is not InstructionGiven,
            holder,
            "a fact of its own, with `fulfils` to name the instruction");
        if (check.First is { } wrong)
        {
            return new Decision.Refused(wrong);
        }

        // The opening stays: without it nothing could be decided, and no other command tells the same.
        var others = holder.Event is TreasuryOpened or BookOpened ? state : state.Without(holder);
        var decision = DecideRule(others, command);
        if (decision is not Decision.Accepted accepted)
        {
            return decision;
        }

        var claim = Claim(command, accepted.Event);
        // An approval may have moved the instant; who tells it again says what was proposed.
        var isSameInstant = holder.EffectiveAt == command.EffectiveAt
            || state.ProposedAt(holder.Fact) == command.EffectiveAt;
        if (isSameInstant && EventContent.Alike(held, claim))
        {
            return new Decision.Accepted(new EvidenceAdded(holder.Position));
        }

        check.That(!isInstruction, () => Refusal.Of(
            RefusalCode.FactAlreadyRecorded,
            $"Fact {holder.Fact} is recorded by entry {holder.Position} with other terms; give this one its own.",
            ("fact", holder.Fact),
            ("entry", holder.Position)));
        return check.Accept(new BreakOpened(holder.Position, command.EffectiveAt, claim));
    }

    /// <summary>The entry that an accepted command becomes.</summary>
    /// <param name="state">The state it was decided on.</param>
    /// <param name="command">The command.</param>
    /// <param name="accepted">Its decision.</param>
    public static EntryDraft Draft(TreasuryState state, Command command, Decision.Accepted accepted)
    {
        // A second telling fulfils nothing and holds no fact: both belong to the first.
        if (accepted.Event is EvidenceAdded or BreakOpened)
        {
            return Plain(command, accepted) with
            {
                Fact = null,
                FactIsGiven = false,
                Mode = EntryMode.Observation,
                Fulfils = null,
            };
        }

        if (command is ProposalCommand { Proposal: var proposal })
        {
            var proposed = state.EntryAt(proposal)!;
            return Plain(command, accepted) with
            {
                Fact = proposed.Fact,
                FactIsGiven = proposed.FactIsGiven,
                SourceOrder = proposed.SourceOrder,
                Mode = accepted.Event is InstructionGiven ? EntryMode.Instruction : EntryMode.Observation,
                Voids = proposed.Position,
            };
        }

        if (command is not CorrectEntry correction)
        {
            return Plain(command, accepted);
        }

        var target = state.EntryAt(correction.Entry)!;
        var draft = Plain(correction.Replacement ?? correction, accepted);
        return draft with
        {
            Fact = target.Fact,
            FactIsGiven = target.FactIsGiven,
            SourceOrder = draft.SourceOrder ?? target.SourceOrder,
            Voids = target.Position,
            Evidence = draft.Evidence ?? correction.Evidence,
            Reason = correction.Reason ?? draft.Reason,
        };
    }

    /// <summary>Decides what says that something happened, without looking whether its fact is recorded.</summary>
    internal static Decision DecideAlone(TreasuryState state, Command command, DecisionContext context) =>
        Header.Refuse(state, command) is { } refusal
            ? new Decision.Refused(refusal)
            : DecideRule(state, command, context);

    /// <summary>The command's own rule, then the instruction that it says it fulfils.</summary>
    private static Decision DecideRule(TreasuryState state, Command command, DecisionContext? context = null)
    {
        var decision = context is null ? command.Decide(state) : command.Decide(state, context);
        if (decision is not Decision.Accepted accepted || command.Fulfils is not { } fulfilled)
        {
            return decision;
        }

        var check = new Checks(state);
        var instruction = check.Holder(fulfilled);
        check.FactKind(instruction?.Event is InstructionGiven, instruction, "an instruction");
        return check.Accept(accepted.Event);
    }

    private static Decision DecideNew(TreasuryState state, Command command, DecisionContext context)
    {
        var decision = DecideRule(state, command, context);
        if (decision is not Decision.Accepted accepted)
        {
            return decision;
        }

        if (command.Mode == EntryMode.Instruction
            && InstructionQuestions.Ask(state, accepted.Event, command.EffectiveAt, context) is { } refusal)
        {
            return new Decision.Refused(refusal);
        }

        // An approval and a correction have asked already.
        var claim = Claim(command, accepted.Event);
        return command is not (ProposalCommand or CorrectEntry)
            && FourEyes.Holds(state, claim, command.EffectiveAt, context)
                ? new Decision.Accepted(new ChangeProposed(claim, context.Actor))
                : ReferenceEquals(claim, accepted.Event) ? accepted
                : accepted with { Event = claim };
    }

    private static LedgerEvent Claim(Command command, LedgerEvent happened) => command.Mode == EntryMode.Instruction
        ? new InstructionGiven(happened, command.Reserves, command.ExpiresAt)
        : happened;

    private static EntryDraft Plain(Command command, Decision.Accepted accepted) => new()
    {
        EffectiveAt = accepted.EffectiveAt ?? command.EffectiveAt,
        Fact = command.Fact,
        FactIsGiven = command.Fact is not null,
        SourceOrder = command.SourceOrder,
        SourceTimestamp = command.SourceTimestamp,
        SourceRecordedAt = command.SourceRecordedAt,
        Mode = command.Mode,
        Fulfils = command.Fulfils,
        Evidence = command.Evidence,
        Reason = command.Reason,
        Event = accepted.Event,
    };
}
