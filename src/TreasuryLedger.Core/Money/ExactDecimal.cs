using System.Globalization;
using System.Numerics;

namespace TreasuryLedger.Core.Money;

/// <summary>
/// A decimal number without rounding: <c>Mantissa × 10^-Scale</c>, normalised, so that 1.0 and 1.00 are one value with
/// one text. At most 78 digits before the point (a uint256) and <see cref="ScaleMax"/> after it. Default is zero.
/// </summary>
public readonly struct ExactDecimal : IText<ExactDecimal>, IEquatable<ExactDecimal>, IComparable<ExactDecimal>
{
    /// <summary>Most digits after the point (inclusive).</summary>
    public const int ScaleMax = 36;

    /// <summary>Most digits before the point (inclusive): 2^256 has 78.</summary>
    public const int WholeDigitsMax = 78;

    /// <summary>Makes the value <c>mantissa × 10^-scale</c>; trailing zeros are dropped.</summary>
    /// <param name="mantissa">Any integer.</param>
    /// <param name="scale">0 or more; after normalising at most <see cref="ScaleMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is negative or too large.</exception>
    public ExactDecimal(BigInteger mantissa, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        while (scale > 0)
        {
            var quotient = BigInteger.DivRem(mantissa, 10, out var digit);
            if (!digit.IsZero)
            {
                break;
            }

            mantissa = quotient;
            scale--;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, ScaleMax);
        Mantissa = mantissa;
        Scale = scale;
    }

    /// <summary>Zero.</summary>
    public static ExactDecimal Zero => default;

    /// <summary>One.</summary>
    public static ExactDecimal One => new(BigInteger.One, 0);

    /// <inheritdoc/>
    public static string Expected =>
        "a decimal string such as \"12.5\": digits, at most 36 after the point, no exponent";

    /// <summary>The digits without the point.</summary>
    public BigInteger Mantissa { get; }

    /// <summary>How many of the digits stand after the point, 0 to <see cref="ScaleMax"/>.</summary>
    public int Scale { get; }

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Mantissa.Sign;

    /// <summary>Whether two values are the same number.</summary>
    public static bool operator ==(ExactDecimal left, ExactDecimal right) => left.Equals(right);

    /// <summary>Whether two values are different numbers.</summary>
    public static bool operator !=(ExactDecimal left, ExactDecimal right) => !left.Equals(right);

    /// <summary>Whether the left number is smaller.</summary>
    public static bool operator <(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left number is larger.</summary>
    public static bool operator >(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left number is smaller or the same.</summary>
    public static bool operator <=(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left number is larger or the same.</summary>
    public static bool operator >=(ExactDecimal left, ExactDecimal right) => left.CompareTo(right) >= 0;

    /// <summary>
    /// <c>numerator ÷ denominator</c> rounded down (towards minus infinity) to <paramref name="scale"/> digits; the one
    /// rounding of a shown ratio.
    /// </summary>
    /// <exception cref="DivideByZeroException">The denominator is zero.</exception>
    public static ExactDecimal RatioFloor(BigInteger numerator, BigInteger denominator, int scale = 18) =>
        new(Rounding.DivideFloor(numerator * PowerOfTen.Of(scale), denominator), scale);

    /// <inheritdoc/>
    public static bool TryParse(string? text, out ExactDecimal value)
    {
        value = default;
        if (string.IsNullOrEmpty(text) || text.Length > WholeDigitsMax + ScaleMax + 2)
        {
            return false;
        }

        var negative = text[0] == '-';
        var digits = text.AsSpan(negative ? 1 : 0);
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? default : digits[(point + 1)..];
        if (!IsWhole(whole) || (point >= 0 && (fraction.IsEmpty || !AreDigits(fraction))) || fraction.Length > ScaleMax)
        {
            return false;
        }

        var mantissa =
            BigInteger.Parse(string.Concat(whole, fraction), NumberStyles.None, CultureInfo.InvariantCulture);
        if (negative && mantissa.IsZero)
        {
            return false; // "-0" would be a second text of zero
        }

        value = new ExactDecimal(negative ? -mantissa : mantissa, fraction.Length);
        return true;
    }

    /// <summary>Reads a text that is known to be good.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static ExactDecimal Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is not {Expected}.");

    /// <summary>The digits when the point stands <paramref name="scale"/> places from the right.</summary>
    /// <param name="scale">Digits after the point to scale to, 0 or more.</param>
    /// <param name="mantissa">The digits, exactly.</param>
    /// <returns><c>false</c> if digits would be lost; nothing is ever rounded here.</returns>
    public bool TryMantissaAt(int scale, out BigInteger mantissa)
    {
        mantissa = scale >= Scale ? Mantissa * PowerOfTen.Of(scale - Scale) : default;
        return scale >= Scale;
    }

    /// <inheritdoc/>
    public bool Equals(ExactDecimal other) => Scale == other.Scale && Mantissa == other.Mantissa;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ExactDecimal other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mantissa, Scale);

    /// <inheritdoc/>
    public int CompareTo(ExactDecimal other)
    {
        var scale = Math.Max(Scale, other.Scale);
        return (Mantissa * PowerOfTen.Of(scale - Scale)).CompareTo(other.Mantissa * PowerOfTen.Of(scale - other.Scale));
    }

    /// <summary>The one text form: no exponent, no plus, no trailing zeros.</summary>
    public override string ToString()
    {
        if (Scale == 0)
        {
            return Mantissa.ToString(CultureInfo.InvariantCulture);
        }

        var digits = BigInteger.Abs(Mantissa).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
        return $"{(Sign < 0 ? "-" : "")}{digits[..^Scale]}.{digits[^Scale..]}";
    }

    private static bool IsWhole(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= WholeDigitsMax && AreDigits(text) && (text.Length == 1 || text[0] != '0');

    private static bool AreDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;
}
