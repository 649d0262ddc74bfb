using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Registers an asset.</summary>
public sealed record RegisterAsset : Command
{
    /// <summary>Its id, new in the treasury.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Token, stablecoin or money. The reporting currency must be money.</summary>
    public required AssetKind Kind { get; init; }

    /// <summary>Digits between a token and its smallest unit, 0 to 36 (inclusive).</summary>
    public required int Decimals { get; init; }

    /// <summary>The chain, if it lives on one; an id.</summary>
    public string? Chain { get; init; }

    /// <summary>Its contract there, if it has one; a reference.</summary>
    public string? Contract { get; init; }

    /// <summary>For a stablecoin only: the registered currency it is meant to be worth.</summary>
    public AssetId? ParCurrency { get; init; }

    /// <summary>The registered asset that it wraps or is a receipt for; neither may be money.</summary>
    public StandIn? StandsFor { get; init; }
}
