using System.Numerics;

namespace TreasuryLedger.Core.Money;

/// <summary>The roundings that the specifications name. Each is done once, after all multiplication.</summary>
public static class Rounding
{
    /// <summary><c>numerator ÷ denominator</c> towards minus infinity.</summary>
    /// <exception cref="DivideByZeroException">The denominator is zero.</exception>
    public static BigInteger DivideFloor(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        return !remainder.IsZero && (remainder.Sign < 0) != (denominator.Sign < 0) ? quotient - 1 : quotient;
    }

    /// <summary><c>numerator ÷ denominator</c> towards plus infinity.</summary>
    /// <exception cref="DivideByZeroException">The denominator is zero.</exception>
    public static BigInteger DivideCeiling(BigInteger numerator, BigInteger denominator) =>
        -DivideFloor(-numerator, denominator);

    /// <summary><c>numerator ÷ denominator</c> to the nearest integer; a tie goes to the even one.</summary>
    /// <exception cref="DivideByZeroException">The denominator is zero.</exception>
    public static BigInteger DivideHalfEven(BigInteger numerator, BigInteger denominator)
    {
        var floor = DivideFloor(numerator, denominator);
        var twice = 2 * BigInteger.Abs(numerator - (floor * denominator));
        var order = twice.CompareTo(BigInteger.Abs(denominator));
        return order > 0 || (order == 0 && !floor.IsEven) ? floor + 1 : floor;
    }
}
