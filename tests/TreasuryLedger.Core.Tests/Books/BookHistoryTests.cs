using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Books;

/// <summary>Price and market books over both axes, against filtering and walking.</summary>
public sealed class BookHistoryTests
{
    private const int Instants = 9;

    /// <summary>Long enough that runs of late prices are merged again and again.</summary>
    private static readonly Gen<NarrowEntry[]> LongBook =
        RandomBook.Prices(9_000, 3_000).Where(book => book.Length > 6_000);

    private static readonly AssetId Eth = RandomBook.Assets[0];

    [Fact]
    public void prices_at_any_instant_and_position_are_those_of_a_naive_walk() =>
        Gen.Select(RandomBook.Prices(40, Instants), Gen.Int[0, Instants], Gen.Int[0, Instants], Gen.Int[0, 41]).Sample(
            (journal, at, from, chosen) =>
            {
                var position = Math.Min(chosen, journal.Length);
                var view = PriceHistory.Of(journal).At(position);
                var known = NaiveBooks.KnownAt(journal, position);
                var (first, last) = (RandomBook.At(from), RandomBook.At(at));
                foreach (var asset in RandomBook.Assets)
                {
                    view.Latest(asset, RandomBook.Usd, last).ShouldBe(
                        NaiveBooks.Latest(known, asset, RandomBook.Usd, last));
                    view.Between(asset, RandomBook.Usd, first, last).ShouldBe(
                        NaiveBooks.Between(known, asset, RandomBook.Usd, first, last));
                }
            },
            iter: 3_000);

    [Fact]
    public void market_terms_at_any_instant_and_position_are_those_of_a_naive_walk() =>
        Gen.Select(RandomBook.Markets(40, Instants), Gen.Int[0, Instants], Gen.Int[0, 41]).Sample(
            (journal, at, chosen) =>
            {
                var position = Math.Min(chosen, journal.Length);
                var view = MarketHistory.Of(journal).At(position);
                var known = NaiveBooks.KnownAt(journal, position);
                foreach (var asset in RandomBook.Assets)
                {
                    view.At(RandomBook.Market, asset, RandomBook.At(at)).ShouldBe(
                        NaiveBooks.At(known, RandomBook.Market, asset, RandomBook.At(at)));
                }
            },
            iter: 3_000);

    [Fact]
    public void a_book_of_thousands_that_mostly_come_late_answers_as_a_naive_walk() =>
        Gen.Select(LongBook, Gen.Select(Gen.Int[0, 3_000], Gen.Int[0, 9_000]).Array[25]).Sample(
            (journal, questions) =>
            {
                var history = PriceHistory.Of(journal);
                foreach (var (second, chosen) in questions)
                {
                    var (at, position) = (RandomBook.At(second), Math.Min(chosen, journal.Length));
                    history.At(position).Latest(Eth, RandomBook.Usd, at).ShouldBe(NaiveBooks.Latest(
                        NaiveBooks.KnownAt(journal, position), Eth, RandomBook.Usd, at));
                }
            },
            iter: 8);

    [Fact]
    public void what_was_last_and_what_is_next_to_touch_the_time_up_to_an_instant_is_found() =>
        Gen.Select(RandomBook.Prices(40, Instants), Gen.Int[0, Instants], Gen.Int[0, 41]).Sample(
            (journal, at, known) =>
            {
                var history = PriceHistory.Of(journal);
                var touching = NaiveBooks.Touching(journal, RandomBook.At(at)).ToList();

                history.LastTouching(RandomBook.At(at), known).ShouldBe(
                    touching.LastOrDefault(position => position <= known));
                history.NextTouching(RandomBook.At(at), known).ShouldBe(
                    touching.Cast<long?>().FirstOrDefault(position => position > known));
            },
            iter: 3_000);

    [Fact]
    public void views_between_what_touches_the_time_up_to_an_instant_agree_on_it() =>
        Gen.Select(RandomBook.Prices(40, Instants), Gen.Int[0, Instants], Gen.Int[0, 41]).Sample(
            (journal, at, chosen) =>
            {
                var history = PriceHistory.Of(journal);
                var (through, known) = (RandomBook.At(at), Math.Min(chosen, journal.Length));
                var from = history.LastTouching(through, known);
                var until = (history.NextTouching(through, known) ?? (history.Position + 1)) - 1;
                foreach (var instant in Enumerable.Range(0, at + 1).Select(RandomBook.At))
                {
                    var price = history.At(known).Latest(Eth, RandomBook.Usd, instant);
                    history.At(from).Latest(Eth, RandomBook.Usd, instant).ShouldBe(price);
                    history.At(until).Latest(Eth, RandomBook.Usd, instant).ShouldBe(price);
                }
            },
            iter: 3_000);

    [Fact]
    public void the_position_of_a_known_at_instant_is_that_of_the_last_entry_by_then() =>
        Gen.Select(RandomBook.Prices(30, Instants), Gen.Long[0, 400]).Sample((journal, microseconds) =>
        {
            var knownAt = new Instant(journal[0].RecordedAt.Microseconds - 20 + microseconds);

            PriceHistory.Of(journal).PositionAt(knownAt).ShouldBe(
                journal.Where(entry => entry.RecordedAt <= knownAt).Select(entry => entry.Position).LastOrDefault());
        });

    [Fact]
    public async Task a_view_is_not_changed_by_what_is_appended_while_it_is_read()
    {
        var journal = LongBook.Single();
        var history = new PriceHistory();
        var writer = Task.Run(
            () =>
            {
                foreach (var entry in journal)
                {
                    history.Append(entry);
                }
            },
            TestContext.Current.CancellationToken);

        var seen = new List<(long Position, Instant At, PriceUsed? Price)>();
        do
        {
            var (view, at) = (history.Newest, RandomBook.At(seen.Count * 1_021 % 3_000));
            seen.Add((view.Known, at, view.Latest(Eth, RandomBook.Usd, at)));
        }
        while (!writer.IsCompleted || seen.Count < 1_000);

        await writer;
        seen.ShouldAllBe(one => Equals(history.At(one.Position).Latest(Eth, RandomBook.Usd, one.At), one.Price));
    }

    [Fact]
    public void a_position_that_is_not_reached_yet_is_refused()
    {
        var history = new PriceHistory();

        Should.Throw<ArgumentOutOfRangeException>(() => history.At(1));
        Should.Throw<ArgumentOutOfRangeException>(() => history.At(-1));
        history.At(0).Latest(Eth, RandomBook.Usd, Instant.Max).ShouldBeNull();
    }

    [Fact]
    public void entries_out_of_recorded_order_are_refused()
    {
        var journal = RandomBook.Prices(10, Instants).Where(book => book.Length > 2).Single();
        var history = PriceHistory.Of(journal);

        Should.Throw<ArgumentException>(() => history.Append(journal[1]));
        history.Position.ShouldBe(journal.Length);
    }
}
