namespace TreasuryLedger.Core.Time;

/// <summary>Where days begin and end in a time zone, clock changes included.</summary>
public static class LocalDay
{
    /// <summary>
    /// The first instant of a day (inclusive). If the clock skips midnight, the day begins where the clock goes on; if
    /// midnight comes twice, with the first one.
    /// </summary>
    /// <param name="day">From 1970-01-01 on; what lies before 1970 in UTC begins with it.</param>
    /// <param name="zone">The time zone.</param>
    public static Instant StartOf(DateOnly day, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddTicks(TimeSpan.TicksPerMinute);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        var utc = DateTime.SpecifyKind(local.AddTicks(-offset.Ticks), DateTimeKind.Utc);
        return utc < DateTime.UnixEpoch ? default : Instant.FromUtc(utc);
    }

    /// <summary>The last instant of a day (inclusive): what a date alone means as an as-of.</summary>
    /// <inheritdoc cref="StartOf"/>
    public static Instant EndOf(DateOnly day, TimeZoneInfo zone) => StartOf(day.AddDays(1), zone).Plus(-1);

    /// <summary>The day that an instant belongs to.</summary>
    public static DateOnly Of(Instant at, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(at.ToUtc(), zone));
}
