using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <content>What becomes of lots where the terms of the book change (SPEC 12.3).</content>
public sealed partial class BookFold
{
    private void Adopt(NarrowEntry entry, TermsAdopted adopted)
    {
        if (adopted.Book != _choice.Book)
        {
            return;
        }

        var (before, after, wereCash) = (_policy.Terms, _choice.Change(adopted.Terms), _values);
        if (TermsSwitch.SplitsPools(before, after) || TermsSwitch.EndsLots(before, after))
        {
            throw new InvalidOperationException(
                $"Entry {entry.Position} adopts terms for book {adopted.Book} that cannot follow those before it.");
        }

        _policy = _policy with { Terms = after };
        _values = new EntryValues(_registers, _policy, _prices) { PricesUntil = _values.PricesUntil };
        if ((before.LotMethod, before.BasisScope) != (after.LotMethod, after.BasisScope))
        {
            TakeOver(entry, before.BasisScope != after.BasisScope);
        }

        if (before.Stablecoins != after.Stablecoins)
        {
            TakeInCash(entry, wereCash);
        }
    }

    /// <summary>Every pool is ranked anew by the method; those of an asset become one if the scope says so.</summary>
    private void TakeOver(NarrowEntry entry, bool isMerge)
    {
        var pools = _pools.Snapshot();
        _owner = new object();
        foreach (var place in pools.Keys)
        {
            _pools.Remove(place);
        }

        foreach (var (place, pool) in pools)
        {
            if (isMerge)
            {
                PoolAt(place.Pool, default).MoveIn(pool, _owner);
                var units = new Quantity(pool.Units);
                _sink?.Add(new LotsMoved(
                    entry.Position, Named(place), Named(place with { Place = default }), units, units,
                    new Amount(pool.Cost)));
            }
            else
            {
                PoolAt(place.Pool, place.Place).TakeOver(pool, _owner);
            }
        }
    }

    private static LotsPlace Named(PoolPlace at) => new(at.Pool, at.Pool, at.Named.Account, at.Named.Transfer);

    /// <summary>What was cash and is none now becomes lots at par, or a deficit where less than nothing is.</summary>
    private void TakeInCash(NarrowEntry entry, EntryValues wereCash)
    {
        var units = new SortedDictionary<PoolPlace, BigInteger>();
        foreach (var (key, held) in _held.Snapshot().Totals)
        {
            Count(key.Asset, PlaceOf(key.Account), held.Units);
        }

        foreach (var (key, way) in _passages.Snapshot().Open)
        {
            Count(key.Asset, PlaceOf(key.Transfer), (way.Sent - way.Arrived).Units);
        }

        _owner = new object();
        var leg = 0;
        foreach (var (place, here) in units)
        {
            if (here.Sign < 0)
            {
                PoolAt(place.Pool, place.Place).Lack(-here);
            }
            else if (!here.IsZero)
            {
                var par = Amount.Of(new Quantity(here), _registers.DecimalsOf(place.Pool), ExactDecimal.One);
                var cost = new Valued(par, null, EvidenceQuality.Fact);
                var lot = NewLot(entry, leg++, here, cost, entry.EffectiveAt);
                _costAcquired += lot.Cost;
                PoolAt(place.Pool, place.Place).Add(lot, _owner);
                Tell(
                    entry, lot, place.Place.Account, place.Pool, place.Pool, LotOrigin.Cash, cost, Valued.Nothing);
            }
        }

        void Count(AssetId asset, Place place, BigInteger change)
        {
            if (wereCash.Terms(asset).IsCash && _values.Terms(asset) is { IsCash: false, Pool: var pool })
            {
                var key = new PoolPlace(pool, place);
                units[key] = units.GetValueOrDefault(key) + change;
            }
        }
    }
}
