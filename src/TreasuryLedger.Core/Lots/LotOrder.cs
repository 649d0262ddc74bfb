using System.Numerics;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>Which lot goes first, by method (SPEC 3). The order is total, so no two runs differ.</summary>
internal static class LotOrder
{
    private static readonly BigInteger RankMax = UInt128.MaxValue;

    private static readonly Comparer<Lot> Fifo = Comparer<Lot>.Create(ByAcquisition);

    private static readonly Comparer<Lot> Lifo = Comparer<Lot>.Create((x, y) => ByAcquisition(y, x));

    private static readonly Comparer<Lot> Hifo = Comparer<Lot>.Create(ByUnitCost);

    public static Comparer<Lot> Of(LotMethod method) => method switch
    {
        // Average cost has one cost for every unit; the dates still leave first in, first out.
        LotMethod.Fifo or LotMethod.Average => Fifo,
        LotMethod.Lifo => Lifo,
        LotMethod.Hifo => Hifo,
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "No order for this method."),
    };

    /// <summary>Earliest acquired, then entry order and leg, then order of coming into the pool.</summary>
    public static int ByAcquisition(Lot x, Lot y)
    {
        var order = x.AcquiredAt.CompareTo(y.AcquiredAt);
        order = order != 0 ? order : x.Ordinal.CompareTo(y.Ordinal);
        return order != 0 ? order : x.Arrival.CompareTo(y.Arrival);
    }

    /// <summary>See <see cref="Lot.Rank"/>; zero for a lot without a cost.</summary>
    public static UInt128 RankOf(Lot lot)
    {
        if (!lot.HasCost)
        {
            return UInt128.Zero;
        }

        var scaled = (lot.OriginalCost << 64) / lot.OriginalUnits;
        return scaled >= RankMax ? UInt128.MaxValue : (UInt128)scaled;
    }

    /// <summary>
    /// Highest whole cost per unit, fees included: <c>cost(x) ÷ units(x) &gt; cost(y) ÷ units(y)</c> compared as
    /// <c>cost(x) × units(y) &gt; cost(y) × units(x)</c>, because a divided unit cost would make ties of near ones.
    /// Lots without a cost go last; ties go by acquisition.
    /// </summary>
    private static int ByUnitCost(Lot x, Lot y)
    {
        var order = y.HasCost.CompareTo(x.HasCost);
        order = order != 0 ? order : y.Rank.CompareTo(x.Rank);
        if (order == 0 && x.HasCost)
        {
            order = x.OriginalUnits == y.OriginalUnits
                ? y.OriginalCost.CompareTo(x.OriginalCost)
                : (y.OriginalCost * x.OriginalUnits).CompareTo(x.OriginalCost * y.OriginalUnits);
        }

        return order != 0 ? order : ByAcquisition(x, y);
    }
}
