using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <content>What becomes of lots where the terms of the book change (SPEC 12.3).</content>
public sealed partial class BookFold
{
    private void Adopt(NarrowEntry entry, TermsAdopted adopted)
    {
        if (adopted.Book != _choice.Name)
        {
            return;
        }

        var (before, after, wereCash) = (_policy.Terms, _choice.Change(adopted.Terms), _values);
        if ((_decisions.Allocated is null && !_choice.IsWhatIf && TermsSwitch.SplitsPools(before, after))
            || TermsSwitch.EndsLots(before, after))
        {
            throw new InvalidOperationException(
                $"Entry {entry.Position} adopts terms for book {adopted.Book} that cannot follow those before it.");
        }

        var (scope, ranking) = (_policy.IsPerAccount, RankingAt(default));
        var isWindowed = IsWindowed;
        var pools = isWindowed ? null : _pools.Snapshot();
        pools ??= TakeOutOfWindows();
        _policy = _policy with { Terms = after };
        (_how, _takeRules, _values) = Under(_policy, _values.PricesUntil);
        var leg = 0;
        if (scope != IsPerAccount || ranking != RankingAt(default) || isWindowed)
        {
            TakeOver(entry, pools, scope);
            leg = !scope && IsPerAccount ? Allocate(entry, pools, wereCash) : 0;
        }

        if (before.Stablecoins != after.Stablecoins)
        {
            TakeInCash(entry, wereCash, leg);
        }
    }

    /// <summary>The lots of windows, all settled: those who come after find them as pools.</summary>
    private ImmutableSortedDictionary<PoolPlace, LotPool> TakeOutOfWindows()
    {
        var pools = ImmutableSortedDictionary.CreateBuilder<PoolPlace, LotPool>();
        foreach (var asset in _windows.Keys)
        {
            pools.Add(new PoolPlace(asset, default), CloseWindow(asset));
            _windows.Remove(asset);
        }

        return pools.ToImmutable();
    }

    /// <summary>
    /// Every pool is ranked anew by the method; those of an asset become one, or one becomes those of accounts, if the
    /// scope says so.
    /// </summary>
    private void TakeOver(
        NarrowEntry entry, ImmutableSortedDictionary<PoolPlace, LotPool> pools, bool wasPerAccount)
    {
        _owner = new object();
        foreach (var place in _pools.Keys)
        {
            _pools.Remove(place);
        }

        foreach (var (place, pool) in pools)
        {
            if (!wasPerAccount && IsPerAccount)
            {
                continue;
            }

            if (wasPerAccount && !IsPerAccount)
            {
                var units = new Quantity(pool.Units);
                _sink?.Add(new LotsMoved(
                    entry.Position, Named(place), Named(place with { Place = default }), units, units,
                    new Amount(pool.Cost)));
            }

            if (IsWindowed)
            {
                WindowOf(place.Pool).TakeOver(pool, _owner);
            }
            else if (wasPerAccount != IsPerAccount)
            {
                PoolAt(place.Pool, default).MoveIn(pool, _owner);
            }
            else
            {
                PoolAt(place.Pool, place.Place).TakeOver(pool, _owner);
            }
        }
    }

    /// <summary>Pools of some places are ranked anew.</summary>
    private void RankAnew(Func<PoolPlace, bool> which)
    {
        if (IsWindowed)
        {
            return;
        }

        var pools = _pools.Snapshot();
        _owner = new object();
        foreach (var (place, pool) in pools.Where(pool => which(pool.Key)))
        {
            _pools.Remove(place);
            PoolAt(place.Pool, place.Place).TakeOver(pool, _owner);
        }
    }

    private static LotsPlace Named(PoolPlace at) => new(at.Pool, at.Pool, at.Named.Account, at.Named.Transfer);

    /// <summary>What was cash and is none now becomes lots at par, or a deficit where less than nothing is.</summary>
    private void TakeInCash(NarrowEntry entry, EntryValues wereCash, int leg)
    {
        var units = UnitsByPlace(asset => wereCash.Terms(asset).IsCash);
        _owner = new object();
        foreach (var (place, here) in units)
        {
            if (here.Sign < 0)
            {
                Lack(place, -here);
            }
            else if (!here.IsZero)
            {
                var par = Amount.Of(new Quantity(here), _registers.DecimalsOf(place.Pool), ExactDecimal.One);
                var cost = new Valued(par, null, EvidenceQuality.Fact);
                var lot = NewLot(entry, leg++, here, cost, entry.EffectiveAt);
                _costAcquired += lot.Cost;
                Bring(place.Pool, place.Place, lot, entry);
                Tell(
                    entry, lot, place.Place.Account, place.Pool, place.Pool, LotOrigin.Cash, cost, Valued.Nothing);
            }
        }
    }

    private void Lack(PoolPlace place, BigInteger units)
    {
        if (IsWindowed)
        {
            WindowOf(place.Pool).Lack(units, _owner);
        }
        else
        {
            PoolAt(place.Pool, place.Place).Lack(units);
        }
    }

    /// <summary>Units kept in lots, by the places where the book's scope keeps them.</summary>
    private SortedDictionary<PoolPlace, BigInteger> UnitsByPlace(Func<AssetId, bool> which)
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

        return units;

        void Count(AssetId asset, Place place, BigInteger change)
        {
            if (_values.Terms(asset) is { IsCash: false, Pool: var pool } && which(asset))
            {
                var key = new PoolPlace(pool, place);
                units[key] = units.GetValueOrDefault(key) + change;
            }
        }
    }
}
