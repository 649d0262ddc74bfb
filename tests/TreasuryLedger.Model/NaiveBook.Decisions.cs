using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>What people decided about lots: which ones, orders of accounts, the allocation (SPEC 13, 16).</summary>
public sealed partial class NaiveBook
{
    private readonly Dictionary<(FactId Fact, int Leg), (LotsIdentified What, Instant Recorded)> _identified = [];
    private readonly Dictionary<string, LotMethod> _orders = new(StringComparer.Ordinal);
    private BasisAllocated? _allocated;

    private static BigInteger UnitsOf(List<NaiveLot> lots) =>
        lots.Aggregate(BigInteger.Zero, (sum, lot) => sum + lot.Units);

    /// <summary>The lots of a disposal or a move: identified ones first, then those of the method.</summary>
    private (List<NaivePart> Parts, BigInteger Missing, string Outcome, int Identified) TakeFor(
        Leg given, int leg, NaivePool pool)
    {
        var units = given.Quantity.Units;
        if (!_identified.TryGetValue((_entry.Fact, leg), out var found))
        {
            var (taken, without, said) = TakeUnlessChoice(pool, units);
            return (taken, without, said, 0);
        }

        var rule = How.Identification;
        if (rule == IdentificationRule.Ignored || pool.Method == LotMethod.Average
            || (rule == IdentificationRule.Recorded && !_rules.IsInTime(found.Recorded, _entry.EffectiveAt)))
        {
            var isIgnored = rule == IdentificationRule.Ignored || pool.Method == LotMethod.Average;
            var (taken, without, _) = TakeUnlessChoice(pool, units);
            return (taken, without, isIgnored ? "ignored" : "too-late", 0);
        }

        var (parts, left, outcome) = found.What.Lots.IsEmpty
            ? TakeMeant(found.What, pool, units)
            : TakeNamed(found.What, pool, units);
        var identified = parts.Count;
        if (left > 0 && pool.Method == LotMethod.Specific)
        {
            pool.Deficit += left;
        }
        else if (left > 0)
        {
            var (rest, missing) = Take(pool, left);
            parts.AddRange(rest);
            left = missing;
        }

        return (parts, left, outcome, identified);
    }

    /// <summary>Nothing leaves that nobody identified, unless there is nothing to choose (SPEC 13.4).</summary>
    private (List<NaivePart> Parts, BigInteger Missing, string Outcome) TakeUnlessChoice(
        NaivePool pool, BigInteger units)
    {
        if (pool.Method == LotMethod.Specific && pool.Lots.Count > 1 && UnitsOf(pool.Lots) > units)
        {
            pool.Deficit += units;
            return ([], units, "ambiguous");
        }

        var (parts, missing) = Take(pool, units);
        return (parts, missing, "none");
    }

    private (List<NaivePart> Parts, BigInteger Left, string Outcome) TakeNamed(
        LotsIdentified what, NaivePool pool, BigInteger units)
    {
        var (taken, outcome) = (new List<NaivePart>(), "followed");
        foreach (var named in what.Lots)
        {
            if (units.IsZero)
            {
                break;
            }

            var wanted = BigInteger.Min(units, named.Quantity.Units);
            var lots = InOrder(pool, pool.Method)
                .FindAll(lot => lot.Fact == named.Acquisition && lot.Leg == named.Leg);
            var (parts, missing) = TakeOf(pool, lots, wanted);
            taken.AddRange(parts);
            units -= wanted - missing;
            outcome = missing.IsZero ? outcome
                : lots.Count == 0 && outcome == "followed" ? "no-match"
                : "too-few-units";
        }

        return (taken, units, outcome == "followed" && !units.IsZero ? "too-few-units" : outcome);
    }

    private (List<NaivePart> Parts, BigInteger Left, string Outcome) TakeMeant(
        LotsIdentified what, NaivePool pool, BigInteger units)
    {
        var filter = what.Filter;
        var meant = InOrder(pool, what.Method ?? pool.Method).FindAll(lot => filter is null
            || ((filter.Acquisition is null || lot.Fact == filter.Acquisition)
                && (filter.Leg is null || lot.Leg == filter.Leg)
                && (filter.AcquiredFrom is null || lot.Acquired >= filter.AcquiredFrom)
                && (filter.AcquiredBefore is null || lot.Acquired < filter.AcquiredBefore)));
        if (meant.Count == 0)
        {
            return ([], units, "no-match");
        }

        if (pool.Method == LotMethod.Specific && what.Method is null && meant.Count > 1 && UnitsOf(meant) > units)
        {
            return ([], units, "ambiguous");
        }

        var (parts, left) = TakeOf(pool, meant, units);
        return (parts, left, left.IsZero ? "followed" : "too-few-units");
    }

    /// <summary>A move is no disposal: where only identified lots are disposed of, the earliest move.</summary>
    private (List<NaivePart> Parts, BigInteger Missing) TakeToMove(Leg moved, NaivePool pool)
    {
        var isEarliest = _rules.EarliestMove(How.TransferLots) || pool.Method == LotMethod.Specific;
        if (!isEarliest || _identified.ContainsKey((_entry.Fact, 0)))
        {
            var (chosen, without, _, _) = TakeFor(moved, 0, pool);
            return (chosen, without);
        }

        var earliest = new List<NaiveLot>(pool.Lots);
        earliest.Sort(_rules.Age);
        var (parts, missing) = TakeOf(pool, earliest, moved.Quantity.Units);
        pool.Deficit += missing;
        return (parts, missing);
    }

    /// <summary>One pool an asset becomes one a place: lots by name, then by the rule (SPEC 16.4).</summary>
    /// <returns>The next leg that names no lot yet.</returns>
    private int Allocate(NaivePrices oldPrices)
    {
        var before = new SortedDictionary<string, NaivePool>(_pools, StringComparer.Ordinal);
        var wants = new SortedDictionary<string, List<Want>>(StringComparer.Ordinal);
        _pools.Clear();
        foreach (var (key, units) in _balances)
        {
            Count(AssetId.Parse(key.Split(' ')[1]), key.Split(' ')[0], units);
        }

        foreach (var (key, passage) in _transit.Where(passage => passage.Value.Sent != passage.Value.Arrived))
        {
            Count(
                AssetId.Parse(key.Split(' ')[1]), InTransit(FactId.Parse(key.Split(' ')[0])),
                passage.Sent - passage.Arrived);
        }

        var leg = 0;
        foreach (var asset in before.Keys.Union(wants.Keys).Order(StringComparer.Ordinal))
        {
            var places = wants.GetValueOrDefault(asset) ?? [];
            places.Sort((first, second) => _rules.Turn(_allocated, first.Place, second.Place));
            leg = Allocate(asset, before.GetValueOrDefault(asset), places, leg);
        }

        return leg;

        void Count(AssetId asset, string place, BigInteger units)
        {
            if (_prices.IsCash(asset) || oldPrices.IsCash(asset))
            {
                return;
            }

            var pool = _prices.Pool(asset).ToString();
            wants.TryAdd(pool, []);
            var want = wants[pool].Find(want => want.Place == place);
            if (want is null)
            {
                wants[pool].Add(want = new Want(place));
            }

            want.Units += units;
        }
    }

    private int Allocate(string asset, NaivePool? before, List<Want> places, int leg)
    {
        var lots = before is null ? [] : InOrder(before, _allocated?.Method ?? LotMethod.Fifo);
        places.ForEach(want => PoolNamed($"{asset}@{want.Place}").Balance += want.Units);
        var given = new List<(string Pool, NaivePart Part)>();
        if (_rules.NamedFirst)
        {
            foreach (var (account, named) in _allocated?.Units ?? [])
            {
                if (places.Find(want => want.Place == account.ToString()) is { } want)
                {
                    Give(want, named.Quantity.Units, lot => lot.Fact == named.Acquisition && lot.Leg == named.Leg);
                }
            }
        }

        places.ForEach(want => Give(want, want.Units, _ => true));
        given.ForEach(one => MoveIn(PoolNamed(one.Pool), one.Part));
        foreach (var want in places)
        {
            if (want.Units > 0)
            {
                Put(PoolNamed($"{asset}@{want.Place}"), WithoutPapers(leg++, want.Units));
            }
            else
            {
                PoolNamed($"{asset}@{want.Place}").Deficit -= want.Units;
            }
        }

        foreach (var lot in lots.Where(lot => !lot.Units.IsZero))
        {
            var last = PoolNamed(places.Count == 0 ? asset : $"{asset}@{places[^1].Place}");
            MoveIn(last, new NaivePart(lot, lot.Units, lot.Cost, lot.Quality));
            last.Deficit += lot.Units;
        }

        return leg;

        void Give(Want want, BigInteger most, Func<NaiveLot, bool> which)
        {
            foreach (var lot in lots.Where(which))
            {
                var units = BigInteger.Min(lot.Units, BigInteger.Min(most, want.Units));
                if (units > 0)
                {
                    BigInteger? cost = lot.Cost is null ? null : _rules.Part(lot.Cost.Value, units, lot.Units);
                    given.Add(($"{asset}@{want.Place}", new NaivePart(lot, units, cost, lot.Quality)));
                    (lot.Units, lot.Cost, most, want.Units) =
                        (lot.Units - units, lot.Cost - cost, most - units, want.Units - units);
                }
            }
        }
    }

    private sealed class Want(string place)
    {
        public string Place => place;

        public BigInteger Units { get; set; }
    }
}
