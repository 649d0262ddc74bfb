using System.Numerics;

namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>Parts of ten thousand. Plain names round half up; the others say which way. Exposure/SPEC 1.2.</summary>
public static class PercentageMath
{
    /// <summary>1 in basis points.</summary>
    public const int One = 10_000;

    /// <summary><c>(a·bps + ½) ÷ 10⁴</c>.</summary>
    public static BigInteger PercentMul(BigInteger a, BigInteger bps) => Uint256.Divide((a * bps) + (One / 2), One);

    /// <summary><c>a·bps ÷ 10⁴</c>, down.</summary>
    public static BigInteger PercentMulDown(BigInteger a, BigInteger bps) => Uint256.Divide(a * bps, One);

    /// <summary><c>a·bps ÷ 10⁴</c>, up.</summary>
    public static BigInteger PercentMulUp(BigInteger a, BigInteger bps) => Uint256.DivideUp(a * bps, One);

    /// <summary><c>(a·10⁴ + bps÷2) ÷ bps</c>.</summary>
    public static BigInteger PercentDiv(BigInteger a, BigInteger bps) => Uint256.Divide((a * One) + (bps / 2), bps);

    /// <summary><c>a·10⁴ ÷ bps</c>, down.</summary>
    public static BigInteger PercentDivDown(BigInteger a, BigInteger bps) => Uint256.Divide(a * One, bps);

    /// <summary><c>a·10⁴ ÷ bps</c>, up.</summary>
    public static BigInteger PercentDivUp(BigInteger a, BigInteger bps) => Uint256.DivideUp(a * One, bps);
}
