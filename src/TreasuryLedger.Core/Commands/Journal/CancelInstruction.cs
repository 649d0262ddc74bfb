using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Ends an instruction before it is fulfilled.</summary>
public sealed record CancelInstruction : Command
{
    /// <summary>The fact of the instruction.</summary>
    public required FactId Instruction { get; init; }

    internal override IEnumerable<FactId> NamedFacts => base.NamedFacts.Append(Instruction);

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var holder = check.Holder(Instruction);
        check.FactKind(holder?.Event is InstructionGiven, holder, "an instruction");
        if (holder is { Event: InstructionGiven given })
        {
            var end = state.Instructions[Instruction].EndAt(given, EffectiveAt);
            check.That(end is null, () => Refusal.Of(
                RefusalCode.InstructionEnded,
                $"Instruction {Instruction} (entry {holder.Position}) is {end} already.",
                ("instruction", Instruction),
                ("entry", holder.Position),
                ("status", end!)));
        }

        return check.Accept(new InstructionCancelled(Instruction));
    }
}
