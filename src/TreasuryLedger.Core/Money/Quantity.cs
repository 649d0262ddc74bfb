using System.Globalization;
using System.Numerics;

namespace TreasuryLedger.Core.Money;

/// <summary>
/// A number of an asset's smallest units (wei, 10^-6 USDT …): an integer, so nothing is ever lost. Facts carry 1 up to
/// 2^256 - 1 (inclusive); folds also use negative quantities. How many units make one token is the asset's
/// <c>Decimals</c>.
/// </summary>
public readonly struct Quantity : IText<Quantity>, IEquatable<Quantity>, IComparable<Quantity>
{
    /// <summary>The largest quantity a fact may carry (inclusive): a uint256.</summary>
    public static readonly Quantity Max = new(BigInteger.Pow(2, 256) - 1);

    /// <summary>A quantity of that many smallest units.</summary>
    public Quantity(BigInteger units) => Units = units;

    /// <summary>No units.</summary>
    public static Quantity Zero => default;

    /// <inheritdoc/>
    public static string Expected => "a whole number of smallest units as a string";

    /// <summary>The count of smallest units.</summary>
    public BigInteger Units { get; }

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Units.Sign;

    /// <summary>Whether there are no units.</summary>
    public bool IsZero => Units.IsZero;

    /// <summary>The sum.</summary>
    public static Quantity operator +(Quantity left, Quantity right) =>
        left.IsZero ? right : right.IsZero ? left : new(left.Units + right.Units);

    /// <summary>The difference.</summary>
    public static Quantity operator -(Quantity left, Quantity right) =>
        right.IsZero ? left : new(left.Units - right.Units);

    /// <summary>The quantity with the other sign.</summary>
    public static Quantity operator -(Quantity value) => new(-value.Units);

    /// <summary>Whether two quantities are the same.</summary>
    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    /// <summary>Whether two quantities differ.</summary>
    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    /// <summary>Whether the left quantity is smaller.</summary>
    public static bool operator <(Quantity left, Quantity right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left quantity is larger.</summary>
    public static bool operator >(Quantity left, Quantity right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left quantity is smaller or the same.</summary>
    public static bool operator <=(Quantity left, Quantity right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left quantity is larger or the same.</summary>
    public static bool operator >=(Quantity left, Quantity right) => left.CompareTo(right) >= 0;

    /// <summary>The smaller of two.</summary>
    public static Quantity Min(Quantity left, Quantity right) => left <= right ? left : right;

    /// <summary>Whole tokens to smallest units, exactly.</summary>
    /// <param name="tokens">Tokens, e.g. 0.5 ETH.</param>
    /// <param name="decimals">The asset's decimals, 0 to 36 (inclusive).</param>
    /// <param name="quantity">The units.</param>
    /// <returns><c>false</c> if the tokens are finer than the smallest unit; nothing is rounded.</returns>
    public static bool TryFromTokens(ExactDecimal tokens, int decimals, out Quantity quantity)
    {
        var exact = tokens.TryMantissaAt(decimals, out var units);
        quantity = new Quantity(units);
        return exact;
    }

    /// <inheritdoc/>
    public static bool TryParse(string? text, out Quantity value)
    {
        var read = ExactDecimal.TryParse(text, out var number)
            && number.Scale == 0
            && !text!.Contains('.', StringComparison.Ordinal);
        value = read ? new Quantity(number.Mantissa) : default;
        return read;
    }

    /// <summary>Whole tokens, exactly.</summary>
    /// <param name="decimals">The asset's decimals, 0 to 36 (inclusive).</param>
    public ExactDecimal ToTokens(int decimals) => new(Units, decimals);

    /// <inheritdoc/>
    public bool Equals(Quantity other) => Units == other.Units;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Units.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(Quantity other) => Units.CompareTo(other.Units);

    /// <summary>The smallest units as an integer text.</summary>
    public override string ToString() => Units.ToString(CultureInfo.InvariantCulture);
}
