using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>One liquidation.</summary>
/// <param name="Account">Whose.</param>
/// <param name="CollateralAsset">What was seized.</param>
/// <param name="DebtAsset">What was paid.</param>
/// <param name="Price">The price of the falling asset when it happened.</param>
/// <param name="Covered">Whole tokens of debt paid.</param>
/// <param name="Seized">Whole tokens of collateral taken, protocol fee included.</param>
/// <param name="ProtocolFee">Whole tokens of them that went to the protocol.</param>
/// <param name="Penalty">Worth seized less worth paid.</param>
/// <param name="HealthFactor">Afterwards; absent without debt.</param>
/// <param name="Deficits">Debts burned because no collateral was left, in whole tokens.</param>
public sealed record ForcedCallRow(
    AccountId Account,
    AssetId CollateralAsset,
    AssetId DebtAsset,
    ExactDecimal Price,
    ExactDecimal Covered,
    ExactDecimal Seized,
    ExactDecimal ProtocolFee,
    Amount Penalty,
    ExactDecimal? HealthFactor,
    ImmutableArray<BalanceRow> Deficits);

/// <summary>What is left when liquidators are done.</summary>
/// <param name="Calls">In order; empty if no position may be liquidated.</param>
/// <param name="Price">The price of the falling asset at the end.</param>
/// <param name="Covered">Worth of all debt paid.</param>
/// <param name="Seized">Worth of all that was seized.</param>
/// <param name="Penalty">What it cost beyond the debt paid.</param>
/// <param name="BreakEvenSlippage">A sale with less slippage removes the same debt for less; absent if nothing was
/// seized.</param>
/// <param name="Equity">Collateral less debt of all positions at the end, at its price.</param>
/// <param name="EquityAtPrice">The same at the price that was asked for.</param>
public sealed record ForcedOutcome(
    ImmutableArray<ForcedCallRow> Calls,
    ExactDecimal Price,
    Amount Covered,
    Amount Seized,
    Amount Penalty,
    ExactDecimal? BreakEvenSlippage,
    Amount Equity,
    Amount EquityAtPrice);

/// <summary>What is sold before the price falls.</summary>
/// <param name="Account">The position.</param>
/// <param name="Sell">Whole tokens of its collateral; absent if no sale reaches the target, 0 if it is reached.</param>
/// <param name="Repay">Whole tokens of debt repaid.</param>
/// <param name="Cost">Worth of what is sold less worth of what comes.</param>
public sealed record VoluntarySale(AccountId Account, ExactDecimal? Sell, ExactDecimal? Repay, Amount? Cost);

/// <summary>Waiting for liquidators, against selling before.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Asset">Whose price falls; absent if no position holds anything.</param>
/// <param name="PriceNow">Its price now.</param>
/// <param name="Price">The price to which it falls.</param>
/// <param name="EquityNow">Collateral less debt of all positions now.</param>
/// <param name="Forced">The positions as they are, at that price.</param>
/// <param name="Sales">What each position sells at the price of now to reach the target.</param>
/// <param name="Voluntary">The positions after these sales, at that price, what is left of proceeds included.</param>
/// <param name="Advantage">Equity of selling before less equity of waiting, both at the price asked for.</param>
/// <param name="Lacking">Positions without figures.</param>
public sealed record ForcedSaleAnswer(
    Standpoint Viewpoint,
    string Version,
    AssetId? Asset,
    ExactDecimal? PriceNow,
    ExactDecimal? Price,
    Amount EquityNow,
    ForcedOutcome? Forced,
    ImmutableArray<VoluntarySale> Sales,
    ForcedOutcome? Voluntary,
    Amount? Advantage,
    ImmutableArray<AccountId> Lacking)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        ExposureQuestions.Asset,
        new("price", "query", typeof(ExactDecimal), "The price to which it falls; without it that of now.", "1600"),
        new("bonus", "query", typeof(ExactDecimal),
            "The bonus of liquidators where the market book has none; without it 0.", "0.05"),
        .. DeleveragingAnswer.TargetParameters,
        .. DeleveragingAnswer.SaleParameters,
    ];

    /// <summary>The question.</summary>
    public static Func<SeenExposure, ForcedSaleAnswer> Read(QueryReader query)
    {
        var asset = query.Value<AssetId>("asset");
        var price = ExposureQuery.Number(query, "price", 8);
        var depth = ExposureQuery.Depth(query);
        var bonus = ExposureQuery.Bps(query, "bonus", ExactDecimal.Zero, ExactDecimal.One, 0);
        var target = DeleveragingAnswer.ReadTarget(query);
        var terms = DeleveragingAnswer.ReadSale(query);
        return exposure => Of(exposure, (asset, price, depth, bonus), target, terms);
    }

    private static ForcedSaleAnswer Of(
        SeenExposure exposure,
        (AssetId? Asset, BigInteger? Price, Func<int, DepthCurve> Depth, int BonusBps) asked,
        Func<int, PlanTarget> target,
        Func<AaveAccount, int, int, SaleTerms> terms)
    {
        var accounts = exposure.Accounts;
        var asset = exposure.AssetOr(asked.Asset);
        var id = asset is { } one ? accounts.ReserveOf(one) : -1;
        var there = accounts.Whole
            .Where(position => position.Value.Reserves.Any(reserve => reserve.Id == id))
            .Select(position => KeyValuePair.Create(position.Key, WithBonus(position.Value, asked.BonusBps)))
            .ToList();
        var now = there.Select(position => (BigInteger?)position.Value.Reserve(id).Price8).FirstOrDefault();
        var equity = Equity(accounts.Whole);
        ImmutableArray<AccountId> lacking =
            [.. accounts.All.Where(account => account.Account is null).Select(account => account.Id)];
        if (now is not { } price8)
        {
            return new ForcedSaleAnswer(
                exposure.Seen.Standpoint, exposure.Version.Text(), asset, null, null, Shown.Base(equity), null, [],
                null, null, lacking);
        }

        var price = asked.Price ?? price8;
        var curve = asked.Depth(there[0].Value.Reserve(id).Decimals);
        var sales = there.Select(position => Sold(exposure, position, id, target, terms)).ToList();
        var forced = Outcome(exposure, there, (id, price, curve), BigInteger.Zero);
        var voluntary = Outcome(
            exposure,
            sales.Select(sale => KeyValuePair.Create(sale.Row.Account, sale.After)),
            (id, price, curve),
            sales.Aggregate(BigInteger.Zero, (sum, sale) => sum + sale.CashLeft));
        return new ForcedSaleAnswer(
            exposure.Seen.Standpoint,
            exposure.Version.Text(),
            asset,
            Shown.Price(price8),
            Shown.Price(price),
            Shown.Base(equity),
            forced,
            [.. sales.Select(sale => sale.Row)],
            voluntary,
            voluntary.EquityAtPrice - forced.EquityAtPrice,
            lacking);
    }

    private static AaveAccount WithBonus(AaveAccount account, int bonusBps) => account with
    {
        Reserves =
        [
            .. account.Reserves.Select(reserve => reserve.LiquidationBonusBps > PercentageMath.One
                ? reserve
                : reserve with { LiquidationBonusBps = PercentageMath.One + bonusBps }),
        ],
    };

    private static (VoluntarySale Row, AaveAccount After, BigInteger CashLeft) Sold(
        SeenExposure exposure,
        KeyValuePair<AccountId, AaveAccount> position,
        int id,
        Func<int, PlanTarget> target,
        Func<AaveAccount, int, int, SaleTerms> terms)
    {
        var account = position.Value;
        var goal = target(id);
        if (goal.IsReached(account))
        {
            return (new VoluntarySale(position.Key, ExactDecimal.Zero, ExactDecimal.Zero, Amount.Zero), account, 0);
        }

        if (DeleveragingAnswer.Sells(account, id) is not { } sells
            || DeleveragingAnswer.Repays(account, -1) is not { } repays
            || DeleveragingPlan.Sell(account, terms(account, sells, repays), goal) is not { } sale)
        {
            return (new VoluntarySale(position.Key, null, null, null), account, 0);
        }

        var debt = account.Reserve(repays);
        return (
            new VoluntarySale(
                position.Key,
                exposure.Tokens(sells, sale.Sold),
                exposure.Tokens(repays, sale.Repaid),
                Shown.Base(DeleveragingAnswer.Cost(account, sale, (sells, repays)))),
            sale.After,
            Uint256.MulDiv(sale.Received - sale.Repaid, debt.Price8, debt.Unit));
    }

    private static ForcedOutcome Outcome(
        SeenExposure exposure,
        IEnumerable<KeyValuePair<AccountId, AaveAccount>> accounts,
        (int Id, BigInteger Price8, DepthCurve Curve) fall,
        BigInteger cash)
    {
        var done = ForcedSale.Of(accounts, fall.Id, fall.Price8, fall.Curve);
        return new ForcedOutcome(
            [.. done.Calls.Select(call => Row(exposure, call))],
            Shown.Price(done.Price8),
            Shown.Base(done.Covered),
            Shown.Base(done.Seized),
            Shown.Base(done.Penalty),
            done.BreakEvenSlippage,
            Shown.Base(done.Equity + cash),
            Shown.Base(Equity(done.After.Select(one =>
                KeyValuePair.Create(one.Key, one.Value.WithPrice(fall.Id, fall.Price8)))) + cash));
    }

    private static ForcedCallRow Row(SeenExposure exposure, ForcedCall call) => new(
        call.Account,
        exposure.Accounts.Assets[call.CollateralId],
        exposure.Accounts.Assets[call.DebtId],
        Shown.Price(call.Price8),
        exposure.Tokens(call.DebtId, call.Result.DebtCovered),
        exposure.Tokens(call.CollateralId, call.Result.CollateralReceived + call.Result.ProtocolFee),
        exposure.Tokens(call.CollateralId, call.Result.ProtocolFee),
        Shown.Base(call.Penalty),
        Shown.Wad(AccountData.Of(call.Result.After).HealthFactor),
        [
            .. call.Result.Deficits.Select(deficit => new BalanceRow(
                call.Account,
                exposure.Accounts.Assets[deficit.ReserveId],
                exposure.Tokens(deficit.ReserveId, deficit.Units))),
        ]);

    private static BigInteger Equity(IEnumerable<KeyValuePair<AccountId, AaveAccount>> accounts) =>
        accounts.Aggregate(BigInteger.Zero, (sum, account) => sum + AccountData.Of(account.Value).Equity);
}
