using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records that units of a stand-in became units of what it stands for, or instructs it.</summary>
public sealed record UnwrapAsset : Command
{
    /// <summary>Where; not a lending position.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The stand-in.</summary>
    public required AssetId FromAsset { get; init; }

    /// <summary>The asset that it stands for, as registered.</summary>
    public required AssetId ToAsset { get; init; }

    /// <summary>How much went in, in whole tokens, more than 0.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>How much came out, in whole tokens, more than 0. Absent: the same.</summary>
    public ExactDecimal? ReceivedQuantity { get; init; }

    internal override bool IsInstructable => true;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        var from = check.Leg(Account, Place.Holding, FromAsset, Quantity);
        var to = check.Leg(Account, Place.Holding, ToAsset, ReceivedQuantity ?? Quantity);
        check.That(
            check.First is not null || state.Registers.Assets[FromAsset].StandsFor?.Asset == ToAsset,
            () => Refusal.Of(
                RefusalCode.NotAStandIn,
                $"{FromAsset} is not registered to stand for {ToAsset}.",
                ("standIn", FromAsset),
                ("asset", ToAsset)));
        return check.Accept(new AssetWrapped(from, to));
    }
}
