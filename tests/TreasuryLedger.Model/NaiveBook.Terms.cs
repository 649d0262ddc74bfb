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

        var (before, oldPrices) = (_policy, _prices);
        _policy = Changed(adopted.Terms, _question);
        _prices = _prices.Under(_policy);
        if (before.LotMethod == LotMethod.Average)
        {
            LayOut();
        }

        if (before.BasisScope != _policy.BasisScope)
        {
            Merge();
        }
        else if (_policy.LotMethod == LotMethod.Average)
        {
            Gather();
        }

        if (before.Stablecoins != _policy.Stablecoins)
        {
            CashBecomesLots(oldPrices);
        }
    }

    /// <summary>The pool's cost becomes that of its lots, the earliest first (SPEC 3.4).</summary>
    private void LayOut()
    {
        foreach (var pool in _pools.Values)
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

    /// <summary>The cost of the lots becomes the pool's.</summary>
    private void Gather()
    {
        foreach (var pool in _pools.Values)
        {
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
            var asset = place.Name.Split('@')[0];
            if (!_pools.TryGetValue(asset, out var merged))
            {
                merged = new NaivePool(asset);
                _pools.Add(asset, merged);
            }

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

    private static string PlaceOf(NaivePool pool) => pool.Name.Split('@')[1];

    /// <summary>What was cash lies in one lot a pool, at par; or in a deficit where less than nothing was.</summary>
    private void CashBecomesLots(NaivePrices oldPrices)
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

        var leg = 0;
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
                Put(pool, new NaivePart(lot, units, par, _entry.Evidence.Quality));
            }
        }

        void Find(AssetId asset, string place, BigInteger units)
        {
            if (!oldPrices.IsCash(asset) || _prices.IsCash(asset))
            {
                return;
            }

            var pool = _prices.Pool(asset);
            var where = _policy.BasisScope == BasisScope.Universal ? "" : place;
            var key = $"{pool} {NaiveRules.TransfersFirst(where)}";
            var earlier = found.TryGetValue(key, out var sum) ? sum.Units : 0;
            found[key] = (pool, where, earlier + units);
        }
    }
}
