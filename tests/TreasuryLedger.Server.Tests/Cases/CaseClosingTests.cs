using Shouldly;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Periods;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// January and February of the case are closed and sealed. The cost of the first lot is corrected on 7 February, after
/// January was closed: it is a catch-up, and January stays what it was. The figures stand here and not in the program.
/// </summary>
public sealed class CaseClosingTests(Databases databases)
{
    private static readonly Instant EndOfJanuary = Instant.Parse("2026-01-31T23:59:59.999999Z");
    private static readonly Instant EndOfFebruary = Instant.Parse("2026-02-28T23:59:59.999999Z");

    [Fact]
    public async Task the_correction_after_the_close_of_january_is_a_catch_up_and_no_change()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var folder = CaseFolder.Read(Path.Combine(AppContext.BaseDirectory, "cases", "trend-research"));
        await new CaseRunner(ledger.Writers.SubmitAsync, ledger.Reader).RunAsync(
            folder, TestLedger.Tenant, "tester", (_, _) => { }, close: true, TestContext.Current.CancellationToken);
        var view = (await ledger.Reader.ReadTreasuryAsync(
            TestLedger.Tenant, folder.File.Audit.Treasury, null, 0, TestContext.Current.CancellationToken))
            .ShouldBeOfType<ReadOutcome<TreasuryView>.Found>().View;
        var periods = OfficialBooks.PeriodsOf(view);
        var book = OfficialBooks.Of(view, null, periods);

        book.Closed.Select(period => period.Seal is not null).ShouldBe([true, true]);
        var january = book.SpanOf(EndOfJanuary);
        var corrected = view.Treasury.Entries.Single(
            entry => entry.Voids is not null && entry.Position > january.Cut.Position);

        // Official January does not know the correction; economic January does.
        Text(book.At(book.QuestionAt(EndOfJanuary)).State.CostOpen).ShouldBe("2070672812.78");
        Text(view.At(EndOfJanuary).State.CostOpen).ShouldBe("2086198689");

        // February opens with January's closing, catches up, and ends where the economic books do.
        var roll = book.RollForwardAt(EndOfFebruary);
        Text(roll.Opening!.Rows.Single().ClosingCost).ShouldBe("2070672812.78");
        Text(roll.Moved.Rows.Single().OpeningCost).ShouldBe("2086198689");
        roll.Opening.Rows.Single().ClosingQuantity.ShouldBe(roll.Moved.Rows.Single().OpeningQuantity);
        var gains = book.GainsAt(EndOfFebruary, view.Prices.Entries);
        var line = gains.CatchUps.ShouldHaveSingleItem();
        (line.Kind, line.Late.Position, line.Journal)
            .ShouldBe((CatchUpKind.Lot, corrected.Position, LateJournal.Treasury));
        (Text(line.Cost), line.Quantity, line.Gain).ShouldBe(("15525876.22", Quantity.Zero, Amount.Zero));
        Text(gains.Cumulated).ShouldBe("-746838053.99");
        periods.AccountingDate(StarterBooks.Official, corrected.Position, corrected.EffectiveAt, TimeZoneInfo.Utc)
            .ShouldBe(new DateOnly(2026, 2, 1));

        // The general ledger of February: opened as January was closed, the correction named, closed as the books are.
        var ledgerOf = new OfficialLedger(book, view.Prices.Entries);
        var postings = ledgerOf.Between(EndOfJanuary, EndOfFebruary).ToList();
        var cost = GeneralLedger.Of(postings, new PostingFilter(ChartAccount.DigitalAssetsPooledCost), PostingPage.All)
            .Sections.Single();
        Text(cost.Opening.Amount).ShouldBe("2070672812.78");
        var first = cost.Lines[0];
        (first.Source.Kind, first.Source.Late!.Entry.Position, Text(first.Posting.Amount))
            .ShouldBe((OfficialPostingKind.CatchUp, corrected.Position, "15525876.22"));
        cost.Lines.Skip(1).ShouldAllBe(own => own.Source.Kind == OfficialPostingKind.Own);
        cost.Closing.Amount.ShouldBe(view.At(EndOfFebruary).State.CostOpen);
    }

    private static string Text(Amount amount) => amount.RoundTo(2).ToString();
}
