using System.Numerics;

namespace TreasuryLedger.Core.Markets.Aave;

/// <summary>
/// The contract's numbers: unsigned, 256 bits. Whatever leaves the range reverts, in the middle of a formula too, so
/// every product and sum goes through here.
/// </summary>
public static class Uint256
{
    /// <summary>The largest (inclusive).</summary>
    public static readonly BigInteger Max = BigInteger.Pow(2, 256) - 1;

    /// <summary>The number itself if it is one of the contract's.</summary>
    /// <exception cref="AaveRevertException">It is less than 0 or more than <see cref="Max"/>.</exception>
    public static BigInteger Checked(BigInteger value) =>
        value.Sign >= 0 && value <= Max ? value : throw new AaveRevertException(AaveRevertException.Overflow);

    /// <summary><c>floor(value ÷ divisor)</c>.</summary>
    /// <exception cref="AaveRevertException">The divisor is zero.</exception>
    public static BigInteger Divide(BigInteger value, BigInteger divisor) => divisor.IsZero
        ? throw new AaveRevertException(AaveRevertException.DivisionByZero)
        : BigInteger.Divide(Checked(value), divisor);

    /// <summary><c>ceil(value ÷ divisor)</c>.</summary>
    /// <exception cref="AaveRevertException">The divisor is zero.</exception>
    public static BigInteger DivideUp(BigInteger value, BigInteger divisor)
    {
        var floor = Divide(value, divisor);
        return floor * divisor == value ? floor : floor + 1;
    }

    /// <summary><c>ceil(a × b ÷ c)</c>; the product must fit.</summary>
    /// <exception cref="AaveRevertException">It does not, or c is zero.</exception>
    public static BigInteger MulDivUp(BigInteger a, BigInteger b, BigInteger c) => DivideUp(a * b, c);

    /// <summary><c>floor(a × b ÷ c)</c>; the product must fit.</summary>
    /// <exception cref="AaveRevertException">It does not, or c is zero.</exception>
    public static BigInteger MulDiv(BigInteger a, BigInteger b, BigInteger c) => Divide(a * b, c);
}
