using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Statements;

public sealed class PeriodTests
{
    private static readonly TimeZoneInfo NewYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");

    [Theory]
    [InlineData(PeriodKind.Month, "01-01", "2026-02", "2026-02-01T05:00:00Z", "2026-03-01T05:00:00Z")]
    [InlineData(PeriodKind.Quarter, "01-01", "2026-Q1", "2026-01-01T05:00:00Z", "2026-04-01T04:00:00Z")]
    [InlineData(PeriodKind.Year, "10-01", "2026", "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z")]
    [InlineData(PeriodKind.FiscalYear, "10-01", "FY2026", "2025-10-01T04:00:00Z", "2026-10-01T04:00:00Z")]
    [InlineData(PeriodKind.FiscalYear, "01-01", "FY2026", "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z")]
    [InlineData(PeriodKind.FiscalQuarter, "10-01", "FY2026-Q2", "2026-01-01T05:00:00Z", "2026-04-01T04:00:00Z")]
    [InlineData(PeriodKind.FiscalQuarter, "12-31", "FY2026-Q1", "2025-12-31T05:00:00Z", "2026-03-31T04:00:00Z")]
    [InlineData(PeriodKind.FiscalYear, "02-29", "FY2026", "2025-02-28T05:00:00Z", "2026-02-28T05:00:00Z")]
    public void a_period_begins_and_ends_where_days_do_in_its_zone(
        PeriodKind kind, string fiscalYearStart, string name, string from, string until)
    {
        var at = Instant.Parse("2026-02-06T12:00:00Z");

        CalendarPeriods.Of(kind, fiscalYearStart, NewYork, at, at)
            .ShouldBe([new Period(name, Instant.Parse(from), Instant.Parse(until))]);
    }

    [Fact]
    public void periods_follow_each_other_without_gap_and_cover_the_span()
    {
        var (first, last) = (Instant.Parse("2019-05-05T00:00:00Z"), Instant.Parse("2031-05-05T00:00:00Z"));
        foreach (var kind in Enum.GetValues<PeriodKind>())
        {
            var periods = CalendarPeriods.Of(kind, "08-31", NewYork, first, last);

            periods[0].Contains(first).ShouldBeTrue();
            periods[^1].Contains(last).ShouldBeTrue();
            periods.Skip(1).Zip(periods).ShouldAllBe(pair => pair.First.From == pair.Second.Until);
        }
    }

    [Fact]
    public void the_first_and_the_last_instant_of_time_have_their_periods()
    {
        CalendarPeriods.Of(PeriodKind.Year, "01-01", NewYork, default, default).Single().Name.ShouldBe("1969");
        CalendarPeriods.Of(PeriodKind.Year, "01-01", TimeZoneInfo.Utc, default, default).Single().Name.ShouldBe("1970");
        CalendarPeriods.Of(PeriodKind.Year, "01-01", NewYork, Instant.Parse("9997-06-01T00:00:00Z"), Instant.Max)
            .Length.ShouldBe(2);
    }

    [Fact]
    public void a_day_without_midnight_begins_when_the_clock_goes_on()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/Sao_Paulo");

        LocalDay.StartOf(new DateOnly(2018, 11, 4), zone).ToString().ShouldBe("2018-11-04T03:00:00Z");
        LocalDay.EndOf(new DateOnly(2018, 11, 3), zone).ToString().ShouldBe("2018-11-04T02:59:59.999999Z");
    }

    [Fact]
    public void a_day_with_two_midnights_begins_with_the_first()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/Havana");

        LocalDay.StartOf(new DateOnly(2025, 11, 2), zone).ToString().ShouldBe("2025-11-02T04:00:00Z");
    }

    [Fact]
    public void a_date_alone_means_the_end_of_its_day()
    {
        LocalDay.EndOf(new DateOnly(2026, 2, 6), NewYork).ToString().ShouldBe("2026-02-07T04:59:59.999999Z");
        LocalDay.Of(Instant.Parse("2026-02-07T04:59:59.999999Z"), NewYork).ShouldBe(new DateOnly(2026, 2, 6));
    }

    [Fact]
    public void periods_that_overlap_make_no_statement()
    {
        var book = new Lots.TestJournal().Book();
        var (one, two) = (Instant.Parse("2026-01-01T00:00:00Z"), Instant.Parse("2026-01-02T00:00:00Z"));

        Should.Throw<ArgumentException>(() => RealizedGains.Of(book, [new("a", one, two), new("b", one, two)], 2));
        Should.Throw<ArgumentException>(() => RealizedGains.Of(book, [new("a", two, two)], 2));
    }
}
