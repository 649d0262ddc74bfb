using System.Numerics;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>
/// Fixed point with 18 digits (wad) and 27 digits (ray). Plain names round half up; the others say which way:
/// Exposure/SPEC 1.2.
/// </summary>
public static class WadRayMath
{
    /// <summary>1 as a wad.</summary>
    public static readonly BigInteger Wad = PowerOfTen.Of(18);

    /// <summary>1 as a ray.</summary>
    public static readonly BigInteger Ray = PowerOfTen.Of(27);

    private static readonly BigInteger WadRayRatio = PowerOfTen.Of(9);

    /// <summary><c>(a·b + ½) ÷ wad</c>.</summary>
    public static BigInteger WadMul(BigInteger a, BigInteger b) => Uint256.Divide((a * b) + (Wad / 2), Wad);

    /// <summary><c>(a·wad + b÷2) ÷ b</c>.</summary>
    public static BigInteger WadDiv(BigInteger a, BigInteger b) => Uint256.Divide((a * Wad) + (b / 2), b);

    /// <summary><c>(a·b + ½) ÷ ray</c>.</summary>
    public static BigInteger RayMul(BigInteger a, BigInteger b) => Uint256.Divide((a * b) + (Ray / 2), Ray);

    /// <summary><c>a·b ÷ ray</c>, down.</summary>
    public static BigInteger RayMulDown(BigInteger a, BigInteger b) => Uint256.Divide(a * b, Ray);

    /// <summary><c>a·b ÷ ray</c>, up.</summary>
    public static BigInteger RayMulUp(BigInteger a, BigInteger b) => Uint256.DivideUp(a * b, Ray);

    /// <summary><c>(a·ray + b÷2) ÷ b</c>.</summary>
    public static BigInteger RayDiv(BigInteger a, BigInteger b) => Uint256.Divide((a * Ray) + (b / 2), b);

    /// <summary><c>a·ray ÷ b</c>, down.</summary>
    public static BigInteger RayDivDown(BigInteger a, BigInteger b) => Uint256.Divide(a * Ray, b);

    /// <summary><c>a·ray ÷ b</c>, up.</summary>
    public static BigInteger RayDivUp(BigInteger a, BigInteger b) => Uint256.DivideUp(a * Ray, b);

    /// <summary>A ray as a wad, half up; every ray has one.</summary>
    public static BigInteger RayToWad(BigInteger a) => (a + (WadRayRatio / 2)) / WadRayRatio;

    /// <summary>A wad as a ray.</summary>
    public static BigInteger WadToRay(BigInteger a) => Uint256.Checked(a * WadRayRatio);
}
