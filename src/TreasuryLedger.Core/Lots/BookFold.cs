using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// Turns visible entries into a book: the rules of SPEC.md, one arm an event. It is a state with <see cref="Apply"/>,
/// so that a checkpoint can feed it later; it may be read at any point with <see cref="ToBook"/> and then go on.
/// </summary>
public sealed partial class BookFold
{
    private readonly BookPolicy _policy;
    private readonly EntryValues _values;
    private readonly UnitTotals _held = new(ShortfallKind.Units);
    private readonly UnitTotals _owed = new(ShortfallKind.Debt);
    private readonly Dictionary<(FactId Transfer, AssetId Asset), Passage> _passages = [];
    private readonly Dictionary<PoolPlace, LotPool> _pools = [];
    private readonly List<Disposal> _disposals = [];
    private readonly List<Income> _incomes = [];
    private readonly List<Expense> _expenses = [];
    private readonly List<Contribution> _contributions = [];
    private readonly List<Liquidation> _liquidations = [];

    // Scratch space of one entry, so that the hot path makes no lists.
    private readonly List<LotSlice> _slices = [];
    private readonly List<Valued> _feeValues = [];

    private BigInteger _costAcquired;
    private long _ordinal;
    private NarrowEntry? _last;

    /// <summary>An empty book under a policy.</summary>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="policy">The policy of the read.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    public BookFold(Registers registers, BookPolicy policy, PriceBookView prices)
    {
        ArgumentNullException.ThrowIfNull(registers);
        _policy = policy;
        _values = new EntryValues(registers, policy, prices);
    }

    private bool IsPerAccount => _policy.Terms.BasisScope == BasisScope.PerAccount;

    /// <summary>The book of entries that count at a viewpoint.</summary>
    /// <param name="visibleInOrder">As <see cref="VisibleEntries.At"/> gives them.</param>
    /// <param name="registers">The accounts and assets known at the viewpoint.</param>
    /// <param name="policy">The policy of the read.</param>
    /// <param name="prices">The price book as known at the viewpoint.</param>
    /// <param name="viewpoint">What the entries were filtered by.</param>
    public static Book Fold(
        IEnumerable<NarrowEntry> visibleInOrder,
        Registers registers,
        BookPolicy policy,
        PriceBookView prices,
        Viewpoint viewpoint)
    {
        ArgumentNullException.ThrowIfNull(visibleInOrder);
        var fold = new BookFold(registers, policy, prices);
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

        _last = entry;
        foreach (var movement in Movements.Held(entry.Event))
        {
            _held.Post(movement, entry.EffectiveAt);
        }

        foreach (var movement in Movements.Owed(entry.Event))
        {
            _owed.Post(movement, entry.EffectiveAt);
        }

        Happen(entry);
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
                Expend(entry, transfer.Fees);
                Move(entry, transfer.Sent, PlaceOf(transfer.Sent.Account), PlaceOf(transfer.To));
                break;
            case TransferDispatched dispatched:
                Expend(entry, dispatched.Fees);
                Dispatch(entry, dispatched);
                break;
            case TransferArrived arrived:
                Arrive(entry, arrived);
                break;
            case CollateralDeposited deposit:
                Expend(entry, deposit.Fees);
                Move(entry, deposit.Deposited, PlaceOf(deposit.Deposited.Account), PlaceOf(deposit.Position));
                break;
            case CollateralWithdrawn back:
                Expend(entry, back.Fees);
                Move(entry, back.Withdrawn, PlaceOf(back.Withdrawn.Account), PlaceOf(back.To));
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
                Earn(entry, yield.Received, yield.Value, IncomeKind.Yield);
                break;
            case InterestAccrued { Side: InterestSide.Supply } earned:
                Earn(entry, earned.Interest, null, IncomeKind.SupplyInterest);
                break;
            case InterestAccrued owed:
                Add(entry, 0, owed.Interest, ExpenseKind.Interest, _values.Of(owed.Interest, entry.EffectiveAt));
                break;
            case FeePaid fee:
                Expend(entry, [fee.Paid], firstLeg: 0);
                break;
            case DebtBorrowed borrowed:
                Expend(entry, borrowed.Fees);
                Acquire(entry, 0, borrowed.Owed with { Account = borrowed.To }, Value(borrowed.Owed, entry));
                break;
            case DebtRepaid repaid:
                Expend(entry, repaid.Fees);
                var paid = repaid.Repaid with { Account = repaid.From };
                Dispose(entry, 0, paid, DisposalKind.Repayment, Value(paid, entry));
                break;
            case LiquidationRecorded liquidation:
                Liquidate(entry, liquidation);
                break;
            case TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered or PriceRecorded
                or MarketStateRecorded or EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened
                or InstructionGiven or InstructionCancelled:
                break;
            default:
                throw new UnreachableEventException(entry.Event);
        }
    }

    private Valued Value(Leg leg, NarrowEntry entry) => _values.Of(leg, entry.EffectiveAt);

    /// <summary>A lot comes in; cash needs none.</summary>
    /// <param name="entry">The entry that brings it.</param>
    /// <param name="leg">Its leg.</param>
    /// <param name="what">Where, of what, how many.</param>
    /// <param name="cost">Its whole cost.</param>
    /// <param name="acquiredAt">If earlier than the entry: when it was acquired in truth.</param>
    private void Acquire(NarrowEntry entry, int leg, Leg what, Valued cost, Instant? acquiredAt = null)
    {
        var terms = _values.Terms(what.Asset);
        if (terms.IsCash)
        {
            return;
        }

        var lot = NewLot(entry, leg, what.Quantity.Units, cost, acquiredAt ?? entry.EffectiveAt);
        _costAcquired += lot.Cost;
        PoolAt(terms.Pool, PlaceOf(what.Account)).Add(lot);
    }

    private Lot NewLot(NarrowEntry entry, int leg, BigInteger units, Valued cost, Instant acquiredAt)
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
            HasCost = cost.Amount is not null,
            Units = units,
            Cost = attos,
        };
    }

    /// <summary>Units leave for consideration and take lots; cash has none to take.</summary>
    private void Dispose(NarrowEntry entry, int leg, Leg what, DisposalKind kind, Valued proceeds)
    {
        var terms = _values.Terms(what.Asset);
        if (terms.IsCash)
        {
            return;
        }

        _slices.Clear();
        var withoutLot = PoolAt(terms.Pool, PlaceOf(what.Account)).Take(what.Quantity.Units, _slices);
        var quality = Valued.Worst(entry.Quality, proceeds.Quality);
        var takes = TakesOf(what.Quantity.Units, proceeds.Amount, quality, withoutLot, out var matched);
        foreach (var take in takes)
        {
            quality = Valued.Worst(quality, take.Quality);
        }

        _disposals.Add(new Disposal(
            entry.Fact, entry.Position, leg, entry.EffectiveAt, what.Account, what.Asset, terms.Pool, what.Quantity,
            kind, proceeds.Amount, takes, new Quantity(withoutLot), proceeds.Price, quality)
        {
            BasisMissing = matched.Missing,
            MatchedCost = matched.Cost,
            MatchedProceeds = matched.Proceeds,
        });
    }

    /// <summary>The takes of a disposal: each gets its part of the proceeds that are left (SPEC 4.1).</summary>
    private ImmutableArray<LotTake> TakesOf(
        BigInteger units, Amount? proceeds, EvidenceQuality quality, BigInteger withoutLot, out Matched matched)
    {
        var takes = new LotTake[_slices.Count];
        var (unitsLeft, proceedsLeft) = (units, proceeds);
        matched = new Matched(new Quantity(withoutLot), Amount.Zero, proceeds is null ? null : Amount.Zero);
        for (var i = 0; i < takes.Length; i++)
        {
            var slice = _slices[i];
            var lot = slice.Lot;
            var share = proceedsLeft?.Part(new(slice.Units), new(unitsLeft));
            unitsLeft -= slice.Units;
            proceedsLeft -= share;
            takes[i] = new LotTake(
                lot.Id, new Quantity(slice.Units), lot.HasCost ? new Amount(slice.Cost) : null, share, lot.AcquiredAt,
                lot.Entry, Valued.Worst(slice.Quality, quality));
            matched = lot.HasCost
                ? matched with { Cost = matched.Cost + new Amount(slice.Cost), Proceeds = matched.Proceeds + share }
                : matched with { Missing = matched.Missing + new Quantity(slice.Units) };
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(takes);
    }

    private void Add(NarrowEntry entry, int leg, Leg what, ExpenseKind kind, Valued value) => _expenses.Add(new Expense(
        entry.Fact, entry.Position, leg, entry.EffectiveAt, what.Account, what.Asset, what.Quantity, kind, value.Amount,
        value.Price, Valued.Worst(entry.Quality, value.Quality)));

    private void Add(NarrowEntry entry, Leg what, IncomeKind kind, Valued value) => _incomes.Add(new Income(
        entry.Fact, entry.Position, entry.EffectiveAt, what.Account, what.Asset, what.Quantity, kind, value.Amount,
        value.Price, Valued.Worst(entry.Quality, value.Quality)));

    private Place PlaceOf(AccountId account) => IsPerAccount ? new Place(account, default) : default;

    private Place PlaceOf(FactId transfer) => IsPerAccount ? new Place(default, transfer) : default;

    private LotPool PoolAt(AssetId pool, Place place)
    {
        var key = new PoolPlace(pool, place);
        if (!_pools.TryGetValue(key, out var lots))
        {
            lots = new LotPool(_policy.Terms.LotMethod);
            _pools.Add(key, lots);
        }

        return lots;
    }

    /// <summary>Where lots lie under per-account scope: an account or a transfer. Default: anywhere.</summary>
    private readonly record struct Place(AccountId Account, FactId Transfer);

    private readonly record struct PoolPlace(AssetId Pool, Place Place);

    private readonly record struct Matched(Quantity Missing, Amount Cost, Amount? Proceeds);

    /// <summary>A dispatched transfer, or one that arrived before its dispatch is visible.</summary>
    private sealed class Passage
    {
        public TransferDispatched? Dispatch { get; set; }

        public Instant? SentAt { get; set; }

        public Quantity Sent { get; set; }

        public Quantity Arrived { get; set; }
    }
}
