using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Tests.Postings;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>Two books lot by lot (Statements/SPEC.md 9).</summary>
public sealed class LotComparisonTests
{
    private static readonly Instant End = Instant.Parse("2026-03-01T00:00:00Z");

    [Fact]
    public void fair_value_and_cost_differ_at_every_open_lot_by_what_it_gained_and_did_not_realize()
    {
        var journal = Traded();
        var compared = Compared(journal, new BookChoice { Measurement = MeasurementBasis.FairValue }, new BookChoice());

        Text(compared).ShouldBe(["B 3600 FairValue", "C -200 FairValue"]);
        (compared.Book - compared.With)!.Value.ToString().ShouldBe("3400");
    }

    [Fact]
    public void another_method_takes_other_lots_and_the_differences_add_up_to_that_of_the_gain()
    {
        var journal = Traded();
        var compared = Compared(journal, new BookChoice { Method = LotMethod.Hifo }, new BookChoice());

        Text(compared).ShouldBe(["A -1000 UnitsTaken", "C -1000 UnitsTaken"]);
        (compared.Book - compared.With)!.Value.ToString().ShouldBe("-2000");
    }

    [Fact]
    public void stablecoins_in_lots_are_in_one_book_only()
    {
        var journal = new TestJournal();
        journal.Add("S", At(1), new CapitalContributed(TestJournal.Leg("w1", TestJournal.Usdt, "100"), null));
        journal.Price(TestJournal.Usdt, At(1), "1");

        Text(Compared(journal, new BookChoice { Stablecoins = StablecoinTreatment.Lots }, new BookChoice()))
            .ShouldBe(["S 0 OnlyInBook"]);
    }

    [Fact]
    public void the_differences_of_lots_add_up_to_that_of_the_books_in_every_history()
    {
        foreach (var books in RandomBooks.Some(81_000, 300))
        {
            var asOf = books.Question.AsOf > End ? End : books.Question.AsOf;
            var (left, right) = (
                At(new BookChoice { Method = LotMethod.Hifo, Measurement = MeasurementBasis.FairValue }),
                At(new BookChoice { Stablecoins = StablecoinTreatment.Lots }));
            var compared = LotComparison.Of(left, right);

            if (compared.Book - compared.With is { } difference)
            {
                compared.Lots.Aggregate(Amount.Zero, (sum, lot) => sum + lot.Difference!.Value)
                    .ShouldBe(difference, books.Named);
            }

            // Units without a lot belong to none, also where they cost nothing by decision.
            var without = right.Book.Disposals.SelectMany(disposal => disposal.Parts)
                .Aggregate(Amount.Zero, (sum, part) => sum + (part.Take is null ? part.Gain ?? default : default));
            (compared.With + without).ShouldBe(right.State.RealizedGain, books.Named);
            compared.Lots.ShouldAllBe(lot => !lot.Reasons.IsEmpty);

            TreasuryAt At(BookChoice choice) => new(
                books.History, MarketHistory.Of([]).Newest, new Viewpoint(asOf, Instant.Max),
                books.Question with { AsOf = asOf, Choice = choice });
        }
    }

    /// <summary>A and B and C bought, one sold; at the end ETH is worth 2800.</summary>
    private static TestJournal Traded()
    {
        var journal = new TestJournal();
        Buy("A", 1, "1", "1000");
        Buy("B", 2, "2", "2000");
        Buy("C", 3, "1", "3000");
        journal.Add("S", At(4), new AssetSold(
            TestJournal.Leg("w1", TestJournal.Eth, "1"), TestJournal.Leg("w1", TestJournal.Usd, "2000"), []));
        journal.Price(TestJournal.Eth, At(5), "2800");
        return journal;

        void Buy(string fact, int day, string units, string cost) => journal.Add(fact, At(day), new AssetAcquired(
            TestJournal.Leg("w1", TestJournal.Eth, units), TestJournal.Leg("w1", TestJournal.Usd, cost), []));
    }

    private static LotComparison Compared(TestJournal journal, BookChoice book, BookChoice with)
    {
        var viewpoint = new Viewpoint(At(5), Instant.Max);
        return LotComparison.Of(
            TreasuryAt.Of(journal.Entries, journal.Prices, [], viewpoint, book),
            TreasuryAt.Of(journal.Entries, journal.Prices, [], viewpoint, with));
    }

    private static string[] Text(LotComparison compared) =>
        [.. compared.Lots.Select(lot => $"{lot.LotId.Fact} {lot.Difference} {string.Join(' ', lot.Reasons)}")];

    private static Instant At(int day) => Instant.Parse($"2026-01-{day:00}T00:00:00Z");
}
