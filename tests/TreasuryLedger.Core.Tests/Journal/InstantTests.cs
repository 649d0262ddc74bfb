using System.Globalization;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Journal;

/// <summary>Texts of instants, the usual form of which is read digit by digit.</summary>
public sealed class InstantTests
{
    private const string Digits = "0123456789";
    private const string Others = "-T:.Z ٣+";

    [Fact]
    public void what_is_written_is_read_again()
    {
        var dice = new Dice(20260201);
        long[] units = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 86_400_000_000];
        for (var number = 0; number < 20_000; number++)
        {
            var unit = dice.Pick(units);
            var instant = new Instant(dice.Below((int)Math.Min(int.MaxValue, Instant.Max.Microseconds / unit)) * unit);
            Instant.Parse(instant.ToString()).ShouldBe(instant);
        }

        Instant.Parse(Instant.Max.ToString()).ShouldBe(Instant.Max);
        Instant.Parse("1970-01-01T00:00:00Z").ShouldBe(default);
    }

    [Fact]
    public void a_text_that_is_nearly_one_is_read_as_the_calendar_reads_it()
    {
        var (dice, read) = (new Dice(20260201), 0);
        string[] texts = ["2024-02-29T23:59:59Z", "2025-02-28T00:00:00.1Z", "1970-01-01T00:00:00.000001Z",
            "9998-12-31T23:59:59.999999Z", "2026-06-30T12:30:00.120Z", "1969-12-31T23:59:59Z"];
        for (var number = 0; number < 60_000; number++)
        {
            var text = dice.Pick(texts).ToCharArray();
            for (var changes = dice.Below(3); changes >= 0; changes--)
            {
                text[dice.Below(text.Length)] = dice.Pick((dice.Chance(90) ? Digits : Others).ToCharArray());
            }

            read += Same(new string(text)) ? 1 : 0;
        }

        read.ShouldBeGreaterThan(1_000); // otherwise nothing was compared but refusals
    }

    /// <summary>Held against the calendar of the framework, form by form.</summary>
    private static bool Same(string text)
    {
        const DateTimeStyles utc = DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal;
        var expected = default(DateTime);
        var isOne = text[^1] == 'Z' && Enumerable.Range(0, 7).Any(digits => DateTime.TryParseExact(
            text,
            "yyyy-MM-dd'T'HH:mm:ss" + (digits == 0 ? "" : "." + new string('f', digits)) + "'Z'",
            CultureInfo.InvariantCulture, utc, out expected));
        isOne = isOne && expected >= DateTime.UnixEpoch && expected.Year <= 9998;

        // A text with an offset is read as well; here all that could be one end otherwise.
        Instant.TryParse(text, out var instant).ShouldBe(isOne, text);
        (isOne ? instant.ToUtc() : expected).ShouldBe(expected, text);
        return isOne;
    }
}
