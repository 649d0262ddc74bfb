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

    private LotConventions How => _policy.Conventions ?? new LotConventions();

    /// <summary>Methods that look at other days know one pool an asset (SPEC 14.1).</summary>
    private static bool IsPerAccount(PolicyTerms terms) =>
        terms.BasisScope == BasisScope.PerAccount && !NaiveRules.LooksAtOtherDays(terms.LotMethod);

    private NaivePool Pool(Leg leg, string place) => PoolNamed(
        IsPerAccount(_policy) ? $"{_prices.Pool(leg.Asset)}@{place}" : _prices.Pool(leg.Asset).ToString());

    private NaivePool PoolNamed(string name)
    {
        if (!_pools.TryGetValue(name, out var pool))
        {
            pool = new NaivePool(name) { Method = MethodAt(name) };
            _pools.Add(name, pool);
        }

        return pool;
    }

    /// <summary>The method of a pool: of the book, or of its account by a standing order (SPEC 13.5).</summary>
    private LotMethod MethodAt(string pool) => _rules.MethodOf(
        _policy.LotMethod,
        pool.Contains('@', StringComparison.Ordinal) && _orders.TryGetValue(PlaceOf(pool), out var own) ? own : null);

    private void Acquire(
        Leg received, int leg, Worth cost, Instant acquired, BigInteger? fees = null, string? place = null)
    {
        var quality = Worse(cost.Quality, _entry.Evidence.Quality);
        var lot = new NaiveLot(_entry.Fact, leg, acquired, _turn, cost.Price)
        {
            RankUnits = received.Quantity.Units,
            RankCost = cost.Attos,
            Fees = cost.Attos is null ? 0 : fees ?? 0,
        };
        _costAcquired += cost.Attos ?? 0;
        Bring(received, place ?? At(received), new NaivePart(lot, received.Quantity.Units, cost.Attos, quality));
    }

    private void Bring(Leg received, string place, NaivePart part)
    {
        var pool = Pool(received, place);
        if (NaiveRules.LooksAtOtherDays(_policy.LotMethod))
        {
            BringInWindow(pool, part);
        }
        else
        {
            Put(pool, part);
        }
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
        if ((!_rules.IsByArrival(How.Sequence) || NaiveRules.LooksAtOtherDays(pool.Method))
            && pool.MovedIn.TryGetValue(name, out var earlier)
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

    private static void CountIn(NaivePool pool, NaivePart part)
    {
        if (pool.IsAveraging && part.Cost is { } cost)
        {
            pool.KnownQuality = pool.KnownUnits.IsZero ? part.Quality : Worse(pool.KnownQuality, part.Quality);
            pool.KnownUnits += part.Units;
            pool.KnownCost += cost;
        }
    }

    /// <summary>Takes units out of a pool, lot after lot; what no lot has is the pool's deficit.</summary>
    private (List<NaivePart> Parts, BigInteger Missing) Take(NaivePool pool, BigInteger units)
    {
        var (parts, missing) = TakeOf(pool, InOrder(pool, pool.Method), units);
        pool.Deficit += missing;
        return (parts, missing);
    }

    /// <summary>Takes units of some lots of a pool, one after the other; what they do not have is missing.</summary>
    private (List<NaivePart> Parts, BigInteger Missing) TakeOf(NaivePool pool, List<NaiveLot> lots, BigInteger units)
    {
        var parts = new List<NaivePart>();
        foreach (var lot in lots)
        {
            if (units.IsZero)
            {
                break;
            }

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

        return (pool.IsAveraging ? Averaged(pool, parts) : parts, units);
    }

    /// <summary>The lots of a pool as a method takes them.</summary>
    private List<NaiveLot> InOrder(NaivePool pool, LotMethod method)
    {
        var ordered = new List<NaiveLot>(pool.Lots);
        ordered.Sort((first, second) => _rules.LotOrder(method, How, first, second));
        return ordered;
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

    /// <summary>Takes lots for consideration and writes the disposal down (SPEC 4 and 6).</summary>
    private void Dispose(string kind, Leg given, int leg, Worth proceeds)
    {
        var left = new NaiveDisposal(_entry, kind, given, leg, proceeds);
        if (NaiveRules.LooksAtOtherDays(_policy.LotMethod))
        {
            DayOf(Pool(given, At(given)).Name).Waiting.Add(left);
            return;
        }

        var (parts, missing, outcome, identified) = TakeFor(given, leg, Pool(given, At(given)));
        var rules = parts.Select((_, i) => i < identified ? "identified" : "method");
        Write(left, parts, [.. rules], missing, outcome, null);
    }

    /// <summary>Writes down what a disposal took.</summary>
    private void Write(
        NaiveDisposal disposal, List<NaivePart> parts, List<string> rules, BigInteger missing, string outcome,
        Instant? final)
    {
        var (entry, kind, given, leg, proceeds) = disposal;
        var units = given.Quantity.Units;
        var isZero = _rules.IsZero(How.MissingBasis);
        var own = Worse(proceeds.Quality, entry.Evidence.Quality);
        var quality = own;
        var (leftUnits, left) = (units, proceeds.Attos);
        BigInteger? basis = missing.IsZero || isZero ? 0 : null;
        BigInteger? matchedProceeds = proceeds.Attos is null ? null : 0;
        var (matchedCost, unknown) = (BigInteger.Zero, isZero ? 0 : missing);
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            BigInteger? share = left is null ? null : _rules.Part(left.Value, part.Units, leftUnits);
            var cost = part.Cost is null && isZero ? 0 : part.Cost;
            left -= share;
            leftUnits -= part.Units;
            basis += cost;
            unknown += cost is null ? part.Units : 0;
            matchedCost += cost ?? 0;
            matchedProceeds += cost is null ? 0 : share;
            quality = Worse(quality, part.Quality);
            Line("take", Name(entry, leg), i, Name(part.Lot), "of", part.Lot.Acquired, "units", part.Units,
                "cost", cost, "proceeds", share, "gain", share - cost, Worse(own, part.Quality), rules[i],
                final is null ? _rules.Term(How.Holding, part.Lot.Acquired, entry.EffectiveAt) : "");
        }

        matchedProceeds += isZero && !missing.IsZero ? left : 0;
        Line("disposal", Name(entry, leg), kind, given.Account, given.Asset, _prices.Pool(given.Asset), units,
            "at", entry.EffectiveAt, "proceeds", proceeds.Attos, "basis", basis, "gain", proceeds.Attos - basis,
            "without-lot", missing, "basis-missing", unknown,
            "matched", matchedCost, matchedProceeds, matchedProceeds - matchedCost, quality, proceeds.Price, outcome,
            final);
    }

    /// <summary>Under per-account scope lots move with the units, without a disposal (SPEC 7.2 and 7.3).</summary>
    private void MoveLots(Leg moved, string from, string to)
    {
        if (!IsPerAccount(_policy) || from == to || _prices.IsCash(moved.Asset))
        {
            return;
        }

        var (parts, missing) = TakeToMove(moved, Pool(moved, from));
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
        CloseWindow(_prices.Pool(from.Asset).ToString());
        var (parts, missing) = leg == 0
            ? TakeToMove(from, Pool(from, At(from)))
            : Take(Pool(from, At(from)), from.Quantity.Units);
        if (missing > 0)
        {
            parts.Insert(0, WithoutPapers(leg, missing));
        }

        var ordered = new List<NaivePart>(parts.Where(part => part.Cost is null));
        ordered.AddRange(parts.Where(part => part.Cost is not null));
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
            var lot = part.Lot with
            {
                RankUnits = units,
                RankCost = cost,
                Fees = part.Lot.Fees.IsZero ? 0 : part.Lot.Fees * cost!.Value / part.Lot.RankCost!.Value,
            };
            Bring(to, place, part with { Lot = lot, Units = units, Cost = cost });
        }
    }
}
