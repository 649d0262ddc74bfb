using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Measurement;

/// <summary>What a book posts that begins to measure at fair value while it holds something.</summary>
public sealed class AdoptionPostingTests
{
    [Fact]
    public void what_was_there_is_equity_and_the_rest_is_income()
    {
        var journal = new TestJournal();
        journal.Add("A", At("2026-01-10T00:00:00Z"), new AssetAcquired(
            TestJournal.Leg("w1", TestJournal.Eth, "1"), TestJournal.Leg("w1", TestJournal.Usd, "2000"), []));
        journal.Price(TestJournal.Eth, At("2026-01-31T05:00:00Z"), "2500");
        journal.Price(TestJournal.Eth, At("2026-02-28T00:00:00Z"), "2600");
        journal.Add("P", At("2026-02-01T05:00:00Z"), new TermsAdopted(
            "board", PolicyTerms.Starter with { FairValue = FairValueTerms.Starter }));
        var history = new BookHistory(PriceHistory.Of(journal.Prices));
        history.Append(journal.Entries);
        var question = new BookQuestion(
            At("2026-02-28T00:00:00Z"), history.Log.Position, history.Prices.Position, new BookChoice("board"));

        var totals = new Remeasurement(history.At(question)).Totals(history.Between(null, question), question.AsOf);

        totals.Balances.Values.Aggregate(Amount.Zero, (sum, one) => sum + one.Amount).ShouldBe(Amount.Zero);
        Of(ChartAccount.DigitalAssetsRemeasured).ShouldBe("600");
        Of(ChartAccount.FairValueAdoption).ShouldBe("-500");
        Of(ChartAccount.Remeasurement).ShouldBe("-100");

        string Of(ChartAccount account) =>
            totals.Balances[new PostingLedger(account, TestJournal.Eth)].Amount.ToString();
    }

    private static Instant At(string text) => Instant.Parse(text);
}
