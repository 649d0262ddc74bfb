using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// Turns visible entries into a book: the rules of SPEC.md, one arm an event. What later entries need of earlier ones
/// is its state, which can be taken at any point with <see cref="State"/> and folded on from there; the rows that it
/// brings forth go to whoever listens.
/// </summary>
public sealed partial class BookFold
{
    private readonly Registers _registers;
    private readonly PriceBookView _prices;
    private readonly BookChoice _choice;
    private readonly DayCounter _days;
    private readonly TimeZoneInfo _zone;
    private readonly UnitTotals _held;
    private readonly UnitTotals _owed;
    private readonly Passages _passages;
    private readonly SharedMap<PoolPlace, LotPool> _pools;
    private readonly SharedMap<AssetId, WindowedPool> _windows;
    private readonly SharedMap<AssetId, GainDays> _gains;
    private readonly IBookSink? _sink;
    private readonly BookRows? _rows;

    // Scratch space of one entry, so that the hot path makes no lists.
    private readonly List<LotSlice> _slices = [];
    private readonly List<Valued> _feeValues = [];

    private BookPolicy _policy;
    private LotConventions _how;
    private TakeRules _takeRules;
    private EntryValues _values;
    private LotDecisions _decisions;
    private PositionFacts _facts;
    private bool _bears;
    private int _turn;
    private object _owner = new();
    private BookState? _state;
    private BigInteger _costAcquired;
    private long _ordinal;
    private NarrowEntry? _last;

    /// <summary>An empty book under a policy, which keeps every row for <see cref="ToBook"/>.</summary>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="policy">The policy of the read.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    public BookFold(Registers registers, BookPolicy policy, PriceBookView prices)
        : this(registers, policy, prices, new BookRows(), null)
    {
    }

    /// <summary>An empty book under a policy.</summary>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="policy">The policy of the read.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    /// <param name="sink">Receives the rows; absent if nobody needs them.</param>
    /// <param name="choice">The book whose terms these are; absent: the official one.</param>
    public BookFold(
        Registers registers, BookPolicy policy, PriceBookView prices, IBookSink? sink, BookChoice? choice = null)
        : this(new BookState(policy, registers), registers, prices, sink, choice) => _rows = sink as BookRows;

    /// <summary>Goes on from a point of another fold. That one, and its state, stay as they are.</summary>
    /// <param name="from">The state at that point.</param>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    /// <param name="sink">Receives the rows from here on; absent if nobody needs them.</param>
    /// <param name="choice">The book that it is; absent: the official one.</param>
    public BookFold(
        BookState from, Registers registers, PriceBookView prices, IBookSink? sink, BookChoice? choice = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(registers);
        (_policy, _registers, _prices, _sink) = (from.Policy, registers, prices, sink);
        _choice = choice ?? BookChoice.Official;
        _zone = from.Zone;
        _days = new DayCounter(_zone);
        (_how, _takeRules, _values) = Under(_policy, from.PricesUntil);
        (_held, _owed, _passages) = (new(from.Held), new(from.Owed), new(from.Passages));
        _pools = new(from.OwnPools, at => new LotPool(RankingAt(at.Place)));
        _windows = new(from.Windows, _ => new WindowedPool(_policy.Terms.LotMethod));
        _gains = new(from.OwnGains, _ => new GainDays());
        (_decisions, _facts) = (from.Decisions, from.Facts);
        (_costAcquired, _ordinal, _last) = (from.CostAcquired.Attos, from.Ordinal, from.Last);
    }

    /// <summary>Whether disposals of an entry applied so far still wait for their lots (SPEC 14).</summary>
    /// <param name="position">The entry's position.</param>
    public bool Waits(long position) => _waiting.ContainsKey(position);

    private bool IsPerAccount => _policy.IsPerAccount;

    private bool IsWindowed => _policy.IsWindowed;

    /// <summary>The book of entries that count at a viewpoint.</summary>
    /// <param name="visibleInOrder">As <see cref="VisibleEntries.At"/> gives them.</param>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="policy">The policy of the read.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    /// <param name="viewpoint">What the entries were filtered by.</param>
    /// <param name="choice">The book whose terms these are; absent: the official one.</param>
    public static Book Fold(
        IEnumerable<NarrowEntry> visibleInOrder,
        Registers registers,
        BookPolicy policy,
        PriceBookView prices,
        Viewpoint viewpoint,
        BookChoice? choice = null)
    {
        ArgumentNullException.ThrowIfNull(visibleInOrder);
        var fold = new BookFold(registers, policy, prices, new BookRows(), choice);
        foreach (var entry in visibleInOrder)
        {
            fold.Apply(entry);
        }

        return fold.ToBook(viewpoint);
    }

    /// <summary>Adds the next visible entry.</summary>
    /// <exception cref="ArgumentException">It comes before the last one in <see cref="EntryOrder"/>.</exception>
    /// <exception cref="UnreachableEventException">No rule knows its event.</exception>
    public void Apply(NarrowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_last is not null && EntryOrder.Comparer.Compare(_last, entry) >= 0)
        {
            throw new ArgumentException(
                $"Entry {entry.Position} does not come after entry {_last.Position}.", nameof(entry));
        }

        (_last, _state, _turn) = (entry, null, 0);
        if (IsWindowed)
        {
            Settle(_days.Of(entry.EffectiveAt));
        }

        var postings = new Postings(this, entry.EffectiveAt);
        Movements.Tell(entry.Event, ref postings);
        Happen(entry);
        if (_bears)
        {
            _facts = _facts.Bear(entry, _owed.Of);
            _bears = false;
        }
    }

    /// <summary>
    /// The state after the entries applied so far. Taking it costs what has changed since it was taken last, however
    /// many lots are open; the fold may go on.
    /// </summary>
    public BookState State()
    {
        if (_state is null)
        {
            _state = new BookState(_policy, _registers)
            {
                Last = _last,
                PricesUntil = _values.PricesUntil,
                CostAcquired = new Amount(_costAcquired),
                Held = _held.Snapshot(),
                Owed = _owed.Snapshot(),
                Passages = _passages.Snapshot(),
                OwnPools = _pools.Snapshot(),
                Windows = _windows.Snapshot(),
                OwnGains = _gains.Snapshot(),
                Decisions = _decisions,
                Facts = _facts,
                Ordinal = _ordinal,
            };
            _owner = new object();
        }

        return _state;
    }

    /// <summary>The book of the entries applied so far. The fold stays as it is and may go on.</summary>
    /// <param name="viewpoint">What the entries were filtered by; overdue transfers are judged at its instant.</param>
    /// <exception cref="InvalidOperationException">This fold did not keep its rows from the first entry on.</exception>
    public Book ToBook(Viewpoint viewpoint)
    {
        var rows = _rows ?? throw new InvalidOperationException("The rows of this fold went elsewhere.");
        return State().ToBook(viewpoint, rows.With(State().Waiting().Select(waiting => waiting.Row)));
    }

    private void Happen(NarrowEntry entry)
    {
        switch (entry.Event)
        {
            case BalancesOpened opened:
                Open(entry, opened);
                break;
            case CapitalContributed contributed:
                Contribute(entry, contributed);
                break;
            case AssetAcquired acquired:
                var purchase = new TradeLegs(acquired.Paid, 1, acquired.Received, 0, DisposalKind.Payment);
                Trade(entry, purchase, acquired.Fees);
                break;
            case AssetSold sold:
                var sale = new TradeLegs(sold.Sold, 0, sold.Proceeds, 1, DisposalKind.Sale);
                Trade(entry, sale, sold.Fees);
                break;
            case AssetTransferred transfer:
                Go(entry, transfer.Sent, transfer.To, OfStaking(transfer.Sent.Account, transfer.To));
                break;
            case TransferDispatched dispatched:
                Dispatch(entry, dispatched);
                break;
            case TransferArrived arrived:
                Arrive(entry, arrived);
                break;
            case CollateralDeposited deposit:
                Go(entry, deposit.Deposited, deposit.Position, Treatments.Collateral);
                break;
            case CollateralWithdrawn back:
                Go(entry, back.Withdrawn, back.To, Treatments.Collateral);
                break;
            case AssetWrapped wrapped:
                Wrap(entry, wrapped);
                break;
            default:
                HappenInKind(entry);
                break;
        }
    }

    private void HappenInKind(NarrowEntry entry)
    {
        switch (entry.Event)
        {
            case YieldReceived yield:
                Earn(entry, yield.Received, yield.Value, IncomeKind.Yield, 0);
                break;
            case InterestAccrued { Side: InterestSide.Supply } earned:
                Earn(entry, earned.Interest, null, IncomeKind.SupplyInterest, 0);
                break;
            case InterestAccrued owed:
                Add(entry, 0, owed.Interest, ExpenseKind.Interest, _values.Of(owed.Interest, entry.EffectiveAt));
                break;
            case FeePaid fee:
                Expend(entry, [fee.Paid], firstLeg: 0);
                break;
            case DebtBorrowed borrowed:
                Expend(entry, borrowed.Fees);
                var came = borrowed.Owed with { Account = borrowed.To };
                Acquire(entry, 0, came, LotOrigin.Borrowing, Value(borrowed.Owed, entry), Valued.Nothing);
                break;
            case DebtRepaid repaid:
                Expend(entry, repaid.Fees);
                var paid = repaid.Repaid with { Account = repaid.From };
                Dispose(entry, 0, paid, DisposalKind.Repayment, Value(paid, entry));
                break;
            case LiquidationRecorded liquidation:
                Liquidate(entry, liquidation);
                break;
            case DebtForgiven forgiven:
                Forgive(entry, forgiven);
                break;
            case TermsAdopted adopted:
                Adopt(entry, adopted);
                break;
            case UnitsHandedOver handover:
                HandOver(entry, handover);
                break;
            case UnitsTakenOver taken:
                TakeOver(entry, taken);
                break;
            case LotsIdentified or StandingOrderGiven or BasisAllocated:
                Decide(entry);
                break;
            default:
                HappenAtPosition(entry);
                break;
        }
    }

    private Valued Value(Leg leg, NarrowEntry entry) => _values.Of(leg, entry.EffectiveAt);

    /// <summary>A lot comes in; cash needs none.</summary>
    /// <param name="entry">The entry that brings it.</param>
    /// <param name="leg">Its leg.</param>
    /// <param name="what">Where, of what, how many.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="value">What it is worth.</param>
    /// <param name="fees">The fees that it bears: they belong to its cost.</param>
    /// <param name="acquiredAt">If earlier than the entry: when it was acquired in truth.</param>
    private void Acquire(
        NarrowEntry entry,
        int leg,
        Leg what,
        LotOrigin origin,
        Valued value,
        Valued fees,
        Instant? acquiredAt = null)
    {
        var terms = _values.Terms(what.Asset);
        if (terms.IsCash)
        {
            return;
        }

        var lot = NewLot(entry, leg, what.Quantity.Units, value + fees, acquiredAt ?? entry.EffectiveAt, fees);
        _costAcquired += lot.Cost;
        Bring(terms.Pool, PlaceOf(what.Account), lot, entry);
        Tell(entry, lot, what.Account, what.Asset, terms.Pool, origin, value, fees);
    }

    private void Bring(AssetId pool, Place place, Lot lot, NarrowEntry entry)
    {
        if (!IsWindowed)
        {
            PoolAt(pool, place).Add(lot, _owner);
            return;
        }

        var day = _days.Of(entry.EffectiveAt);
        if (lot.Id.Fact == entry.Fact && lot.AcquiredAt >= LocalDay.StartOf(DateOnly.FromDayNumber(day), _zone))
        {
            WindowOf(pool).Add(day, lot, _owner);
        }
        else
        {
            WindowOf(pool).Join(day, lot, _owner);
        }
    }

    private Lot NewLot(
        NarrowEntry entry, int leg, BigInteger units, Valued cost, Instant acquiredAt, Valued fees = default)
    {
        var attos = cost.Amount?.Attos ?? BigInteger.Zero;
        return new Lot
        {
            Id = new LotId(entry.Fact, leg),
            AcquiredAt = acquiredAt,
            Ordinal = _ordinal++,
            Entry = entry.Position,
            Quality = Valued.Worst(entry.Quality, cost.Quality),
            Price = cost.Price,
            OriginalUnits = units,
            OriginalCost = attos,
            FeesInCost = cost.Amount is null ? BigInteger.Zero : fees.Amount?.Attos ?? BigInteger.Zero,
            HasCost = cost.Amount is not null,
            Units = units,
            Cost = attos,
        };
    }

    /// <summary>Units leave for consideration and take lots; cash has none to take.</summary>
    private void Dispose(NarrowEntry entry, int leg, Leg what, DisposalKind kind, Valued proceeds) =>
        Dispose(entry, leg, what, kind, proceeds, Valued.Nothing);

    /// <summary>The same with fees that are taken from what the units bring.</summary>
    private void Dispose(NarrowEntry entry, int leg, Leg what, DisposalKind kind, Valued value, Valued fees)
    {
        var proceeds = value - fees;
        var terms = _values.Terms(what.Asset);
        if (terms.IsCash)
        {
            return;
        }

        var turn = _turn++;
        if (IsWindowed)
        {
            Wait(new WaitingDisposal(
                entry, leg, what, kind, proceeds, fees, FeePrices(fees), _days.Of(entry.EffectiveAt), turn));
            return;
        }

        var (withoutLot, identified) = TakeFor(entry, leg, PoolAt(terms.Pool, PlaceOf(what.Account)), what);
        var left = new LeavingUnits(
            what.Quantity, withoutLot, proceeds.Amount, Valued.Worst(entry.Quality, proceeds.Quality),
            entry.EffectiveAt, IsAtCost(kind));
        var takes = _sink is null ? null : new LotTake[_slices.Count];
        var sums = _takeRules.Match(_slices, left, takes);
        _gains.Change(terms.Pool, _owner).Add(_days.Of(entry.EffectiveAt), sums);
        if (takes is not null)
        {
            var row = TakeRules.Row(
                new(entry, leg, what, kind, proceeds, fees, FeePrices(fees), 0, turn), terms.Pool, left, takes, sums);
            _sink!.Add(identified.Outcome == IdentificationOutcome.None ? row : Identified(row, identified));
        }
    }

    private bool IsAtCost(DisposalKind kind) =>
        kind == DisposalKind.Handover && _how.Handover == HandoverTreatment.AtCost;

    private void Add(NarrowEntry entry, int leg, Leg what, ExpenseKind kind, Valued value) => _sink?.Add(new Expense(
        entry.Fact, entry.Position, leg, entry.EffectiveAt, what.Account, what.Asset, what.Quantity, kind, value.Amount,
        value.Price, Valued.Worst(entry.Quality, value.Quality)));

    private void Add(NarrowEntry entry, Leg what, IncomeKind kind, Valued value) => _sink?.Add(new Income(
        entry.Fact, entry.Position, entry.EffectiveAt, what.Account, what.Asset, what.Quantity, kind, value.Amount,
        value.Price, Valued.Worst(entry.Quality, value.Quality))
    {
        IsStated = value.IsStated,
    });

    private Place PlaceOf(AccountId account) => IsPerAccount ? new Place(account, default) : default;

    private Place PlaceOf(FactId transfer) => IsPerAccount ? new Place(default, transfer) : default;

    private LotPool PoolAt(AssetId pool, Place place) => _pools.Change(new PoolPlace(pool, place), _owner);

    private WindowedPool WindowOf(AssetId pool) => _windows.Change(pool, _owner);

    private Ranking RankingAt(Place place)
    {
        var method = _policy.Terms.LotMethod;
        if (!_decisions.Orders.IsEmpty && place.Account != default)
        {
            method = _decisions.Orders.GetValueOrDefault(place.Account, method);
        }

        return new Ranking(method, _how.Sequence, _how.CostKey);
    }

    private (LotConventions How, TakeRules Takes, EntryValues Values) Under(BookPolicy policy, Instant pricesUntil) => (
        policy.Terms.Conventions ?? LotConventions.Starter,
        new TakeRules(policy.Terms, _zone),
        new EntryValues(_registers, policy, _prices) { PricesUntil = pricesUntil });

    /// <summary>Takes the movements of one entry.</summary>
    private readonly struct Postings(BookFold fold, Instant at) : IMovementSink
    {
        public void Held(AccountId account, AssetId asset, Quantity units, bool isOut) =>
            fold._held.Post(account, asset, units.Units, isOut, at, fold._owner);

        public void Owed(AccountId position, AssetId asset, Quantity units, bool isOut)
        {
            fold._owed.Post(position, asset, units.Units, isOut, at, fold._owner);
            fold._bears = !fold._facts.Loans.IsEmpty;
        }
    }
}
