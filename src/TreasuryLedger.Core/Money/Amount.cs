using System.Numerics;

namespace TreasuryLedger.Core.Money;

/// <summary>
/// Money in one currency, an integer at 10^-18 of it; the currency stands beside (see <see cref="CurrencyAmount"/>).
/// Sums and differences are exact; a product with a price is rounded once, half to even.
/// </summary>
public readonly struct Amount : IText<Amount>, IEquatable<Amount>, IComparable<Amount>
{
    /// <summary>Digits after the point that an amount holds.</summary>
    public const int Decimals = 18;

    /// <summary>An amount of that many 10^-18 of the currency.</summary>
    public Amount(BigInteger attos) => Attos = attos;

    /// <summary>Nothing.</summary>
    public static Amount Zero => default;

    /// <inheritdoc/>
    public static string Expected => "a decimal string with at most 18 digits after the point";

    /// <summary>The count of 10^-18 of the currency.</summary>
    public BigInteger Attos { get; }

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Attos.Sign;

    /// <summary>Whether it is nothing.</summary>
    public bool IsZero => Attos.IsZero;

    /// <summary>The sum.</summary>
    public static Amount operator +(Amount left, Amount right) =>
        left.IsZero ? right : right.IsZero ? left : new(left.Attos + right.Attos);

    /// <summary>The difference.</summary>
    public static Amount operator -(Amount left, Amount right) =>
        right.IsZero ? left : new(left.Attos - right.Attos);

    /// <summary>The amount with the other sign.</summary>
    public static Amount operator -(Amount value) => new(-value.Attos);

    /// <summary>Whether two amounts are the same.</summary>
    public static bool operator ==(Amount left, Amount right) => left.Equals(right);

    /// <summary>Whether two amounts differ.</summary>
    public static bool operator !=(Amount left, Amount right) => !left.Equals(right);

    /// <summary>Whether the left amount is smaller.</summary>
    public static bool operator <(Amount left, Amount right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left amount is larger.</summary>
    public static bool operator >(Amount left, Amount right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left amount is smaller or the same.</summary>
    public static bool operator <=(Amount left, Amount right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left amount is larger or the same.</summary>
    public static bool operator >=(Amount left, Amount right) => left.CompareTo(right) >= 0;

    /// <summary>
    /// What units are worth: <c>units ÷ 10^decimals [tokens] × price [currency per token]</c>, rounded once, half to
    /// even, to 10^-18.
    /// </summary>
    /// <param name="quantity">Smallest units.</param>
    /// <param name="decimals">The asset's decimals.</param>
    /// <param name="price">Currency per whole token.</param>
    public static Amount Of(Quantity quantity, int decimals, ExactDecimal price)
    {
        // [units] × [price mantissa] × 10^18 ÷ 10^(decimals + price scale) = [10^-18 of the currency]
        var product = quantity.Units * price.Mantissa;
        var shift = Decimals - decimals - price.Scale;
        return new Amount(shift >= 0
            ? product * PowerOfTen.Of(shift)
            : Rounding.DivideHalfEven(product, PowerOfTen.Of(-shift)));
    }

    /// <summary>An exact decimal as an amount.</summary>
    /// <returns><c>false</c> if it has more than 18 digits after the point.</returns>
    public static bool TryFrom(ExactDecimal value, out Amount amount)
    {
        var exact = value.TryMantissaAt(Decimals, out var attos);
        amount = new Amount(attos);
        return exact;
    }

    /// <inheritdoc/>
    public static bool TryParse(string? text, out Amount value)
    {
        value = default;
        return ExactDecimal.TryParse(text, out var number) && TryFrom(number, out value);
    }

    /// <summary>
    /// The part of this amount that belongs to <paramref name="part"/> of <paramref name="whole"/> units.
    /// </summary>
    /// <remarks>
    /// <c>floor(amount × part ÷ whole)</c>; the last part (part = whole) takes all, so the parts of a cost always add
    /// up to it (decision 0003).
    /// </remarks>
    /// <param name="part">0 to <paramref name="whole"/> (inclusive).</param>
    /// <param name="whole">More than zero.</param>
    public Amount Part(Quantity part, Quantity whole) =>
        part == whole ? this : new Amount(Rounding.DivideFloor(Attos * part.Units, whole.Units));

    /// <summary>The amount rounded half to even to that many digits after the point, for a printed row.</summary>
    /// <param name="digits">0 to 18 (inclusive).</param>
    public Amount RoundTo(int digits)
    {
        var step = PowerOfTen.Of(Decimals - digits);
        return new Amount(Rounding.DivideHalfEven(Attos, step) * step);
    }

    /// <summary>The same number as an exact decimal.</summary>
    public ExactDecimal ToExact() => new(Attos, Decimals);

    /// <inheritdoc/>
    public bool Equals(Amount other) => Attos == other.Attos;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Amount other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Attos.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(Amount other) => Attos.CompareTo(other.Attos);

    /// <summary>The decimal text without trailing zeros.</summary>
    public override string ToString() => ToExact().ToString();
}

/// <summary>Money together with its currency.</summary>
/// <param name="Currency">The currency's asset id, e.g. USD.</param>
/// <param name="Amount">How much of it.</param>
public sealed record CurrencyAmount(string Currency, Amount Amount);
