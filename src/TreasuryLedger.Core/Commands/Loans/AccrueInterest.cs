using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records interest by amount, at a lending position without an index.</summary>
public sealed record AccrueInterest : Command
{
    /// <summary>The lending position.</summary>
    public required AccountId Position { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>Owed or earned.</summary>
    public required InterestSide Side { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var interest = check.Leg(Position, Place.Lending, Asset, Quantity);
        Touching.Kind(check, state, Position, hasIndex: false, Mode);
        return check.Accept(new InterestAccrued(interest, Side));
    }
}
