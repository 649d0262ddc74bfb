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

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var repaid = check.Leg(Position, Place.Lending, Asset, Quantity);
        check.Account(From, Place.Holding);
        return check.Accept(new DebtRepaid(repaid, From, check.Fees(Fees)));
    }
}
