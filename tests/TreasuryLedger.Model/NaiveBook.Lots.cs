using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>Pools: what comes in, what goes first, what is missing (SPEC 2 to 4, 6 and 7).</summary>
public sealed partial class NaiveBook
{
    private static string At(Leg leg) => leg.Account.ToString();

    private static string InTransit(FactId transfer) => $"transit:{transfer}";

    private static EvidenceQuality Worse(EvidenceQuality first, EvidenceQuality second) =>
        first > second ? first : second;

    private NaivePool Pool(Leg leg, string place)
    {
        var asset = _prices.Pool(leg.Asset).ToString();
        var name = _policy.BasisScope == BasisScope.Universal ? asset : $"{asset}@{place}";
        if (!_pools.TryGetValue(name, out var pool))
        {
            pool = new NaivePool(name);
            _pools.Add(name, pool);
        }

        return pool;
    }

    private void Acquire(
        Leg received, int leg, Worth cost, Instant acquired, BigInteger? fees = null, string? place = null)
    {
        var quality = Worse(cost.Quality, _entry.Evidence.Quality);
        var lot = new NaiveLot(_entry.Fact, leg, acquired, _turn, cost.Price)
        {
            RankUnits = received.Quantity.Units,
            RankCost = cost.Attos,
            Fees = fees ?? 0,
        };
        _costAcquired += cost.Attos ?? 0;
        Put(Pool(received, place ?? At(received)), new NaivePart(lot, received.Quantity.Units, cost.Attos, quality));
    }

    /// <summary>A part comes to lie in a pool, alone.</summary>
    private NaiveLot Put(NaivePool pool, NaivePart part)
    {
        CountIn(pool, part);
        var lot = part.Lot with { Units = part.Units, Cost = part.Cost, Quality = part.Quality, Came = pool.Came++ };
        pool.Lots.Add(lot);
        return lot;
    }

    /// <summary>A part moves in, to what last moved in of its lot if open and ranked alike (SPEC 7.2).</summary>
    private void MoveIn(NaivePool pool, NaivePart part)
    {
        var name = (part.Lot.Fact, part.Lot.Leg);
        if (pool.MovedIn.TryGetValue(name, out var earlier)
            && pool.Lots.Exists(lot => ReferenceEquals(lot, earlier))
            && earlier.RankUnits == part.Lot.RankUnits
            && earlier.RankCost == part.Lot.RankCost)
        {
            CountIn(pool, part);
            earlier.Units += part.Units;
            earlier.Cost += part.Cost;
            earlier.Quality = Worse(earlier.Quality, part.Quality);
        }
        else
        {
            pool.MovedIn[name] = Put(pool, part);
        }
    }

    private void CountIn(NaivePool pool, NaivePart part)
    {
        if (_policy.LotMethod == LotMethod.Average && part.Cost is { } cost)
        {
            pool.KnownQuality = pool.KnownUnits.IsZero ? part.Quality : Worse(pool.KnownQuality, part.Quality);
            pool.KnownUnits += part.Units;
            pool.KnownCost += cost;
        }
    }

    /// <summary>Takes units out of a pool, lot after lot; what no lot has is the pool's deficit.</summary>
    private (List<NaivePart> Parts, BigInteger Missing) Take(NaivePool pool, BigInteger units)
    {
        var parts = new List<NaivePart>();
        while (units > 0 && pool.Lots.Count > 0)
        {
            var lot = First(pool.Lots);
            var taken = BigInteger.Min(units, lot.Units);
            BigInteger? cost = lot.Cost is null ? null : _rules.Part(lot.Cost.Value, taken, lot.Units);
            parts.Add(new NaivePart(lot, taken, cost, lot.Quality));
            lot.Cost -= cost;
            lot.Units -= taken;
            units -= taken;
            if (lot.Units.IsZero)
            {
                pool.Lots.RemoveAll(gone => ReferenceEquals(gone, lot));
            }
        }

        pool.Deficit += units;
        return (_policy.LotMethod == LotMethod.Average ? Averaged(pool, parts) : parts, units);
    }

    /// <summary>Units that leave at once cost their part of the pool, laid over their lots (SPEC 3.4).</summary>
    private List<NaivePart> Averaged(NaivePool pool, List<NaivePart> parts)
    {
        BigInteger units = 0;
        foreach (var part in parts)
        {
            units += part.Cost is null ? 0 : part.Units;
        }

        if (units.IsZero)
        {
            return parts;
        }

        var cost = _rules.Part(pool.KnownCost, units, pool.KnownUnits);
        pool.KnownCost -= cost;
        pool.KnownUnits -= units;
        var averaged = new List<NaivePart>();
        foreach (var part in parts)
        {
            BigInteger? share = part.Cost is null ? null : _rules.Part(cost, part.Units, units);
            averaged.Add(part with { Cost = share, Quality = share is null ? part.Quality : pool.KnownQuality });
            cost -= share ?? 0;
            units -= share is null ? 0 : part.Units;
        }

        return averaged;
    }

    private NaiveLot First(List<NaiveLot> lots)
    {
        var first = lots[0];
        foreach (var lot in lots)
        {
            if (_rules.LotOrder(_policy.LotMethod, lot, first) < 0)
            {
                first = lot;
            }
        }

        return first;
    }

    /// <summary>Takes lots for consideration and writes the disposal down (SPEC 4 and 6).</summary>
    private void Dispose(string kind, Leg given, int leg, Worth proceeds)
    {
        var units = given.Quantity.Units;
        var (parts, missing) = Take(Pool(given, At(given)), units);
        var own = Worse(proceeds.Quality, _entry.Evidence.Quality);
        var quality = own;
        var (leftUnits, left) = (units, proceeds.Attos);
        BigInteger? basis = missing.IsZero ? 0 : null;
        BigInteger? matchedProceeds = proceeds.Attos is null ? null : 0;
        var (matchedCost, unknown) = (BigInteger.Zero, missing);
        var number = 0;
        foreach (var part in parts)
        {
            BigInteger? share = left is null ? null : _rules.Part(left.Value, part.Units, leftUnits);
            left -= share;
            leftUnits -= part.Units;
            basis += part.Cost;
            unknown += part.Cost is null ? part.Units : 0;
            matchedCost += part.Cost ?? 0;
            matchedProceeds += part.Cost is null ? 0 : share;
            quality = Worse(quality, part.Quality);
            Line("take", Name(leg), number++, Name(part.Lot), "of", part.Lot.Acquired, "units", part.Units,
                "cost", part.Cost, "proceeds", share, "gain", share - part.Cost, Worse(own, part.Quality));
        }

        Line("disposal", Name(leg), kind, given.Account, given.Asset, _prices.Pool(given.Asset), units,
            "at", _entry.EffectiveAt, "proceeds", proceeds.Attos, "basis", basis, "gain", proceeds.Attos - basis,
            "without-lot", missing, "basis-missing", unknown,
            "matched", matchedCost, matchedProceeds, matchedProceeds - matchedCost, quality, proceeds.Price);
    }

    /// <summary>Under per-account scope lots move with the units, without a disposal (SPEC 7.2 and 7.3).</summary>
    private void MoveLots(Leg moved, string from, string to)
    {
        if (_policy.BasisScope == BasisScope.Universal || _prices.IsCash(moved.Asset))
        {
            return;
        }

        var (parts, missing) = Take(Pool(moved, from), moved.Quantity.Units);
        var target = Pool(moved, to);
        foreach (var part in parts)
        {
            MoveIn(target, part);
        }

        if (missing > 0)
        {
            Put(target, WithoutPapers(0, missing));
        }
    }

    private NaivePart WithoutPapers(int leg, BigInteger units)
    {
        var quality = _entry.Evidence.Quality;
        var lot = new NaiveLot(_entry.Fact, leg, _entry.EffectiveAt, _turn, null) { RankUnits = units };
        return new NaivePart(lot, units, null, quality);
    }

    /// <summary>
    /// Lots become lots of another number of units; those without a cost first, so that no cost is lost when a part is
    /// too small to make a unit (SPEC 7.5).
    /// </summary>
    private void Convert(Leg from, Leg to, string place, int leg)
    {
        var (parts, missing) = Take(Pool(from, At(from)), from.Quantity.Units);
        if (missing > 0)
        {
            parts.Insert(0, WithoutPapers(leg, missing));
        }

        var ordered = new List<NaivePart>(parts.Where(part => part.Cost is null));
        ordered.AddRange(parts.Where(part => part.Cost is not null));
        var target = Pool(to, place);
        var left = to.Quantity.Units;
        BigInteger carried = 0;
        for (var i = 0; i < ordered.Count; i++)
        {
            var part = ordered[i];
            var isLast = i == ordered.Count - 1;
            var units = isLast ? left : NaiveRules.Floor(to.Quantity.Units * part.Units, from.Quantity.Units);
            var cost = part.Cost + carried;
            if (units.IsZero)
            {
                carried = cost ?? 0;
                continue;
            }

            left -= units;
            carried = 0;
            var lot = part.Lot with { RankUnits = units, RankCost = cost };
            Put(target, part with { Lot = lot, Units = units, Cost = cost });
        }
    }
}
