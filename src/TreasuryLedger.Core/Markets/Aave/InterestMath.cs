using System.Numerics;

namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>By what an index grows between two seconds (Exposure/SPEC 1.3; in force since version 3.4).</summary>
public static class InterestMath
{
    /// <summary>A year in seconds, for every rate.</summary>
    public const int SecondsPerYear = 31_536_000;

    /// <summary>Supply: <c>1 + rate × time</c>, a ray.</summary>
    /// <param name="rate">Per year, a ray.</param>
    /// <param name="from">Unix seconds of the last update.</param>
    /// <param name="to">Unix seconds, not earlier.</param>
    /// <exception cref="AaveRevertException">It is earlier, or the result does not fit.</exception>
    public static BigInteger Linear(BigInteger rate, long from, long to) =>
        Uint256.Checked(WadRayMath.Ray + Grown(rate, from, to));

    /// <summary>Debt: <c>1 + x + x²÷2 + x³÷6</c> with <c>x = rate × time</c>, a ray.</summary>
    /// <inheritdoc cref="Linear"/>
    public static BigInteger Compounded(BigInteger rate, long from, long to)
    {
        var x = Grown(rate, from, to);
        var higher = WadRayMath.RayMul(x, Uint256.Checked((x / 2) + WadRayMath.RayMul(x, x / 6)));
        return Uint256.Checked(WadRayMath.Ray + x + higher);
    }

    private static BigInteger Grown(BigInteger rate, long from, long to) =>
        Uint256.Divide(rate * Uint256.Checked((BigInteger)to - from), SecondsPerYear);
}
