using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <content>What the fold shows.</content>
public sealed partial class BookFold
{
    /// <summary>The book of the entries applied so far. The fold stays as it is and may go on.</summary>
    /// <param name="viewpoint">What the entries were filtered by; overdue transfers are judged at its instant.</param>
    public Book ToBook(Viewpoint viewpoint)
    {
        ArgumentNullException.ThrowIfNull(viewpoint);
        ImmutableArray<Balance> balances =
            [.. _held.NotZero().Select(cell => new Balance(cell.Account, cell.Asset, cell.Units))];
        var openLots = OpenLots();
        return new Book
        {
            Viewpoint = viewpoint,
            Policy = _policy,
            Balances = balances,
            Debts = [.. _owed.NotZero().Select(cell => new DebtBalance(cell.Account, cell.Asset, cell.Units))],
            OpenLots = openLots,
            Disposals = [.. _disposals],
            Incomes = [.. _incomes],
            Expenses = [.. _expenses],
            Contributions = [.. _contributions],
            Liquidations = [.. _liquidations],
            Shortfalls = [.. _held.Shortfalls().Concat(_owed.Shortfalls())
                .OrderBy(s => s.Account).ThenBy(s => s.Asset).ThenBy(s => s.Kind).ThenBy(s => s.From)],
            InTransit = [.. InTransit(viewpoint.AsOf)],
            Pools = Totals(balances, openLots),
            CostAcquired = new Amount(_costAcquired),
        };
    }

    private ImmutableArray<OpenLot> OpenLots()
    {
        var open = ImmutableArray.CreateBuilder<OpenLot>();
        foreach (var ((pool, place), lots) in InOrder(_pools))
        {
            foreach (var (lot, units, cost, quality) in lots.Open())
            {
                var (account, transfer) = Named(place);
                open.Add(new OpenLot(
                    lot.Id, pool, account, transfer, lot.AcquiredAt, lot.Entry, new Quantity(lot.OriginalUnits),
                    new Quantity(units), Cost(lot, lot.OriginalCost), Cost(lot, cost), lot.Price, quality));
            }
        }

        return open.ToImmutable();

        static Amount? Cost(Lot lot, BigInteger attos) => lot.HasCost ? new Amount(attos) : null;
    }

    private IEnumerable<TransferInTransit> InTransit(Instant asOf) =>
        from passage in _passages
        let way = passage.Value
        where way.Sent != way.Arrived
        orderby passage.Key.Transfer, passage.Key.Asset
        select new TransferInTransit(
            passage.Key.Transfer, passage.Key.Asset, way.Dispatch?.Sent.Account, way.Dispatch?.To, way.SentAt,
            way.Dispatch?.ExpectedBy, way.Sent, way.Arrived,
            way.Sent > way.Arrived && asOf > way.Dispatch?.ExpectedBy);

    /// <summary>
    /// The totals of each pool: balances come from the postings, open units from the lots, so one checks the other.
    /// </summary>
    private ImmutableArray<PoolTotals> Totals(ImmutableArray<Balance> balances, ImmutableArray<OpenLot> openLots)
    {
        var totals = new Dictionary<PoolPlace, PoolTotals>();
        foreach (var balance in balances)
        {
            Hold(balance.Asset, PlaceOf(balance.Account), balance.Quantity);
        }

        foreach (var ((transfer, asset), way) in _passages)
        {
            Hold(asset, PlaceOf(transfer), way.Sent - way.Arrived);
        }

        foreach (var lot in openLots)
        {
            Put(lot.Pool, new Place(lot.Account ?? default, lot.InTransit ?? default), total => total with
            {
                Open = total.Open + lot.Remaining,
                OpenCost = total.OpenCost + (lot.Cost ?? Amount.Zero),
            });
        }

        foreach (var ((pool, place), lots) in _pools)
        {
            Put(pool, place, total => total with { Deficit = new Quantity(lots.Deficit) });
        }

        return [.. InOrder(totals).Select(total => total.Value)
            .Where(t => !(t.Balance.IsZero && t.Open.IsZero && t.Deficit.IsZero))];

        void Hold(AssetId asset, Place place, Quantity units)
        {
            var terms = _values.Terms(asset);
            if (!terms.IsCash)
            {
                Put(terms.Pool, place, total => total with { Balance = total.Balance + units });
            }
        }

        void Put(AssetId pool, Place place, Func<PoolTotals, PoolTotals> change)
        {
            var key = new PoolPlace(pool, place);
            var (account, transfer) = Named(place);
            totals[key] = change(totals.GetValueOrDefault(key)
                ?? new PoolTotals(pool, account, transfer, default, default, default, default));
        }
    }

    private static IEnumerable<KeyValuePair<PoolPlace, T>> InOrder<T>(Dictionary<PoolPlace, T> pools) => pools
        .OrderBy(pool => pool.Key.Pool)
        .ThenBy(pool => pool.Key.Place.Account)
        .ThenBy(pool => pool.Key.Place.Transfer);

    private static (AccountId? Account, FactId? Transfer) Named(Place place) => (
        place.Account == default ? null : place.Account,
        place.Transfer == default ? null : place.Transfer);
}
