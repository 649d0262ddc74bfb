using System.Numerics;

namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>
/// Units and scaled units: units divided by the index of their side. Every rounding favours the protocol; because an
/// index is never below 1, taking all back leaves nothing behind (Exposure/SPEC 1.4).
/// </summary>
public static class TokenMath
{
    /// <summary>Scaled units that a supply brings: down.</summary>
    public static BigInteger SupplyMinted(BigInteger units, BigInteger index) => WadRayMath.RayDivDown(units, index);

    /// <summary>Scaled units that a withdrawal takes: up.</summary>
    public static BigInteger SupplyBurned(BigInteger units, BigInteger index) => WadRayMath.RayDivUp(units, index);

    /// <summary>Scaled units that a transfer of supplied units moves: up.</summary>
    public static BigInteger SupplyMoved(BigInteger units, BigInteger index) => WadRayMath.RayDivUp(units, index);

    /// <summary>Units supplied, interest included: down.</summary>
    public static BigInteger SupplyBalance(BigInteger scaled, BigInteger index) =>
        WadRayMath.RayMulDown(scaled, index);

    /// <summary>Scaled units that a borrowing adds: up.</summary>
    public static BigInteger DebtMinted(BigInteger units, BigInteger index) => WadRayMath.RayDivUp(units, index);

    /// <summary>Scaled units that a repayment takes: down.</summary>
    public static BigInteger DebtBurned(BigInteger units, BigInteger index) => WadRayMath.RayDivDown(units, index);

    /// <summary>Units owed, interest included: up.</summary>
    public static BigInteger DebtBalance(BigInteger scaled, BigInteger index) => WadRayMath.RayMulUp(scaled, index);
}
