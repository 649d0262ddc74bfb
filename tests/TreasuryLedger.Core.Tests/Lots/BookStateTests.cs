using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>A state taken anywhere stays what it was, and a fold that goes on from it loses nothing.</summary>
public sealed class BookStateTests
{
    [Fact]
    public void going_on_from_any_state_gives_the_book_of_one_fold()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int[0, 30].Array[0, 4]).Sample(
            (steps, policy, cuts) =>
            {
                var journal = RandomHistory.WithCorrections(steps, policy);
                var prices = PriceBookView.Of(journal.Prices);
                var visible = VisibleEntries.At(journal.Entries, Viewpoint.End);
                var rows = new BookRows();
                var fold = new BookFold(journal.Registers, new BookPolicy(policy, TestJournal.Usd), prices, rows);
                var taken = new List<(int Count, BookState State, string Text)>();
                foreach (var (index, entry) in visible.Index())
                {
                    fold.Apply(entry);
                    if (cuts.Contains(index))
                    {
                        var state = fold.State();
                        taken.Add((index + 1, state, Text(state)));
                        fold = new BookFold(state, journal.Registers, prices, rows);
                    }
                }

                fold.TellWaiting();
                var whole = journal.Book(policy);
                RandomHistory.Text(fold.State().ToBook(Viewpoint.End, rows)).ShouldBe(RandomHistory.Text(whole));
                fold.State().CostAcquired.ShouldBe(whole.CostAcquired);
                foreach (var (count, state, text) in taken)
                {
                    Text(state).ShouldBe(text);
                    var again = new BookFold(state, journal.Registers, prices, null);
                    visible.Skip(count).ToList().ForEach(again.Apply);
                    Text(again.State()).ShouldBe(Text(fold.State()));
                    Text(state).ShouldBe(text);
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void sums_that_are_kept_are_those_of_the_lists()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy).Sample(
            (steps, policy) =>
            {
                var journal = RandomHistory.WithCorrections(steps, policy);
                var rows = new BookRows();
                var prices = PriceBookView.Of(journal.Prices);
                var fold = new BookFold(journal.Registers, new BookPolicy(policy, TestJournal.Usd), prices, rows);
                VisibleEntries.At(journal.Entries, Viewpoint.End).ForEach(fold.Apply);
                fold.TellWaiting();
                var state = fold.State();
                var book = state.ToBook(Viewpoint.End, rows);

                state.RealizedGain.ShouldBe(book.RealizedGain);
                state.CostOpen.ShouldBe(book.CostOpen);
                state.DisposalCount.ShouldBe(book.Disposals.Length);
                state.OpenTotals().ShouldBe(book.OpenLots.GroupBy(lot => lot.Pool).Select(lots => new OpenTotals(
                    lots.Key,
                    lots.Aggregate(Quantity.Zero, (sum, lot) => sum + lot.Remaining),
                    lots.Where(lot => lot.Cost is null).Aggregate(Quantity.Zero, (sum, lot) => sum + lot.Remaining),
                    lots.Aggregate(Amount.Zero, (sum, lot) => sum + (lot.Cost ?? Amount.Zero)),
                    lots.Max(lot => lot.Quality))));
                foreach (var pool in book.Pools)
                {
                    var place = (pool.Pool, pool.Account, pool.InTransit);
                    book.OpenLots.Where(lot => (lot.Pool, lot.Account, lot.InTransit) == place)
                        .Aggregate(Quantity.Zero, (sum, lot) => sum + lot.Remaining).ShouldBe(pool.Open);
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void realized_gains_from_sums_by_day_are_those_from_the_disposals()
    {
        var zones = Gen.Int[0, 3].Select(zone =>
            new[] { "UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia" }[zone]);
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Enum<PeriodKind>(), zones, Gen.Int[0, 6]).Sample(
            (steps, policy, kind, zoneName, digits) =>
            {
                var journal = RandomHistory.WithCorrections(steps, policy);
                var registers = journal.Registers with
                {
                    Treasury = journal.Registers.Treasury! with { TimeZone = zoneName },
                };
                var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
                var fold = new BookFold(
                    registers, new BookPolicy(policy, TestJournal.Usd), PriceBookView.Of(journal.Prices));
                VisibleEntries.At(journal.Entries, Viewpoint.End).ForEach(fold.Apply);
                var book = fold.ToBook(Viewpoint.End);
                var first = Instant.Parse("2025-12-25T00:00:00Z");
                var last = Instant.Parse("2026-02-01T00:00:00Z");
                var days = Enumerable.Range(0, 40).Select(day => new DateOnly(2025, 12, 25).AddDays(day)).Select(day =>
                    new Period($"{day:O}", LocalDay.StartOf(day, zone), LocalDay.StartOf(day.AddDays(1), zone)));

                Same(CalendarPeriods.Of(kind, "02-29", zone, first, last));
                Same([.. days]);
                Same([new Period("all", default, Instant.Max)]);

                void Same(IReadOnlyList<Period> periods)
                {
                    var fromRows = RealizedGains.Of(book, periods, digits);
                    var fromSums = RealizedGains.Of(fold.State(), periods, digits, zone);
                    fromSums.Rows.ShouldBe(fromRows.Rows);
                    fromSums.ByPeriod.ShouldBe(fromRows.ByPeriod);
                    fromSums.ByAsset.ShouldBe(fromRows.ByAsset);
                    fromSums.Total.ShouldBe(fromRows.Total);
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void a_period_that_cuts_a_day_is_refused_where_only_days_are_kept()
    {
        var journal = new TestJournal();
        var at = Instant.Parse("2026-01-05T12:00:00Z");
        journal.Add("a", at, new CapitalContributed(TestJournal.Leg("w1", TestJournal.Eth, "1"), null));
        var fold = new BookFold(
            journal.Registers, new BookPolicy(PolicyTerms.Starter, TestJournal.Usd), PriceBookView.Empty);
        VisibleEntries.At(journal.Entries, Viewpoint.End).ForEach(fold.Apply);
        var cut = new Period("cut", Instant.Parse("2026-01-05T11:00:00Z"), Instant.Parse("2026-01-07T05:00:00Z"));

        Should.Throw<ArgumentException>(
            () => RealizedGains.Of(fold.State(), [cut], 2, TimeZoneInfo.FindSystemTimeZoneById("America/New_York")));
    }

    [Theory]
    [InlineData(LotMethod.Fifo)]
    [InlineData(LotMethod.Lifo)]
    [InlineData(LotMethod.Hifo)]
    [InlineData(LotMethod.Average)]
    public void a_state_costs_what_has_changed_and_not_the_lots_that_are_open(LotMethod method)
    {
        var policy = new BookPolicy(PolicyTerms.Starter with { LotMethod = method }, TestJournal.Usd);
        var fold = new BookFold(new TestJournal().Registers, policy, PriceBookView.Empty, null);
        var number = 0;
        for (; number < 100_000; number++)
        {
            fold.Apply(Trade(number, isSale: false));
        }

        var state = fold.State();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (; number < 100_100; number++)
        {
            fold.Apply(Trade(number, isSale: number % 2 == 0));
            state = fold.State();
        }

        state.OpenTotals().Single().Quantity.Units.ShouldBeGreaterThan(99_000 * 7);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 * 30_000);
    }

    private static NarrowEntry Trade(int number, bool isSale)
    {
        var (account, units) = (AccountId.Parse("x"), 7 + (number % 5));
        var coins = new Leg(account, TestJournal.Eth, new Quantity(units));
        var money = new Leg(account, TestJournal.Usd, new Quantity(1_000 + (number * 37 % 101)));
        return new NarrowEntry
        {
            Position = number + 1,
            EffectiveAt = TestJournal.Opened.Plus(1_000 + number),
            RecordedAt = TestJournal.Opened.Plus(1_000 + number),
            Fact = FactId.Parse($"trade:{number}"),
            FactIsGiven = true,
            Event = isSale ? new AssetSold(coins, money, []) : new AssetAcquired(coins, money, []),
        };
    }

    private static string Text(BookState state) => RandomHistory.Text(state.ToBook(Viewpoint.End, new BookRows()))
        + string.Join('\n', state.DisposedPools.Select(pool =>
            $"{pool} {state.Gains(pool, DateOnly.MinValue, DateOnly.MaxValue)}"))
        + string.Join(' ', state.GainDays()) + state.CostAcquired + state.CostOpen + state.Last?.Position;
}
