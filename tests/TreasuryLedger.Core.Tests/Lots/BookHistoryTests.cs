using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>
/// Every answer of a book history against a fold of everything visible, on the histories by chance that also examine
/// the rules: late entries, corrections of corrections, prices that come late or are corrected.
/// </summary>
public sealed class BookHistoryTests
{
    private const int Histories = 1_500;
    private const int QuestionsAtOnce = 4;

    private static readonly CheckpointBudget[] Budgets = [new(1, 6, 1), new(1, 40, 3), new(2, 3, 0), new(3, 40, 0)];

    [Fact]
    public void every_answer_is_that_of_a_fold_of_everything_visible()
    {
        var goneOnFrom = 0L;
        Parallel.For(1, Histories + 1, seed => Interlocked.Add(ref goneOnFrom, Examine((ulong)seed)));

        // Otherwise nothing was proven about checkpoints.
        goneOnFrom.ShouldBeGreaterThan(Histories * 5);
    }

    [Fact]
    public void a_restated_history_answers_every_knowledge_it_ever_had()
    {
        var journal = new TestJournal();
        var history = Asked(journal, out var prices);
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        for (var number = 0; number < 60; number++)
        {
            journal.Add($"buy-{number}", at.Plus(number * 1_000), Buy(3 + (number % 4), 10 + number));
            journal.Add($"sell-{number}", at.Plus((number * 1_000) + 500), Sell(2 + (number % 3), 17 + number));
        }

        for (var restated = 0; restated < 5; restated++)
        {
            var before = journal.Entries.Count;
            foreach (var number in new[] { 3, 20, 41 })
            {
                var fact = FactId.Parse($"buy-{number}");
                var voided = journal.Entries.Last(entry => entry.Fact == fact);
                var bought = Buy(5, 100 + restated + number);
                journal.Add(fact.ToString(), voided.EffectiveAt, bought, voids: voided.Position);
            }

            journal.Add($"late-{restated}", at.Plus(-1_000 - restated), Buy(1, 1));
            history.Append(journal.Entries.Skip((int)history.Log.Position));
            for (var position = before - 2; position <= journal.Entries.Count; position++)
            {
                Same(history, journal.Entries, prices, new BookQuestion(at.Plus(31_000), position, 0));
                Same(history, journal.Entries, prices, new BookQuestion(Instant.Max, position, 0));
            }
        }

        Same(history, journal.Entries, prices, new BookQuestion(at.Plus(31_000), 120, 0));
    }

    [Fact]
    public void what_was_known_before_restatements_keeps_its_checkpoints_if_it_is_asked_for()
    {
        const int spacing = 8;
        var (journal, folds) = (new TestJournal(), new List<int>());
        var history = new BookHistory(
            new PriceHistory(), new CheckpointBudget(spacing, 90, 16), (entries, _) => folds.Add(entries));
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        for (var number = 0; number < 300; number++)
        {
            journal.Add($"buy-{number}", at.Plus(number), Buy(3, 10 + number));
        }

        history.Append(journal.Entries);
        var first = journal.Entries[^1].Position;
        history.At(new BookQuestion(Instant.Max, first, 0));
        Ask(first);
        var newest = first;
        for (var restated = 0; restated < 5; restated++)
        {
            newest = journal.Add($"late-{restated}", at.Plus(-1 - restated), Buy(1, 1)).Position;
            history.Append(journal.Entries.Skip((int)history.Log.Position));
            history.At(new BookQuestion(Instant.Max, newest, 0));
        }

        folds.Clear();
        Ask(first);
        Ask(newest);

        // 6 × 37 checkpoints do not fit into 90: what was known in between, and nobody asked for, is forgotten whole.
        folds.Max().ShouldBeLessThanOrEqualTo(2 * spacing);
        history.CheckpointCount.ShouldBeInRange(60, 90 + 16);
        history.At(new BookQuestion(Instant.Max, first + 2, 0));
        folds[^1].ShouldBeGreaterThan(300, "an answer keeps the lots of what was forgotten");

        void Ask(long known)
        {
            for (var number = 299; number > 0; number -= 7)
            {
                history.At(new BookQuestion(at.Plus(number), known, 0));
            }
        }
    }

    [Fact]
    public void checkpoints_of_what_is_known_now_are_left_further_apart_if_they_are_too_many()
    {
        const int spacing = 8;
        var (journal, folds) = (new TestJournal(), new List<int>());
        var history = new BookHistory(
            new PriceHistory(), new CheckpointBudget(spacing, 20, 0), (entries, _) => folds.Add(entries));
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        for (var number = 0; number < 600; number++)
        {
            journal.Add($"buy-{number}", at.Plus(number), Buy(3, 10 + number));
        }

        history.Append(journal.Entries);
        history.At(new BookQuestion(Instant.Max, journal.Entries[^1].Position, 0));
        folds.Clear();
        for (var number = 599; number > 0; number -= 7)
        {
            history.At(new BookQuestion(at.Plus(number), journal.Entries[^1].Position, 0));
        }

        folds.Max().ShouldBeLessThanOrEqualTo(16 * spacing);
        history.CheckpointCount.ShouldBeLessThanOrEqualTo(20);
    }

    [Fact]
    public void a_long_way_is_folded_once_for_all_who_ask_at_the_same_time()
    {
        const int entries = 30_000;
        var journal = new TestJournal();
        var history = new BookHistory(new PriceHistory(), new CheckpointBudget(16, 10_000, 0));
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        for (var number = 0; number < entries; number++)
        {
            journal.Add($"{number}", at.Plus(number), number % 3 == 2 ? Sell(4, 60 + number) : Buy(3, 10 + number));
        }

        history.Append(journal.Entries);
        var known = history.Log.Position;
        var costs = Enumerable.Range(0, 4).Select(_ => new FoldCost()).ToArray();
        var asking = costs.Select(cost => new Thread(() =>
            history.At(new BookQuestion(Instant.Max, known, 0) { Cost = cost }))).ToList();
        asking.ForEach(thread => thread.Start());
        asking.ForEach(thread => thread.Join());

        // Each for itself would be four times; whoever waits looks now and then, which costs a short way each time.
        costs.Sum(cost => cost.Folded).ShouldBeLessThan(entries * 3);
        costs.ShouldAllBe(cost => cost.Folded + cost.Saved >= entries);
    }

    [Fact]
    public void a_fact_before_everything_leaves_old_knowledge_as_it_was()
    {
        var journal = new TestJournal();
        var history = Asked(journal, out var prices);
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        for (var number = 0; number < 40; number++)
        {
            journal.Add($"buy-{number}", at.Plus(number), Buy(3, 10 + number));
        }

        journal.Add("sell", at.Plus(50), Sell(4, 100));
        history.Append(journal.Entries.Skip((int)history.Log.Position));
        var known = history.Log.Position;
        var then = history.At(new BookQuestion(Instant.Max, known, 0)).State.RealizedGain;
        var late = journal.Add("late", at.Plus(-1), Buy(1, 1));
        history.Append([late]);

        var now = history.At(new BookQuestion(Instant.Max, late.Position, 0)).State.RealizedGain;

        history.At(new BookQuestion(Instant.Max, known, 0)).State.RealizedGain.ShouldBe(then);
        now.ShouldNotBe(then);
        Same(history, journal.Entries, prices, new BookQuestion(Instant.Max, late.Position, 0));
    }

    [Fact]
    public void what_is_registered_later_or_otherwise_counts_for_whoever_knows_it()
    {
        var journal = new TestJournal();
        var history = Asked(journal, out var prices);
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        var gbp = AssetId.Parse("GBP");
        for (var number = 0; number < 9; number++)
        {
            var value = new Money.CurrencyAmount("GBP", new Money.Amount(7_000_000_000_000_000_000 + number));
            journal.Add($"in-{number}", at.Plus(number), new CapitalContributed(
                TestJournal.Leg("w1", TestJournal.Eth, "2"), number % 2 == 0 ? value : null));
            journal.Add($"swap-{number}", at.Plus(number), new AssetWrapped(
                TestJournal.Leg("w1", TestJournal.Eth, "1"), TestJournal.Leg("w1", TestJournal.Weth, "1")));
        }

        prices.Add(journal.Price(TestJournal.Eth, at.Plus(-9), "3"));
        prices.Add(journal.Price(gbp, at.Plus(-9), "1.25"));
        Ask();
        journal.Add("gbp", at, new AssetRegistered(gbp, AssetKind.Currency, 2, null, null, null, null));
        Ask();
        journal.Add("gbp-void", at, new EntryVoided(), voids: journal.Entries[^1].Position);
        Ask();
        var weth = journal.Entries.Single(entry => entry.Event is AssetRegistered { Asset: var asset }
            && asset == TestJournal.Weth);
        var alone = ((AssetRegistered)weth.Event) with { StandsFor = null };
        journal.Add(weth.Fact.ToString(), at, alone, voids: weth.Position);
        Ask();
        journal.Add("again", at, alone with { StandsFor = new StandIn(TestJournal.Eth, StandInKind.Wrapped) });
        Ask();

        void Ask()
        {
            history.Append(journal.Entries.Skip((int)history.Log.Position));
            foreach (var entry in prices.Skip((int)history.Prices.Position).ToList())
            {
                history.Prices.Append(entry);
            }

            foreach (var position in Enumerable.Range(16, journal.Entries.Count - 15))
            {
                Same(history, journal.Entries, prices, new BookQuestion(Instant.Max, position, 2));
                Same(history, journal.Entries, prices, new BookQuestion(at.Plus(5), position, 1));
            }
        }
    }

    [Fact]
    public void the_price_of_a_stated_currency_is_one_that_was_asked_for()
    {
        var journal = new TestJournal();
        var history = Asked(journal, out var prices);
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        var value = new Money.CurrencyAmount("EUR", new Money.Amount(7_000_000_000_000_000_000));
        for (var number = 0; number < 9; number++)
        {
            journal.Add($"in-{number}", at.Plus(number), new CapitalContributed(
                TestJournal.Leg("w1", TestJournal.Eth, "2"), value));
        }

        history.Append(journal.Entries.Skip((int)history.Log.Position));
        foreach (var price in new[] { "1.25", "1.5" })
        {
            Same(history, journal.Entries, prices, new BookQuestion(
                Instant.Max, journal.Entries.Count, history.Prices.Position));
            prices.Add(journal.Price(AssetId.Parse("EUR"), at, price));
            history.Prices.Append(prices[^1]);
        }

        for (var known = 2; known >= 0; known--)
        {
            Same(history, journal.Entries, prices, new BookQuestion(Instant.Max, journal.Entries.Count, known));
        }
    }

    [Fact]
    public async Task many_may_ask_while_one_appends()
    {
        var journal = new TestJournal();
        var history = Asked(journal, out var prices);
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        for (var number = 0; number < 400; number++)
        {
            var happened = at.Plus(number % 7 == 0 ? number : 10 * number);
            journal.Add($"{number}", happened, number % 3 == 2 ? Sell(4, 60 + number) : Buy(3, 10 + number));
        }

        var entries = journal.Entries.ToList();
        var appending = Task.Run(
            () =>
            {
                foreach (var chunk in entries.Skip((int)history.Log.Position).Chunk(3).ToList())
                {
                    history.Append(chunk);
                }
            },
            TestContext.Current.CancellationToken);
        Parallel.For(0, 200, number =>
        {
            var dice = new Dice((ulong)number);
            var position = history.Log.Position - dice.Below(30);
            var opened = entries.FindLastIndex(History.IsGround) + 1;
            var asOf = at.Plus(dice.Below(4_000));
            Same(history, entries, prices, new BookQuestion(asOf, Math.Max(opened, position), 0));
        });
        await appending;
        Same(history, entries, prices, new BookQuestion(Instant.Max, history.Log.Position, 0));
    }

    private static AssetAcquired Buy(long units, long paid) => new(
        new Leg(AccountId.Parse("x"), TestJournal.Btc, new Money.Quantity(units)),
        new Leg(AccountId.Parse("x"), TestJournal.Usd, new Money.Quantity(paid)),
        []);

    private static AssetSold Sell(long units, long proceeds) => new(
        new Leg(AccountId.Parse("x"), TestJournal.Btc, new Money.Quantity(units)),
        new Leg(AccountId.Parse("x"), TestJournal.Usd, new Money.Quantity(proceeds)),
        []);

    private static BookHistory Asked(TestJournal journal, out List<Entry> prices)
    {
        prices = [];
        var history = new BookHistory(new PriceHistory(), new CheckpointBudget(3, 1_000, 2));
        history.Append(journal.Entries);
        return history;
    }

    private static long Examine(ulong seed)
    {
        var whole = HistoryGenerator.Generate(seed);
        var dice = new Dice(~seed);
        var prices = new PriceHistory();
        var history = new BookHistory(prices, dice.Pick(Budgets));
        var ground = whole.Treasury.Last(History.IsGround).Position;
        Learn((int)ground);
        BookChoice?[] choices =
        [
            null, Proof.SomePolicy(dice), Proof.SomePolicy(dice), .. HistoryGenerator.Books.Select(book =>
                new BookChoice(book) { Method = dice.Chance(20) ? LotMethod.Hifo : null }),
        ];
        while (true)
        {
            for (var i = 0; i < QuestionsAtOnce; i++)
            {
                Same(history, whole.Treasury, whole.Prices, new BookQuestion(
                    dice.Chance(20) ? Instant.Max : dice.Pick(whole.Treasury).EffectiveAt.Plus(dice.Below(3) - 1),
                    ground + dice.Below((int)(history.Log.Position - ground) + 1),
                    dice.Below((int)prices.Position + 1),
                    dice.Pick(choices)));
            }

            var quotes = whole.Prices.Where(entry => entry.Position > prices.Position);
            if (history.Log.Count == whole.Treasury.Length && !quotes.Any())
            {
                return history.CheckpointsUsed;
            }

            Learn(Math.Min(whole.Treasury.Length, history.Log.Count + dice.Below(5)));
            quotes.Take(dice.Below(4)).ToList().ForEach(prices.Append);
        }

        // Every other history keeps its entries; the others ask a stored journal again.
        void Learn(int count)
        {
            if (seed % 2 == 0)
            {
                history.Follow(new StoredList(whole.Treasury, count), _ => { });
            }
            else
            {
                history.Append(whole.Treasury.Take(count).Skip(history.Log.Count).ToList());
            }
        }
    }

    /// <summary>The book, and the rows of a span, as a fold of everything visible gives them.</summary>
    private static void Same(
        BookHistory history, IReadOnlyCollection<Entry> treasury, IReadOnlyCollection<Entry> prices, BookQuestion asked)
    {
        var known = VisibleEntries.KnownAt(
            treasury.TakeWhile(entry => entry.Position <= asked.Position), Instant.Max);
        var quotes = VisibleEntries.KnownAt(
            prices.TakeWhile(entry => entry.Position <= asked.PricePosition), Instant.Max);
        var registers = Registers.Of(known);
        var own = BookPolicy.Of(registers);
        var rows = new BookRows();
        var choice = asked.Choice ?? BookChoice.Official;
        var fold = new BookFold(
            registers, own with { Terms = choice.TermsBefore(own.Terms) }, PriceBookView.Of(quotes), rows, choice);
        VisibleEntries.AsOf(known, asked.AsOf).ForEach(fold.Apply);
        fold.TellWaiting();

        var answer = history.At(asked);

        Text(answer.State, asked.AsOf).ShouldBe(Text(fold.State(), asked.AsOf), asked.ToString());
        answer.Registers.Assets.Count.ShouldBe(registers.Assets.Count);
        var after = history.Log.Position % 2 == 0 ? (Instant?)null : HistoryGenerator.Start.Plus(86_400_000_000 * 3);
        var spanned = history.Between(after, asked).ToList();
        var disposals = fold.State().ToBook(Viewpoint.End, rows).Disposals;
        Lines(spanned.SelectMany(entry => entry.Rows.Disposals)).ShouldBe(
            Lines(disposals.Where(disposal => after is null || disposal.At > after)));
        Lines(spanned.SelectMany(entry => entry.Rows.Expenses)).ShouldBe(
            Lines(rows.Expenses.Where(expense => after is null || expense.At > after)));
        Lines(spanned.SelectMany(entry => entry.Rows.Incomes)).ShouldBe(
            Lines(rows.Incomes.Where(income => after is null || income.At > after)));
    }

    private static string Text(BookState state, Instant asOf)
    {
        var book = state.ToBook(new Viewpoint(asOf, asOf), new BookRows());
        return string.Join('\n', [
            Lines(book.Balances), Lines(book.Debts), Lines(book.OpenLots), Lines(book.Shortfalls),
            Lines(book.InTransit), Lines(book.Pools), $"{book.CostAcquired} {state.RealizedGain} {state.DisposalCount}",
            Lines(state.OpenTotals()),
            Lines(state.DisposedPools.SelectMany(pool => state.GainDays().Select(day =>
                $"{pool} {day:O} {state.Gains(pool, day, day.AddDays(1))}"))),
        ]);
    }

    private static string Lines<T>(IEnumerable<T> rows) => string.Join('\n', rows.Select(row =>
        row is Disposal disposal
            ? $"{disposal with { Takes = [] }} {string.Join(' ', disposal.Takes)}"
            : Convert.ToString(row, CultureInfo.InvariantCulture)));
}
