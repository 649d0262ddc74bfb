using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records units that came as yield: staking, supply interest, rewards.</summary>
public sealed record ReceiveYield : Command
{
    /// <summary>Where they came to; at a lending position they are collateral.</summary>
    public required AccountId Account { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much came, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>
    /// What it was worth, if the source says so: 0 or more, in a registered currency. Absent: the price book says.
    /// </summary>
    public CurrencyAmount? Value { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var received = check.Leg(Account, Place.Any, Asset, Quantity);
        check.Value(Value);
        if (PositionUse.IsPosition(state.Registers, Account))
        {
            Touching.Kind(check, state, Account, hasIndex: false, Mode);
        }

        return check.Accept(new YieldReceived(received, Value));
    }
}
