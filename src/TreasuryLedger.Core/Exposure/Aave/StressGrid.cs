using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>What a stress grid varies; each axis needs one value at least.</summary>
public sealed record StressAxes
{
    /// <summary>Reserves whose prices move.</summary>
    public required ImmutableArray<int> Volatile { get; init; }

    /// <summary>Reserves that are meant to keep a peg.</summary>
    public required ImmutableArray<int> Pegged { get; init; }

    /// <summary>Prices of the volatile reserves, in basis points of today's.</summary>
    public required ImmutableArray<int> PriceBps { get; init; }

    /// <summary>Prices of the pegged reserves, in basis points of today's.</summary>
    public required ImmutableArray<int> PegBps { get; init; }

    /// <summary>Basis points a year added to every borrow rate.</summary>
    public required ImmutableArray<int> RateBps { get; init; }

    /// <summary>Free liquidity of the reserve that would be sold, in basis points of today's.</summary>
    public required ImmutableArray<int> LiquidityBps { get; init; }

    /// <summary>Seconds that the rates have worked before the account is looked at, 0 or more.</summary>
    public long Seconds { get; init; }
}

/// <summary>What is done where a cell is below its limit.</summary>
/// <param name="LeastHealthFactor">The health factor to keep, a wad, 1 or more.</param>
/// <param name="CollateralId">What would be sold.</param>
/// <param name="DebtId">What would be repaid.</param>
/// <param name="Liquidity">Units that can be withdrawn from the reserve today.</param>
/// <param name="Curve">What a sale brings.</param>
public sealed record StressResponse(
    BigInteger LeastHealthFactor, int CollateralId, int DebtId, BigInteger Liquidity, DepthCurve Curve);

/// <summary>One cell of a stress grid: an account after one combination of shocks.</summary>
/// <param name="PriceBps">Prices of volatile reserves, in basis points of today's.</param>
/// <param name="PegBps">Prices of pegged reserves, in basis points of today's.</param>
/// <param name="RateBps">Basis points added to borrow rates.</param>
/// <param name="LiquidityBps">Free liquidity, in basis points of today's.</param>
/// <param name="Data">The account's figures then.</param>
/// <param name="SecondsUntilLiquidation">From then on at those rates; absent if not in a century.</param>
/// <param name="Repay">Units of debt to repay for the least health factor; 0 if it is kept; absent if all is not
/// enough.</param>
/// <param name="Sell">Units of collateral to sell for it, within liquidity and depth; 0 if it is kept; absent if that
/// cannot reach it.</param>
public sealed record StressCell(
    int PriceBps,
    int PegBps,
    int RateBps,
    int LiquidityBps,
    AccountData Data,
    long? SecondsUntilLiquidation,
    BigInteger? Repay,
    BigInteger? Sell);

/// <summary>An account under every combination of shocks, and the shock that it just does not bear (SPEC 4).</summary>
public static class StressGrid
{
    /// <summary>The cells: prices outermost, then pegs, rates and liquidity, each in the order given.</summary>
    public static ImmutableArray<StressCell> Of(AaveAccount account, StressAxes axes, StressResponse response)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(axes);
        ArgumentNullException.ThrowIfNull(response);
        var cells = ImmutableArray.CreateBuilder<StressCell>();
        foreach (var price in axes.PriceBps)
        {
            foreach (var peg in axes.PegBps)
            {
                foreach (var rate in axes.RateBps)
                {
                    var shocked = Shocked(account, axes, price, peg, rate);
                    cells.AddRange(axes.LiquidityBps.Select(
                        liquidity => Cell(shocked, response, (price, peg, rate, liquidity))));
                }
            }
        }

        return cells.ToImmutable();
    }

    /// <summary>An account after one combination of shocks, at the end of the axes' time.</summary>
    public static AaveAccount Shocked(AaveAccount account, StressAxes axes, int priceBps, int pegBps, int rateBps)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(axes);
        var moved = Horizon.WithBorrowRates(account, rateBps).At(account.Now + axes.Seconds);
        return Scaled(Scaled(moved, axes.Volatile, priceBps), axes.Pegged, pegBps);
    }

    /// <summary>
    /// The least basis points that, added to every borrow rate, bring the health factor below a limit by the end of
    /// some seconds.
    /// </summary>
    /// <param name="account">The account at its second.</param>
    /// <param name="seconds">How long the rates work, 1 or more.</param>
    /// <param name="below">The health factor that is no longer enough, a wad.</param>
    /// <returns>0 if none are needed; <c>null</c> if not even 1,000,000 do it.</returns>
    public static BigInteger? RateToReach(AaveAccount account, long seconds, BigInteger? below = null)
    {
        ArgumentNullException.ThrowIfNull(account);
        bool IsBelow(BigInteger added) =>
            AccountData.Of(Horizon.WithBorrowRates(account, added).At(account.Now + seconds)).HealthFactor
                < (below ?? WadRayMath.Wad);
        return IsBelow(0) ? 0 : Border.FirstUpTo(0, 1_000_000, IsBelow);
    }

    private static StressCell Cell(
        AaveAccount account, StressResponse response, (int Price, int Peg, int Rate, int Liquidity) at)
    {
        var target = new HealthFactorTarget(response.LeastHealthFactor);
        var isKept = target.IsReached(account);
        var sale = new SaleTerms(response.CollateralId, response.DebtId, response.Curve)
        {
            Liquidity = response.Liquidity * at.Liquidity / PercentageMath.One,
        };
        return new StressCell(
            at.Price,
            at.Peg,
            at.Rate,
            at.Liquidity,
            AccountData.Of(account),
            Horizon.SecondsUntilBelow(account),
            isKept ? 0 : DeleveragingPlan.Repay(account, response.DebtId, target),
            isKept ? 0 : DeleveragingPlan.Sell(account, sale, target)?.Sold);
    }

    private static AaveAccount Scaled(AaveAccount account, ImmutableArray<int> ids, int bps) => ids.Aggregate(
        account,
        (moved, id) => moved.WithPrice(id, moved.Reserve(id).Price8 * bps / PercentageMath.One));
}
