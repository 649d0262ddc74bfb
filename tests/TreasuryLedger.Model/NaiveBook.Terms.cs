using System.Numerics;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Model;

/// <summary>What becomes of a book where its terms change (SPEC 12).</summary>
public sealed partial class NaiveBook
{
    private static PolicyTerms Changed(PolicyTerms terms, Question question) =>
        question.Method is { } method ? terms with { LotMethod = method } : terms;

    private void Adopted(TermsAdopted adopted)
    {
        if (_question.Book is null || !_rules.IsOf(adopted.Book, _question.Book))
        {
            return;
        }

        var (before, oldPrices, leg) = (_policy, _prices, 0);
        CloseWindows();
        _policy = Changed(adopted.Terms, _question);
        _prices = _prices.Under(_policy);
        LayOut(_pools.Values);
        if (!IsPerAccount(before) && IsPerAccount(_policy))
        {
            leg = Allocate(oldPrices);
        }
        else if (IsPerAccount(before) != IsPerAccount(_policy) || NaiveRules.LooksAtOtherDays(_policy.LotMethod))
        {
            Merge();
        }
        else
        {
            Gather(_pools.Values);
        }

        if (before.Stablecoins != _policy.Stablecoins)
        {
            CashBecomesLots(oldPrices, leg);
        }
    }

    /// <summary>An account gets a method of its own, or loses it (SPEC 13.5).</summary>
    private void Ordered(StandingOrderGiven order)
    {
        if (!_rules.IsOf(order.Book, _question.Book ?? "official"))
        {
            return;
        }

        _orders.Remove(order.Account.ToString());
        if (order.Method is { } method)
        {
            _orders.Add(order.Account.ToString(), method);
        }

        var there = _pools.Values.Where(pool => pool.Name.EndsWith($"@{order.Account}", StringComparison.Ordinal));
        LayOut([.. there]);
        Gather([.. there]);
    }

    /// <summary>The pool's cost becomes that of its lots, the earliest first (SPEC 3.4).</summary>
    private void LayOut(IEnumerable<NaivePool> pools)
    {
        foreach (var pool in pools.Where(pool => pool.IsAveraging))
        {
            pool.Lots.Sort(_rules.Age);
            foreach (var lot in pool.Lots)
            {
                if (lot.Cost is not null)
                {
                    var cost = _rules.Part(pool.KnownCost, lot.Units, pool.KnownUnits);
                    pool.KnownCost -= cost;
                    pool.KnownUnits -= lot.Units;
                    lot.Cost = cost;
                    lot.Quality = _rules.LaidQuality(lot.Quality, pool.KnownQuality);
                    lot.RankCost = _rules.LaidRank(lot, cost);
                }
            }
        }
    }

    /// <summary>Pools follow the method that holds now; where it averages, the cost of their lots is theirs.</summary>
    private void Gather(IEnumerable<NaivePool> pools)
    {
        foreach (var pool in pools)
        {
            pool.Method = MethodAt(pool.Name);
            foreach (var lot in pool.Lots)
            {
                CountIn(pool, new NaivePart(lot, lot.Units, lot.Cost, lot.Quality));
            }
        }
    }

    /// <summary>Of all places of an asset one pool: transfers first, then accounts; lots as if they moved.</summary>
    private void Merge()
    {
        var places = new List<NaivePool>(_pools.Values);
        places.Sort((first, second) =>
            string.CompareOrdinal(
                NaiveRules.TransfersFirst(PlaceOf(first)), NaiveRules.TransfersFirst(PlaceOf(second))));
        _pools.Clear();
        foreach (var place in places)
        {
            var merged = PoolNamed(place.Name.Split('@')[0]);
            merged.Balance += place.Balance;
            merged.Deficit += place.Deficit;
            place.Lots.Sort(_rules.Age);
            foreach (var lot in place.Lots)
            {
                var part = new NaivePart(lot, lot.Units, lot.Cost, lot.Quality);
                if (_rules.JoinsWhereMerged)
                {
                    MoveIn(merged, part);
                }
                else
                {
                    Put(merged, part);
                }
            }
        }
    }

    private static string PlaceOf(NaivePool pool) => PlaceOf(pool.Name);

    private static string PlaceOf(string pool) =>
        pool.Contains('@', StringComparison.Ordinal) ? pool[(pool.IndexOf('@', StringComparison.Ordinal) + 1)..] : "";

    /// <summary>What was cash lies in one lot a pool, at par; or in a deficit where less than nothing was.</summary>
    private void CashBecomesLots(NaivePrices oldPrices, int leg)
    {
        var found = new SortedDictionary<string, (AssetId Pool, string Place, BigInteger Units)>(
            StringComparer.Ordinal);
        foreach (var (key, units) in _balances)
        {
            var words = key.Split(' ');
            Find(AssetId.Parse(words[1]), words[0], units);
        }

        foreach (var (key, passage) in _transit)
        {
            var words = key.Split(' ');
            Find(AssetId.Parse(words[1]), InTransit(FactId.Parse(words[0])), passage.Sent - passage.Arrived);
        }

        foreach (var (asset, place, units) in found.Values)
        {
            var pool = Pool(new Leg(default, asset, default), place);
            pool.Balance += units;
            if (units < 0)
            {
                pool.Deficit -= units;
            }
            else if (units > 0)
            {
                var par = _rules.Par(oldPrices.Of(asset, units, _entry.EffectiveAt).Attos!.Value);
                var lot = new NaiveLot(_entry.Fact, leg++, _entry.EffectiveAt, _turn, null)
                {
                    RankUnits = units,
                    RankCost = par,
                };
                _costAcquired += par;
                Bring(new Leg(default, asset, default), place, new(lot, units, par, _entry.Evidence.Quality));
            }
        }

        void Find(AssetId asset, string place, BigInteger units)
        {
            if (!oldPrices.IsCash(asset) || _prices.IsCash(asset))
            {
                return;
            }

            var pool = _prices.Pool(asset);
            var where = IsPerAccount(_policy) ? place : "";
            var key = $"{pool} {NaiveRules.TransfersFirst(where)}";
            var earlier = found.TryGetValue(key, out var sum) ? sum.Units : 0;
            found[key] = (pool, where, earlier + units);
        }
    }
}
