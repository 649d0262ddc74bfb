using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that a lender gave up debt which no collateral covers any more.</summary>
public sealed record ForgiveDebt : Command
{
    /// <summary>The lending position that owes less.</summary>
    public required AccountId Position { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>The touch of the debt, if the position has an index.</summary>
    public TouchTerms? Touch { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var forgiven = check.Leg(Position, Place.Lending, Asset, Quantity);
        Touching.Kind(check, state, Position, Touch is not null, Mode);
        return check.Accept(Touching.Event(
            new DebtForgiven(forgiven),
            Touching.Of(check, (Position, Asset, InterestSide.Debt), Touch, forgiven.Quantity, TouchWay.Out)));
    }
}
