using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Measurement;

/// <summary>What the open lots of one asset are carried at, at an instant. Exact.</summary>
/// <param name="Asset">Whose lots they are; stand-ins count here.</param>
/// <param name="Quantity">Smallest units of open lots.</param>
/// <param name="Measured">Smallest units of them that are measured at fair value.</param>
/// <param name="BasisMissing">Smallest units of them whose cost nobody knows; they are carried at nothing.</param>
/// <param name="Cost">The known cost of all of them.</param>
/// <param name="CostMeasured">The cost of those that are measured at fair value.</param>
/// <param name="Price">The price used or, if it is too old to be used, the latest one.</param>
/// <param name="State">Whether that price values anything; valid where none is needed.</param>
/// <param name="FairValue">The fair value of what is measured so; absent without a valid price.</param>
/// <param name="AtCost">What everything else is carried at: its cost, or what it was carried at when it left the
/// scope.</param>
public sealed record CarryingAmount(
    AssetId Asset,
    Quantity Quantity,
    Quantity Measured,
    Quantity BasisMissing,
    Amount Cost,
    Amount CostMeasured,
    PriceUsed? Price,
    PriceState State,
    Amount? FairValue,
    Amount AtCost)
{
    /// <summary>An asset of which nothing is there.</summary>
    public static CarryingAmount None(AssetId asset) => new(
        asset, default, default, default, default, default, null, PriceState.Valid, Amount.Zero, Amount.Zero);

    /// <summary>What all units are carried at; absent without a valid price.</summary>
    public Amount? Carried => FairValue + AtCost;

    /// <summary>What was recognized beyond cost and is not realized yet; absent without a valid price.</summary>
    public Amount? Remeasured => Carried - Cost;
}

/// <summary>A book began to measure at fair value: what that made of an asset at once.</summary>
/// <param name="Entry">The entry that adopts the terms.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Adjustment">Fair value less cost at that instant: equity and no income (SPEC 3.3).</param>
public sealed record FairValueAdoption(NarrowEntry Entry, AssetId Asset, Amount Adjustment);
