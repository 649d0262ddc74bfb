using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>
/// Every figure opens, both ways, on the histories by chance that also examine the rules: late entries, corrections,
/// prices that come late or are corrected, every method, scope and treatment.
/// </summary>
public sealed class DrillTests
{
    private const int Histories = 600;

    [Fact]
    public void a_lot_is_what_its_disposals_took_and_what_remains_to_the_last_unit_and_digit()
    {
        var (lots, carried, averaged) = (0, 0, 0);
        foreach (var treasury in Treasuries())
        {
            var rows = RowsOf(treasury);
            var acquired = rows.Lots.ToDictionary(lot => lot.LotId);
            var averages = treasury.Happened.Select(happened => happened.State().Policy).Any(policy =>
                policy.Terms.LotMethod == LotMethod.Average || policy.IsWindowed);
            foreach (var (id, lot) in acquired)
            {
                var story = LotStory.Of(treasury, id, treasury.Log.Find(lot.Entry)!)!;
                Text(story.Lot).ShouldBe(Text(lot));
                story.Disposals.Select(disposal => (disposal.Fact, disposal.Leg)).ShouldBe(rows.Disposals
                    .Where(disposal => disposal.Takes.Any(take => take.LotId == id))
                    .Select(disposal => (disposal.Fact, disposal.Leg)));
                story.Balances.ShouldAllBe(balance => balance.IsConserved);
                if (!averages)
                {
                    story.Balances.ShouldAllBe(balance => balance.CostAveraged.IsZero);
                }

                lots++;
                carried += story.Carried.Length;
                averaged += story.Balances.Count(balance => !balance.CostAveraged.IsZero);
            }

            // Whatever is open, or was taken, leads to a lot that came in.
            treasury.State.OpenLots().ShouldAllBe(open => acquired.ContainsKey(open.LotId));
            foreach (var open in treasury.State.OpenLots())
            {
                open.Entry.ShouldBe(acquired[open.LotId].Entry);
                open.AcquiredAt.ShouldBe(acquired[open.LotId].AcquiredAt);
            }

            rows.Disposals.SelectMany(disposal => disposal.Takes)
                .ShouldAllBe(take => acquired[take.LotId].Entry == take.AcquisitionEntry);
            acquired.Values.Aggregate(Amount.Zero, (sum, lot) => sum + (lot.Cost ?? Amount.Zero))
                .ShouldBe(treasury.State.CostAcquired);
        }

        lots.ShouldBeGreaterThan(Histories);
        carried.ShouldBeGreaterThan(Histories / 20);
        averaged.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void a_price_leads_to_every_figure_that_would_miss_it_and_every_figure_to_its_prices()
    {
        var (used, valued) = (0, 0);
        foreach (var (history, question) in Questions())
        {
            var treasury = TreasuryAt.Of(history.Treasury, history.Prices, [], question.At, question.Choice);
            var rows = RowsOf(treasury);
            foreach (var price in history.Prices.Where(entry => entry.Event is PriceRecorded))
            {
                if (price.RecordedAt > question.At.KnownAt)
                {
                    continue;
                }

                var uses = PriceUses.Of(treasury, price);
                Names(uses.Rows).ShouldBe(Names(Using(rows, price.Position)), ignoreOrder: true);
                used += Names(uses.Rows).Count;
                valued += uses.Values.Length;
                // Where nothing uses it, all is the same without it. A stale price of what stands for another does its
                // work unused: it keeps the other's from being used.
                var isOwn = treasury.Registers.Assets[((PriceRecorded)price.Event).Asset].StandsFor is null;
                if (isOwn && price.Voids is null && Names(uses.Rows).Count == 0 && uses.Values.IsEmpty)
                {
                    var others = history.Prices.Where(entry => entry.Position != price.Position);
                    var without = TreasuryAt.Of(history.Treasury, others, [], question.At, question.Choice);
                    RowsOf(without).Disposals.Select(disposal => disposal.Proceeds)
                        .ShouldBe(rows.Disposals.Select(disposal => disposal.Proceeds));
                    without.State.CostAcquired.ShouldBe(treasury.State.CostAcquired);
                }
            }
        }

        used.ShouldBeGreaterThan(Histories / 4);
        valued.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void a_row_of_realized_gains_is_the_sum_of_the_disposals_that_it_leads_to()
    {
        var compared = 0;
        foreach (var treasury in Treasuries())
        {
            var rows = RowsOf(treasury);
            var periods = CalendarPeriods.Of(
                PeriodKind.Month, "01-01", TimeZoneInfo.Utc, HistoryGenerator.Start, HistoryGenerator.Start.Plus(1));
            foreach (var row in RealizedGains.Of(treasury.State, periods, 2, TimeZoneInfo.Utc).Rows)
            {
                var disposals = rows.Disposals.Where(disposal =>
                    disposal.Pool == row.Asset && row.Period.Contains(disposal.At)).ToList();
                disposals.Aggregate(Quantity.Zero, (sum, one) => sum + one.Quantity).ShouldBe(row.Figures.Quantity);
                var known = disposals.Where(one => one.Proceeds is not null).ToList();
                known.Aggregate(Amount.Zero, (sum, one) => sum + one.MatchedProceeds!.Value).RoundTo(2)
                    .ShouldBe(row.Figures.Proceeds);
                known.Aggregate(Amount.Zero, (sum, one) => sum + one.MatchedCost).RoundTo(2)
                    .ShouldBe(row.Figures.CostBasis);
                disposals.Count(one => !one.IsComplete).ShouldBe(row.Figures.Incomplete);
                compared++;
            }
        }

        compared.ShouldBeGreaterThan(Histories / 4);
    }

    private static IEnumerable<(History History, Question Question)> Questions()
    {
        for (var seed = 0UL; seed < Histories; seed++)
        {
            var history = HistoryGenerator.Generate(seed);
            foreach (var claim in Proof.Claims(history).Take(2))
            {
                yield return (history, claim.Question);
            }
        }
    }

    private static IEnumerable<TreasuryAt> Treasuries() => Questions().Select(asked => TreasuryAt.Of(
        asked.History.Treasury, asked.History.Prices, [], asked.Question.At, asked.Question.Choice));

    private static BookRows RowsOf(TreasuryAt treasury)
    {
        var rows = new BookRows();
        foreach (var happened in treasury.Happened)
        {
            rows.AddAll(happened.Rows);
        }

        return rows;
    }

    private static BookRows Using(BookRows rows, long position)
    {
        var found = new BookRows();
        bool Is(PriceUsed? price) => price?.Position == position;
        rows.Disposals.Where(row => Is(row.Price) || row.FeePrices.Any(Is)).ToList().ForEach(found.Add);
        rows.Lots.Where(row => Is(row.Price) || row.FeePrices.Any(Is)).ToList().ForEach(found.Add);
        rows.Incomes.Where(row => Is(row.Price)).ToList().ForEach(found.Add);
        rows.Expenses.Where(row => Is(row.Price)).ToList().ForEach(found.Add);
        rows.Contributions.Where(row => Is(row.Price)).ToList().ForEach(found.Add);
        rows.Liquidations.Where(row => Is(row.Price)).ToList().ForEach(found.Add);
        return found;
    }

    private static List<string> Names(BookRows rows) =>
    [
        .. rows.Disposals.Select(row => $"disposal {row.Fact}:{row.Leg}"),
        .. rows.Lots.Select(row => $"lot {row.LotId}"),
        .. rows.Incomes.Select(row => $"income {row.Fact} {row.Kind}"),
        .. rows.Expenses.Select(row => $"expense {row.Fact}:{row.Leg}"),
        .. rows.Contributions.Select(row => $"contribution {row.Fact}"),
        .. rows.Liquidations.Select(row => $"liquidation {row.Fact}"),
    ];

    private static string Text(Acquisition lot) => (lot with { FeePrices = [] }).ToString();
}
