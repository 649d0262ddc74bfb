using System.Numerics;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>By what lots rank in a pool.</summary>
/// <param name="Method">The method.</param>
/// <param name="Sequence">Which lot counts as the earlier one.</param>
/// <param name="CostKey">By what highest and lowest cost rank.</param>
internal readonly record struct Ranking(
    LotMethod Method,
    LotSequence Sequence = LotSequence.Acquisition,
    CostKey CostKey = CostKey.WithFees)
{
    /// <summary>Whether lots rank by cost.</summary>
    public bool IsByCost => Method is LotMethod.Hifo or LotMethod.Lofo;

    /// <summary>Whether disposals look for acquisitions of other days, or of the year (SPEC 14).</summary>
    public static bool IsWindowed(LotMethod method) =>
        method is LotMethod.UkS104 or LotMethod.UkCorporate or LotMethod.TotalAverage;
}

/// <summary>Which lot goes first, by method (SPEC 3). The order is total, so no two runs differ.</summary>
internal static class LotOrder
{
    private static readonly BigInteger RankMax = UInt128.MaxValue;

    private static readonly Comparer<Lot> Fifo = Comparer<Lot>.Create(ByAcquisition);

    private static readonly Comparer<Lot> Lifo = Comparer<Lot>.Create((x, y) => ByAcquisition(y, x));

    private static readonly Comparer<Lot> FifoByArrival = Comparer<Lot>.Create(ByArrival);

    private static readonly Comparer<Lot> LifoByArrival = Comparer<Lot>.Create((x, y) => ByArrival(y, x));

    private static readonly Dictionary<Ranking, Comparer<Lot>> ByCost = (
        from method in new[] { LotMethod.Hifo, LotMethod.Lofo }
        from sequence in Enum.GetValues<LotSequence>()
        from key in Enum.GetValues<CostKey>()
        select new Ranking(method, sequence, key)).ToDictionary(
            ranking => ranking,
            ranking => Comparer<Lot>.Create((x, y) => ByUnitCost(ranking, x, y)));

    public static Comparer<Lot> Of(Ranking ranking) => ranking.Method switch
    {
        // Average cost has one cost for every unit; the dates still leave first in, first out.
        LotMethod.Fifo or LotMethod.Average or LotMethod.Specific =>
            ranking.Sequence == LotSequence.Acquisition ? Fifo : FifoByArrival,
        LotMethod.Lifo => ranking.Sequence == LotSequence.Acquisition ? Lifo : LifoByArrival,
        LotMethod.Hifo or LotMethod.Lofo => ByCost[ranking],
        var method => throw new ArgumentOutOfRangeException(nameof(ranking), method, "No order for this method."),
    };

    /// <summary>Earliest acquired, then entry order and leg, then order of coming into the pool.</summary>
    public static int ByAcquisition(Lot x, Lot y)
    {
        var order = x.AcquiredAt.CompareTo(y.AcquiredAt);
        order = order != 0 ? order : x.Ordinal.CompareTo(y.Ordinal);
        return order != 0 ? order : x.Arrival.CompareTo(y.Arrival);
    }

    /// <summary>See <see cref="Lot.Rank"/>; zero for a lot without a cost.</summary>
    public static UInt128 RankOf(Lot lot, CostKey key)
    {
        if (!lot.HasCost)
        {
            return UInt128.Zero;
        }

        var scaled = (Cost(lot, key) << 64) / lot.OriginalUnits;
        return scaled >= RankMax ? UInt128.MaxValue : (UInt128)scaled;
    }

    private static BigInteger Cost(Lot lot, CostKey key) =>
        key == CostKey.WithFees ? lot.OriginalCost : lot.OriginalCost - lot.FeesInCost;

    private static int ByArrival(Lot x, Lot y) => x.Arrival.CompareTo(y.Arrival);

    /// <summary>
    /// Highest (or lowest) cost per unit: <c>cost(x) ÷ units(x) &gt; cost(y) ÷ units(y)</c> compared as
    /// <c>cost(x) × units(y) &gt; cost(y) × units(x)</c>, because a divided unit cost would make ties of near ones.
    /// Lots without a cost go last; ties go to the earlier one.
    /// </summary>
    private static int ByUnitCost(in Ranking ranking, Lot x, Lot y)
    {
        var order = y.Rank.CompareTo(x.Rank);
        if (order == 0 && x.HasCost && y.HasCost)
        {
            var (costX, costY) = (Cost(x, ranking.CostKey), Cost(y, ranking.CostKey));
            order = x.OriginalUnits == y.OriginalUnits
                ? costY.CompareTo(costX)
                : (costY * x.OriginalUnits).CompareTo(costX * y.OriginalUnits);
        }

        order = ranking.Method == LotMethod.Lofo ? -order : order;
        order = x.HasCost == y.HasCost ? order : y.HasCost.CompareTo(x.HasCost);
        return order != 0 ? order
            : ranking.Sequence == LotSequence.Acquisition ? ByAcquisition(x, y)
            : ByArrival(x, y);
    }
}
