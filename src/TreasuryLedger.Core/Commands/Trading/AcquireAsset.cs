using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that units were acquired for other units or money, or instructs it.</summary>
public sealed record AcquireAsset : Command
{
    /// <summary>Where the units came to; not a lending position.</summary>
    public required AccountId Account { get; init; }

    /// <summary>What was acquired.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>How much was acquired, before any fee in kind, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>Where the payment left; not a lending position.</summary>
    public required AccountId PaidAccount { get; init; }

    /// <summary>What was paid with; another asset.</summary>
    public required AssetId PaidAsset { get; init; }

    /// <summary>How much was paid without fees, in whole tokens, more than 0.</summary>
    public required ExactDecimal PaidQuantity { get; init; }

    /// <summary>What it cost beside; may be empty.</summary>
    public ImmutableArray<FeeTerms> Fees { get; init; } = [];

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var received = check.Leg(Account, Place.Holding, Asset, Quantity);
        var paid = check.Leg(PaidAccount, Place.Holding, PaidAsset, PaidQuantity);
        check.Different(Asset, PaidAsset);
        return check.Accept(new AssetAcquired(received, paid, check.Fees(Fees)));
    }
}
