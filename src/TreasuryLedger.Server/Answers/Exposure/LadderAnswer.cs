using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>A position on the ladder.</summary>
/// <param name="Price">At this price and below it may be liquidated; 10⁻⁸ above it may not.</param>
/// <param name="Account">The position.</param>
/// <param name="Collateral">Its whole tokens of the asset.</param>
/// <param name="Debt">Worth of its debt at this price.</param>
/// <param name="CollateralSoFar">Whole tokens of this rung and of those above it.</param>
/// <param name="DebtSoFar">Debt of this rung and of those above it, each at its own price.</param>
/// <param name="ValueSoFar">What the tokens so far are worth at this price.</param>
public sealed record RungRow(
    ExactDecimal Price,
    AccountId Account,
    ExactDecimal Collateral,
    Amount Debt,
    ExactDecimal CollateralSoFar,
    Amount DebtSoFar,
    Amount ValueSoFar);

/// <summary>The order in which a falling price reaches lending positions.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Asset">Whose price falls; absent if no position holds anything.</param>
/// <param name="Price">Its price now.</param>
/// <param name="HealthFactorMin">The health factor that is no longer enough below it.</param>
/// <param name="Rungs">Highest price first.</param>
/// <param name="BeyondHelp">Positions that no price of the asset makes safe.</param>
/// <param name="Lacking">Positions without figures.</param>
public sealed record LadderAnswer(
    Standpoint Viewpoint,
    string Version,
    AssetId? Asset,
    ExactDecimal? Price,
    ExactDecimal HealthFactorMin,
    ImmutableArray<RungRow> Rungs,
    ImmutableArray<AccountId> BeyondHelp,
    ImmutableArray<AccountId> Lacking)
{
    /// <summary>The question.</summary>
    public static Func<SeenExposure, LadderAnswer> Read(QueryReader query)
    {
        var asset = query.Value<AssetId>("asset");
        var least = LeastHealthFactor(query);
        return exposure => Of(exposure, asset, least);
    }

    /// <summary>The health factor to keep; without it 1.</summary>
    public static BigInteger LeastHealthFactor(QueryReader query) =>
        ExposureQuery.Number(query, "healthFactorMin", 18, ExactDecimal.One) ?? WadRayMath.Wad;

    /// <summary>The rungs of a ladder as callers see them.</summary>
    public static IEnumerable<RungRow> Rows(AaveLadder ladder, Func<BigInteger, ExactDecimal> tokens) =>
        ladder.Rungs.Select(rung => new RungRow(
            Shown.Price(rung.Price8),
            rung.Account,
            tokens(rung.Collateral),
            Shown.Base(rung.Debt),
            tokens(rung.CollateralSoFar),
            Shown.Base(rung.DebtSoFar),
            Shown.Base(rung.WorthSoFar)));

    private static LadderAnswer Of(SeenExposure exposure, AssetId? asked, BigInteger least)
    {
        var accounts = exposure.Accounts;
        var asset = exposure.AssetOr(asked);
        var id = asset is { } one ? accounts.ReserveOf(one) : -1;
        var ladder = id < 0 ? new AaveLadder([], []) : AaveLadder.Of(accounts.Whole, id, least);
        var price = accounts.Whole.SelectMany(account => account.Value.Reserves)
            .FirstOrDefault(reserve => reserve.Id == id)?.Price8;
        return new LadderAnswer(
            exposure.Seen.Standpoint,
            exposure.Version.Text(),
            asset,
            price is { } price8 ? Shown.Price(price8) : null,
            new ExactDecimal(least, 18),
            [.. Rows(ladder, units => exposure.Tokens(id, units))],
            ladder.BeyondHelp,
            [.. accounts.All.Where(account => account.Account is null).Select(account => account.Id)]);
    }
}
