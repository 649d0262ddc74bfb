using System.Numerics;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>What a reserve's rates follow: two slopes that meet at the optimal use (Exposure/SPEC 1.5).</summary>
/// <param name="OptimalUseBps">Where the slopes meet, above 0 and below 10,000.</param>
/// <param name="BaseRateBps">Borrow rate of an unused reserve.</param>
/// <param name="Slope1Bps">Added from no use to the optimal one.</param>
/// <param name="Slope2Bps">Added from there to full use.</param>
public sealed record RateStrategy(int OptimalUseBps, int BaseRateBps, int Slope1Bps, int Slope2Bps)
{
    private static readonly BigInteger RayPerBps = PowerOfTen.Of(23);

    /// <summary>The yearly rates of a reserve in some state, in rays.</summary>
    /// <param name="liquidity">Units that lie unused in the reserve.</param>
    /// <param name="debt">Units owed to it.</param>
    /// <param name="deficit">Units that nobody owes any more.</param>
    /// <param name="reserveFactorBps">The treasury's part of the interest.</param>
    /// <exception cref="AaveRevertException">As the contract does.</exception>
    public (BigInteger Supply, BigInteger Borrow) Rates(
        BigInteger liquidity, BigInteger debt, BigInteger deficit, int reserveFactorBps)
    {
        var borrow = BaseRateBps * RayPerBps;
        if (debt.IsZero)
        {
            return (BigInteger.Zero, borrow);
        }

        var all = Uint256.Checked(Uint256.Checked(liquidity) + debt);
        var use = WadRayMath.RayDiv(debt, all);
        var optimal = OptimalUseBps * RayPerBps;
        borrow += use > optimal
            ? (Slope1Bps * RayPerBps)
                + WadRayMath.RayMul(
                    Slope2Bps * RayPerBps, WadRayMath.RayDiv(use - optimal, WadRayMath.Ray - optimal))
            : WadRayMath.RayDiv(WadRayMath.RayMul(Slope1Bps * RayPerBps, use), optimal);
        var covered = WadRayMath.RayDiv(debt, Uint256.Checked(all + deficit));
        return (
            PercentageMath.PercentMul(
                WadRayMath.RayMul(borrow, covered), PercentageMath.One - reserveFactorBps),
            borrow);
    }
}
