using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// The case at fair value: the change in fair value of every month in net income, and how it becomes the realized loss
/// against cost. The figures stand here and nowhere in the program.
/// </summary>
public sealed class CaseFairValueTests
{
    private const int Cents = 2;

    private static readonly Instant EndOfJanuary = Instant.Parse("2026-01-31T23:59:59.999999Z");
    private static readonly Instant EndOfFebruary = Instant.Parse("2026-02-28T23:59:59.999999Z");

    [Fact]
    public async Task changes_in_fair_value_of_all_months_are_the_realized_loss_against_cost()
    {
        var report = Report(
            await CaseReplay.Treasury.Value, new BookChoice { Measurement = MeasurementBasis.FairValue });

        report.Lines.Select(line => $"{line.Kind} {line.Period?.Name} {line.Amount}").ShouldBe(
        [
            "ChangeInFairValue 2025-12 -152807632.94",
            "ChangeInFairValue 2026-01 -335315479.91",
            "ChangeInFairValue 2026-02 -258714941.14",
        ]);
        (report.Reconciled, report.RealizedGain.ToString()).ShouldBe((report.RealizedGain, "-746838053.99"));
        report.Rows.ShouldAllBe(row => row.Rounding == Amount.Zero && row.Asset.ToString() == "ETH");
    }

    [Fact]
    public async Task the_starter_book_loses_as_much_more_as_it_took_in_as_interest()
    {
        var view = await CaseReplay.Treasury.Value;
        var report = Report(view, new BookChoice("us-gaap"));
        var interest = At(view, EndOfFebruary, new BookChoice("us-gaap")).Book.Incomes
            .Aggregate(Amount.Zero, (sum, income) => sum + income.Value!.Value);

        report.Lines.Select(line => $"{line.Kind} {line.Period?.Name} {line.Amount}").ShouldBe(
        [
            "ChangeInFairValue 2025-12 -152807632.94",
            "ChangeInFairValue 2026-01 -339739338.83",
            "ChangeInFairValue 2026-02 -258714941.14",
        ]);
        (report.Reconciled, report.RealizedGain.ToString()).ShouldBe((report.RealizedGain, "-751261912.91"));
        interest.RoundTo(Cents).ToString().ShouldBe("4423858.92");
        (report.RealizedGain + interest.RoundTo(Cents)).ToString().ShouldBe("-746838053.99");
    }

    [Fact]
    public async Task the_trial_balance_of_january_shows_what_the_holdings_lost_and_nobody_realized()
    {
        var at = At(await CaseReplay.Treasury.Value, EndOfJanuary, new BookChoice("us-gaap"));
        var answer = new BookAnswer(at.State, at.Registers, at.Prices);
        var balance = TrialBalance.Of(new Remeasurement(answer).Totals(at.Happened, EndOfJanuary), Cents);

        (balance.Debit, balance.Rounding, balance.Exact.Unvalued).ShouldBe((balance.Credit, Amount.Zero, 0));
        balance.BalanceOf(ChartHeading.RealizedGains).ShouldBe(Amount.Zero);
        balance.BalanceOf(ChartHeading.Remeasurement).ToString().ShouldBe("492546971.77");
        balance.BalanceOf(ChartHeading.DigitalAssets).ToString().ShouldBe("1598075576.15");
    }

    [Fact]
    public async Task lot_by_lot_fair_value_and_cost_differ_in_january_and_no_more_when_all_is_sold()
    {
        var view = await CaseReplay.Treasury.Value;
        var fair = new BookChoice { Measurement = MeasurementBasis.FairValue };
        var january = LotComparison.Of(At(view, EndOfJanuary, fair), At(view, EndOfJanuary, new BookChoice()));
        var february = LotComparison.Of(At(view, EndOfFebruary, fair), At(view, EndOfFebruary, new BookChoice()));

        january.Lots.ShouldAllBe(lot => lot.Reasons.SequenceEqual(new[] { LotDifference.FairValue }));
        january.Lots.Aggregate(Amount.Zero, (sum, lot) => sum + lot.Difference!.Value).RoundTo(Cents).ToString()
            .ShouldBe("-488123112.85");
        february.Lots.ShouldBeEmpty();
        february.Book!.Value.RoundTo(Cents).ToString().ShouldBe("-746838053.99");
    }

    [Fact]
    public async Task in_another_currency_nothing_is_valued_without_a_rate()
    {
        var at = At(await CaseReplay.Treasury.Value, EndOfFebruary, new BookChoice { Currency = AssetId.Parse("EUR") });

        at.State.RealizedGain.ShouldBe(Amount.Zero);
        at.State.IncompleteCount.ShouldBe(at.State.DisposalCount);
    }

    private static FairValueReport Report(TreasuryView view, BookChoice choice)
    {
        var months = CalendarPeriods.Of(
            PeriodKind.Month, "01-01", TimeZoneInfo.Utc, Instant.Parse("2025-12-01T00:00:00Z"), EndOfFebruary);
        return FairValueReport.Of(
            At(view, EndOfFebruary, choice), instant => At(view, instant, choice).State, null, months, Cents);
    }

    private static TreasuryAt At(TreasuryView view, Instant asOf, BookChoice choice) => TreasuryAt.Of(
        view.Treasury.Entries, view.Prices.Entries, view.Markets.Entries, new Viewpoint(asOf, view.KnownAt), choice);
}
