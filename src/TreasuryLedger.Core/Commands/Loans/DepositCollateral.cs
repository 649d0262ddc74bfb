using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that units became collateral of a lending position, or instructs it.</summary>
public sealed record DepositCollateral : Command
{
    /// <summary>Where the units left; not a lending position.</summary>
    public required AccountId From { get; init; }

    /// <summary>The lending position.</summary>
    public required AccountId Position { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>What it cost beside; may be empty.</summary>
    public ImmutableArray<FeeTerms> Fees { get; init; } = [];

    /// <summary>The touch of the supply, if the position has an index; for observations only.</summary>
    public TouchTerms? Touch { get; init; }

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Account(From, Place.Holding);
        check.Account(Position, Place.Lending);
        var deposited = check.Leg(From, Place.Holding, Asset, Quantity);
        Touching.Kind(check, state, Position, Touch is not null, Mode);
        var change = new CollateralDeposited(deposited, Position, check.Fees(Fees));
        return check.Accept(Touching.Event(change, Touching.Of(
            check, (Position, Asset, InterestSide.Supply), Touch, deposited.Quantity, TouchWay.In)));
    }
}
