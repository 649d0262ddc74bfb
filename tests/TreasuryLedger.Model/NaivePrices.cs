using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>What things are worth, looked up each time from one end of the price book to the other (SPEC 5).</summary>
public sealed class NaivePrices
{
    private readonly NaiveRules _rules;
    private readonly PolicyTerms _policy;
    private readonly AssetId _reporting;
    private readonly List<AssetRegistered> _assets;
    private readonly List<Entry> _prices;

    /// <summary>From the assets that are registered and the prices that are known.</summary>
    public NaivePrices(
        NaiveRules rules, PolicyTerms policy, AssetId reporting, List<AssetRegistered> assets, List<Entry> prices)
    {
        _rules = rules;
        _policy = policy;
        _reporting = reporting;
        _assets = assets;
        _prices = prices;
    }

    /// <summary>The same prices under other terms.</summary>
    public NaivePrices Under(PolicyTerms policy) => new(_rules, policy, _reporting, _assets, _prices);

    /// <summary>The asset whose lots this one shares (SPEC 1.3).</summary>
    public AssetId Pool(AssetId asset)
    {
        var registered = Registered(asset);
        return registered.StandsFor is { } under && Registered(under.Asset).Decimals == registered.Decimals
            ? Pool(under.Asset)
            : asset;
    }

    /// <summary>What it stands for, and how; nothing if for nothing.</summary>
    public StandIn? StandsFor(AssetId asset) => Registered(asset).StandsFor;

    /// <summary>Whether it is money of the reporting currency, by the policy (SPEC 1.2).</summary>
    public bool IsCash(AssetId asset)
    {
        var pool = Registered(Pool(asset));
        return pool.Asset == _reporting
            || (_policy.Stablecoins == StablecoinTreatment.CashAtPar
                && pool.Kind == AssetKind.Stablecoin
                && pool.ParCurrency == _reporting);
    }

    /// <summary>What units are worth at an instant (SPEC 5.1).</summary>
    public Worth Of(AssetId asset, BigInteger units, Instant at) => Of(asset, units, Registered(asset).Decimals, at);

    /// <summary>A value that a source states, in the reporting currency (SPEC 5.2).</summary>
    public Worth Of(CurrencyAmount stated, Instant at)
    {
        ArgumentNullException.ThrowIfNull(stated);
        return stated.Currency == _reporting.ToString()
            ? new Worth(stated.Amount.Attos, EvidenceQuality.Fact, null)
            : Of(AssetId.Parse(stated.Currency), stated.Amount.Attos, 18, at);
    }

    private Worth Of(AssetId asset, BigInteger units, int decimals, Instant at)
    {
        for (AssetId? priced = asset; priced is { } one; priced = Registered(one).StandsFor?.Asset)
        {
            if (IsCash(one))
            {
                return new Worth(Attos(units, decimals, 1, 0), EvidenceQuality.Fact, one == asset ? null : Words.Par);
            }

            if (Latest(one, at) is { } found)
            {
                if (!_rules.IsYoung(found.EffectiveAt, at, _policy.PriceAgeMaxSeconds))
                {
                    break; // it has a price of its own, only an old one: there is nothing to fall back to
                }

                var price = ((PriceRecorded)found.Event).Price;
                return new Worth(
                    Attos(units, decimals, price.Mantissa, price.Scale),
                    found.Evidence.Quality,
                    Words.Price(price, found.EffectiveAt));
            }
        }

        return new Worth(null, EvidenceQuality.Fact, null);
    }

    private BigInteger Attos(BigInteger units, int decimals, BigInteger mantissa, int scale) =>
        _rules.Round(units * mantissa * BigInteger.Pow(10, 18), BigInteger.Pow(10, decimals + scale));

    /// <summary>The last one in order that is not after the instant, however old.</summary>
    private Entry? Latest(AssetId asset, Instant at)
    {
        Entry? latest = null;
        foreach (var entry in _prices)
        {
            if (entry.Event is PriceRecorded recorded
                && recorded.Asset == asset
                && recorded.Currency == _reporting
                && entry.EffectiveAt.Microseconds <= at.Microseconds
                && (latest is null || _rules.Order(latest, entry) < 0))
            {
                latest = entry;
            }
        }

        return latest;
    }

    private AssetRegistered Registered(AssetId asset)
    {
        foreach (var registered in _assets)
        {
            if (registered.Asset == asset)
            {
                return registered;
            }
        }

        throw new InvalidOperationException($"{asset} is not registered.");
    }
}
