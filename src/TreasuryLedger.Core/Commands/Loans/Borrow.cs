using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that units were borrowed at a lending position, or instructs it.</summary>
public sealed record Borrow : Command
{
    /// <summary>The lending position that owes them.</summary>
    public required AccountId Position { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>Where the units came to; not a lending position.</summary>
    public required AccountId To { get; init; }

    /// <summary>What it cost beside; may be empty.</summary>
    public ImmutableArray<FeeTerms> Fees { get; init; } = [];

    /// <summary>The touch of the debt, if the position has an index; for observations only.</summary>
    public TouchTerms? Touch { get; init; }

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var owed = check.Leg(Position, Place.Lending, Asset, Quantity);
        check.Account(To, Place.Holding);
        Touching.Kind(check, state, Position, Touch is not null, Mode);
        var change = new DebtBorrowed(owed, To, check.Fees(Fees));
        return check.Accept(Touching.Event(change, Touching.Of(
            check, (Position, Asset, InterestSide.Debt), Touch, owed.Quantity, TouchWay.In)));
    }
}
