using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Says what two persons decide. The first one is set by one person alone; from then on limits, the playbook, terms of
/// books and this rule wait for a second person, for good, and so do instructions worth more than an amount.
/// </summary>
public sealed record SetFourEyes : Command, IAsksWho
{
    /// <summary>
    /// An instruction worth more than this, in the reporting currency, waits for a second person: 0 or more; 0 lets
    /// each of them wait. Absent: none does.
    /// </summary>
    public ExactDecimal? InstructionsAbove { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Number(
            InstructionsAbove ?? ExactDecimal.One, "instructionsAbove", InstructionsAbove is null or { Sign: >= 0 },
            "0 or more");
        return check.Accept(new FourEyesSet(InstructionsAbove));
    }
}
