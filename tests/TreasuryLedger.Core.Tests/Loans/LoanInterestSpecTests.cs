using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Loans;

/// <summary>The interest of loans between two parties: the table of Loans/SPEC.md, executed, and what floats.</summary>
public sealed class LoanInterestSpecTests
{
    private static readonly AssetId Usdt = AssetId.Parse("USDT");
    private static readonly AccountId Loan = AccountId.Parse("loan");

    public static TheoryData<string> Examples() =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Loans", "SPEC.md"))
            .SkipWhile(line => !line.StartsWith("| days |", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|')),
    ];

    [Theory]
    [MemberData(nameof(Examples))]
    public void interest_is_by_days_exactly_and_rounded_up_once(string row)
    {
        var cells = row.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var days = Enum.Parse<DayCount>(cells[0], ignoreCase: true);
        var accrued = Accrued(
            [(Day(cells[3]), Terms(days, cells[1], null))], [new OwedSince(Day(cells[3]), Units(cells[2]))],
            MarketBookView.Empty, Day(cells[4]));

        accrued.ToTokens(6).ToString().ShouldBe(cells[5]);
    }

    [Fact]
    public void the_table_has_every_way_to_count_days() =>
        Examples().Select(row => row.Data.Split('|')[1].Trim()).Distinct().Count().ShouldBe(
            Enum.GetValues<DayCount>().Length);

    [Fact]
    public void a_floating_rate_is_the_markets_at_the_start_of_each_day_plus_the_loans()
    {
        var market = MarketBookView.Of([Observed(1, "2026-01-01", "0.04"), Observed(2, "2026-01-11", "0.06")]);
        var floating = Terms(DayCount.Actual360, "0.01", "m");
        OwedSince[] owed = [new(Day("2026-01-01"), Units("1000000"))];

        // Ten days at five percent, ten at seven.
        Accrued([(Day("2026-01-01"), floating)], owed, market, Day("2026-01-21")).ToTokens(6).ToString()
            .ShouldBe("3333.333334");
        Accrued([(Day("2026-01-01"), floating)], owed, MarketBookView.Empty, Day("2026-01-21")).IsZero.ShouldBeTrue();
    }

    [Fact]
    public void other_units_and_other_terms_count_from_their_day_on()
    {
        var first = Terms(DayCount.Actual360, "0.09", null);
        var second = Terms(DayCount.Actual360, "0.18", null);

        // 10 days of 1,000,000 at 9 %, 10 days of 2,000,000 at 9 %, 10 days of 2,000,000 at 18 %.
        Accrued(
            [(Day("2026-01-01"), first), (Day("2026-01-21"), second)],
            [new(Day("2026-01-01"), Units("1000000")), new(Day("2026-01-11"), Units("2000000"))],
            MarketBookView.Empty,
            Day("2026-01-31")).ToTokens(6).ToString().ShouldBe("17500");
    }

    private static Quantity Accrued(
        ImmutableArray<(Instant From, LoanTermsAgreed Terms)> terms,
        OwedSince[] owed,
        MarketBookView market,
        Instant at)
    {
        var facts = PositionFacts.None with
        {
            Loans = PositionFacts.None.Loans.Add(Loan, terms),
            Bearing = PositionFacts.None.Bearing.Add((Loan, Usdt), [.. owed]),
        };
        var account = new AccountRegistered(Loan, AccountKind.LendingPosition, "v", null);
        var side = new LendingTerms(facts, market, TimeZoneInfo.Utc).Owed(account, Usdt, owed[^1].Owed, at);
        (side.Quantity - owed[^1].Owed).ShouldBe(side.Accrued!.Value);
        return side.Accrued.Value;
    }

    private static LoanTermsAgreed Terms(DayCount days, string rate, string? market) =>
        new(Loan, ExactDecimal.Parse(rate), market, days, null, null, null, null);

    private static NarrowEntry Observed(long position, string day, string rate) => new()
    {
        Position = position,
        EffectiveAt = Day(day),
        RecordedAt = new Instant(position),
        Fact = FactId.Parse($"m{position}"),
        FactIsGiven = true,
        Event = new MarketStateRecorded("m", Usdt, null, null, null, ExactDecimal.Parse(rate), null),
    };

    private static Instant Day(string day) => Instant.Parse(day + "T00:00:00Z");

    private static Quantity Units(string tokens) =>
        Quantity.TryFromTokens(ExactDecimal.Parse(tokens), 6, out var units) ? units : default;
}
