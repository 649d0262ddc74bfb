using System.Numerics;
using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>
/// Methods that look at other days, against what their rules come to over a whole history in exact fractions. Days are
/// those of New York, where the clock changes within the histories.
/// </summary>
public sealed class WindowPropertyTests
{
    private const long Minute = 60_000_000;

    /// <summary>Days close together, so that windows cross each other; a gap leads over the end of a year.</summary>
    private static readonly Gen<(int Gap, int Hour, bool Buys, int Units, int Cost)[]> Trades =
        Gen.Select(
            Gen.Frequency((6, Gen.Int[0, 12]), (1, Gen.Int[28, 33]), (1, Gen.Int[0, 0])), Gen.Int[0, 23], Gen.Bool,
            Gen.Int[1, 1_000_003], Gen.Int[0, 100_000_007]).Array[1, 30];

    [Fact]
    public void individuals_in_the_united_kingdom_take_what_the_rules_say() =>
        Sample(LotMethod.UkS104, history => NaiveWindows.Individual(history), row => row.Day);

    [Fact]
    public void companies_in_the_united_kingdom_take_what_the_rules_say() =>
        Sample(LotMethod.UkCorporate, history => NaiveWindows.Company(history), row => row.Day);

    [Fact]
    public void the_average_of_a_year_is_what_the_rules_say() =>
        Sample(LotMethod.TotalAverage, history => NaiveWindows.Year(history), row => row.Year);

    [Theory]
    [InlineData(LotMethod.UkS104)]
    [InlineData(LotMethod.UkCorporate)]
    [InlineData(LotMethod.TotalAverage)]
    public void at_every_instant_a_book_that_goes_on_is_one_that_is_folded_from_the_start(LotMethod method)
    {
        Trades.Sample(
            trades =>
            {
                var journal = Recorded(trades, out _);
                var policy = new BookPolicy(PolicyTerms.Starter with { LotMethod = method }, TestJournal.Usd);
                var entries = VisibleEntries.At(journal.Entries, Viewpoint.End);
                var state = new BookFold(journal.Registers, policy, PriceBookView.Empty, null).State();
                var count = 0;
                foreach (var entry in entries)
                {
                    var on = new BookFold(state, journal.Registers, PriceBookView.Empty, null);
                    on.Apply(entry);
                    state = on.State();
                    var whole = BookFold.Fold(
                        entries.Take(++count), journal.Registers, policy, PriceBookView.Empty, Viewpoint.End);
                    state.RealizedGain.ShouldBe(whole.RealizedGain);
                    state.CostOpen.ShouldBe(whole.CostOpen);
                    state.DisposalCount.ShouldBe(whole.Disposals.Length);
                    whole.IsConserved.ShouldBeTrue();
                }
            },
            iter: 200);
    }

    [Theory]
    [InlineData(LotMethod.UkS104)]
    [InlineData(LotMethod.UkCorporate)]
    [InlineData(LotMethod.TotalAverage)]
    public void what_is_final_stays_as_it_is(LotMethod method)
    {
        Trades.Sample(
            trades =>
            {
                var journal = Recorded(trades, out _);
                var policy = new BookPolicy(PolicyTerms.Starter with { LotMethod = method }, TestJournal.Usd);
                var entries = VisibleEntries.At(journal.Entries, Viewpoint.End);
                var whole = Fold(entries.Count).ToDictionary(row => row.Entry);
                for (var count = 1; count < entries.Count; count++)
                {
                    var next = entries[count].EffectiveAt;
                    foreach (var row in Fold(count).Where(row => row.FinalFrom <= next))
                    {
                        row.Takes.ShouldBe(whole[row.Entry].Takes);
                    }
                }

                System.Collections.Immutable.ImmutableArray<Disposal> Fold(int count) => BookFold.Fold(
                    entries.Take(count), journal.Registers, policy, PriceBookView.Empty, Viewpoint.End).Disposals;
            },
            iter: 200);
    }

    private static void Sample(
        LotMethod method,
        Func<List<Moved>, (SortedDictionary<int, Fraction> Costs, Fraction Left)> model,
        Func<Moved, int> by)
    {
        Trades.Sample(
            trades =>
            {
                var journal = Recorded(trades, out var history);
                var book = journal.Book(PolicyTerms.Starter with { LotMethod = method });

                var ground = journal.Entries.Count - trades.Length;
                var (costs, left) = model(history);
                var ours = book.Disposals.GroupBy(row => by(history[(int)row.Entry - ground - 1]))
                    .ToDictionary(
                        rows => rows.Key,
                        rows => rows.Aggregate(BigInteger.Zero, (sum, row) => sum + row.MatchedCost.Attos));
                ours.Keys.Order().ShouldBe(history.Where(row => row.Cost is null).Select(by).Distinct().Order());
                foreach (var (key, cost) in ours)
                {
                    // Each part is rounded down by less than one of the last digit; its rest goes to the next.
                    costs[key].Distance(cost).ShouldBeLessThanOrEqualTo(trades.Length * trades.Length);
                }

                left.Distance(book.CostOpen.Attos).ShouldBeLessThanOrEqualTo(trades.Length * trades.Length);
                book.IsConserved.ShouldBeTrue();
            },
            iter: 2_000);
    }

    private static TestJournal Recorded(
        (int Gap, int Hour, bool Buys, int Units, int Cost)[] trades, out List<Moved> history)
    {
        var journal = new TestJournal();
        history = [];
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
        var (day, turn) = (new DateOnly(2025, 10, 20), 0);
        foreach (var (gap, hour, buys, units, cost) in trades)
        {
            day = day.AddDays(gap);
            // The end of a day in New York is the next one in UTC.
            var at = LocalDay.StartOf(day, zone).Plus((((hour * 60) + turn++) % 1_380) * Minute);
            var what = new Leg(AccountId.Parse("w1"), TestJournal.Eth, new Quantity(units));
            var money = new Leg(AccountId.Parse("bank"), TestJournal.Usd, new Quantity(cost + 1));
            LedgerEvent happened = buys ? new AssetAcquired(what, money, []) : new AssetSold(what, money, []);
            journal.Add($"t{turn:000}", at, happened);
            var attos = (cost + 1) * BigInteger.Pow(10, 16);
            history.Add(new Moved(day.DayNumber, day.Year, units, buys ? attos : null));
        }

        return journal;
    }
}
