using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Whether units were held long (SPEC 15).</summary>
public enum HoldingTerm
{
    /// <summary>Not long.</summary>
    Short,

    /// <summary>Long.</summary>
    Long,
}

/// <summary>How long units were held, by the calendar of the treasury's time zone (SPEC 15).</summary>
public static class Holding
{
    private const long DayMicroseconds = 86_400_000_000;

    /// <summary>The term of units.</summary>
    /// <param name="acquiredAt">When they were acquired.</param>
    /// <param name="disposedAt">When they were disposed of; before the acquisition they were not held long.</param>
    /// <param name="rule">When holding was long.</param>
    /// <param name="zone">The treasury's time zone.</param>
    public static HoldingTerm Of(Instant acquiredAt, Instant disposedAt, HoldingRule rule, TimeZoneInfo zone)
    {
        var days = (disposedAt.Microseconds - acquiredAt.Microseconds) / DayMicroseconds;
        var isLong = rule switch
        {
            HoldingRule.AtLeast365Days => days >= 365,
            HoldingRule.MoreThan365Days => days > 365,
            // Only about the anniversary does it matter on which days it was.
            _ => days >= 364 && (days > 368 || LocalDay.Of(disposedAt, zone) >= FirstLongDay(acquiredAt, zone)),
        };
        return isLong ? HoldingTerm.Long : HoldingTerm.Short;
    }

    /// <summary>The day one year after the day after; what begins on 29 February is a year old on 1 March.</summary>
    private static DateOnly FirstLongDay(Instant acquiredAt, TimeZoneInfo zone)
    {
        var begins = LocalDay.Of(acquiredAt, zone).AddDays(1);
        var year = begins.AddYears(1);
        return year.Day == begins.Day ? year : year.AddDays(1);
    }
}
