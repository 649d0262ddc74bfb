using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Ends an instruction before it is fulfilled.</summary>
public sealed record CancelInstruction : Command
{
    /// <summary>The fact of the instruction.</summary>
    public required FactId Instruction { get; init; }
}
