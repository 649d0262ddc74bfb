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
internal sealed class LotPool(LotMethod method)
{
    private readonly PriorityQueue<Lot, Lot> _queue = new(LotOrder.Of(method));
    private readonly Dictionary<LotId, Lot> _carriedIn = [];
    private long _arrivals;

    // Average cost only: units with a known cost, that cost, and the worst evidence since they were last all gone.
    private BigInteger _averagedUnits;
    private BigInteger _averagedCost;
    private EvidenceQuality _averagedQuality;

    /// <summary>Units that left without a lot. Later acquisitions do not fill it (SPEC 6.2).</summary>
    public BigInteger Deficit { get; private set; }

    public bool IsEmpty => _queue.Count == 0 && Deficit.IsZero;

    private bool IsAverage => method == LotMethod.Average;

    /// <summary>An acquired or converted lot comes in.</summary>
    public void Add(Lot lot)
    {
        lot.Arrival = _arrivals++;
        _queue.Enqueue(lot, lot);
        CountIn(lot);
    }

    /// <summary>
    /// A part of a lot comes from another place. A part of the same lot that came earlier takes it in, so that units
    /// going to and fro do not leave ever more parts behind.
    /// </summary>
    public void AddCarried(Lot part)
    {
        if (_carriedIn.TryGetValue(part.Id, out var same)
            && same.OriginalUnits == part.OriginalUnits
            && same.OriginalCost == part.OriginalCost)
        {
            same.Units += part.Units;
            same.Cost += part.Cost;
            CountIn(part);
            return;
        }

        _carriedIn[part.Id] = part;
        Add(part);
    }

    /// <summary>Takes units out by the method; what is missing becomes deficit.</summary>
    /// <param name="units">Smallest units to take, more than zero.</param>
    /// <param name="slices">Receives the parts taken, in the order of the method.</param>
    /// <returns>The units for which no lot was open.</returns>
    public BigInteger Take(BigInteger units, List<LotSlice> slices)
    {
        while (!units.IsZero && _queue.TryPeek(out var lot, out _))
        {
            if (lot.Units <= units)
            {
                slices.Add(new LotSlice(lot, lot.Units, lot.Cost, lot.Quality));
                units -= lot.Units;
                _queue.Dequeue();
                Forget(lot);
            }
            else
            {
                var cost = lot.Cost.IsZero ? BigInteger.Zero : Rounding.DivideFloor(lot.Cost * units, lot.Units);
                slices.Add(new LotSlice(lot, units, cost, lot.Quality));
                lot.Units -= units;
                lot.Cost -= cost;
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

    /// <summary>The open lots by acquisition, with their costs.</summary>
    public List<LotSlice> Open()
    {
        var lots = _queue.UnorderedItems.Select(item => item.Element).ToList();
        lots.Sort(LotOrder.ByAcquisition);
        var open = lots.ConvertAll(lot => new LotSlice(lot, lot.Units, lot.Cost, lot.Quality));
        if (IsAverage)
        {
            Share(open, _averagedUnits, _averagedCost);
        }

        return open;
    }

    private void CountIn(Lot lot)
    {
        if (IsAverage && lot.HasCost)
        {
            _averagedQuality = _averagedUnits.IsZero ? lot.Quality : Valued.Worst(lot.Quality, _averagedQuality);
            _averagedUnits += lot.Units;
            _averagedCost += lot.Cost;
        }
    }

    private void Forget(Lot lot)
    {
        if (_carriedIn.Count > 0 && _carriedIn.TryGetValue(lot.Id, out var same) && ReferenceEquals(same, lot))
        {
            _carriedIn.Remove(lot.Id);
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
