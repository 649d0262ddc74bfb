using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that debt of a lending position was repaid, or instructs it.</summary>
public sealed record Repay : Command
{
    /// <summary>The lending position that owes less.</summary>
    public required AccountId Position { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>Where the units left; not a lending position.</summary>
    public required AccountId From { get; init; }

    /// <summary>What it cost beside; may be empty.</summary>
    public ImmutableArray<FeeTerms> Fees { get; init; } = [];

    /// <summary>The touch of the debt, if the position has an index; for observations only.</summary>
    public TouchTerms? Touch { get; init; }

    /// <summary>
    /// Where units that the position itself supplies pay the debt: the touch of the supply. They leave the position to
    /// the account named above and go back in as the repayment.
    /// </summary>
    public TouchTerms? SupplyTouch { get; init; }

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var repaid = check.Leg(Position, Place.Lending, Asset, Quantity);
        check.Account(From, Place.Holding);
        Touching.Kind(check, state, Position, Touch is not null, Mode);
        check.Term(SupplyTouch is null || Touch is not null, "supplyTouch", "needs the touch of the debt beside it");
        var change = new DebtRepaid(repaid, From, check.Fees(Fees));
        var debt = Touching.Of(check, (Position, Asset, InterestSide.Debt), Touch, repaid.Quantity, TouchWay.Out);
        var supply = Touching.Of(
            check, (Position, Asset, InterestSide.Supply), SupplyTouch, repaid.Quantity, TouchWay.Out);
        return check.Accept(SupplyTouch is null
            ? Touching.Event(change, debt)
            : Touching.Event([new CollateralWithdrawn(repaid, From, []), change], [supply, debt]));
    }
}
