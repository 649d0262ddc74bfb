using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>
/// A pool that keeps one user's scaled units by the contract's rules and writes the logs that the contract would, so
/// that what is imported can be held against what the contract has.
/// </summary>
internal sealed class PoolSimulator
{
    public const string Pool = "0x00000000000000000000000000000000000000aa";
    public const string User = "0x0000000000000000000000000000000000000001";
    public const string Stranger = "0x0000000000000000000000000000000000000002";
    public const string Collector = "0x0000000000000000000000000000000000000003";
    public const string Weth = "0x00000000000000000000000000000000000000c0";
    public const string AWeth = "0x00000000000000000000000000000000000000c1";
    public const string Usdc = "0x00000000000000000000000000000000000000d0";

    private static readonly BigInteger Ray = WadRayMath.Ray;

    private readonly Dictionary<string, (BigInteger Supplied, BigInteger Owed)> _scaled = [];
    private readonly Dictionary<string, (BigInteger Supply, BigInteger Debt)> _indices = [];
    private readonly List<EvmLog> _logs = [];
    private long _block = 100;
    private int _transaction;

    public static AaveImportTerms Terms { get; } = new()
    {
        ChainId = 1,
        Pool = Pool,
        User = User,
        Position = AccountId.Parse("aave-1"),
        Market = "aave-v3-ethereum",
        Accounts = ImmutableDictionary<string, AccountId>.Empty.Add(User, AccountId.Parse("wallet")),
        Assets = ImmutableDictionary<string, AaveImportAsset>.Empty
            .Add(Weth, new AaveImportAsset(AssetId.Parse("WETH"), 18))
            .Add(Usdc, new AaveImportAsset(AssetId.Parse("USDC"), 6)),
        SupplyTokens = ImmutableDictionary<string, AaveImportAsset>.Empty
            .Add(AWeth, new AaveImportAsset(AssetId.Parse("WETH"), 18)),
    };

    public IReadOnlyList<EvmLog> Logs => _logs;

    public BigInteger Supplied(string reserve) =>
        TokenMath.SupplyBalance(Scaled(reserve).Supplied, Indices(reserve).Supply);

    public BigInteger Owed(string reserve) => TokenMath.DebtBalance(Scaled(reserve).Owed, Indices(reserve).Debt);

    /// <summary>The second of the newest block.</summary>
    public long Now => 1_767_225_600 + (12 * _block);

    public (BigInteger Supplied, BigInteger Owed) Scaled(string reserve) => _scaled.GetValueOrDefault(reserve);

    /// <summary>Time goes by: indices grow, by parts of a billion.</summary>
    public void Grow(int supply, int debt)
    {
        _block++;
        _transaction++;
        foreach (var reserve in new[] { Weth, Usdc })
        {
            var (s, d) = Indices(reserve);
            _indices[reserve] = (s + (s * supply / 1_000_000_000), d + (d * debt / 1_000_000_000));
        }
    }

    public void Supply(string reserve, BigInteger units, string user = User)
    {
        Update(reserve);
        if (user == User)
        {
            Change(reserve, TokenMath.SupplyMinted(units, Indices(reserve).Supply), 0);
        }

        Write(Pool, AaveTopics.Supply, [reserve, user, "0x0"], [Word(user), units]);
    }

    public void Withdraw(string reserve, BigInteger units)
    {
        Update(reserve);
        Change(reserve, -TokenMath.SupplyBurned(units, Indices(reserve).Supply), 0);
        Write(Pool, AaveTopics.Withdraw, [reserve, User, User], [units]);
    }

    public void Borrow(string reserve, BigInteger units)
    {
        Update(reserve);
        Change(reserve, 0, TokenMath.DebtMinted(units, Indices(reserve).Debt));
        Write(Pool, AaveTopics.Borrow, [reserve, User, "0x0"], [Word(User), units, 2, 0]);
    }

    public void Repay(string reserve, BigInteger units, bool useSupply = false)
    {
        Update(reserve);
        Change(reserve, 0, -TokenMath.DebtBurned(units, Indices(reserve).Debt));
        if (useSupply)
        {
            Change(reserve, -TokenMath.SupplyBurned(units, Indices(reserve).Supply), 0);
        }

        Write(Pool, AaveTopics.Repay, [reserve, User, User], [units, useSupply ? 1 : 0]);
    }

    public void Liquidate(BigInteger covered, BigInteger received, BigInteger fee, bool handedOver)
    {
        var index = Indices(Weth).Supply;
        Update(Usdc);
        Change(Usdc, 0, -TokenMath.DebtBurned(covered, Indices(Usdc).Debt));
        var scaled = TokenMath.SupplyBurned(received, index);
        if (handedOver)
        {
            Write(Weth, AaveTopics.BalanceTransfer, [User, Stranger], [scaled, index]);
        }
        else
        {
            Update(Weth);
        }

        var scaledFee = TokenMath.SupplyMoved(fee, index);
        Write(Weth, AaveTopics.BalanceTransfer, [User, Collector], [scaledFee, index]);
        Change(Weth, -scaled - scaledFee, 0);
        Write(
            Pool, AaveTopics.LiquidationCall, [Weth, Usdc, User],
            [covered, received, Word(Stranger), handedOver ? 1 : 0]);
    }

    public void HandOver(BigInteger scaled, bool isOut = true)
    {
        Change(Weth, isOut ? -scaled : scaled, 0);
        string[] way = isOut ? [User, Stranger] : [Stranger, User];
        Write(AWeth, AaveTopics.BalanceTransfer, way, [scaled, Indices(Weth).Supply]);
    }

    /// <summary>A liquidation of all collateral: part of the debt is paid, the rest is burned.</summary>
    public void LiquidateAll(BigInteger covered)
    {
        var received = Supplied(Weth);
        var forgiven = Owed(Usdc) - covered;
        Change(Usdc, 0, -Scaled(Usdc).Owed);
        Change(Weth, -Scaled(Weth).Supplied, 0);
        Write(Pool, AaveTopics.DeficitCreated, [User, Usdc], [forgiven]);
        Update(Usdc);
        Update(Weth);
        var other = Owed(Weth);
        Write(
            Pool, AaveTopics.LiquidationCall, [Weth, Usdc, User], [covered, received, Word(Stranger), 0]);
        if (!other.IsZero)
        {
            Change(Weth, 0, -Scaled(Weth).Owed);
            Write(Pool, AaveTopics.DeficitCreated, [User, Weth], [other]);
        }
    }

    public void Choose(int category, bool isCollateral)
    {
        Write(Pool, AaveTopics.UserEModeSet, [User], [category]);
        Write(
            Pool, isCollateral ? AaveTopics.CollateralEnabled : AaveTopics.CollateralDisabled, [Weth, User], []);
    }

    public EvmLog Write(string address, string kind, string[] topics, BigInteger[] words)
    {
        var log = new EvmLog(
            address,
            [kind, .. topics.Select(topic => Hex(Word(topic)))],
            "0x" + string.Concat(words.Select(word => Hex(word)[2..])),
            _block,
            $"0xb{_block}",
            $"0xt{_transaction}",
            _logs.Count,
            Now,
            false);
        _logs.Add(log);
        return log;
    }

    private void Update(string reserve) => Write(
        Pool, AaveTopics.ReserveDataUpdated, [reserve],
        [Ray / 50, 0, Ray / 25, Indices(reserve).Supply, Indices(reserve).Debt]);

    private void Change(string reserve, BigInteger supplied, BigInteger owed)
    {
        var (s, o) = Scaled(reserve);
        _scaled[reserve] = (s + supplied, o + owed);
    }

    private (BigInteger Supply, BigInteger Debt) Indices(string reserve) =>
        _indices.TryGetValue(reserve, out var indices) ? indices : (WadRayMath.Ray, WadRayMath.Ray);

    private static string Hex(BigInteger number) =>
        "0x" + number.ToString("x64", CultureInfo.InvariantCulture)[^64..];

    private static BigInteger Word(string address) =>
        BigInteger.Parse("0" + address[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
