using System.Globalization;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Time;

/// <summary>
/// A point in time: whole microseconds since 1970-01-01T00:00:00Z, to the end of the year 9998. Its text is RFC 3339 in
/// UTC. Finer input is refused, never cut (decision 0004). Default is 1970-01-01T00:00:00Z.
/// </summary>
public readonly struct Instant : IText<Instant>, IEquatable<Instant>, IComparable<Instant>
{
    /// <summary>
    /// The last instant that is read (inclusive): 9998-12-31T23:59:59.999999Z. A year is left, so that what follows any
    /// instant (the next one, the end of its day or fiscal year) can still be written.
    /// </summary>
    public static readonly Instant Max =
        new(((new DateTime(9999, 1, 1).Ticks - DateTime.UnixEpoch.Ticks) / TicksPerMicrosecond) - 1);

    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.fK", "yyyy-MM-dd'T'HH:mm:ss.ffK",
        "yyyy-MM-dd'T'HH:mm:ss.fffK", "yyyy-MM-dd'T'HH:mm:ss.ffffK", "yyyy-MM-dd'T'HH:mm:ss.fffffK",
        "yyyy-MM-dd'T'HH:mm:ss.ffffffK",
    ];

    /// <summary>The instant that many microseconds after 1970.</summary>
    /// <param name="microseconds">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public Instant(long microseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(microseconds);
        Microseconds = microseconds;
    }

    /// <inheritdoc/>
    public static string Expected =>
        "an RFC 3339 instant with an offset and at most six fractional digits, such as 2026-02-06T23:59:59Z";

    /// <summary>Microseconds since 1970-01-01T00:00:00Z.</summary>
    public long Microseconds { get; }

    /// <summary>Whether two instants are the same.</summary>
    public static bool operator ==(Instant left, Instant right) => left.Equals(right);

    /// <summary>Whether two instants differ.</summary>
    public static bool operator !=(Instant left, Instant right) => !left.Equals(right);

    /// <summary>Whether the left one is earlier.</summary>
    public static bool operator <(Instant left, Instant right) => left.Microseconds < right.Microseconds;

    /// <summary>Whether the left one is later.</summary>
    public static bool operator >(Instant left, Instant right) => left.Microseconds > right.Microseconds;

    /// <summary>Whether the left one is earlier or the same.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Microseconds <= right.Microseconds;

    /// <summary>Whether the left one is later or the same.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Microseconds >= right.Microseconds;

    /// <summary>The later of two.</summary>
    public static Instant Latest(Instant left, Instant right) => left >= right ? left : right;

    /// <summary>The instant of a UTC date and time; digits below a microsecond must be zero.</summary>
    /// <exception cref="ArgumentException">It is not UTC, lies before 1970 or is finer than a microsecond.</exception>
    public static Instant FromUtc(DateTime utc)
    {
        var ticks = utc.Ticks - DateTime.UnixEpoch.Ticks;
        return utc.Kind == DateTimeKind.Utc && ticks >= 0 && ticks % TicksPerMicrosecond == 0
            ? new Instant(ticks / TicksPerMicrosecond)
            : throw new ArgumentException("Needs a UTC time from 1970 on in whole microseconds.", nameof(utc));
    }

    /// <inheritdoc/>
    public static bool TryParse(string? text, out Instant value)
    {
        if (TryParseUtc(text, out value))
        {
            return true;
        }

        // 'K' would also accept a text without an offset, which names no instant.
        if (text is null || text.Length < 20 || !(text[^1] == 'Z' || text[^6] is '+' or '-'))
        {
            return false;
        }

        const DateTimeStyles utcOnly = DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal;
        if (!DateTime.TryParseExact(text, Forms, CultureInfo.InvariantCulture, utcOnly, out var utc)
            || utc < DateTime.UnixEpoch
            || utc.Year > 9998)
        {
            return false;
        }

        value = FromUtc(utc);
        return true;
    }

    /// <summary>Reads a text that is known to be good.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static Instant Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is not {Expected}.");

    /// <summary>The instant that many microseconds later (or earlier, if negative).</summary>
    public Instant Plus(long microseconds) => new(Microseconds + microseconds);

    /// <summary>The same instant as a UTC <see cref="DateTime"/>.</summary>
    public DateTime ToUtc() => DateTime.UnixEpoch.AddTicks(Microseconds * TicksPerMicrosecond);

    /// <inheritdoc/>
    public bool Equals(Instant other) => Microseconds == other.Microseconds;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Instant other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Microseconds.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>RFC 3339 in UTC, fractional digits only where they are not zero.</summary>
    public override string ToString()
    {
        var utc = ToUtc();
        var fraction = Microseconds % 1_000_000 == 0 ? "" : utc.ToString(".FFFFFF", CultureInfo.InvariantCulture);
        return utc.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + fraction + "Z";
    }

    /// <summary>
    /// Reads what <see cref="ToString"/> writes, digit by digit: every stored entry holds some, and trying the forms
    /// one after the other takes ten times as long. Whatever is not exactly of this kind is left to them.
    /// </summary>
    private static bool TryParseUtc(ReadOnlySpan<char> text, out Instant value)
    {
        value = default;
        if (text.Length is not (20 or (>= 22 and <= 27)) || text[^1] != 'Z'
            || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || (text.Length > 20 && text[19] != '.'))
        {
            return false;
        }

        var (year, month, day) = (Digits(text[..4]), Digits(text[5..7]), Digits(text[8..10]));
        var (hour, minute, second) = (Digits(text[11..13]), Digits(text[14..16]), Digits(text[17..19]));
        var micros = text.Length == 20 ? 0 : Digits(text[20..^1]);
        if (year is < 1970 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || micros < 0)
        {
            return false;
        }

        for (var length = text.Length; length is >= 22 and < 27; length++)
        {
            micros *= 10;
        }

        var whole = new DateTime(year, month, day, hour, minute, second).Ticks - DateTime.UnixEpoch.Ticks;
        value = new Instant((whole / TicksPerMicrosecond) + micros);
        return true;
    }

    /// <summary>A number of up to six digits; negative if there is anything else.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        var number = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return -1;
            }

            number = (number * 10) + (digit - '0');
        }

        return number;
    }
}
