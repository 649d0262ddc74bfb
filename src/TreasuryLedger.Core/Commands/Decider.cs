using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Decides commands. Pure: the same state, command and context always give the same decision (dry run).
/// </summary>
public static class Decider
{
    /// <summary>
    /// Decides a command. If its given fact is recorded already (see <see cref="TreasuryState.HolderOf"/>), the
    /// accepted
    /// event is <see cref="EvidenceAdded"/> or <see cref="BreakOpened"/>: the shell need not look facts up. Idempotency
    /// keys are the shell's.
    /// </summary>
    /// <param name="state">The journal after its newest entry.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="context">Prices and markets, which only instructions read.</param>
    public static Decision Decide(TreasuryState state, Command command, DecisionContext context) =>
        throw new System.Diagnostics.UnreachableException(
            $"No rule for {command.GetType().Name} and {context}, {state}.");

    /// <summary>The entry that an accepted command becomes.</summary>
    /// <param name="state">The state it was decided on.</param>
    /// <param name="command">The command.</param>
    /// <param name="accepted">Its decision.</param>
    public static EntryDraft Draft(TreasuryState state, Command command, Decision.Accepted accepted)
    {
        if (accepted.Event is EvidenceAdded or BreakOpened)
        {
            return Plain(command, accepted) with { Fact = null, FactIsGiven = false };
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

    private static EntryDraft Plain(Command command, Decision.Accepted accepted) => new()
    {
        EffectiveAt = command.EffectiveAt,
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
