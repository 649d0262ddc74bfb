using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Periods;

/// <summary>The official book after two persons changed its terms.</summary>
public sealed class OfficialTermsTests
{
    [Fact]
    public void they_hold_from_their_day_on_and_what_is_closed_stays_what_it_was()
    {
        var journal = new TestJournal();
        journal.Add("A", At("2026-01-05T12:00:00Z"), Buy("2", "2000"));
        journal.Add("B", At("2026-01-06T12:00:00Z"), Buy("2", "4000"));
        journal.Add("S", At("2026-01-20T12:00:00Z"), Sale());
        journal.Add(
            "C", At("2026-02-03T12:00:00Z"),
            new PeriodClosed(StarterBooks.Official, At("2026-01-01T05:00:00Z"), At("2026-02-01T05:00:00Z")));
        var closed = Figures(journal, "2026-01-31T12:00:00Z");
        var lifo = PolicyTerms.Starter with { LotMethod = LotMethod.Lifo };
        journal.Add("P", At("2026-02-10T05:00:00Z"), new TermsProposed(StarterBooks.Official, lifo, "ann"));
        var proposed = Figures(journal, "2026-02-20T12:00:00Z");
        journal.Add("Q", At("2026-02-10T05:00:00Z"), new TermsAdopted(StarterBooks.Official, lifo));
        journal.Add("T", At("2026-02-15T12:00:00Z"), Sale());

        Figures(journal, "2026-01-31T12:00:00Z").ShouldBe(closed);
        closed.ShouldBe("Fifo gain 500 open A:0 1 B:0 2");
        proposed.ShouldBe("Fifo gain 500 open A:0 1 B:0 2");
        Figures(journal, "2026-02-20T12:00:00Z").ShouldBe("Lifo gain 0 open A:0 1 B:0 1");
    }

    /// <summary>What is official at an instant.</summary>
    private static string Figures(TestJournal journal, string asOf)
    {
        var history = new BookHistory(PriceHistory.Of(journal.Prices));
        history.Append(journal.Entries);
        var periods = ClosedPeriods.Of(journal.Entries.Where(entry => PeriodEntry.IsOne(entry.Event))
            .Select(entry => PeriodEntry.Of(entry)));
        var book = new OfficialBook(
            history, new BookQuestion(Instant.Max, history.Log.Position, history.Prices.Position), periods);
        var state = book.At(book.QuestionAt(At(asOf))).State;
        return $"{state.Policy.Terms.LotMethod} gain {state.RealizedGain} open "
            + string.Join(' ', state.OpenLots().Select(lot =>
                $"{lot.LotId} {TestJournal.Tokens(TestJournal.Eth, lot.Remaining)}"));
    }

    private static AssetAcquired Buy(string tokens, string dollars) => new(
        TestJournal.Leg("x", TestJournal.Eth, tokens), TestJournal.Leg("x", TestJournal.Usd, dollars), []);

    private static AssetSold Sale() => new(
        TestJournal.Leg("x", TestJournal.Eth, "1"), TestJournal.Leg("x", TestJournal.Usd, "1500"), []);

    private static Instant At(string text) => Instant.Parse(text);
}
