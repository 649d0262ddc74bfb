using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records whether what an indexed position supplies of an asset is collateral from now on.</summary>
public sealed record SwitchCollateral : Command
{
    /// <summary>The lending position.</summary>
    public required AccountId Position { get; init; }

    /// <summary>Of what.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Whether it counts.</summary>
    public required bool IsCollateral { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Account(Position, Place.Lending);
        check.Asset(Asset);
        return check.Accept(new CollateralSwitched(Position, Asset, IsCollateral));
    }
}
