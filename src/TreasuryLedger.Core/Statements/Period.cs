using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>A span of a statement.</summary>
/// <param name="Name">What it is called, e.g. 2026-02, 2026-Q1, FY2026.</param>
/// <param name="From">Its first instant (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
public sealed record Period(string Name, Instant From, Instant Until)
{
    /// <summary>Whether an instant lies in it.</summary>
    public bool Contains(Instant at) => at >= From && at < Until;
}

/// <summary>How a calendar is cut.</summary>
public enum PeriodKind
{
    /// <summary>Calendar months.</summary>
    Month,

    /// <summary>Calendar quarters.</summary>
    Quarter,

    /// <summary>Calendar years.</summary>
    Year,

    /// <summary>Quarters from the first day of the fiscal year on.</summary>
    FiscalQuarter,

    /// <summary>Fiscal years; named by the calendar year of their last day.</summary>
    FiscalYear,
}

/// <summary>The periods of a calendar in the treasury's time zone (SPEC 1.2).</summary>
public static class CalendarPeriods
{
    private const int YearMax = 9999; // no instant lies in it

    /// <summary>Every whole period of a kind that has an instant of a span in it, in order.</summary>
    /// <param name="kind">How the calendar is cut.</param>
    /// <param name="fiscalYearStart">First day of the fiscal year, MM-DD.</param>
    /// <param name="zone">The treasury's time zone.</param>
    /// <param name="first">The first instant of the span (inclusive).</param>
    /// <param name="last">The last instant of the span (inclusive).</param>
    /// <exception cref="FormatException">The start of the fiscal year is no MM-DD.</exception>
    public static ImmutableArray<Period> Of(
        PeriodKind kind, string fiscalYearStart, TimeZoneInfo zone, Instant first, Instant last)
    {
        var isFiscal = kind is PeriodKind.FiscalQuarter or PeriodKind.FiscalYear;
        var (month, day) = isFiscal ? MonthAndDay(fiscalYearStart) : (1, 1);
        var months = kind switch
        {
            PeriodKind.Month => 1,
            PeriodKind.Quarter or PeriodKind.FiscalQuarter => 3,
            _ => 12,
        };
        var periods = ImmutableArray.CreateBuilder<Period>();
        for (var year = LocalDay.Of(first, zone).Year - 1; year < YearMax; year++)
        {
            for (var part = 0; part < 12 / months; part++)
            {
                var from = Begin(year, part * months);
                var name = Name(kind, from, Begin(year, 12).AddDays(-1).Year, part + 1);
                var period = new Period(name, StartOf(from), StartOf(Begin(year, (part + 1) * months)));
                if (period.From > last)
                {
                    return periods.ToImmutable();
                }

                if (period.Until > first)
                {
                    periods.Add(period);
                }
            }
        }

        return periods.ToImmutable();

        // Counted from the year's first day, so that a year that begins on the 31st loses no day for good.
        DateOnly Begin(int year, int monthsLater) =>
            new DateOnly(year, month, Math.Min(day, DateTime.DaysInMonth(year, month))) is var start && monthsLater < 12
                ? start.AddMonths(monthsLater)
                : new DateOnly(year + 1, month, Math.Min(day, DateTime.DaysInMonth(year + 1, month)));

        // Instants begin with 1970.
        Instant StartOf(DateOnly start) => start.Year < 1970 ? default : LocalDay.StartOf(start, zone);
    }

    private static (int Month, int Day) MonthAndDay(string text)
    {
        // A leap year, so that a fiscal year may begin on 29 February.
        var day = DateOnly.ParseExact("2000-" + text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return (day.Month, day.Day);
    }

    private static string Name(PeriodKind kind, DateOnly from, int fiscalYear, int number) => kind switch
    {
        PeriodKind.Month => from.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        PeriodKind.Quarter => string.Create(CultureInfo.InvariantCulture, $"{from.Year:0000}-Q{number}"),
        PeriodKind.Year => string.Create(CultureInfo.InvariantCulture, $"{from.Year:0000}"),
        PeriodKind.FiscalQuarter => string.Create(CultureInfo.InvariantCulture, $"FY{fiscalYear:0000}-Q{number}"),
        PeriodKind.FiscalYear => string.Create(CultureInfo.InvariantCulture, $"FY{fiscalYear:0000}"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such calendar."),
    };
}
