using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <content>What each kind of event does to lots (SPEC 5 to 8).</content>
public sealed partial class BookFold
{
    /// <summary>Fee number i of any event is its leg 2 + i (SPEC 2.2).</summary>
    private const int FirstFeeLeg = 2;

    private void Open(NarrowEntry entry, BalancesOpened opened)
    {
        for (var leg = 0; leg < opened.Lots.Length; leg++)
        {
            var lot = opened.Lots[leg];
            var cost = _values.Stated(lot.Cost, lot.AcquiredAt);
            Acquire(entry, leg, lot.Held, LotOrigin.Opening, cost, Valued.Nothing, lot.AcquiredAt);
        }
    }

    private void Contribute(NarrowEntry entry, CapitalContributed contributed)
    {
        var what = contributed.Received;
        var value = _values.Terms(what.Asset).IsCash
            ? Value(what, entry)
            : _values.Stated(contributed.Value, what, entry.EffectiveAt);
        Acquire(entry, 0, what, LotOrigin.Contribution, value, Valued.Nothing);
        _sink?.Add(new Contribution(
            entry.Fact, entry.Position, entry.EffectiveAt, what.Account, what.Asset, what.Quantity, value.Amount,
            value.Price, Valued.Worst(entry.Quality, value.Quality))
        {
            IsStated = value.IsStated,
        });
    }

    private void Earn(NarrowEntry entry, Leg what, CurrencyAmount? stated, IncomeKind kind, int leg)
    {
        // Money is worth what it is; only income in kind can be taken in at zero.
        var value = _values.Terms(what.Asset).IsCash ? Value(what, entry)
            : _policy.Terms.IncomeBasis == IncomeBasis.Zero ? Valued.Nothing
            : _values.Stated(stated, what, entry.EffectiveAt);
        Acquire(entry, leg, what, LotOrigin.Income, value, Valued.Nothing);
        Add(entry, what, kind, value);
    }

    /// <summary>
    /// Units given for units received. The fees belong to the side that has a lot or a gain to bear them: an
    /// acquisition adds them to cost, a sale takes them from proceeds, cash bears none (SPEC 5.5).
    /// </summary>
    private void Trade(NarrowEntry entry, in TradeLegs legs, ImmutableArray<Leg> fees)
    {
        var (given, received) = (legs.Given, legs.Received);
        var (givesCash, getsCash) = (_values.Terms(given.Asset).IsCash, _values.Terms(received.Asset).IsCash);
        if (givesCash && getsCash)
        {
            CashDifference(entry, legs.GivenLeg, given, received);
            Expend(entry, fees);
            return;
        }

        var isSale = legs.Kind == DisposalKind.Sale;
        var value = isSale
            ? _values.OfTrade(received, given, entry.EffectiveAt)
            : _values.OfTrade(given, received, entry.EffectiveAt);
        _feeValues.Clear();
        var feeValue = _values.OfFees(fees, entry.EffectiveAt, (value, given, received), _feeValues);
        var isApart = _how.Fees == FeeBasis.Expense;
        var givenBears = getsCash || (!givesCash && _how.ExchangeFee switch
        {
            ExchangeFee.Disposed => true,
            ExchangeFee.Acquired => false,
            _ => isSale,
        });
        var ofGiven = givenBears && !isApart ? feeValue : Valued.Nothing;
        var ofReceived = givenBears || isApart ? Valued.Nothing : feeValue;
        Dispose(entry, legs.GivenLeg, given, legs.Kind, value, ofGiven);
        var origin = isSale ? LotOrigin.Sale : LotOrigin.Acquisition;
        Acquire(entry, legs.ReceivedLeg, received, origin, value, ofReceived);
        for (var i = 0; i < _feeValues.Count; i++)
        {
            Dispose(entry, FirstFeeLeg + i, fees[i], DisposalKind.Fee, _feeValues[i]);
            if (isApart)
            {
                Add(entry, FirstFeeLeg + i, fees[i], ExpenseKind.Fee, _feeValues[i]);
            }
        }
    }

    private void HandOver(NarrowEntry entry, UnitsHandedOver handover)
    {
        Expend(entry, handover.Fees);
        var value = IsAtCost(DisposalKind.Handover) ? Valued.Nothing : Value(handover.Sent, entry);
        Dispose(entry, 0, handover.Sent, DisposalKind.Handover, value);
    }

    /// <summary>
    /// Units of another treasury come with the date and cost that they had there, or as a new lot at their value; what
    /// nobody tells of them is a lot without a cost (SPEC 16.6).
    /// </summary>
    private void TakeOver(NarrowEntry entry, UnitsTakenOver taken)
    {
        var what = taken.Received;
        if (_how.Handover == HandoverTreatment.Disposal)
        {
            Acquire(entry, 0, what, LotOrigin.TakenOver, Value(what, entry), Valued.Nothing);
            return;
        }

        var (lots, left) = (taken.LotsOf(_choice.Book ?? StarterBooks.Official), what.Quantity);
        for (var leg = 0; leg < lots.Length; leg++)
        {
            var lot = lots[leg];
            var cost = _values.Stated(lot.Cost, lot.AcquiredAt);
            Acquire(
                entry, leg, what with { Quantity = lot.Quantity }, LotOrigin.TakenOver, cost, Valued.Nothing,
                lot.AcquiredAt);
            left -= lot.Quantity;
        }

        if (!left.IsZero)
        {
            Acquire(
                entry, lots.Length, what with { Quantity = left }, LotOrigin.TakenOver, default, Valued.Nothing);
        }
    }

    /// <summary>Fees that are an expense; those in kind are also a disposal at that value.</summary>
    private void Expend(NarrowEntry entry, ImmutableArray<Leg> fees, int firstLeg = FirstFeeLeg)
    {
        for (var i = 0; i < fees.Length; i++)
        {
            Expend(entry, fees[i], firstLeg + i);
        }
    }

    private void Expend(NarrowEntry entry, Leg fee, int leg)
    {
        var value = Value(fee, entry);
        Dispose(entry, leg, fee, DisposalKind.Fee, value);
        Add(entry, leg, fee, ExpenseKind.Fee, value);
    }

    /// <summary>Cash at par became other cash: what par does not explain is income or expense.</summary>
    private void CashDifference(NarrowEntry entry, int leg, Leg given, Leg received)
    {
        var difference = Value(received, entry) - Value(given, entry);
        if (difference.Amount is { Sign: > 0 })
        {
            Add(entry, received, IncomeKind.CashDifference, difference);
        }
        else if (difference.Amount is { Sign: < 0 } loss)
        {
            Add(entry, leg, given, ExpenseKind.CashDifference, difference with { Amount = -loss });
        }
    }

    private void Dispatch(NarrowEntry entry, TransferDispatched dispatched)
    {
        var passage = _passages.Change(entry.Fact, dispatched.Sent.Asset, _owner);
        passage.Dispatch = dispatched;
        passage.SentAt = entry.EffectiveAt;
        passage.Sent += dispatched.Sent.Quantity;
        Go(entry, dispatched.Sent, default, OfStaking(dispatched.Sent.Account, dispatched.To));
    }

    private void Arrive(NarrowEntry entry, TransferArrived arrived)
    {
        _passages.Change(arrived.Transfer, arrived.Received.Asset, _owner).Arrived += arrived.Received.Quantity;
        Move(entry, arrived.Received, PlaceOf(arrived.Transfer), PlaceOf(arrived.Received.Account));
    }

    /// <summary>
    /// Lots go from place to place by the method and keep date, id and cost. Units without a lot arrive as a lot
    /// without a cost, so that the place they reach can account for them (SPEC 7.3).
    /// </summary>
    private void Move(NarrowEntry entry, Leg what, Place from, Place to)
    {
        var terms = _values.Terms(what.Asset);
        if (terms.IsCash || from == to)
        {
            return;
        }

        var source = PoolAt(terms.Pool, from);
        var missing = TakeToMove(entry, source, what);
        var target = PoolAt(terms.Pool, to);
        var cost = BigInteger.Zero;
        foreach (var slice in _slices)
        {
            cost += slice.Cost;
            target.AddCarried(slice.Lot.Carry(slice.Units, slice.Cost, slice.Quality), _owner);
            Tell(entry, slice, new(terms.Pool, from), new(terms.Pool, to), slice.Units, slice.Cost);
        }

        Moved(entry, new LotsLeg(what, terms.Pool, from), new LotsLeg(what, terms.Pool, to), cost);

        if (!missing.IsZero)
        {
            var unknown = NewLot(entry, 0, missing, default, entry.EffectiveAt);
            target.Add(unknown, _owner);
            Tell(entry, unknown, to.Account, what.Asset, terms.Pool, LotOrigin.Unexplained, default, Valued.Nothing);
        }

        if (source.IsEmpty)
        {
            _pools.Remove(new PoolPlace(terms.Pool, from));
        }
    }

    private void Wrap(NarrowEntry entry, AssetWrapped wrapped)
    {
        var (from, to) = (_values.Terms(wrapped.From.Asset), _values.Terms(wrapped.To.Asset));
        if (from.IsCash && to.IsCash)
        {
            CashDifference(entry, 0, wrapped.From, wrapped.To);
        }
        else if (from.IsCash)
        {
            Acquire(entry, 1, wrapped.To, LotOrigin.Wrap, Value(wrapped.From, entry), Valued.Nothing);
        }
        else if (to.IsCash)
        {
            Dispose(entry, 0, wrapped.From, DisposalKind.Conversion, Value(wrapped.To, entry));
        }
        else if (OfWrap(wrapped) == MoveTreatment.Disposal)
        {
            Renew(
                entry, new Renewal(DisposalKind.Conversion, LotOrigin.Wrap, 1), wrapped.From, wrapped.To,
                PlaceOf(wrapped.To.Account));
        }
        else if (from.Pool != to.Pool || wrapped.From.Quantity != wrapped.To.Quantity)
        {
            Convert(
                entry,
                new LotsLeg(wrapped.From, from.Pool, PlaceOf(wrapped.From.Account)),
                new LotsLeg(wrapped.To, to.Pool, PlaceOf(wrapped.To.Account)),
                isMove: false);
        }
    }

    /// <summary>
    /// Lots become lots in other units: date, id and cost are carried, units go by proportion, floor, the last part
    /// the rest. Parts without a cost go first, so that the last part has one and can take in the cost of any part too
    /// small to make a unit (SPEC 7.5).
    /// </summary>
    private void Convert(NarrowEntry entry, LotsLeg from, LotsLeg to, bool isMove)
    {
        _slices.Clear();
        var (whole, converted) = (from.Leg.Quantity.Units, to.Leg.Quantity.Units);
        var source = IsWindowed ? CloseWindow(from.Pool) : PoolAt(from.Pool, from.Place);
        var missing = isMove
            ? TakeToMove(entry, source, from.Leg)
            : source.Take(whole, _slices, _owner);
        var parts = _slices.OrderBy(slice => slice.Lot.HasCost).ToList();
        var (unitsLeft, costLeft) = (converted, BigInteger.Zero);
        if (!missing.IsZero)
        {
            var units = parts.Count == 0 ? unitsLeft : Rounding.DivideFloor(converted * missing, whole);
            unitsLeft -= units;
            var unknown = NewLot(entry, isMove ? 0 : 1, units, default, entry.EffectiveAt);
            if (AddWhereUnits(unknown))
            {
                var (account, asset) = (to.Leg.Account, to.Leg.Asset);
                Tell(entry, unknown, account, asset, to.Pool, LotOrigin.Unexplained, default, Valued.Nothing);
            }
        }

        for (var i = 0; i < parts.Count; i++)
        {
            var (lot, part, cost, quality) = parts[i];
            var units = i == parts.Count - 1 ? unitsLeft : Rounding.DivideFloor(converted * part, whole);
            unitsLeft -= units;
            costLeft = units.IsZero ? costLeft + cost : costLeft;
            var came = units.IsZero ? BigInteger.Zero : lot.HasCost ? cost + costLeft : cost;
            AddWhereUnits(lot.Convert(units, came, quality));
            Tell(entry, parts[i], from.Pooled, to.Pooled, units, came);
            costLeft = units.IsZero ? costLeft : BigInteger.Zero;
        }

        var moved = parts.Aggregate(BigInteger.Zero, (sum, part) => sum + part.Cost);
        Moved(entry, from, to, moved);

        bool AddWhereUnits(Lot lot)
        {
            if (!lot.Units.IsZero)
            {
                Bring(to.Pool, to.Place, lot, entry);
            }

            return !lot.Units.IsZero;
        }
    }

    private void Moved(NarrowEntry entry, in LotsLeg from, in LotsLeg to, BigInteger cost)
    {
        if (_sink is not null)
        {
            _sink.Add(new LotsMoved(
                entry.Position, Named(from), Named(to), from.Leg.Quantity, to.Leg.Quantity, new Amount(cost)));
        }

        static LotsPlace Named(in LotsLeg at)
        {
            var (account, transfer) = at.Pooled.Named;
            return new LotsPlace(at.Leg.Asset, at.Pool, account, transfer);
        }
    }

    private void Liquidate(NarrowEntry entry, LiquidationRecorded liquidation)
    {
        var (seized, covered) = (liquidation.Seized, liquidation.Covered);
        var proceeds = Value(covered, entry);
        Dispose(entry, 0, seized, DisposalKind.Liquidation, proceeds);
        // A missing value of the debt makes the expense missing, not nothing (SPEC 5.8).
        if (_values.Terms(seized.Asset).IsCash
            && Value(seized, entry) - proceeds is { Amount: null or { IsZero: false } } penalty)
        {
            Add(entry, 0, seized, ExpenseKind.LiquidationExcess, penalty);
        }

        var bonus = _values.Of(seized.Asset, liquidation.Bonus, entry.EffectiveAt);
        var fee = _values.Of(seized.Asset, liquidation.ProtocolFee, entry.EffectiveAt);
        _sink?.Add(new Liquidation(
            entry.Fact, entry.Position, entry.EffectiveAt, seized.Account, seized.Asset, seized.Quantity, covered.Asset,
            covered.Quantity, proceeds.Amount, liquidation.Bonus, bonus.Amount, liquidation.ProtocolFee, fee.Amount,
            bonus.Price, Valued.Worst(entry.Quality, Valued.Worst(proceeds.Quality, bonus.Quality))));
    }

    /// <summary>The two sides of a trade and how the side that is given leaves.</summary>
    private readonly record struct TradeLegs(Leg Given, int GivenLeg, Leg Received, int ReceivedLeg, DisposalKind Kind);

    /// <summary>Units whose lots leave a place or reach one.</summary>
    private readonly record struct LotsLeg(Leg Leg, AssetId Pool, Place Place)
    {
        public PoolPlace Pooled => new(Pool, Place);
    }
}
