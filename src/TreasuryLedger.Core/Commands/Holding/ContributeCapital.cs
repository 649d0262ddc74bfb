using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that the owners put units in.</summary>
public sealed record ContributeCapital : Command
{
    /// <summary>Where they came to; not a lending position.</summary>
    public required AccountId Account { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much came, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>
    /// What it was worth, which is the cost of its lot: 0 or more, in a registered currency. Absent: the price book
    /// says.
    /// </summary>
    public CurrencyAmount? Value { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var received = check.Leg(Account, Place.Holding, Asset, Quantity);
        check.Value(Value);
        return check.Accept(new CapitalContributed(received, Value));
    }
}
