using System.Collections.Immutable;
using Shouldly;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// When a limit would have been broken in the case, and what waiting for liquidators would have left. The figures stand
/// here and nowhere in the program.
/// </summary>
public sealed class CaseExposureTests
{
    private const int Bonus = 10_500;

    private static readonly Instant BeforeSelling = Instant.Parse("2026-02-01T00:00:00Z");

    [Theory]
    [InlineData("1.5", "2026-01-20T23:59:59Z", "1.465932634171967909")]
    [InlineData("1.3", "2026-02-01T12:00:00Z", "1.235194043110456553")]
    public async Task a_least_health_factor_is_first_broken_at(string least, string at, string factor)
    {
        var view = await CaseReplay.Treasury.Value;
        var limits = RiskLimits.None with { HealthFactorMin = ExactDecimal.Parse(least) };
        // The opening balance is complete only after its instant, so what comes before is passed over.
        var from = Instant.Parse("2025-12-24T00:00:00Z");
        var instants = view.Treasury.Entries.Concat(view.Prices.Entries).Select(entry => entry.EffectiveAt)
            .Where(instant => instant >= from).Distinct().Order();

        var first = Breaches.Of(instants.Select(instant => (instant, new RiskAt(At(view, instant)).Broken(limits))))[0];

        (first.From.ToString(), first.First.Is.ToString(), first.Subject).ShouldBe((at, factor, "aave-v3"));
    }

    [Theory]
    [InlineData("1747.80", "63194731.92", "50924999.99999999")]
    [InlineData("1600", "0", "49612952.380952")]
    [InlineData("1500", "0", "46512142.857142")]
    public async Task waiting_leaves_less_than_the_firm_kept(string price, string equity, string penalty)
    {
        var view = await CaseReplay.Treasury.Value;
        var accounts = new RiskAt(At(view, BeforeSelling)).Accounts;
        var weth = accounts.ReserveOf(AssetId.Parse("WETH"));
        var unit = accounts.Whole.Single().Value.Reserve(weth).Unit;
        ImmutableArray<DepthStep> steps =
        [
            new(20_000 * unit, 100), new(100_000 * unit, 300), new(700_000 * unit, 800),
        ];
        var forced = ForcedSale.Of(
            accounts.Whole.Select(one => KeyValuePair.Create(one.Key, WithBonus(one.Value))),
            weth,
            ExactDecimal.Parse(price).Mantissa * PowerOfTen.Of(8 - ExactDecimal.Parse(price).Scale),
            new DepthCurve(steps));

        new ExactDecimal(forced.Equity, 8).ShouldBe(ExactDecimal.Parse(equity));
        new ExactDecimal(forced.Penalty, 8).ShouldBe(ExactDecimal.Parse(penalty));
        Kept(view).ShouldBeGreaterThan(new ExactDecimal(forced.Equity, 8));
    }

    [Fact]
    public async Task the_firm_kept_what_its_sales_brought_less_what_it_repaid()
    {
        Kept(await CaseReplay.Treasury.Value).ToString().ShouldBe("320861946.01");
    }

    [Fact]
    public async Task a_published_price_leaves_the_threshold_out()
    {
        // 274 million against 175,800 ether: the published level is debt ÷ collateral, and nobody is liquidated there.
        var view = await CaseReplay.Treasury.Value;
        var accounts = new RiskAt(At(view, BeforeSelling)).Accounts;
        var account = accounts.Whole.Single().Value;
        var (weth, usdt) = (
            accounts.ReserveOf(AssetId.Parse("WETH")), accounts.ReserveOf(AssetId.Parse("USDT")));
        var named = account
            .With(account.Holding(weth) with { ScaledSupply = 175_800 * account.Reserve(weth).Unit })
            .With(account.Holding(usdt) with { ScaledDebt = 274_000_000 * account.Reserve(usdt).Unit });
        var published = 155_858_930_603; // 274,000,000 ÷ 175,800

        var (side, level) = LiquidationLevels.Of(named, weth);
        (side, new ExactDecimal(level, 8).ToString()).ShouldBe((LevelSide.AtOrBelow, "1877.81844099"));
        // At the price that was published debt is all of the collateral: long before it was liquidated.
        var there = AccountData.Of(named.WithPrice(weth, published));
        (there.IsLiquidatable, new ExactDecimal(there.HealthFactor, 18).ToString()[..6]).ShouldBe((true, "0.8300"));
        // And the health factor that was published with it, 1.34 to 1.35, is that of the level with the threshold.
        var then = AccountData.Of(named.WithPrice(weth, 445_000_000L * 100_000_000 / 175_800));
        new ExactDecimal(then.HealthFactor, 18).ToString()[..6].ShouldBe("1.3479");
    }

    private static AaveAccount WithBonus(AaveAccount account) => account with
    {
        Reserves = [.. account.Reserves.Select(reserve => reserve with { LiquidationBonusBps = Bonus })],
    };

    /// <summary>What is held at the end: all collateral was sold, all debt repaid.</summary>
    private static ExactDecimal Kept(TreasuryView view)
    {
        var end = At(view, Instant.Parse("2026-02-08T23:59:59Z"));
        var money = AssetId.Parse("USDT");
        var units = end.State.Balances().Where(one => one.Asset == money)
            .Aggregate(Quantity.Zero, (sum, one) => sum + one.Quantity);
        return units.ToTokens(end.Registers.DecimalsOf(money));
    }

    private static TreasuryAt At(TreasuryView view, Instant asOf) => TreasuryAt.Of(
        view.Treasury.Entries, view.Prices.Entries, view.Markets.Entries, new Viewpoint(asOf, view.KnownAt));
}
