using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Loans;

/// <summary>Collateral of one asset at a lending position.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Smallest units held as collateral.</param>
/// <param name="Valuation">What it is worth and why.</param>
/// <param name="LiquidationThreshold">Loan-to-value at which it may be liquidated, that of the position's efficiency
/// mode where it has one for it; absent if the market book has none.</param>
public sealed record ValuedCollateral(
    AssetId Asset, Quantity Quantity, Valuation Valuation, ExactDecimal? LiquidationThreshold)
{
    /// <summary>What of the units is not booked yet, and what lacks; nothing at a position by amount.</summary>
    public SideUnits? Side { get; init; }

    /// <summary>Whether its owner lets it secure the debt: only then it counts.</summary>
    public bool IsCollateral { get; init; } = true;
}

/// <summary>Debt in one asset at a lending position.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Smallest units owed; less than zero if more was repaid than owed.</param>
/// <param name="Valuation">What it is worth and why.</param>
public sealed record ValuedDebt(AssetId Asset, Quantity Quantity, Valuation Valuation)
{
    /// <inheritdoc cref="ValuedCollateral.Side"/>
    public SideUnits? Side { get; init; }
}

/// <summary>What keeps a position's figures from being complete.</summary>
public enum PositionGap
{
    /// <summary>Some asset has no price.</summary>
    PriceMissing,

    /// <summary>Some asset's price is older than the policy allows.</summary>
    PriceStale,

    /// <summary>The market book has no liquidation threshold for some collateral.</summary>
    ThresholdMissing,

    /// <summary>Units of it are missing: more was withdrawn or repaid than is known to have come.</summary>
    UnitsMissing,

    /// <summary>Its numbers are too large for the contract's arithmetic.</summary>
    OutOfRange,
}

/// <summary>
/// One lending position, or several taken together, at a viewpoint. Figures that a gap makes impossible are absent;
/// the gap says why. Rules: SPEC.md beside this file.
/// </summary>
public sealed record LendingPosition
{
    /// <summary>The position's account; absent for several taken together.</summary>
    public required AccountId? Account { get; init; }

    /// <summary>The market whose terms it has; absent if it has none, or for several markets.</summary>
    public required string? Market { get; init; }

    /// <summary>Its collateral by asset, in the order of asset ids.</summary>
    public required ImmutableArray<ValuedCollateral> Collateral { get; init; }

    /// <summary>Its debts by asset, in the order of asset ids.</summary>
    public required ImmutableArray<ValuedDebt> Debts { get; init; }

    /// <summary>What is missing, each once.</summary>
    public ImmutableArray<PositionGap> Gaps => [.. Missing().Distinct().Order()];

    /// <summary>Whether anything is owed. Without debt there is no health factor and no liquidation price.</summary>
    public bool HasDebt => Debts.Any(debt => debt.Quantity.Sign > 0);

    /// <summary>Worth of all collateral, in the reporting currency.</summary>
    public Amount? CollateralAmount => Sum(
        Collateral.Where(item => item.IsCollateral).Select(item => item.Valuation.Value));

    /// <summary>Worth of all debt, in the reporting currency.</summary>
    public Amount? DebtAmount => Sum(Debts.Select(item => item.Valuation.Value));

    /// <summary>Debt for each unit of collateral value, rounded down to 18 digits; absent without collateral.</summary>
    public ExactDecimal? LoanToValue =>
        DebtAmount is { } debt && CollateralAmount is { Sign: > 0 } collateral
            ? ExactDecimal.RatioFloor(debt.Attos, collateral.Attos)
            : null;

    /// <summary>
    /// <c>Σ(collateral value × liquidation threshold) ÷ debt value</c>, rounded down to 18 digits; below 1 the position
    /// may be liquidated. Absent without debt.
    /// </summary>
    public ExactDecimal? HealthFactor =>
        HasDebt && DebtAmount is { Sign: > 0 } debt && Threshold() is var (weighted, scale)
            ? ExactDecimal.RatioFloor(weighted, debt.Attos * PowerOfTen.Of(scale))
            : null;

    /// <summary>
    /// The price of a collateral asset at which the health factor is 1 while all other prices stay: the lowest price,
    /// rounded up to 18 digits, at which the position may not be liquidated. Absent without debt, without that
    /// collateral, and where the other collateral alone covers the debt.
    /// </summary>
    /// <param name="asset">The collateral asset.</param>
    /// <param name="decimals">Its decimals.</param>
    public ExactDecimal? LiquidationPrice(AssetId asset, int decimals)
    {
        var own = Collateral.FirstOrDefault(item => item.Asset == asset);
        if (own is not { IsCollateral: true, Quantity.Sign: > 0, LiquidationThreshold: { Sign: > 0 } threshold }
            || !HasDebt || DebtAmount is not { } debt
            || (this with { Collateral = Collateral.Remove(own) }).Threshold() is not var (others, scale))
        {
            return null;
        }

        // uncovered [10^-(18+scale) currency] = debt − Σ other collateral × threshold
        var uncovered = (debt.Attos * PowerOfTen.Of(scale)) - others;
        // price [currency per token] = uncovered ÷ (tokens × threshold); kept as one division, rounded up at 10^-18
        var numerator = uncovered * PowerOfTen.Of(decimals + threshold.Scale);
        var denominator = own.Quantity.Units * threshold.Mantissa * PowerOfTen.Of(scale);
        return uncovered.Sign <= 0
            ? null
            : new ExactDecimal(Rounding.DivideCeiling(numerator, denominator), Amount.Decimals);
    }

    private static Amount? Sum(IEnumerable<Amount?> amounts)
    {
        Amount? sum = Amount.Zero;
        foreach (var amount in amounts)
        {
            sum = sum is { } known && amount is { } more ? known + more : null;
        }

        return sum;
    }

    /// <summary>Σ(value × threshold) as an integer at 10^-(18+scale) of the currency; absent with a gap.</summary>
    private (System.Numerics.BigInteger Weighted, int Scale)? Threshold()
    {
        var scale = Collateral.Max(item => (int?)item.LiquidationThreshold?.Scale) ?? 0;
        var weighted = System.Numerics.BigInteger.Zero;
        foreach (var item in Collateral)
        {
            if (item.Quantity.IsZero || !item.IsCollateral)
            {
                continue;
            }

            if (item is not { Valuation.Value: { } value, LiquidationThreshold: { } threshold })
            {
                return null;
            }

            threshold.TryMantissaAt(scale, out var mantissa);
            weighted += value.Attos * mantissa;
        }

        return (weighted, scale);
    }

    private IEnumerable<PositionGap> Missing()
    {
        foreach (var state in Collateral.Select(c => c.Valuation.State).Concat(Debts.Select(d => d.Valuation.State)))
        {
            if (state != PriceState.Valid)
            {
                yield return state == PriceState.Stale ? PositionGap.PriceStale : PositionGap.PriceMissing;
            }
        }

        if (Collateral.Any(item => item.LiquidationThreshold is null))
        {
            yield return PositionGap.ThresholdMissing;
        }
    }
}
