using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records a fee that belongs to no other entry: gas, custody, subscription.</summary>
public sealed record PayFee : Command
{
    /// <summary>Where it was paid from; not a lending position.</summary>
    public required AccountId Account { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much left, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        return check.Accept(new FeePaid(check.Leg(Account, Place.Holding, Asset, Quantity)));
    }
}
