using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>What can be asked about how close lending positions are to a forced sale.</summary>
public static class ExposureQuestions
{
    /// <summary>The questions.</summary>
    public static AnswerRoute[] All { get; } =
    [
        Of("exposure", "exposure", "getExposure", "What is held, owed and at risk",
            "Every lending position as an account of its market, by the contract's own arithmetic; assets gross and "
            + "net, with what is pledged and in transit; venues; leverage; limits that are broken.",
            [], ExposureAnswer.Read),
        Of("ladder", "exposure/ladder", "getLadder", "The order in which a falling price reaches lending positions",
            "At its price and below a position may be liquidated, and one unit of 10⁻⁸ above it may not.",
            [Asset, LeastHealthFactor], LadderAnswer.Read),
        Of("exposure-series", "exposure/series", "getExposureSeries", "Health factors and ladder over time",
            "Each point as of the end of a day, month or year, as known at the question's instant.",
            [Asset, .. ExposureSeriesAnswer.SpanParameters], ExposureSeriesAnswer.Read),
        Of("exposure-history", "exposure/history", "getExposureHistory",
            "Health factor, loan-to-value and liquidation price against the market's low",
            "At the end of each day, or at each entry that changes a lending position. As a file: "
            + "exports/exposure-csv, exposure-svg and exposure-png.",
            ExposureHistoryAnswer.Parameters, ExposureHistoryAnswer.Read),
        Of("stress", "exposure/stress", "getStress", "Lending positions under every combination of shocks",
            "Prices × pegs × borrow rates × liquidity, for each position; and the shock that each just does not bear.",
            StressAnswer.Parameters, StressAnswer.Read),
        Of("deleverage", "exposure/plan", "getDeleveragingPlan", "The least that brings a lending position to a target",
            "To repay, to add, or to sell and repay, in rounds if collateral has to be freed first. One smallest unit "
            + "less does not reach the target.", DeleveragingAnswer.Parameters,
            DeleveragingAnswer.Read) with { MayLack = true },
        new("price-path", "exposure/price-path", "getPricePath", "A recorded path of prices over these positions",
            "The prices that any price book of the tenant recorded of any asset, laid over positions whose units stay, "
            + "while interest accrues: as they were, or by the same parts from the positions' own price on. At each "
            + "price its session's low counts, too.",
            typeof(PricePathAnswer), [.. Question.Times, .. PricePathAnswer.Parameters, Version],
            async (asking, cancellation) =>
            {
                var version = ReadVersion(asking.Query);
                var asked = PricePathAnswer.Read(asking.Query);
                var seen = await asking.SeeAsync(cancellation, Question.ReadTimes);
                var key = JournalKey.Prices(asking.Treasury.Tenant, asked.Book ?? seen.Opened.PriceBook);
                var book = key.IsValid
                    ? await asking.Desk.Lookout.ReadJournalAsync(
                        key, asked.KnownAt ?? seen.Standpoint.KnownAt, 0, cancellation)
                    : throw ExposureQuery.Invalid("priceBook", "must be the id of a price book");
                return PendingAnswer.Of(
                    seen, one => PricePathAnswer.Of(SeenExposure.Of(one, version), book, asked));
            }),
        Of("liabilities", "exposure/liabilities", "getLiabilities", "Liabilities against assets",
            "By when debt is due or may be called, and by when assets are free; what may be asked for within a month "
            + "against what is free then; what borrowing costs a day; how long until liquidation at these rates and at "
            + "higher ones.",
            LiabilityAnswer.Parameters, LiabilityAnswer.Read),
        Of("forced-sale", "exposure/forced-sale", "getForcedSale", "Waiting for liquidators, against selling before",
            "Liquidations at a price, each selling into the same market, until no position may be liquidated; and "
            + "what the same price leaves of the positions if a plan was carried out now.",
            ForcedSaleAnswer.Parameters, ForcedSaleAnswer.Read),
        Of("breaches", "exposure/breaches", "getBreaches", "When limits were broken, and what acting then would be",
            "Looks at every instant at which a fact, a price or a limit changed anything, and at the end of each day: "
            + "over asOf with the knowledge of the question, over knownAt with that of each instant. Limits in force "
            + "count; those that are given count instead. For a health factor: what to sell to bring it back to the "
            + "target, what that would have brought and gained, and what as many units brought in fact afterwards.",
            BreachesAnswer.Parameters, BreachesAnswer.Read),
    ];

    /// <summary>The asset whose price moves.</summary>
    public static ParameterText Asset => new(
        "asset", "query", typeof(AssetId),
        "The collateral asset whose price falls; without it the one that is worth most.", "WETH");

    /// <summary>The health factor that is no longer enough.</summary>
    public static ParameterText LeastHealthFactor => new(
        "healthFactorMin", "query", typeof(ExactDecimal),
        "The health factor to keep, 1 or more; without it 1, where the contract allows liquidation.", "1.3");

    /// <summary>The version parameter of every question here.</summary>
    private static ParameterText Version => new(
        "version", "query", typeof(string),
        $"The version of Aave whose arithmetic counts: one of {AaveVersions.Known}; without it the one that "
        + "each market runs at the instant, by its market book, and 3.6 where nobody said.", "3.6");

    private static AnswerRoute Of<T>(
        string verb,
        string path,
        string id,
        string summary,
        string description,
        ParameterText[] parameters,
        Func<QueryReader, Func<SeenExposure, T>> read)
        where T : class =>
        new(verb, path, id, summary, description, typeof(T), [.. Question.Times, .. parameters, Version],
            async (asking, cancellation) =>
            {
                var version = ReadVersion(asking.Query);
                var answer = read(asking.Query);
                var seen = await asking.SeeAsync(cancellation, Question.ReadTimes);
                return PendingAnswer.Of(seen, one => answer(SeenExposure.Of(one, version)));
            });

    private static AaveVersion? ReadVersion(QueryReader query) =>
        query.Text("version") is not { } text ? null
        : AaveVersions.TryParse(text, out var version) ? version
        : throw ProblemException.Of(
            ErrorRegistry.QueryInvalid,
            $"The arithmetic of this version of Aave is not known; known are {AaveVersions.Known}.",
            ("parameter", "version"),
            ("known", AaveVersions.Known));
}

/// <summary>A treasury's lending positions as a question sees them.</summary>
/// <param name="Seen">The treasury.</param>
/// <param name="Version">Whose arithmetic counts; the newest one if markets differ.</param>
/// <param name="Asked">The version that was asked for; absent: each market's own.</param>
public sealed record SeenExposure(Seen Seen, AaveVersion Version, AaveVersion? Asked)
{
    private readonly Lazy<PositionAccounts> _accounts = new(() => AccountsOf(Seen, Asked, Seen.At));

    /// <summary>The accounts at the question's instant.</summary>
    public PositionAccounts Accounts => _accounts.Value;

    /// <summary>The accounts of a treasury at an instant.</summary>
    public static PositionAccounts AccountsOf(
        Seen seen, AaveVersion? asked, Core.Statements.TreasuryAt at) => PositionAccounts.Of(
            at.Positions, at.Registers, at.Markets, at.Viewpoint.AsOf, asked, at.State.Facts);

    /// <summary>The positions under the version that was asked for, or those that their markets run.</summary>
    public static SeenExposure Of(Seen seen, AaveVersion? asked)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var running = seen.At.Registers.Accounts.Values
            .Where(account => account.Market is not null)
            .Select(account => seen.At.Markets.VersionAt(account.Market!, seen.At.Viewpoint.AsOf))
            .Max();
        return new SeenExposure(seen, asked ?? running ?? AaveVersion.V36, asked);
    }

    /// <summary>
    /// The asset that was asked for; without one the collateral worth most, ties in the order of ids; absent if no
    /// position with figures holds anything.
    /// </summary>
    public AssetId? AssetOr(AssetId? asked) => asked ?? LargestOf(Accounts);

    /// <summary>The collateral worth most; absent if no position with figures holds anything.</summary>
    public static AssetId? LargestOf(PositionAccounts accounts) => accounts.Whole
        .SelectMany(one => one.Value.Holdings.Select(held => (held.ReserveId, one.Value.SuppliedBase(held.ReserveId))))
        .GroupBy(held => held.ReserveId, held => held.Item2)
        .Select(held => (Id: held.Key, Worth: held.Aggregate(BigInteger.Zero, (sum, worth) => sum + worth)))
        .Where(held => held.Worth.Sign > 0)
        .OrderByDescending(held => held.Worth)
        .ThenBy(held => held.Id)
        .Select(held => (AssetId?)accounts.Assets[held.Id])
        .FirstOrDefault();

    /// <summary>Units as whole tokens.</summary>
    public ExactDecimal Tokens(int reserve, BigInteger units) =>
        Seen.Tokens(Accounts.Assets[reserve], new Quantity(units));

    /// <summary>Whether an asset is meant to be worth money: it is one, or a stablecoin, or stands for one.</summary>
    public bool IsPegged(int reserve) =>
        !LimitCheck.IsMoving(Seen.At.Registers, Accounts.Assets[reserve]);

    /// <summary>The numbers of reserves of a kind.</summary>
    public ImmutableArray<int> Reserves(bool pegged) =>
        [.. Enumerable.Range(0, Accounts.Assets.Length).Where(reserve => IsPegged(reserve) == pegged)];
}

/// <summary>The contract's integers as callers see them.</summary>
internal static class Shown
{
    /// <summary>10⁻⁸ of the base currency as an amount.</summary>
    public static Amount Base(BigInteger base8) => new(base8 * PowerOfTen.Of(Amount.Decimals - 8));

    /// <summary>10⁻⁸ per token as a price.</summary>
    public static ExactDecimal Price(BigInteger price8) => new(price8, 8);

    /// <summary>The price below which nobody is safe; absent if the price has no such level.</summary>
    public static ExactDecimal? Level(LiquidationLevel? level) =>
        level?.Side == LevelSide.AtOrBelow ? Price(level.Price8) : null;

    /// <summary>A wad; absent for the contract's "no debt".</summary>
    public static ExactDecimal? Wad(BigInteger wad) => wad == Uint256.Max ? null : new ExactDecimal(wad, 18);

    /// <summary>Basis points as a part of one.</summary>
    public static ExactDecimal Bps(BigInteger bps) => new(bps, 4);

    /// <summary>Debt for each unit of collateral, rounded down at 10⁻¹⁸; absent without collateral.</summary>
    public static ExactDecimal? LoanToValue(AccountData data) => LimitCheck.LoanToValue(data);
}
