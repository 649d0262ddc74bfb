using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>A lending position after one combination of shocks.</summary>
/// <param name="Price">Prices of assets that move, as a part of those of now.</param>
/// <param name="Peg">Prices of money and stablecoins, likewise.</param>
/// <param name="Rate">A year, added to every borrow rate.</param>
/// <param name="Liquidity">Free liquidity of the asset that would be sold, as a part of that of now.</param>
/// <param name="LoanToValue">Debt for each unit of collateral; absent without collateral.</param>
/// <param name="HealthFactor">Absent without debt.</param>
/// <param name="Equity">Collateral less debt.</param>
/// <param name="IsLiquidatable">Whether it may be liquidated then.</param>
/// <param name="SecondsUntilLiquidation">From then on at those prices and rates; absent if not in 100 years.</param>
/// <param name="Repay">Whole tokens of debt to repay to keep the health factor; absent if all is not enough.</param>
/// <param name="Sell">Whole tokens of collateral to sell instead, within liquidity and depth; absent if that cannot
/// do it.</param>
public sealed record StressRow(
    ExactDecimal Price,
    ExactDecimal Peg,
    ExactDecimal Rate,
    ExactDecimal Liquidity,
    ExactDecimal? LoanToValue,
    ExactDecimal? HealthFactor,
    Amount Equity,
    bool IsLiquidatable,
    long? SecondsUntilLiquidation,
    ExactDecimal? Repay,
    ExactDecimal? Sell);

/// <summary>The shocks that a lending position just does not bear; each absent if it bears any.</summary>
/// <param name="PriceFall">Of all assets that move, as a part of their prices.</param>
/// <param name="PegFall">Of its pegged collateral.</param>
/// <param name="PegRise">Of what it owes.</param>
/// <param name="RateAdded">A year, added to every borrow rate, by the end of the days.</param>
/// <param name="Seconds">At the prices and rates of now.</param>
public sealed record ReverseStress(
    ExactDecimal? PriceFall, ExactDecimal? PegFall, ExactDecimal? PegRise, ExactDecimal? RateAdded, long? Seconds);

/// <summary>A lending position under stress.</summary>
/// <param name="Account">The position.</param>
/// <param name="Sells">What it would sell; absent if it holds nothing.</param>
/// <param name="Repays">What it would repay; absent if it owes nothing.</param>
/// <param name="Cells">Prices outermost, then pegs, rates and liquidity.</param>
/// <param name="Reverse">The shocks that it just does not bear.</param>
public sealed record StressedPosition(
    AccountId Account,
    AssetId? Sells,
    AssetId? Repays,
    ImmutableArray<StressRow> Cells,
    ReverseStress Reverse);

/// <summary>Lending positions under every combination of shocks.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="HealthFactorMin">The health factor to keep.</param>
/// <param name="Days">How long the rates have worked before the cells are looked at.</param>
/// <param name="Positions">By account.</param>
/// <param name="Lacking">Positions without figures.</param>
public sealed record StressAnswer(
    Standpoint Viewpoint,
    string Version,
    ExactDecimal HealthFactorMin,
    long Days,
    ImmutableArray<StressedPosition> Positions,
    ImmutableArray<AccountId> Lacking)
{
    private const int CellsMax = 2_000;
    private const int SecondsPerDay = 86_400;

    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        ExposureQuestions.Asset,
        new("account", "query", typeof(AccountId), "One lending position; without it all.", "aave-1"),
        new("prices", "query", typeof(string),
            "Prices of assets that move, as parts of those of now, with commas; without it 1,0.9,0.8,0.7,0.6.",
            "1,0.8,0.6"),
        new("pegs", "query", typeof(string), "Prices of money and stablecoins, likewise; without it 1.", "1,0.97"),
        new("rates", "query", typeof(string), "A year, added to borrow rates, with commas; without it 0.", "0,0.05"),
        new("liquidity", "query", typeof(string),
            "Parts of a position's collateral that can be withdrawn, with commas; without it 1.", "1,0.1"),
        new("days", "query", typeof(long), "How long the rates work first, at most 3,660; without it 30.", "30"),
        ExposureQuestions.LeastHealthFactor,
        DepthParameter,
    ];

    /// <summary>What a market takes.</summary>
    public static ParameterText DepthParameter { get; } = new(
        "depth", "query", typeof(string),
        "What the market takes: steps of whole tokens sold in all, and how far below the price they sell, with commas; "
        + "without it everything at the price.", "5000:0.01,20000:0.03");

    /// <summary>The question.</summary>
    public static Func<SeenExposure, StressAnswer> Read(QueryReader query)
    {
        var asset = query.Value<AssetId>("asset");
        var only = query.Value<AccountId>("account");
        var (zero, one, many) = (ExactDecimal.Zero, ExactDecimal.One, new ExactDecimal(100, 0));
        var axes = new StressAxes
        {
            Volatile = [],
            Pegged = [],
            PriceBps = ExposureQuery.BpsList(query, "prices", zero, many, [10_000, 9_000, 8_000, 7_000, 6_000]),
            PegBps = ExposureQuery.BpsList(query, "pegs", zero, many, [10_000]),
            RateBps = ExposureQuery.BpsList(query, "rates", zero, one, [0]),
            LiquidityBps = ExposureQuery.BpsList(query, "liquidity", zero, one, [10_000]),
            Seconds = SecondsPerDay * (query.Number("days", 0, 3_660) ?? 30),
        };
        var least = LadderAnswer.LeastHealthFactor(query);
        var depth = ExposureQuery.Depth(query);
        return exposure => Of(exposure, axes, (asset, only, least, depth));
    }

    private static StressAnswer Of(
        SeenExposure exposure,
        StressAxes axes,
        (AssetId? Asset, AccountId? Only, BigInteger Least, Func<int, DepthCurve> Depth) asked)
    {
        var accounts = exposure.Accounts;
        var asset = exposure.AssetOr(asked.Asset);
        var reserve = asset is { } one ? accounts.ReserveOf(one) : -1;
        var positions = accounts.Whole.Where(one => asked.Only is not { } only || one.Key == only).ToList();
        var cells = axes.PriceBps.Length * axes.PegBps.Length * axes.RateBps.Length * axes.LiquidityBps.Length;
        if ((long)cells * positions.Count > CellsMax)
        {
            throw ExposureQuery.Invalid(
                "prices", $"and the other axes make {cells} cells for each of {positions.Count} positions; at most "
                    + $"{CellsMax} are answered at once: name an account, or fewer values");
        }

        return new StressAnswer(
            exposure.Seen.Standpoint,
            exposure.Version.Text(),
            new ExactDecimal(asked.Least, 18),
            axes.Seconds / SecondsPerDay,
            [
                .. positions.Select(position => Stressed(
                    exposure, position, axes, new Response(reserve, asked.Least, asked.Depth))),
            ],
            [.. accounts.All.Where(account => account.Account is null).Select(account => account.Id)]);
    }

    private static StressedPosition Stressed(
        SeenExposure exposure, KeyValuePair<AccountId, AaveAccount> position, StressAxes axes, Response response)
    {
        var (id, account) = position;
        var own = account.Reserves.Select(reserve => reserve.Id).ToHashSet();
        var sells = DeleveragingAnswer.Sells(account, response.Reserve);
        var repays = DeleveragingAnswer.Repays(account, -1);
        var of = axes with
        {
            Volatile = [.. exposure.Reserves(pegged: false).Where(own.Contains)],
            Pegged = [.. exposure.Reserves(pegged: true).Where(own.Contains)],
        };
        var debt = repays ?? account.Reserves[0].Id;
        var collateral = sells ?? debt;
        var acts = new StressResponse(
            response.Least, collateral, debt, account.Supplied(collateral),
            response.Depth(account.Reserve(collateral).Decimals));
        return new StressedPosition(
            id,
            sells is { } sold ? exposure.Accounts.Assets[sold] : null,
            repays is { } owed ? exposure.Accounts.Assets[owed] : null,
            [.. StressGrid.Of(account, of, acts).Select(cell => Row(exposure, cell, collateral, debt))],
            Reverse(account, of, response.Least));
    }

    private static StressRow Row(SeenExposure exposure, StressCell cell, int collateral, int debt) => new(
        Shown.Bps(cell.PriceBps),
        Shown.Bps(cell.PegBps),
        Shown.Bps(cell.RateBps),
        Shown.Bps(cell.LiquidityBps),
        Shown.LoanToValue(cell.Data),
        Shown.Wad(cell.Data.HealthFactor),
        Shown.Base(cell.Data.Equity),
        cell.Data.IsLiquidatable,
        cell.SecondsUntilLiquidation,
        cell.Repay is { } repay ? exposure.Tokens(debt, repay) : null,
        cell.Sell is { } sell ? exposure.Tokens(collateral, sell) : null);

    private static ReverseStress Reverse(AaveAccount account, StressAxes axes, BigInteger least)
    {
        var price = LiquidationLevels.Together(account, Betas(axes.Volatile), least);
        var peg = LiquidationLevels.Together(account, Betas(axes.Pegged), least);
        return new ReverseStress(
            Shock(price, LevelSide.AtOrBelow),
            Shock(peg, LevelSide.AtOrBelow),
            Shock(peg, LevelSide.AtOrAbove),
            axes.Seconds > 0 && StressGrid.RateToReach(account, axes.Seconds, least) is { } rate
                ? Shown.Bps(rate)
                : null,
            Horizon.SecondsUntilBelow(account, least));
    }

    private static ImmutableSortedDictionary<int, int> Betas(ImmutableArray<int> reserves) =>
        reserves.ToImmutableSortedDictionary(id => id, _ => PercentageMath.One);

    private static ExactDecimal? Shock(CommonLevel level, LevelSide side) =>
        level.Side == side || level.Side == LevelSide.Always ? new ExactDecimal(level.Shock, 18) : null;

    /// <summary>What would be done: sell this reserve where it is held, to keep this health factor.</summary>
    private sealed record Response(int Reserve, BigInteger Least, Func<int, DepthCurve> Depth);
}
