using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <summary>A part of a lot that left its pool.</summary>
/// <param name="Lot">The lot; what is left in it means nothing here.</param>
/// <param name="Units">Smallest units that left.</param>
/// <param name="Cost">Their cost in 10^-18; zero if the lot has no cost.</param>
/// <param name="Quality">The worst evidence that the cost rests on.</param>
internal readonly record struct LotSlice(Lot Lot, BigInteger Units, BigInteger Cost, EvidenceQuality Quality);

/// <summary>
/// The open lots that disposals at one place may take, in the order of the method. Units and cost are conserved to the
/// last digit: a part takes <c>floor(cost × part ÷ units)</c>, the last part the rest (SPEC 4).
/// </summary>
internal sealed class LotPool(Ranking ranking) : Owned
{
    private readonly Comparer<Lot> _order = LotOrder.Of(ranking);
    private SortedTree<Lot> _lots;
    private ImmutableDictionary<LotId, Lot> _carriedIn = ImmutableDictionary<LotId, Lot>.Empty;
    private long _arrivals;

    // The lot of which a part was taken is not in the list but in hand, so that taking from it changes no list.
    private Lot? _hand;
    private BigInteger _handUnits;
    private BigInteger _handCost;

    // Average cost only: units with a known cost, that cost, and the worst evidence since they were last all gone.
    private BigInteger _averagedUnits;
    private BigInteger _averagedCost;
    private EvidenceQuality _averagedQuality;

    // Sums over the open lots, so that totals need not look at them.
    private BigInteger _units;
    private BigInteger _unitsWithoutCost;
    private BigInteger _cost;
    private int _derived;
    private int _assumed;

    /// <summary>Units that left without a lot. Later acquisitions do not fill it (SPEC 6.2).</summary>
    public BigInteger Deficit { get; private set; }

    /// <summary>By what its lots rank.</summary>
    public Ranking Ranking => ranking;

    public bool HasLots => !_units.IsZero;

    public bool IsEmpty => !HasLots && Deficit.IsZero;

    /// <summary>Smallest units of all open lots.</summary>
    public BigInteger Units => _units;

    /// <summary>Smallest units of those whose cost is missing.</summary>
    public BigInteger UnitsWithoutCost => _unitsWithoutCost;

    /// <summary>The known cost of all open lots, in 10^-18.</summary>
    public BigInteger Cost => IsAverage ? _averagedCost : _cost;

    /// <summary>The worst evidence on which the costs of open lots rest.</summary>
    public EvidenceQuality Quality
    {
        get
        {
            var worst = _assumed > 0 ? EvidenceQuality.Assumed
                : _derived > 0 ? EvidenceQuality.Derived
                : EvidenceQuality.Fact;
            return IsAverage && !_averagedUnits.IsZero ? Valued.Worst(worst, _averagedQuality) : worst;
        }
    }

    private bool IsAverage => ranking.Method == LotMethod.Average;

    /// <summary>An acquired or converted lot comes in.</summary>
    public void Add(Lot lot, object owner)
    {
        lot.Arrival = _arrivals++;
        lot.IsCarried = false;
        Enter(lot, owner);
    }

    /// <summary>
    /// A part of a lot comes from another place. A part of the same lot that came earlier takes it in, so that units
    /// going to and fro do not leave ever more parts behind.
    /// </summary>
    public void AddCarried(Lot part, object owner)
    {
        if (ranking.Sequence == LotSequence.Acquisition
            && _carriedIn.TryGetValue(part.Id, out var same)
            && same.OriginalUnits == part.OriginalUnits
            && same.OriginalCost == part.OriginalCost)
        {
            Join(same, part, owner);
            return;
        }

        part.Arrival = _arrivals++;
        part.IsCarried = true;
        Enter(part, owner);
        _carriedIn = _carriedIn.SetItem(part.Id, part);
    }

    /// <summary>Lots come from a pool that this one follows at the same place, and are ranked by this method.</summary>
    public void TakeOver(LotPool before, object owner)
    {
        (_arrivals, Deficit) = (before._arrivals, before.Deficit);
        foreach (var lot in before.Laid())
        {
            Enter(lot, owner);
            if (lot.IsCarried
                && before._carriedIn.TryGetValue(lot.Id, out var same)
                && same.Arrival == lot.Arrival)
            {
                _carriedIn = _carriedIn.SetItem(lot.Id, lot);
            }
        }
    }

    /// <summary>Lots come from a pool that becomes part of this one, as if all of them moved here.</summary>
    public void MoveIn(LotPool part, object owner)
    {
        Deficit += part.Deficit;
        foreach (var lot in part.Laid())
        {
            AddCarried(lot, owner);
        }
    }

    /// <summary>Units are missing that no disposal took.</summary>
    public void Lack(BigInteger units) => Deficit += units;

    /// <summary>Takes units out by the method; what is missing becomes deficit.</summary>
    /// <param name="units">Smallest units to take, more than zero.</param>
    /// <param name="slices">Receives the parts taken, in the order of the method.</param>
    /// <param name="owner">Who changes the pool.</param>
    /// <returns>The units for which no lot was open.</returns>
    public BigInteger Take(BigInteger units, List<LotSlice> slices, object owner)
    {
        while (!units.IsZero && TakeInHand(owner) is { } lot)
        {
            if (_handUnits <= units)
            {
                TakeOut(new LotSlice(lot, _handUnits, _handCost, lot.Quality), slices);
                units -= _handUnits;
                Forget(lot);
            }
            else
            {
                var cost = _handCost.IsZero ? BigInteger.Zero : Rounding.DivideFloor(_handCost * units, _handUnits);
                TakeOut(new LotSlice(lot, units, cost, lot.Quality), slices);
                _handUnits -= units;
                _handCost -= cost;
                units = BigInteger.Zero;
            }
        }

        if (IsAverage)
        {
            TakeAverage(slices);
        }

        Deficit += units;
        return units;
    }

    /// <summary>Takes units out of some lots of this pool, one after the other; nothing becomes deficit.</summary>
    /// <param name="lots">Lots as <see cref="InOrder"/> gives them, since nothing was changed.</param>
    /// <param name="units">Smallest units to take, more than zero.</param>
    /// <param name="slices">Receives the parts taken, in the order of the lots.</param>
    /// <param name="owner">Who changes the pool.</param>
    /// <returns>The units that those lots do not have.</returns>
    public BigInteger TakeOf(IEnumerable<Lot> lots, BigInteger units, List<LotSlice> slices, object owner)
    {
        PutDown(owner);
        foreach (var lot in lots)
        {
            if (units.IsZero)
            {
                break;
            }

            var part = BigInteger.Min(units, lot.Units);
            var cost = part == lot.Units ? lot.Cost : Rounding.DivideFloor(lot.Cost * part, lot.Units);
            TakeOut(new LotSlice(lot, part, cost, lot.Quality), slices);
            units -= part;
            // A lot of which nothing is left stays in its place until it is the first one.
            _lots.Replace(lot with { Units = lot.Units - part, Cost = lot.Cost - cost }, _order, owner);
            if (part == lot.Units)
            {
                ForgetLot(lot);
            }
        }

        if (IsAverage)
        {
            TakeAverage(slices);
        }

        return units;
    }

    /// <summary>The open lots in the order of the method; under average cost without their costs.</summary>
    public List<Lot> InOrder()
    {
        var lots = new List<Lot>(_lots.Count + 1);
        if (_hand is not null)
        {
            lots.Add(_hand with { Units = _handUnits, Cost = _handCost });
        }

        foreach (var lot in _lots.From())
        {
            if (!lot.Units.IsZero)
            {
                lots.Add(lot);
            }
        }

        return lots;
    }

    /// <summary>The open lots by acquisition, with their costs.</summary>
    public List<LotSlice> Open()
    {
        var lots = InOrder().ConvertAll(lot => new LotSlice(lot, lot.Units, lot.Cost, lot.Quality));
        lots.Sort((x, y) => LotOrder.ByAcquisition(x.Lot, y.Lot));
        if (IsAverage)
        {
            Share(lots, _averagedUnits, _averagedCost);
        }

        return lots;
    }

    /// <summary>The open lots by acquisition; average cost that was laid over them is theirs from now on.</summary>
    private IEnumerable<Lot> Laid() => Open().Select(open => open.Lot with
    {
        Units = open.Units,
        Cost = open.Cost,
        Quality = open.Quality,
    });

    private void Enter(Lot lot, object owner)
    {
        lot.Rank = ranking.IsByCost ? LotOrder.RankOf(lot, ranking.CostKey) : UInt128.Zero;
        if (_hand is not null && _order.Compare(lot, _hand) < 0)
        {
            PutDown(owner);
        }

        _lots.Insert(lot, _order, owner);
        CountIn(lot);
        CountQuality(lot, 1);
    }

    private void Join(Lot same, Lot part, object owner)
    {
        if (_hand?.Arrival == same.Arrival)
        {
            _hand = Worst(_hand, part.Quality);
            _handUnits += part.Units;
            _handCost += part.Cost;
        }
        else
        {
            var open = Worst(_lots.Find(same, _order)!, part.Quality);
            _lots.Replace(
                open with { Units = open.Units + part.Units, Cost = open.Cost + part.Cost }, _order, owner);
        }

        CountIn(part);
    }

    /// <summary>A lot whose parts rest on different evidence, where one lay under average cost, is as good as the
    /// worst.</summary>
    private Lot Worst(Lot lot, EvidenceQuality other)
    {
        if (other <= lot.Quality)
        {
            return lot;
        }

        CountQuality(lot, -1);
        var worse = lot with { Quality = other };
        CountQuality(worse, 1);
        return worse;
    }

    private void CountIn(Lot lot)
    {
        _units += lot.Units;
        _unitsWithoutCost += lot.HasCost ? BigInteger.Zero : lot.Units;
        _cost += lot.Cost;
        if (IsAverage && lot.HasCost)
        {
            _averagedQuality = _averagedUnits.IsZero ? lot.Quality : Valued.Worst(lot.Quality, _averagedQuality);
            _averagedUnits += lot.Units;
            _averagedCost += lot.Cost;
        }
    }

    /// <summary>Lots by evidence; under average cost the pool's own counts for those with a cost.</summary>
    private void CountQuality(Lot lot, int change)
    {
        if (!IsAverage || !lot.HasCost)
        {
            _derived += lot.Quality == EvidenceQuality.Derived ? change : 0;
            _assumed += lot.Quality == EvidenceQuality.Assumed ? change : 0;
        }
    }

    private void TakeOut(in LotSlice slice, List<LotSlice> slices)
    {
        slices.Add(slice);
        _units -= slice.Units;
        _unitsWithoutCost -= slice.Lot.HasCost ? BigInteger.Zero : slice.Units;
        _cost -= slice.Cost;
    }

    private Lot? TakeInHand(object owner)
    {
        while (_hand is null && _lots.First is { } first)
        {
            _lots.RemoveFirst(owner);
            if (!first.Units.IsZero)
            {
                (_hand, _handUnits, _handCost) = (first, first.Units, first.Cost);
            }
        }

        return _hand;
    }

    private void PutDown(object owner)
    {
        if (_hand is not null)
        {
            _lots.Insert(_hand with { Units = _handUnits, Cost = _handCost }, _order, owner);
            _hand = null;
        }
    }

    private void Forget(Lot gone)
    {
        _hand = null;
        ForgetLot(gone);
    }

    private void ForgetLot(Lot gone)
    {
        CountQuality(gone, -1);
        if (gone.IsCarried && _carriedIn.TryGetValue(gone.Id, out var same) && same.Arrival == gone.Arrival)
        {
            _carriedIn = _carriedIn.Remove(gone.Id);
        }
    }

    /// <summary>Units with a known cost leave at the average of the pool; others leave without a cost.</summary>
    private void TakeAverage(List<LotSlice> slices)
    {
        var taken = BigInteger.Zero;
        foreach (var slice in slices)
        {
            taken += slice.Lot.HasCost ? slice.Units : BigInteger.Zero;
        }

        if (taken.IsZero)
        {
            return;
        }

        var cost = taken == _averagedUnits
            ? _averagedCost
            : Rounding.DivideFloor(_averagedCost * taken, _averagedUnits);
        Share(slices, taken, cost);
        _averagedUnits -= taken;
        _averagedCost -= cost;
    }

    /// <summary>Spreads a cost over the parts with a known cost, each its part of what is left (SPEC 4.1).</summary>
    private void Share(List<LotSlice> slices, BigInteger unitsLeft, BigInteger costLeft)
    {
        for (var i = 0; i < slices.Count; i++)
        {
            var slice = slices[i];
            if (slice.Lot.HasCost)
            {
                var share = slice.Units == unitsLeft
                    ? costLeft
                    : Rounding.DivideFloor(costLeft * slice.Units, unitsLeft);
                slices[i] = slice with { Cost = share, Quality = _averagedQuality };
                unitsLeft -= slice.Units;
                costLeft -= share;
            }
        }
    }
}
