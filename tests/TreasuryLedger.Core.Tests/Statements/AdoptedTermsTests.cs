using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>Entries that adopt terms are causes like any other, on both time axes (Lots/SPEC.md 12).</summary>
public sealed class AdoptedTermsTests
{
    private const ulong Histories = 1_800;

    private static readonly Instant End = Instant.Parse("2028-01-01T00:00:00Z");

    private static readonly BookChoice Board = new("board");

    [Fact]
    public void a_restatement_names_the_entry_that_adopts_terms_late_and_the_one_that_voids_it()
    {
        var journal = Journal();
        var before = journal.Entries[^1].RecordedAt;
        var adopted = Adopt(journal, "board", LotMethod.Lifo);
        var between = journal.Entries[^1].RecordedAt;
        var voiding = journal.Add("void-P", End, new EntryVoided(), voids: adopted.Position);

        var late = Between(journal, before, between, Board);
        var back = Between(journal, between, voiding.RecordedAt, Board);

        late.Lines.ShouldHaveSingleItem().Entry.Position.ShouldBe(adopted.Position);
        late.Lines[0].Effect.ToString().ShouldBe("-1000");
        back.Lines.ShouldHaveSingleItem().Entry.Position.ShouldBe(voiding.Position);
        back.Lines[0].Effect.ToString().ShouldBe("1000");
        Between(journal, before, voiding.RecordedAt, null).Lines.ShouldBeEmpty();
        Between(journal, before, voiding.RecordedAt, new BookChoice("tax")).Lines.ShouldBeEmpty();
    }

    [Fact]
    public void restatements_and_bridges_of_books_add_up_and_terms_are_among_the_causes()
    {
        var causes = (Restated: 0, Bridged: 0);
        for (var seed = 1UL; seed <= Histories; seed++)
        {
            var history = HistoryGenerator.Generate(seed);
            var dice = new Dice(seed);
            var choice = new BookChoice(dice.Pick(HistoryGenerator.Books));
            var ground = history.Treasury.Last(History.IsGround).RecordedAt;
            var known = history.Treasury.Select(entry => entry.RecordedAt)
                .Where(at => at >= ground).ToList();
            var (one, other) = (dice.Pick(known), dice.Pick(known));
            var (first, last) = dice.Chance(50) ? (ground, known[^1]) : one < other ? (one, other) : (other, one);
            var figure = dice.Chance(50)
                ? (Func<BookState, Amount>)(state => state.RealizedGain)
                : state => state.CostOpen;

            var restated = Restatement.Between(
                history.Treasury, history.Prices, End, first, last, at => figure(at.State), choice);
            restated.Before.ShouldBe(figure(At(history, new Viewpoint(End, first), choice)));
            restated.After.ShouldBe(figure(At(history, new Viewpoint(End, last), choice)));
            Sum(restated.Lines.Select(line => line.Effect)).ShouldBe(restated.Difference);
            causes.Restated += restated.Lines.Count(line => line.Entry.Event is TermsAdopted);

            var prices = PriceHistory.Of(history.Prices);
            var books = new BookHistory(prices);
            books.Append(history.Treasury);
            var from = dice.Pick(history.Treasury).EffectiveAt;
            var bridge = Bridge.Between(
                books, from, new BookQuestion(End, books.Log.Position, prices.Position, choice), figure);
            bridge.After.ShouldBe(figure(At(history, new Viewpoint(End, Instant.Max), choice)));
            Sum(bridge.Lines.Select(line => line.Effect)).ShouldBe(bridge.Difference);
            causes.Bridged += bridge.Lines.Count(line => line.Entry.Event is TermsAdopted);
        }

        causes.Restated.ShouldBeGreaterThan(10);
        causes.Bridged.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData(BasisScope.PerAccount, StablecoinTreatment.Lots)]
    [InlineData(BasisScope.Universal, StablecoinTreatment.CashAtPar)]
    public void a_fold_stops_at_terms_that_cannot_follow(BasisScope scope, StablecoinTreatment stablecoins)
    {
        var journal = new TestJournal(PolicyTerms.Starter with { Stablecoins = StablecoinTreatment.Lots });
        journal.Add("P", End, new TermsAdopted("board", PolicyTerms.Starter with
        {
            BasisScope = scope,
            Stablecoins = stablecoins,
        }));

        Should.Throw<InvalidOperationException>(() => journal.Book(choice: Board)).Message.ShouldContain("board");
        journal.Book(choice: new BookChoice("tax")).IsConserved.ShouldBeTrue();
    }

    [Fact]
    public void the_checkpoints_of_other_books_outlive_an_entry_that_adopts_terms()
    {
        var journal = Journal();
        var books = new BookHistory(new PriceHistory(), new CheckpointBudget(1, 100, 10));
        books.Append(journal.Entries);
        books.At(new BookQuestion(End, books.Log.Position, 0));
        var used = books.CheckpointsUsed;

        Adopt(journal, "board", LotMethod.Lifo);
        books.Append([journal.Entries[^1]]);
        var official = books.At(new BookQuestion(End, books.Log.Position, 0)).State;
        var board = books.At(new BookQuestion(End, books.Log.Position, 0, Board)).State;

        books.CheckpointsUsed.ShouldBe(used + 2); // that of the end, and for the board the one before its terms
        official.RealizedGain.ToString().ShouldBe("3000");
        board.RealizedGain.ToString().ShouldBe("2000");
    }

    [Fact]
    public void a_starter_book_begins_with_its_own_terms_and_the_prices_of_the_treasury()
    {
        var own = PolicyTerms.Starter with { LotMethod = LotMethod.Average, PriceAgeMaxSeconds = 5 };

        new BookChoice("us-tax").TermsBefore(own).ShouldBe(
            new PolicyTerms(LotMethod.Fifo, BasisScope.PerAccount, StablecoinTreatment.Lots, IncomeBasis.FairValue, 5));
        new BookChoice("us-tax") { Method = LotMethod.Hifo }.TermsBefore(own).LotMethod.ShouldBe(LotMethod.Hifo);
        new BookChoice("board").TermsBefore(own).ShouldBe(own);
        new BookChoice(StarterBooks.Official).TermsBefore(own).ShouldBe(own);
        StarterBooks.All.Select(starter => starter.Name).ShouldBeUnique();
        StarterBooks.All.Select(starter => starter.Name).ShouldNotContain(StarterBooks.Official);
    }

    private static TestJournal Journal()
    {
        var journal = new TestJournal();
        journal.Add("A", Day("2026-01-01"), Trade("1000", isSale: false));
        journal.Add("B", Day("2026-01-02"), Trade("2000", isSale: false));
        journal.Add("S", Day("2026-02-02"), Trade("4000", isSale: true));
        return journal;
    }

    private static Entry Adopt(TestJournal journal, string book, LotMethod method) => journal.Add(
        "P", Day("2026-02-01"), new TermsAdopted(book, PolicyTerms.Starter with { LotMethod = method }));

    private static LedgerEvent Trade(string dollars, bool isSale)
    {
        var (eth, usd) = (TestJournal.Leg("x", TestJournal.Eth, "1"), TestJournal.Leg("x", TestJournal.Usd, dollars));
        return isSale ? new AssetSold(eth, usd, []) : new AssetAcquired(eth, usd, []);
    }

    private static Restatement Between(TestJournal journal, Instant before, Instant after, BookChoice? choice) =>
        Restatement.Between(
            journal.Entries, journal.Prices, End, before, after, Restatement.RealizedGainOf, choice);

    private static BookState At(History history, Viewpoint viewpoint, BookChoice choice) =>
        TreasuryAt.Of(history.Treasury, history.Prices, [], viewpoint, choice).State;

    private static Amount Sum(IEnumerable<Amount> amounts) =>
        amounts.Aggregate(Amount.Zero, (sum, amount) => sum + amount);

    private static Instant Day(string day) => Instant.Parse(day + "T00:00:00Z");
}
