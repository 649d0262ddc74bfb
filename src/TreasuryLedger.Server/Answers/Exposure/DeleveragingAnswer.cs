using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>What a lending position comes to.</summary>
/// <param name="CollateralValue">Worth of its collateral.</param>
/// <param name="DebtValue">Worth of its debt.</param>
/// <param name="LoanToValue">Debt for each unit of collateral; absent without collateral.</param>
/// <param name="HealthFactor">Absent without debt.</param>
/// <param name="LiquidationPrice">Of the asset that the plan is about; absent if it has none.</param>
public sealed record PlanState(
    Amount CollateralValue,
    Amount DebtValue,
    ExactDecimal? LoanToValue,
    ExactDecimal? HealthFactor,
    ExactDecimal? LiquidationPrice);

/// <summary>One round of a sale.</summary>
/// <param name="Sell">Whole tokens withdrawn and sold.</param>
/// <param name="Receive">Whole tokens of the debt's asset that come for them, fees taken.</param>
/// <param name="Repay">Whole tokens repaid; less if no more is owed.</param>
/// <param name="HealthFactorBetween">After the withdrawal, before the repayment; absent without debt.</param>
/// <param name="HealthFactor">After the repayment; absent without debt.</param>
public sealed record RoundRow(
    ExactDecimal Sell,
    ExactDecimal Receive,
    ExactDecimal Repay,
    ExactDecimal? HealthFactorBetween,
    ExactDecimal? HealthFactor);

/// <summary>A sale that reaches the target.</summary>
/// <param name="Sell">Whole tokens in all.</param>
/// <param name="Receive">Whole tokens of the debt's asset in all, fees taken.</param>
/// <param name="Repay">Whole tokens repaid in all.</param>
/// <param name="Cost">Worth of what is sold less worth of what comes, at the prices of now.</param>
/// <param name="Rounds">In order.</param>
/// <param name="After">The position then.</param>
public sealed record SaleRow(
    ExactDecimal Sell,
    ExactDecimal Receive,
    ExactDecimal Repay,
    Amount Cost,
    ImmutableArray<RoundRow> Rounds,
    PlanState After);

/// <summary>Why a market takes none of a plan's steps, by the names of its errors.</summary>
/// <param name="Repay">Why nothing is repaid; absent if something may be.</param>
/// <param name="Add">Why nothing is added.</param>
/// <param name="Sale">Why nothing is withdrawn.</param>
public sealed record PlanRefusals(string? Repay, string? Add, string? Sale);

/// <summary>The least that brings a lending position to a target.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Account">The position.</param>
/// <param name="CollateralAsset">What is added or sold; absent if it holds nothing.</param>
/// <param name="DebtAsset">What is repaid; absent if it owes nothing.</param>
/// <param name="IsReached">Whether the target is reached without any plan.</param>
/// <param name="Before">The position now.</param>
/// <param name="Repay">Whole tokens of outside money; absent if all of that debt is not enough.</param>
/// <param name="Add">Whole tokens of collateral; absent if none are enough.</param>
/// <param name="Sale">To sell and repay; absent if no sale within the terms reaches the target.</param>
/// <param name="BreakEvenPrice">Below this price a sale lowers the health factor; absent without debt.</param>
/// <param name="Batches">The plans as batches; only where `via` names the account that they go through.</param>
/// <param name="Refused">Why the market takes none of some steps; absent if it takes all.</param>
public sealed record DeleveragingAnswer(
    Standpoint Viewpoint,
    string Version,
    AccountId Account,
    AssetId? CollateralAsset,
    AssetId? DebtAsset,
    bool IsReached,
    PlanState Before,
    ExactDecimal? Repay,
    ExactDecimal? Add,
    SaleRow? Sale,
    ExactDecimal? BreakEvenPrice,
    PlanBatches? Batches,
    PlanRefusals? Refused = null)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        new("account", "query", typeof(AccountId), "The lending position.", "aave-1", Required: true),
        ExposureQuestions.Asset with { Description = "The collateral to add or sell; without it what is worth most." },
        new("debtAsset", "query", typeof(AssetId), "The debt to repay; without it what is worth most.", "USDT"),
        new("via", "query", typeof(AccountId),
            "The account from which is repaid or added, and where is sold: with it each plan is given as the body of a "
            + "batch, and the sale with what it gains in the official book.", "binance"),
        new("mode", "query", typeof(EntryMode),
            "Whether batches instruct or, as without it, say what happened once it is done. What happened at an "
            + "indexed position only the contract says: there plans are instructions.", "instruction"),
        .. TargetParameters,
        .. SaleParameters,
    ];

    /// <summary>What a plan shall reach.</summary>
    public static ParameterText[] TargetParameters =>
    [
        new("healthFactor", "query", typeof(ExactDecimal),
            "Reach this health factor, 1 or more; without any target 1.5.", "1.5"),
        new("loanToValue", "query", typeof(ExactDecimal), "Or reach this loan-to-value.", "0.5"),
        new("safeAt", "query", typeof(ExactDecimal), "Or be safe at this price of the collateral.", "1500"),
    ];

    /// <summary>How a sale is carried out.</summary>
    public static ParameterText[] SaleParameters =>
    [
        StressAnswer.DepthParameter,
        new("fee", "query", typeof(ExactDecimal), "Part of the proceeds that fees take; without it 0.", "0.001"),
        new("poolLiquidity", "query", typeof(ExactDecimal),
            "Whole tokens that can be withdrawn from the market in all; without it what the market book says is there, "
            + "if anything.", "50000"),
        new("between", "query", typeof(ExactDecimal),
            "The health factor that a withdrawal may leave before the repayment, 1 or more; without it both happen at "
            + "once (a flash loan).", "1.02"),
    ];

    /// <summary>The question.</summary>
    public static Func<SeenExposure, DeleveragingAnswer> Read(QueryReader query)
    {
        var id = query.Value<AccountId>("account") ?? throw ExposureQuery.Invalid("account", "must be there");
        var (asset, debt) = (query.Value<AssetId>("asset"), query.Value<AssetId>("debtAsset"));
        var target = ReadTarget(query);
        var terms = ReadSale(query);
        var via = query.Value<AccountId>("via");
        var mode = query.Word<EntryMode>("mode") ?? EntryMode.Observation;
        return exposure =>
        {
            var accounts = exposure.Accounts;
            var account = accounts.Whole.Where(one => one.Key == id).Select(one => one.Value).FirstOrDefault()
                ?? throw ProblemException.Of(
                    ErrorRegistry.FigureUnknown,
                    $"{id} is no lending position with figures then; see GET .../exposure for what it lacks.",
                    ("figure", id));
            var sells = Sells(account, asset is { } one ? accounts.ReserveOf(one) : -1);
            var repays = Repays(account, debt is { } other ? accounts.ReserveOf(other) : -1);
            if (via is { } unknown && !exposure.Seen.At.Registers.Accounts.ContainsKey(unknown))
            {
                throw ExposureQuery.Invalid("via", "must be an account that is registered");
            }

            return Of(
                exposure, (id, account), (sells, repays), target, terms,
                via is { } through ? new PlanBatchMaker(exposure, id, through, mode) : null);
        };
    }

    /// <summary>Reads a target.</summary>
    public static Func<int, PlanTarget> ReadTarget(QueryReader query)
    {
        var factor = ExposureQuery.Number(query, "healthFactor", 18, ExactDecimal.One);
        var ratio = ExposureQuery.Number(query, "loanToValue", 18);
        var price = ExposureQuery.Number(query, "safeAt", 8);
        return new object?[] { factor, ratio, price }.Count(one => one is not null) > 1
            ? throw ExposureQuery.Invalid("healthFactor", "stands beside another target")
            : reserve => ratio is { } most ? new LoanToValueTarget(most)
                : price is { } safe ? new SafePriceTarget(reserve, safe)
                : new HealthFactorTarget(factor ?? (3 * WadRayMath.Wad / 2));
    }

    /// <summary>Reads how a sale is carried out.</summary>
    public static Func<AaveAccount, int, int, SaleTerms> ReadSale(QueryReader query)
    {
        var depth = ExposureQuery.Depth(query);
        var fee = ExposureQuery.Bps(query, "fee", ExactDecimal.Zero, ExactDecimal.One, 0);
        var between = ExposureQuery.Number(query, "between", 18, ExactDecimal.One);
        var liquidity = query.Value<ExactDecimal>("poolLiquidity");
        return liquidity is { Sign: < 0 } || liquidity > new ExactDecimal(PowerOfTen.Of(12), 0)
            ? throw ExposureQuery.Invalid("poolLiquidity", "must be from 0 to a million million")
            : (account, sells, repays) => new SaleTerms(sells, repays, depth(account.Reserve(sells).Decimals))
            {
                FeeBps = fee,
                LeastBetween = between,
                Liquidity = liquidity is { } tokens
                    ? tokens.Sign == 0 ? 0 : ExposureQuery.Units(tokens, account.Reserve(sells).Decimals)
                    : null,
            };
    }

    /// <summary>The reserve that a position sells: the one asked for if it has it, else what is worth most.</summary>
    public static int? Sells(AaveAccount account, int asked) => account.Holdings
        .Where(held => held.IsCollateral)
        .OrderByDescending(held => held.ReserveId == asked)
        .ThenByDescending(held => account.SuppliedBase(held.ReserveId))
        .Select(held => (int?)held.ReserveId)
        .FirstOrDefault();

    /// <summary>The reserve that a position repays: the one asked for if it owes it, else what is worth most.</summary>
    public static int? Repays(AaveAccount account, int asked) => account.Holdings
        .Where(held => held.IsBorrowing)
        .OrderByDescending(held => held.ReserveId == asked)
        .ThenByDescending(held => account.OwedBase(held.ReserveId))
        .Select(held => (int?)held.ReserveId)
        .FirstOrDefault();

    private static DeleveragingAnswer Of(
        SeenExposure exposure,
        (AccountId Id, AaveAccount Account) position,
        (int? Sells, int? Repays) reserves,
        Func<int, PlanTarget> asked,
        Func<AaveAccount, int, int, SaleTerms> terms,
        PlanBatchMaker? batches)
    {
        var account = position.Account;
        var target = asked(reserves.Sells ?? account.Reserves[0].Id);
        var repay = reserves.Repays is { } debt ? DeleveragingPlan.Repay(account, debt, target) : null;
        var add = reserves.Sells is { } more ? DeleveragingPlan.Add(account, more, target) : null;
        var sale = reserves is { Sells: { } sells, Repays: { } repays }
            ? DeleveragingPlan.Sell(account, terms(account, sells, repays), target)
            : null;
        return new DeleveragingAnswer(
            exposure.Seen.Standpoint,
            exposure.Version.Text(),
            position.Id,
            reserves.Sells is { } sold ? exposure.Accounts.Assets[sold] : null,
            reserves.Repays is { } owed ? exposure.Accounts.Assets[owed] : null,
            target.IsReached(account),
            State(account, reserves.Sells),
            repay is { } paid ? exposure.Tokens(reserves.Repays!.Value, paid) : null,
            add is { } added ? exposure.Tokens(reserves.Sells!.Value, added) : null,
            sale is null ? null : Row(exposure, sale, account, (reserves.Sells!.Value, reserves.Repays!.Value)),
            reserves.Sells is { } any && DeleveragingPlan.BreakEvenPrice8(account, any) is { } price
                ? Shown.Price(price)
                : null,
            batches is null ? null : new PlanBatches(
                batches.Repay(reserves.Repays, repay),
                batches.Add(reserves.Sells, add),
                sale is null ? null : batches.Sell(reserves.Sells!.Value, reserves.Repays!.Value, sale),
                sale is null ? null : batches.Gain(account, reserves.Sells!.Value, reserves.Repays!.Value, sale)),
            Refusals(account, reserves));
    }

    private static PlanRefusals? Refusals(AaveAccount account, (int? Sells, int? Repays) reserves)
    {
        var refused = new PlanRefusals(
            reserves.Repays is { } debt ? ReserveRules.RefuseRepay(account, debt) : null,
            reserves.Sells is { } more ? ReserveRules.RefuseSupply(account, more) : null,
            reserves.Sells is { } sold ? ReserveRules.RefuseWithdraw(account, sold) : null);
        return refused is { Repay: null, Add: null, Sale: null } ? null : refused;
    }

    private static SaleRow Row(
        SeenExposure exposure, SalePlan sale, AaveAccount account, (int Sells, int Repays) reserves)
    {
        var (sells, repays) = reserves;
        return new SaleRow(
            exposure.Tokens(sells, sale.Sold),
            exposure.Tokens(repays, sale.Received),
            exposure.Tokens(repays, sale.Repaid),
            Shown.Base(Cost(account, sale, reserves)),
            [
                .. sale.Rounds.Select(round => new RoundRow(
                    exposure.Tokens(sells, round.Sold),
                    exposure.Tokens(repays, round.Received),
                    exposure.Tokens(repays, round.Repaid),
                    Shown.Wad(round.HealthFactorBetween),
                    Shown.Wad(round.HealthFactor))),
            ],
            State(sale.After, sells));
    }

    /// <summary>Worth of what is sold less worth of what comes, in 10⁻⁸ of the base currency.</summary>
    internal static BigInteger Cost(AaveAccount account, SalePlan sale, (int Sells, int Repays) reserves)
    {
        var (collateral, debt) = (account.Reserve(reserves.Sells), account.Reserve(reserves.Repays));
        return Uint256.MulDiv(sale.Sold, collateral.Price8, collateral.Unit)
            - Uint256.MulDiv(sale.Received, debt.Price8, debt.Unit);
    }

    private static PlanState State(AaveAccount account, int? reserve)
    {
        var data = AccountData.Of(account);
        var level = reserve is { } id ? LiquidationLevels.Of(account, id) : null;
        return new PlanState(
            Shown.Base(data.Collateral),
            Shown.Base(data.Debt),
            Shown.LoanToValue(data),
            Shown.Wad(data.HealthFactor),
            Shown.Level(level));
    }
}
