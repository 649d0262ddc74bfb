using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace TreasuryLedger.Core.Journal;

/// <summary>Whether units are measured at fair value.</summary>
public enum FairValueScope
{
    /// <summary>At fair value at each reporting date; of what stands for another asset: as that one.</summary>
    In,

    /// <summary>At cost.</summary>
    Out,
}

/// <summary>How a book carries what it keeps in lots.</summary>
public enum MeasurementBasis
{
    /// <summary>At cost.</summary>
    Cost,

    /// <summary>What is in scope at fair value.</summary>
    FairValue,
}

/// <summary>
/// Which units a book measures at fair value, with the change in net income (ASC 350-60); everything else it carries at
/// cost. Currencies never are. Each first value is what holds where a book says nothing.
/// </summary>
/// <param name="Tokens">Tokens that stand for nothing else.</param>
/// <param name="Wrapped">Wrappers that can be undone.</param>
/// <param name="Receipts">Receipts for units that lie elsewhere.</param>
/// <param name="Stablecoins">Stablecoins that are kept in lots.</param>
/// <param name="Pledged">What lies at a lending position: as the asset does, or out whatever it is.</param>
/// <param name="AssetsIn">Assets that are in whatever their kind says. Absent: none.</param>
/// <param name="AssetsOut">Assets that are out whatever their kind says. Absent: none.</param>
public sealed record FairValueTerms(
    FairValueScope Tokens = FairValueScope.In,
    FairValueScope Wrapped = FairValueScope.In,
    FairValueScope Receipts = FairValueScope.In,
    FairValueScope Stablecoins = FairValueScope.Out,
    FairValueScope Pledged = FairValueScope.In,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    ImmutableArray<AssetId>? AssetsIn = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    ImmutableArray<AssetId>? AssetsOut = null)
{
    /// <summary>What holds where a book says no more than that it measures at fair value.</summary>
    public static FairValueTerms Starter { get; } = new();

    /// <summary>The scope of an asset that the terms name; absent if they do not.</summary>
    public FairValueScope? Named(AssetId asset) =>
        Listed(AssetsIn).Contains(asset) ? FairValueScope.In
        : Listed(AssetsOut).Contains(asset) ? FairValueScope.Out
        : null;

    /// <summary>Every asset that the terms name.</summary>
    public ImmutableArray<AssetId> AllNamed() => [.. Listed(AssetsIn), .. Listed(AssetsOut)];

    /// <summary>The same scope, asset by asset.</summary>
    public bool Equals(FairValueTerms? other) => other is not null
        && (Tokens, Wrapped, Receipts, Stablecoins, Pledged)
            == (other.Tokens, other.Wrapped, other.Receipts, other.Stablecoins, other.Pledged)
        && Listed(AssetsIn).SequenceEqual(Listed(other.AssetsIn))
        && Listed(AssetsOut).SequenceEqual(Listed(other.AssetsOut));

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Tokens, Wrapped, Receipts, Stablecoins, Pledged, AllNamed().Length);

    private static ImmutableArray<AssetId> Listed(ImmutableArray<AssetId>? assets) =>
        assets is { IsDefault: false } listed ? listed : [];
}
