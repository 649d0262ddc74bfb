using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <content>One pool an asset becomes one an account (SPEC 16).</content>
public sealed partial class BookFold
{
    /// <summary>Lays the lots of each pool over the places of its units.</summary>
    /// <returns>The next leg of the entry that names no lot yet.</returns>
    private int Allocate(
        NarrowEntry entry, ImmutableSortedDictionary<PoolPlace, LotPool> pools, EntryValues wereCash)
    {
        var allocated = _decisions.Allocated;
        // What was cash has no lots to be laid out; it becomes some only after this.
        var units = UnitsByPlace(asset => !wereCash.Terms(asset).IsCash);
        var leg = 0;
        foreach (var asset in pools.Keys.Select(place => place.Pool).Concat(units.Keys.Select(place => place.Pool))
            .Distinct().Order().ToList())
        {
            var ranking = new Ranking(allocated?.Method ?? LotMethod.Fifo, _how.Sequence, _how.CostKey);
            var lots = (pools.GetValueOrDefault(new PoolPlace(asset, default))?.Open() ?? []).ConvertAll(open =>
                open with { Lot = open.Lot with { Rank = LotOrder.RankOf(open.Lot, ranking.CostKey) } });
            lots.Sort((x, y) => LotOrder.Of(ranking).Compare(x.Lot, y.Lot));
            var wants = units.Where(place => place.Key.Pool == asset)
                .OrderBy(place => Turn(place.Key.Place, allocated)).ThenBy(place => place.Key)
                .Select(place => (Place: place.Key, Units: place.Value))
                .ToList();
            leg = Allocate(entry, new PoolPlace(asset, default), lots, wants, allocated, leg);
        }

        return leg;
    }

    /// <summary>Accounts in the order of the allocation, then the others, then transfers.</summary>
    private static int Turn(Place place, BasisAllocated? allocated) =>
        place.Account == default ? int.MaxValue
        : allocated?.Accounts.IndexOf(place.Account) is >= 0 and var turn ? turn
        : int.MaxValue - 1;

    private int Allocate(
        NarrowEntry entry,
        PoolPlace from,
        List<LotSlice> lots,
        List<(PoolPlace Place, BigInteger Units)> wants,
        BasisAllocated? allocated,
        int leg)
    {
        var given = new List<(PoolPlace To, LotSlice Part)>();
        foreach (var (account, named) in allocated?.Units ?? [])
        {
            var at = wants.FindIndex(want => want.Place.Place.Account == account);
            var id = new LotId(named.Acquisition, named.Leg);
            if (at >= 0 && wants[at].Units.Sign > 0)
            {
                wants[at] = Give(wants[at], named.Quantity.Units, lots, lot => lot.Id == id, given);
            }
        }

        for (var at = 0; at < wants.Count; at++)
        {
            if (wants[at].Units.Sign > 0)
            {
                wants[at] = Give(wants[at], wants[at].Units, lots, _ => true, given);
            }
        }

        foreach (var (to, part) in given)
        {
            PoolAt(to.Pool, to.Place).AddCarried(part.Lot.Carry(part.Units, part.Cost, part.Quality), _owner);
            Tell(entry, part, from, to, part.Units, part.Cost);
        }

        foreach (var sums in given.GroupBy(one => one.To))
        {
            var quantity = new Quantity(sums.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Part.Units));
            var cost = sums.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Part.Cost);
            _sink?.Add(new LotsMoved(
                entry.Position, Named(from), Named(sums.Key), quantity, quantity, new Amount(cost)));
        }

        leg = Explain(entry, wants, leg);
        Leave(from, lots, wants);
        return leg;
    }

    /// <summary>Takes units of some lots off the list for a place, and tells what it wants still.</summary>
    private static (PoolPlace Place, BigInteger Units) Give(
        (PoolPlace Place, BigInteger Units) want,
        BigInteger most,
        List<LotSlice> lots,
        Func<Lot, bool> which,
        List<(PoolPlace To, LotSlice Part)> given)
    {
        var left = BigInteger.Min(most, want.Units);
        want.Units -= left;
        for (var i = 0; i < lots.Count && !left.IsZero; i++)
        {
            var lot = lots[i];
            if (!which(lot.Lot))
            {
                continue;
            }

            var part = BigInteger.Min(left, lot.Units);
            var cost = part == lot.Units ? lot.Cost : Rounding.DivideFloor(lot.Cost * part, lot.Units);
            given.Add((want.Place, lot with { Units = part, Cost = cost }));
            lots[i] = lot with { Units = lot.Units - part, Cost = lot.Cost - cost };
            left -= part;
        }

        lots.RemoveAll(lot => lot.Units.IsZero);
        want.Units += left;
        return want;
    }

    /// <summary>Units for which there was no lot lie in one without a cost, as where units move (SPEC 7.3).</summary>
    private int Explain(NarrowEntry entry, List<(PoolPlace Place, BigInteger Units)> wants, int leg)
    {
        foreach (var (place, units) in wants.Where(want => want.Units.Sign > 0))
        {
            var unknown = NewLot(entry, leg++, units, default, entry.EffectiveAt);
            PoolAt(place.Pool, place.Place).Add(unknown, _owner);
            Tell(
                entry, unknown, place.Place.Account, place.Pool, place.Pool, LotOrigin.Unexplained, default,
                Valued.Nothing);
        }

        return leg;
    }

    /// <summary>Lots that nobody holds stay with the last place, beside as many units that are missing there.</summary>
    private void Leave(PoolPlace from, List<LotSlice> lots, List<(PoolPlace Place, BigInteger Units)> wants)
    {
        foreach (var (place, units) in wants.Where(want => want.Units.Sign < 0))
        {
            PoolAt(place.Pool, place.Place).Lack(-units);
        }

        if (lots.Count > 0)
        {
            var last = PoolAt(from.Pool, wants.Count == 0 ? default : wants[^1].Place.Place);
            foreach (var lot in lots)
            {
                last.AddCarried(lot.Lot.Carry(lot.Units, lot.Cost, lot.Quality), _owner);
                last.Lack(lot.Units);
            }
        }
    }
}
