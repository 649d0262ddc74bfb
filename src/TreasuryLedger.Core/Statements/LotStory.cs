using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Statements;

/// <summary>
/// What became of a lot in the units of one asset: what came, less what disposals took and conversions turned into
/// other units, is what remains, to the last unit and digit (SPEC 6.1).
/// </summary>
/// <param name="Pool">The asset whose lots these units are.</param>
/// <param name="Came">Smallest units acquired or converted into it.</param>
/// <param name="Taken">Smallest units that disposals took.</param>
/// <param name="Converted">Smallest units that were converted into those of another.</param>
/// <param name="Remaining">Smallest units that are open, wherever they are.</param>
/// <param name="CostCame">Their known cost.</param>
/// <param name="CostTaken">The known cost that disposals took.</param>
/// <param name="CostConverted">The known cost that went along.</param>
/// <param name="CostRemaining">The known cost of what is open.</param>
public sealed record LotBalance(
    AssetId Pool,
    Quantity Came,
    Quantity Taken,
    Quantity Converted,
    Quantity Remaining,
    Amount CostCame,
    Amount CostTaken,
    Amount CostConverted,
    Amount CostRemaining)
{
    /// <summary>
    /// Cost that average cost brought from other lots of the pool, less than zero if it took; zero under every other
    /// method.
    /// </summary>
    public Amount CostAveraged => CostRemaining + CostTaken + CostConverted - CostCame;

    /// <summary>Whether no unit is lost or made.</summary>
    public bool IsConserved => Came - Taken - Converted == Remaining;
}

/// <summary>A lot from the entry that brought it to where its units are now.</summary>
/// <param name="Lot">How it came in.</param>
/// <param name="Disposals">Every disposal that took some of it, in the order of the fold.</param>
/// <param name="Carried">Every part that went elsewhere without being disposed of, likewise.</param>
/// <param name="Places">Where its units are.</param>
/// <param name="Balances">By asset in whose units it was, the first one first.</param>
public sealed record LotStory(
    Acquisition Lot,
    ImmutableArray<Disposal> Disposals,
    ImmutableArray<LotCarried> Carried,
    ImmutableArray<OpenLot> Places,
    ImmutableArray<LotBalance> Balances)
{
    /// <summary>The story of a lot; absent if the entry brought no such lot.</summary>
    /// <param name="treasury">The treasury at a viewpoint.</param>
    /// <param name="lotId">The lot.</param>
    /// <param name="acquisition">The entry that brought it.</param>
    public static LotStory? Of(TreasuryAt treasury, LotId lotId, NarrowEntry acquisition)
    {
        ArgumentNullException.ThrowIfNull(treasury);
        ArgumentNullException.ThrowIfNull(acquisition);
        // Where disposals look for acquisitions of other days, some that took of it came before it.
        var isWindowed = treasury.State.Policy.IsWindowed;
        var lot = isWindowed
            ? treasury.RowsOf(acquisition)?.Rows.Lots.FirstOrDefault(one => one.LotId == lotId)
            : null;
        var disposals = ImmutableArray.CreateBuilder<Disposal>();
        var carried = ImmutableArray.CreateBuilder<LotCarried>();
        var units = new Dictionary<AssetId, Quantity>();
        var from = isWindowed ? null : TreasuryAt.Before(acquisition.EffectiveAt);
        foreach (var (entry, rows, _) in treasury.HappenedAfter(from))
        {
            lot ??= rows.Lots.FirstOrDefault(opened => opened.LotId == lotId);
            if (lot is null)
            {
                if (entry.EffectiveAt > acquisition.EffectiveAt)
                {
                    return null;
                }

                continue;
            }

            Change(lot.Entry == entry.Position ? lot.Pool : null, lot.Quantity);
            foreach (var disposal in rows.Disposals)
            {
                if (TakenFrom(disposal, lotId) is { IsZero: false } taken)
                {
                    disposals.Add(disposal);
                    Change(disposal.Pool, -taken);
                }
            }

            foreach (var part in rows.Carried.Where(part => part.LotId == lotId))
            {
                carried.Add(part);
                Change(part.From.Pool, -part.Left);
                Change(part.To.Pool, part.Came);
            }

            // Nothing of it is left anywhere, so nothing can happen to it any more.
            if (!isWindowed && units.Values.All(left => left.IsZero))
            {
                break;
            }
        }

        return lot is null ? null : Make(treasury, lot, disposals.ToImmutable(), carried.ToImmutable(), units.Keys);

        void Change(AssetId? pool, Quantity by)
        {
            if (pool is { } changed)
            {
                units[changed] = units.GetValueOrDefault(changed) + by;
            }
        }
    }

    private static LotStory Make(
        TreasuryAt treasury,
        Acquisition lot,
        ImmutableArray<Disposal> disposals,
        ImmutableArray<LotCarried> carried,
        IEnumerable<AssetId> pools)
    {
        var places = pools.SelectMany(pool => treasury.State.OpenLots(pool))
            .Where(open => open.LotId == lot.LotId)
            .ToImmutableArray();
        return new LotStory(
            lot, disposals, carried, places, [.. pools.Select(pool => Balance(lot, disposals, carried, places, pool))]);
    }

    private static LotBalance Balance(
        Acquisition lot,
        ImmutableArray<Disposal> disposals,
        ImmutableArray<LotCarried> carried,
        ImmutableArray<OpenLot> places,
        AssetId pool)
    {
        var (came, costCame) = lot.Pool == pool ? (lot.Quantity, lot.Cost ?? Amount.Zero) : default;
        var (taken, costTaken, converted, costConverted) = (default(Quantity), default(Amount), default(Quantity),
            default(Amount));
        var (remaining, costRemaining) = (default(Quantity), default(Amount));
        foreach (var take in disposals.Where(disposal => disposal.Pool == pool)
            .SelectMany(disposal => disposal.Takes).Where(take => take.LotId == lot.LotId))
        {
            (taken, costTaken) = (taken + take.Quantity, costTaken + (take.Cost ?? Amount.Zero));
        }

        // What only went from place to place is still there.
        foreach (var part in carried.Where(part => part.IsConversion))
        {
            if (part.From.Pool == pool)
            {
                (converted, costConverted) = (converted + part.Left, costConverted + (part.CostLeft ?? Amount.Zero));
            }

            if (part.To.Pool == pool)
            {
                (came, costCame) = (came + part.Came, costCame + (part.CostCame ?? Amount.Zero));
            }
        }

        foreach (var open in places.Where(open => open.Pool == pool))
        {
            (remaining, costRemaining) = (remaining + open.Remaining, costRemaining + (open.Cost ?? Amount.Zero));
        }

        return new LotBalance(
            pool, came, taken, converted, remaining, costCame, costTaken, costConverted, costRemaining);
    }

    private static Quantity TakenFrom(Disposal disposal, LotId lotId)
    {
        var taken = Quantity.Zero;
        foreach (var take in disposal.Takes)
        {
            taken += take.LotId == lotId ? take.Quantity : Quantity.Zero;
        }

        return taken;
    }
}
