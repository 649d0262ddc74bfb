using System.Globalization;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Facts;

/// <summary>How files write instants and numbers, in the words of the wire. Nothing is rounded or cut.</summary>
internal static class RowText
{
    private const string Day = "yyyy-MM-dd HH:mm:ss";

    private static readonly string[] Forms =
        [Day, "yyyy-MM-dd HH:mm:ss.FFFFFF", "yy-MM-dd HH:mm:ss", "yyyy/MM/dd HH:mm:ss", "yyyy-MM-dd"];

    /// <summary>An instant: RFC 3339, seconds, milliseconds or microseconds since 1970, or a time in UTC.</summary>
    /// <param name="text">As the source writes it.</param>
    /// <param name="form">Its form, if it is none of these.</param>
    public static Instant? InstantOf(string text, string? form = null)
    {
        if (form is null && Instant.TryParse(text, out var instant))
        {
            return instant;
        }

        if (form is null && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && text.Length is 10 or 13 or 16)
        {
            var scale = text.Length switch { 10 => 1_000_000, 13 => 1_000, _ => 1 };
            return number <= Instant.Max.Microseconds / scale ? new Instant(number * scale) : null;
        }

        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTime.TryParseExact(
            text, form is null ? Forms : [form], CultureInfo.InvariantCulture, utc, out var time)
            && time.Ticks % TimeSpan.TicksPerMicrosecond == 0 && time >= DateTime.UnixEpoch
                ? Instant.FromUtc(time)
                : null;
    }

    /// <summary>A number without thousands, plus or exponent.</summary>
    public static ExactDecimal? NumberOf(string text)
    {
        var plain = text.Replace(",", "", StringComparison.Ordinal).TrimStart('+');
        var parts = plain.Split('e', 'E');
        if (parts.Length == 1)
        {
            return ExactDecimal.TryParse(plain, out var number) ? number : null;
        }

        if (parts.Length > 2 || !ExactDecimal.TryParse(parts[0], out var mantissa)
            || !int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            || Math.Abs((long)exponent) > ExactDecimal.ScaleMax)
        {
            return null;
        }

        var scale = mantissa.Scale - exponent;
        return scale <= ExactDecimal.ScaleMax
            ? new ExactDecimal(
                mantissa.Mantissa * System.Numerics.BigInteger.Pow(10, Math.Max(0, -scale)), Math.Max(0, scale))
            : null;
    }

    /// <summary>An instant as files of exchanges write it: to the second, in UTC.</summary>
    public static string SecondOf(Instant at) => at.ToUtc().ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);

    /// <summary>The whole second in which an instant lies.</summary>
    public static Instant FloorToSecond(Instant at) => new(at.Microseconds - (at.Microseconds % 1_000_000));
}
