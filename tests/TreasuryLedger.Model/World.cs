using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Model;

/// <summary>
/// The small world of one history: a bank, a wallet, an exchange, a lending position and a validator; the reporting
/// currency, a stablecoin, a token and its wrapper, and at times a second token, a receipt, a wrapper with other
/// decimals and a foreign currency with a stablecoin of its own. Few quantities, so that lots tie and are taken in
/// part.
/// </summary>
public sealed class World
{
    private static readonly BigInteger[] Small = [1, 2, 3, 4, 5, 7, 10, 20];

    /// <summary>So few that unit costs tie, and none divides the other.</summary>
    private static readonly BigInteger[] Narrow = [3, 7];

    /// <summary>Around the widths of machine integers, where a fast path would break.</summary>
    private static readonly BigInteger[] Extreme =
    [
        1, long.MaxValue, BigInteger.Pow(2, 63), BigInteger.Pow(2, 64) - 1, BigInteger.Pow(2, 64) + 1,
        BigInteger.Pow(2, 127) - 1, BigInteger.Pow(2, 127), BigInteger.Pow(2, 128) + 1, BigInteger.Pow(2, 256) - 1,
    ];

    private static readonly string[] PriceTexts =
    [
        "1", "2", "3", "0.5", "7.77", "0.333333333333333333", "1000.000000000000000001", "0.000000000000000001",
        "0.0000000000000000000000000000005",
    ];

    private readonly Dictionary<AssetId, BigInteger[]> _quantities = [];
    private readonly Dice _dice;

    /// <summary>A world by chance.</summary>
    public World(Dice dice)
    {
        ArgumentNullException.ThrowIfNull(dice);
        _dice = dice;
        var decimals = dice.Pick([0, 2, 2, 6, 18, 18, 20, 36]);
        var assets = new List<AssetRegistered>
        {
            Asset("USD", AssetKind.Currency, 2),
            Asset("USDT", AssetKind.Stablecoin, dice.Pick([2, 6, 18, 20]), par: "USD"),
            Asset("ETH", AssetKind.Token, decimals),
            Wrapper("WETH", "ETH", decimals),
        };
        if (dice.Chance(25))
        {
            assets.Add(Asset("BTC", AssetKind.Token, 8));
        }

        if (dice.Chance(20))
        {
            assets.Add(Wrapper("aWETH", "WETH", decimals, StandInKind.Receipt));
        }

        if (dice.Chance(15))
        {
            var kind = dice.Pick([StandInKind.Wrapped, StandInKind.Staked, StandInKind.Bridged]);
            assets.Add(Wrapper("xETH", "ETH", decimals == 0 ? 2 : 0, kind));
        }

        if (dice.Chance(10))
        {
            assets.Add(Wrapper("aUSDT", "USDT", assets[1].Decimals));
        }

        if (dice.Chance(10))
        {
            assets.Add(Wrapper("xUSDT", "USDT", assets[1].Decimals - 1));
        }

        if (dice.Chance(15))
        {
            assets.Add(Asset("EUR", AssetKind.Currency, 2));
            assets.Add(Asset("EURT", AssetKind.Stablecoin, 6, par: "EUR"));
        }

        Assets = [.. assets];
        Quantities(dice);
    }

    /// <summary>The reporting currency.</summary>
    public static AssetId Reporting { get; } = Id("USD");

    /// <summary>The bank account.</summary>
    public static AccountId Bank { get; } = AccountId.Parse("bank");

    /// <summary>The wallet.</summary>
    public static AccountId Wallet { get; } = AccountId.Parse("cold");

    /// <summary>The exchange.</summary>
    public static AccountId Exchange { get; } = AccountId.Parse("cex");

    /// <summary>The lending position.</summary>
    public static AccountId Position { get; } = AccountId.Parse("loan");

    /// <summary>The staking account.</summary>
    public static AccountId Staked { get; } = AccountId.Parse("stake");

    /// <summary>All accounts.</summary>
    public static ImmutableArray<AccountRegistered> Accounts { get; } =
    [
        new(Bank, AccountKind.Bank, "bank", null),
        new(Wallet, AccountKind.Wallet, "self", null),
        new(Exchange, AccountKind.Exchange, "cex", null),
        new(Position, AccountKind.LendingPosition, "aave", "aave-v3"),
        new(Staked, AccountKind.Staking, "validator", null),
    ];

    /// <summary>All assets, the reporting currency first.</summary>
    public ImmutableArray<AssetRegistered> Assets { get; }

    /// <summary>The pairs of an asset and what stands for it.</summary>
    public IEnumerable<(AssetId Under, AssetId Over)> Wraps =>
        Assets.Where(asset => asset.StandsFor is not null).Select(asset => (asset.StandsFor!.Asset, asset.Asset));

    /// <summary>Any asset; the token and its wrapper more often.</summary>
    public AssetId AnyAsset() =>
        _dice.Chance(45) ? Id(_dice.Pick(["ETH", "ETH", "WETH"])) : _dice.Pick(Assets).Asset;

    /// <summary>Money or a stablecoin, mostly of the reporting currency.</summary>
    public AssetId AnyMoney()
    {
        var money = Assets.Where(asset => asset.Kind is not AssetKind.Token).ToList();
        return _dice.Chance(50) ? Reporting : _dice.Pick(money).Asset;
    }

    /// <summary>Any account.</summary>
    public AccountId AnyAccount() => _dice.Pick(Accounts).Account;

    /// <summary>Any account but the lending position, which only loans reach; the exchange more often.</summary>
    public AccountId AnyHolding() => _dice.Pick([Bank, Wallet, Wallet, Exchange, Exchange, Exchange, Staked]);

    /// <summary>A quantity of an asset, from the few that this world has.</summary>
    public Quantity Some(AssetId asset) => new(_dice.Pick(_quantities[asset]));

    /// <summary>A leg at an account.</summary>
    public Leg Leg(AccountId account, AssetId asset) => new(account, asset, Some(asset));

    /// <summary>A value in the reporting currency, in the other one where there is one, at times zero.</summary>
    public CurrencyAmount SomeValue()
    {
        var currencies = Assets.Where(asset => asset.Kind == AssetKind.Currency).ToList();
        var amount = _dice.Chance(5) ? 0 : _dice.Pick(Small) * BigInteger.Pow(10, _dice.Pick([0, 17, 18, 18, 20]));
        return new CurrencyAmount(_dice.Pick(currencies).Asset.ToString(), new Amount(amount));
    }

    /// <summary>A price per token.</summary>
    public ExactDecimal SomePrice() => ExactDecimal.Parse(_dice.Pick(PriceTexts));

    private static AssetId Id(string text) => AssetId.Parse(text);

    private static AssetRegistered Asset(string id, AssetKind kind, int decimals, string? par = null) =>
        new(Id(id), kind, decimals, null, null, par is null ? null : Id(par), null);

    private static AssetRegistered Wrapper(
        string id, string under, int decimals, StandInKind kind = StandInKind.Wrapped) =>
        Asset(id, AssetKind.Token, decimals) with { StandsFor = new StandIn(Id(under), kind) };

    private void Quantities(Dice dice)
    {
        var style = dice.Below(10);
        foreach (var asset in Assets)
        {
            var token = BigInteger.Pow(10, asset.Decimals);
            _quantities[asset.Asset] = style switch
            {
                < 5 => Small,
                < 7 => asset.Kind == AssetKind.Token ? Narrow : [100],
                < 9 => [.. Small.Select(units => BigInteger.Min(units * token, BigInteger.Pow(2, 256) - 1))],
                _ => Extreme,
            };
        }
    }
}
