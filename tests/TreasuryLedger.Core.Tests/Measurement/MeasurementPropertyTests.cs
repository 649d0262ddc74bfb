using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Measurement;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Postings;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Measurement;

/// <summary>Laws of every measurement, whatever happened, is in scope, and whichever price is missing.</summary>
public sealed class MeasurementPropertyTests
{
    private const int Histories = 400;

    private static readonly Instant End = Instant.Parse("2028-01-01T00:00:00Z");

    [Fact]
    public void postings_with_remeasurement_add_up_to_zero_and_carry_what_is_measured() => Sample(71_000, books =>
    {
        var remeasured = new Remeasurement(books.Answer);
        var totals = remeasured.Totals(books.History.Between(null, books.Question), books.Question.AsOf);

        totals.Balances.Values.Aggregate(Amount.Zero, (sum, one) => sum + one.Amount).ShouldBe(Amount.Zero);
        totals.AmountOf(ChartHeading.DigitalAssets).ShouldBe(remeasured.Carried(books.Question.AsOf), books.Named);
        totals.AmountOf(ChartHeading.RealizedGains).ShouldBe(-books.Answer.State.RealizedGain, books.Named);
    });

    [Fact]
    public void a_general_ledger_opens_and_closes_with_the_trial_balances_of_its_ends() => Sample(75_000, books =>
    {
        var (from, end) = (books.Earlier, books.Question.AsOf);
        var middle = new Instant(from.Microseconds + ((end.Microseconds - from.Microseconds) / 2));
        var ledger = GeneralLedger.Of(books.LinesAfter(from, middle), new PostingFilter(), PostingPage.All);
        var (opening, closing) = (Totals(from), Totals(end));

        foreach (var section in ledger.Sections)
        {
            section.Opening.Amount.ShouldBe(opening.GetValueOrDefault(section.Ledger).Amount, books.Named);
            section.Closing.Amount.ShouldBe(closing.GetValueOrDefault(section.Ledger).Amount, books.Named);
        }

        closing.Where(one => !one.Value.Amount.IsZero).Select(one => one.Key)
            .Except(ledger.Sections.Select(section => section.Ledger)).ShouldBeEmpty(books.Named);
        foreach (var lines in ledger.Sections.SelectMany(section => section.Lines)
            .Where(line => line.Source.Entry is null).GroupBy(line => line.Source.At))
        {
            lines.Aggregate(Amount.Zero, (sum, line) => sum + line.Posting.Amount).ShouldBe(Amount.Zero, books.Named);
        }

        SortedDictionary<PostingLedger, PostingBalance> Totals(Instant asOf)
        {
            var question = books.Question with { AsOf = asOf };
            return new(new Remeasurement(books.History.At(question))
                .Totals(books.History.Between(null, question), asOf).Balances.ToDictionary());
        }
    });

    [Fact]
    public void exact_rows_go_from_opening_to_closing_and_changes_become_the_realized_gain() => Sample(72_000, books =>
    {
        var report = Report(books);
        foreach (var row in report.Rows)
        {
            (row.Rounding ?? Amount.Zero).ShouldBe(Amount.Zero, books.Named);
            if (!LooksAtOtherDays(row.Period.From) && !LooksAtOtherDays(row.Period.Until))
            {
                row.Rematched.ShouldBe(Amount.Zero, books.Named);
            }
        }

        // Disposals have the cost that they took in the end, and each period what was known at its own: so what the one
        // has more the others have less.
        report.Rows.GroupBy(row => row.Asset).ShouldAllBe(rows =>
            rows.Aggregate(Amount.Zero, (sum, row) => sum + row.Rematched).IsZero, books.Named);

        if (report.Reconciled is { } sum)
        {
            sum.ShouldBe(report.RealizedGain, books.Named);
        }

        report.RealizedGain.ShouldBe(books.Answer.State.RealizedGain, books.Named);

        bool LooksAtOtherDays(Instant end) => end != default
            && books.History.At(books.Question with { AsOf = end.Plus(-1) }).State.Policy.IsWindowed;
    });

    [Fact]
    public void what_is_out_of_scope_is_never_carried_at_less_than_nothing_and_units_stand_on_one_side() =>
        Sample(73_000, books =>
        {
            foreach (var held in Report(books).Holdings)
            {
                held.AtCost.Sign.ShouldBeGreaterThanOrEqualTo(0, books.Named);
                (held.Measured + held.BasisMissing <= held.Quantity).ShouldBeTrue(books.Named);
                (held.FairValue is null).ShouldBe(held.State != Prices.PriceState.Valid, books.Named);
            }
        });

    [Fact]
    public void the_same_without_a_scope_is_at_cost() => Sample(74_000, books =>
    {
        var question = books.Question with
        {
            Choice = books.Question.Choice! with { Measurement = MeasurementBasis.Cost, FairValue = null },
        };
        var answer = books.History.At(question);
        var fold = new MeasurementFold(answer.Registers, answer.Prices);
        foreach (var rows in fold.Follow(books.History.Between(null, question)))
        {
            rows.Entry.ShouldNotBeNull();
        }

        fold.At(question.AsOf, answer.State).ShouldAllBe(one =>
            one.Carried == one.Cost && one.Measured.IsZero && one.Price == null);
        fold.Adoptions.ShouldBeEmpty();
    });

    private static FairValueReport Report(RandomBooks books)
    {
        var (from, end) = (books.Earlier, books.Question.AsOf);
        var middle = new Instant(from.Microseconds + ((end.Microseconds - from.Microseconds) / 2));
        Period[] periods = middle < end && middle > from
            ? [new("first", default, from.Plus(1)), new("a", from.Plus(1), middle.Plus(1)),
                new("b", middle.Plus(1), end.Plus(1))]
            : [new("first", default, from.Plus(1)), new("all", from.Plus(1), end.Plus(1))];
        var treasury = new TreasuryAt(
            books.History, MarketHistory.Of([]).Newest, new Viewpoint(end, Instant.Max), books.Question);
        return FairValueReport.Of(
            treasury, asOf => books.History.At(books.Question with { AsOf = asOf }).State, null, periods,
            Amount.Decimals);
    }

    private static void Sample(ulong seed, Action<RandomBooks> check)
    {
        var dice = new Dice(seed);
        foreach (var made in RandomBooks.Some(seed, Histories))
        {
            var question = made.Question with
            {
                AsOf = made.Question.AsOf > End ? End : made.Question.AsOf,
                Choice = (made.Question.Choice ?? BookChoice.Official) with { FairValue = Scope(dice) },
            };
            check(made with { Question = question });
        }
    }

    private static FairValueTerms Scope(Dice dice) => new(
        One(dice, 80), One(dice, 50), One(dice, 50), One(dice, 50), One(dice, 50),
        dice.Chance(20) ? [AssetId.Parse("ETH")] : null, null);

    private static FairValueScope One(Dice dice, int percent) =>
        dice.Chance(percent) ? FairValueScope.In : FairValueScope.Out;
}
