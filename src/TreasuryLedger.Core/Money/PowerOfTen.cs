using System.Numerics;

namespace TreasuryLedger.Core.Money;

/// <summary>Powers of ten, made once: scaling is the commonest step in every fold.</summary>
public static class PowerOfTen
{
    private static readonly BigInteger[] Table = [.. Enumerable.Range(0, 128).Select(n => BigInteger.Pow(10, n))];

    /// <summary>10^<paramref name="exponent"/>, for 0 to 127 (inclusive).</summary>
    public static BigInteger Of(int exponent) => Table[exponent];
}
