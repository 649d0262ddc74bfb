using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>The open lots of one pool asset, wherever they lie.</summary>
/// <param name="Pool">The asset whose lots they are.</param>
/// <param name="Quantity">Smallest units of open lots.</param>
/// <param name="BasisMissing">Smallest units of them whose cost nobody knows.</param>
/// <param name="Cost">The known cost.</param>
/// <param name="Quality">The worst evidence that the costs rest on.</param>
public sealed record OpenTotals(
    AssetId Pool, Quantity Quantity, Quantity BasisMissing, Amount Cost, EvidenceQuality Quality);

/// <summary>
/// A book at a point of the fold, immutable: what a treasury holds, owes and has gained, without the rows of what
/// happened on the way. A fold goes on from it, and it shares its parts with those before and after it.
/// </summary>
public sealed class BookState
{
    private SettledWindows? _settled;

    internal BookState(BookPolicy policy, Registers registers) => (Policy, Registers) = (policy, registers);

    /// <summary>How it was derived.</summary>
    public BookPolicy Policy { get; }

    /// <summary>The accounts and assets with which it was derived.</summary>
    public Registers Registers { get; }

    /// <summary>The last entry in it; absent if there is none.</summary>
    public NarrowEntry? Last { get; internal init; }

    /// <summary>The latest instant for which a price was asked (inclusive).</summary>
    public Instant PricesUntil { get; internal init; }

    /// <summary>The known cost of everything acquired; always the open cost plus the cost taken by disposals.</summary>
    public Amount CostAcquired { get; internal init; }

    /// <summary>The known cost of all open lots.</summary>
    public Amount CostOpen => Sum(PoolsByPlace.Values.Select(pool => pool.Cost));

    /// <summary>The exact realized gain on all units whose cost and proceeds are known.</summary>
    public Amount RealizedGain => Sum(GainsByPool.Values.Select(days => days.Total.Gain.Attos));

    /// <summary>The assets whose lots were disposed of, in order.</summary>
    public IEnumerable<AssetId> DisposedPools => GainsByPool.Keys;

    /// <summary>How many disposals there were.</summary>
    public long DisposalCount => GainsByPool.Values.Sum(days => (long)days.Total.Disposals);

    /// <summary>How many of the disposals lack proceeds or basis.</summary>
    public long IncompleteCount => GainsByPool.Values.Sum(days => (long)days.Total.Incomplete);

    /// <summary>What is known of lending positions beside units.</summary>
    public PositionFacts Facts { get; internal init; } = PositionFacts.None;

    internal UnitTotalsState Held { get; init; } = UnitTotalsState.Empty(ShortfallKind.Units);

    internal UnitTotalsState Owed { get; init; } = UnitTotalsState.Empty(ShortfallKind.Debt);

    internal PassagesState Passages { get; init; } = PassagesState.Empty;

    /// <summary>The pools, as if nothing more came.</summary>
    internal ImmutableSortedDictionary<PoolPlace, LotPool> PoolsByPlace =>
        Windows.IsEmpty ? OwnPools : Settled.Pools;

    /// <summary>The sums of disposals, as if nothing more came.</summary>
    internal ImmutableSortedDictionary<AssetId, GainDays> GainsByPool => Windows.IsEmpty ? OwnGains : Settled.Gains;

    /// <summary>The pools of which nothing waits.</summary>
    internal ImmutableSortedDictionary<PoolPlace, LotPool> OwnPools { get; init; } =
        ImmutableSortedDictionary<PoolPlace, LotPool>.Empty;

    /// <summary>The pools that look for acquisitions of other days.</summary>
    internal ImmutableSortedDictionary<AssetId, WindowedPool> Windows { get; init; } =
        ImmutableSortedDictionary<AssetId, WindowedPool>.Empty;

    /// <summary>The sums of the disposals that are final.</summary>
    internal ImmutableSortedDictionary<AssetId, GainDays> OwnGains { get; init; } =
        ImmutableSortedDictionary<AssetId, GainDays>.Empty;

    /// <summary>What was decided about lots.</summary>
    internal LotDecisions Decisions { get; init; } = LotDecisions.None;

    /// <summary>The treasury's time zone.</summary>
    internal TimeZoneInfo Zone => Registers.Treasury is { } treasury
        ? TimeZoneInfo.FindSystemTimeZoneById(treasury.TimeZone)
        : TimeZoneInfo.Utc;

    private SettledWindows Settled => _settled ??= SettledWindows.Of(this);

    /// <summary>How many lots came in.</summary>
    internal long Ordinal { get; init; }

    /// <summary>Units held, by account and asset; zero balances are left out.</summary>
    public ImmutableArray<Balance> Balances() =>
    [
        .. Held.Totals.Where(total => !total.Value.Units.IsZero).Select(total => new Balance(
            total.Key.Account, total.Key.Asset, new Quantity(total.Value.Units))),
    ];

    /// <summary>Units owed, by position and asset; zero debts are left out.</summary>
    public ImmutableArray<DebtBalance> Debts() =>
    [
        .. Owed.Totals.Where(total => !total.Value.Units.IsZero).Select(total => new DebtBalance(
            total.Key.Account, total.Key.Asset, new Quantity(total.Value.Units))),
    ];

    /// <summary>The units held at an account.</summary>
    public Quantity BalanceOf(AccountId account, AssetId asset) =>
        new(Held.Totals.GetValueOrDefault(new UnitKey(account, asset))?.Units ?? BigInteger.Zero);

    /// <summary>The units owed by a position.</summary>
    public Quantity DebtOf(AccountId position, AssetId asset) =>
        new(Owed.Totals.GetValueOrDefault(new UnitKey(position, asset))?.Units ?? BigInteger.Zero);

    /// <summary>Spans with missing units, by account, asset, kind and start.</summary>
    public ImmutableArray<Shortfall> Shortfalls() =>
    [
        .. Held.Shortfalls().Concat(Owed.Shortfalls())
            .OrderBy(s => s.Account).ThenBy(s => s.Asset).ThenBy(s => s.Kind).ThenBy(s => s.From),
    ];

    /// <summary>Transfers under way, by fact.</summary>
    /// <param name="asOf">The instant at which they are overdue or not.</param>
    public ImmutableArray<TransferInTransit> InTransit(Instant asOf) => [.. Passages.InTransit(asOf)];

    /// <summary>One transfer that was dispatched or of which something arrived, also one that is over.</summary>
    /// <param name="transfer">The fact of the dispatch.</param>
    /// <param name="asset">Of what.</param>
    /// <param name="asOf">The instant at which it is overdue or not.</param>
    public TransferInTransit? Transfer(FactId transfer, AssetId asset, Instant asOf) =>
        Passages.Find(new PassageKey(transfer, asset), asOf);

    /// <summary>Open lots, by pool, account, transfer, acquisition and order of the fold.</summary>
    /// <param name="pool">Only those of one asset; absent: all.</param>
    public ImmutableArray<OpenLot> OpenLots(AssetId? pool = null)
    {
        var open = ImmutableArray.CreateBuilder<OpenLot>();
        foreach (var (key, lots) in PoolsByPlace)
        {
            if (pool is not null && key.Pool != pool)
            {
                continue;
            }

            var (account, transfer) = key.Named;
            foreach (var (lot, units, cost, quality) in lots.Open())
            {
                open.Add(new OpenLot(
                    lot.Id, key.Pool, account, transfer, lot.AcquiredAt, lot.Entry, new Quantity(lot.OriginalUnits),
                    new Quantity(units), Cost(lot, lot.OriginalCost), Cost(lot, cost), lot.Price, quality));
            }
        }

        return open.ToImmutable();

        static Amount? Cost(Lot lot, BigInteger attos) => lot.HasCost ? new Amount(attos) : null;
    }

    /// <summary>The sums of the open lots of each pool asset, in order; without looking at the lots.</summary>
    public ImmutableArray<OpenTotals> OpenTotals() =>
    [
        .. PoolsByPlace.Where(pool => pool.Value.HasLots).GroupBy(pool => pool.Key.Pool, pool => pool.Value)
            .OrderBy(pools => pools.Key)
            .Select(pools => new OpenTotals(
                pools.Key,
                new Quantity(Add(pools.Select(pool => pool.Units))),
                new Quantity(Add(pools.Select(pool => pool.UnitsWithoutCost))),
                Sum(pools.Select(pool => pool.Cost)),
                pools.Max(pool => pool.Quality))),
    ];

    /// <summary>
    /// The totals of each pool, by pool, account and transfer: balances come from the postings, open units from the
    /// lots, so one checks the other.
    /// </summary>
    public ImmutableArray<PoolTotals> Pools()
    {
        var totals = new SortedDictionary<PoolPlace, PoolTotals>();
        var values = new EntryValues(Registers, Policy, Prices.PriceBookView.Empty);
        foreach (var (key, held) in Held.Totals)
        {
            Hold(key.Asset, Place(key.Account, default), held.Units);
        }

        foreach (var (key, way) in Passages.Open)
        {
            Hold(key.Asset, Place(default, key.Transfer), (way.Sent - way.Arrived).Units);
        }

        foreach (var (key, lots) in PoolsByPlace)
        {
            totals[key] = Total(key) with
            {
                Open = new Quantity(lots.Units),
                Deficit = new Quantity(lots.Deficit),
                OpenCost = new Amount(lots.Cost),
            };
        }

        return [.. totals.Values.Where(t => !(t.Balance.IsZero && t.Open.IsZero && t.Deficit.IsZero))];

        void Hold(AssetId asset, Place place, BigInteger units)
        {
            var terms = values.Terms(asset);
            if (!terms.IsCash && !units.IsZero)
            {
                var key = new PoolPlace(terms.Pool, place);
                var total = Total(key);
                totals[key] = total with { Balance = total.Balance + new Quantity(units) };
            }
        }

        PoolTotals Total(PoolPlace key) => totals.GetValueOrDefault(key) ?? new PoolTotals(
            key.Pool, key.Named.Account, key.Named.Transfer, default, default, default, default);

        Place Place(AccountId account, FactId transfer) =>
            Policy.IsPerAccount ? new Place(account, transfer) : default;
    }

    /// <summary>The exact sums over the disposals of one pool asset on whole local days.</summary>
    /// <param name="pool">Whose lots were taken.</param>
    /// <param name="first">The first day (inclusive).</param>
    /// <param name="end">The first day after them (exclusive).</param>
    public GainTotals Gains(AssetId pool, DateOnly first, DateOnly end) =>
        GainsByPool.TryGetValue(pool, out var days)
            ? days.Before(end.DayNumber) - days.Before(first.DayNumber)
            : default;

    /// <summary>The local days on which lots of any pool were disposed of, in order.</summary>
    public ImmutableArray<DateOnly> GainDays() =>
        [.. GainsByPool.Values.SelectMany(days => days.Days).Distinct().Order().Select(DateOnly.FromDayNumber)];

    /// <summary>The disposals that wait for acquisitions of other days, as if nothing more came.</summary>
    internal IEnumerable<(AssetId Pool, Disposal Row, GainTotals Sums)> Waiting() =>
        Windows.IsEmpty ? [] : Settled.Waiting;

    /// <summary>The complete answer of a fold, with the rows that it brought forth.</summary>
    /// <param name="viewpoint">What the entries were filtered by; overdue transfers are judged at its instant.</param>
    /// <param name="rows">Every row from the first entry on.</param>
    public Book ToBook(Viewpoint viewpoint, BookRows rows)
    {
        ArgumentNullException.ThrowIfNull(viewpoint);
        ArgumentNullException.ThrowIfNull(rows);
        return new Book
        {
            Viewpoint = viewpoint,
            Policy = Policy,
            Balances = Balances(),
            Debts = Debts(),
            OpenLots = OpenLots(),
            Disposals = [.. BookRows.InOrder(rows.Disposals)],
            Incomes = [.. rows.Incomes],
            Expenses = [.. rows.Expenses],
            Contributions = [.. rows.Contributions],
            Liquidations = [.. rows.Liquidations],
            Shortfalls = Shortfalls(),
            InTransit = InTransit(viewpoint.AsOf),
            Pools = Pools(),
            CostAcquired = CostAcquired,
        };
    }

    private static Amount Sum(IEnumerable<BigInteger> attos) => new(Add(attos));

    private static BigInteger Add(IEnumerable<BigInteger> parts) =>
        parts.Aggregate(BigInteger.Zero, (sum, part) => sum + part);
}
