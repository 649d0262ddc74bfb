using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>Where two books differ, and that it is all of it (SPEC 8).</summary>
public sealed class BookComparisonTests
{
    private const ulong Histories = 3_000;

    private static readonly Period[] Weeks =
    [
        new("before", default, HistoryGenerator.Start.Plus(3 * 86_400_000_000L)),
        new("after", HistoryGenerator.Start.Plus(3 * 86_400_000_000L), Instant.Max),
    ];

    [Fact]
    public void what_is_listed_adds_up_to_every_difference()
    {
        var (differing, came) = (0, 0);
        for (var seed = 1UL; seed <= Histories; seed++)
        {
            var history = HistoryGenerator.Generate(seed);
            var dice = new Dice(~seed);
            var asOf = dice.Chance(50) ? Instant.Max : dice.Pick(history.Treasury).EffectiveAt;
            var (book, with) = (At(history, asOf, Some(dice)), At(history, asOf, Some(dice)));

            var compared = BookComparison.Of(book, with, Weeks, TimeZoneInfo.Utc);

            compared.RealizedGain.ShouldBe(new ComparedAmount(book.Book.RealizedGain, with.Book.RealizedGain));
            compared.CostOpen.ShouldBe(new ComparedAmount(book.Book.CostOpen, with.Book.CostOpen));
            Sum(compared.Gains.Select(row => row.Gain)).ShouldBe(compared.RealizedGain);
            Sum(compared.Open.Select(row => row.Cost)).ShouldBe(compared.CostOpen);
            var gains = Sum(compared.Disposals.Select(row => row.Gain)).Difference;
            var taken = Sum(compared.Disposals.Select(row => row.Cost)).Difference;
            var acquired = Sum(compared.Acquisitions.Select(row => row.Cost)).Difference;
            gains.ShouldBe(compared.RealizedGain.Difference);
            acquired.ShouldBe(compared.CostAcquired.Difference);
            (acquired - taken).ShouldBe(compared.CostOpen.Difference);
            differing += compared.Disposals.Length;
            came += compared.Acquisitions.Count(row => row.Entry.Event is TermsAdopted);
        }

        differing.ShouldBeGreaterThan(500);
        came.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void a_book_does_not_differ_from_itself()
    {
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var history = HistoryGenerator.Generate(seed);
            var choice = Some(new Dice(seed));

            var compared = BookComparison.Of(
                At(history, Instant.Max, choice), At(history, Instant.Max, choice), Weeks, TimeZoneInfo.Utc);

            (compared.Disposals.Length + compared.Acquisitions.Length).ShouldBe(0);
        }
    }

    [Fact]
    public void questions_tell_what_they_cost_and_what_checkpoints_saved()
    {
        var journal = new TestJournal();
        for (var day = 1; day <= 9; day++)
        {
            journal.Add($"A{day}", Instant.Parse($"2026-01-0{day}T00:00:00Z"), new AssetAcquired(
                TestJournal.Leg("x", TestJournal.Eth, "1"), TestJournal.Leg("x", TestJournal.Usd, "100"), []));
        }

        var books = new BookHistory(new PriceHistory(), new CheckpointBudget(3, 100, 10));
        books.Append(journal.Entries);

        Cost("2026-01-09T00:00:00Z", null).ShouldBe((9, 0));
        Cost("2026-01-09T00:00:00Z", null).ShouldBe((0, 9));
        Cost("2026-01-08T00:00:00Z", null).ShouldBe((2, 6));
        Cost("2026-01-09T00:00:00Z", new BookChoice { Method = LotMethod.Lifo }).ShouldBe((9, 0));
        // A starter book with the official terms has the official checkpoints; one with other terms has its own.
        Cost("2026-01-09T00:00:00Z", new BookChoice { Method = LotMethod.Fifo }).ShouldBe((0, 9));
        Cost("2026-01-09T00:00:00Z", new BookChoice("us-gaap")).ShouldBe((9, 0));

        (long, long) Cost(string asOf, BookChoice? choice)
        {
            var cost = new FoldCost();
            books.At(new BookQuestion(Instant.Parse(asOf), books.Log.Position, 0, choice) { Cost = cost });
            return (cost.Folded, cost.Saved);
        }
    }

    private static BookChoice Some(Dice dice) => dice.Below(3) switch
    {
        0 => BookChoice.Of(Proof.SomePolicy(dice))!,
        1 => new BookChoice(dice.Pick(StarterBooks.All).Name),
        _ => new BookChoice(dice.Pick(HistoryGenerator.Books)),
    };

    private static TreasuryAt At(History history, Instant asOf, BookChoice choice) =>
        TreasuryAt.Of(history.Treasury, history.Prices, [], new Viewpoint(asOf, Instant.Max), choice);

    private static ComparedAmount Sum(IEnumerable<ComparedAmount> amounts) =>
        amounts.Aggregate(new ComparedAmount(Amount.Zero, Amount.Zero), (sum, amount) => sum + amount);
}
