using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>Laws of levels, ladders, plans and forced sales, on accounts at random.</summary>
public sealed class PlanPropertyTests
{
    private static readonly BigInteger Wad = WadRayMath.Wad;

    private static readonly Gen<PlanTarget> Target = Gen.OneOf(
        Gen.Int[101, 300].Select(percent => (PlanTarget)new HealthFactorTarget(percent * Wad / 100)),
        Gen.Int[1, 75].Select(percent => (PlanTarget)new LoanToValueTarget(percent * Wad / 100)),
        Gen.Int[300, 2_000].Select(price => (PlanTarget)new SafePriceTarget(0, price * BigInteger.Pow(10, 8))));

    private static readonly Gen<DepthCurve> Curve = Gen.Int[1, 400].Array[1, 5].Select(steps =>
    {
        var (units, impact) = (BigInteger.Zero, 0);
        return new DepthCurve(
        [
            .. steps.Select(step => new DepthStep(
                units += step * BigInteger.Pow(10, 18), impact = Math.Min(9_999, impact + step))),
        ]);
    });

    [Fact]
    public void at_a_level_an_account_may_be_liquidated_and_one_unit_further_not() =>
        Gen.Select(RandomAccount.Any, Gen.Int[0, 3]).Sample(
            (account, id) =>
            {
                bool IsBelow(BigInteger price) => AccountData.Of(account.WithPrice(id, price)).IsLiquidatable;
                var level = LiquidationLevels.Of(account, id);
                switch (level.Side)
                {
                    case LevelSide.AtOrBelow:
                        IsBelow(level.Price8).ShouldBeTrue();
                        IsBelow(level.Price8 + 1).ShouldBeFalse();
                        break;
                    case LevelSide.AtOrAbove:
                        IsBelow(level.Price8).ShouldBeTrue();
                        IsBelow(level.Price8 - 1).ShouldBeFalse();
                        break;
                    default:
                        new[] { 0, 1, 99_999_999, 230_000_000_000, BigInteger.Pow(10, 20) }
                            .Select(IsBelow)
                            .ShouldAllBe(below => below == (level.Side == LevelSide.Always));
                        break;
                }
            },
            iter: 3_000);

    [Fact]
    public void a_common_shock_is_a_border_too() =>
        Gen.Select(RandomAccount.Any, Gen.Int[1, 20_000], Gen.Int[1, 20_000]).Sample(
            (account, one, two) =>
            {
                var betas = ImmutableSortedDictionary<int, int>.Empty.Add(0, one).Add(1, two);
                var level = LiquidationLevels.Together(account, betas);
                if (level.Side is LevelSide.AtOrBelow or LevelSide.AtOrAbove)
                {
                    var sign = level.Side == LevelSide.AtOrBelow ? -1 : 1;
                    bool IsBelow(BigInteger shock) =>
                        AccountData.Of(LiquidationLevels.Shocked(account, betas, sign * shock)).IsLiquidatable;
                    IsBelow(level.Shock).ShouldBeTrue();
                    IsBelow(level.Shock - 1).ShouldBeFalse();
                }
                else
                {
                    AccountData.Of(account).IsLiquidatable.ShouldBe(level.Side == LevelSide.Always);
                }
            },
            iter: 2_000);

    [Fact]
    public void an_account_is_safe_until_the_second_that_is_named() => RandomAccount.Any.Sample(
        account =>
        {
            bool IsBelow(long later) => AccountData.Of(account.At(account.Now + later)).IsLiquidatable;
            switch (Horizon.SecondsUntilBelow(account))
            {
                case null:
                    new[] { 0, 1, 86_400, InterestMath.SecondsPerYear, Horizon.Limit }
                        .Select(IsBelow)
                        .ShouldAllBe(below => !below);
                    break;
                case 0:
                    IsBelow(0).ShouldBeTrue();
                    break;
                case { } seconds:
                    IsBelow(seconds).ShouldBeTrue();
                    IsBelow(seconds - 1).ShouldBeFalse();
                    break;
            }
        },
        iter: 2_000);

    [Fact]
    public void a_ladder_descends_and_adds_up() =>
        RandomAccount.Any.Array[0, 12].Sample(
            accounts =>
            {
                var named = accounts.Index()
                    .Select(one => KeyValuePair.Create(AccountId.Parse($"p{one.Index}"), one.Item))
                    .ToList();
                var ladder = AaveLadder.Of(named, 0);
                var (price, units, debt) = (Uint256.Max, BigInteger.Zero, BigInteger.Zero);
                foreach (var rung in ladder.Rungs)
                {
                    rung.Price8.ShouldBeLessThanOrEqualTo(price);
                    rung.CollateralSoFar.ShouldBe(units + rung.Collateral);
                    rung.DebtSoFar.ShouldBe(debt + rung.Debt);
                    (price, units, debt) = (rung.Price8, rung.CollateralSoFar, rung.DebtSoFar);
                }

                ladder.Rungs.Select(rung => rung.Account).Concat(ladder.BeyondHelp).ShouldBeUnique();
                ladder.Rungs.Length.ShouldBe(named.Count(one =>
                    LiquidationLevels.Of(one.Value, 0).Side == LevelSide.AtOrBelow));
            },
            iter: 200);

    [Fact]
    public void repaying_or_adding_reaches_its_target_and_one_unit_less_does_not() =>
        Gen.Select(RandomAccount.Healthy, Target).Sample(
            (account, target) =>
            {
                if (DeleveragingPlan.Repay(account, 2, target) is { Sign: > 0 } money)
                {
                    target.IsReached(account.Repay(2, money)).ShouldBeTrue();
                    target.IsReached(account.Repay(2, money - 1)).ShouldBeFalse();
                }

                if (DeleveragingPlan.Add(account, 0, target) is { Sign: > 0 } more)
                {
                    target.IsReached(account.Supply(0, more)).ShouldBeTrue();
                    target.IsReached(account.Supply(0, more - 1)).ShouldBeFalse();
                }
            },
            iter: 2_000);

    [Fact]
    public void a_sale_in_rounds_reaches_its_target_and_one_unit_less_does_not() =>
        Gen.Select(RandomAccount.Healthy, Target, Curve, Gen.Int[0, 50], Gen.Bool).Sample(
            (account, target, curve, fee, isFlash) =>
            {
                var terms = new SaleTerms(0, 2, curve)
                {
                    FeeBps = fee,
                    FixedFee = 1_000 * fee,
                    Liquidity = 3_000 * BigInteger.Pow(10, 18),
                    LeastBetween = isFlash ? null : 101 * Wad / 100,
                };
                if (target.IsReached(account) || DeleveragingPlan.Sell(account, terms, target) is not { } plan)
                {
                    return;
                }

                target.IsReached(plan.After).ShouldBeTrue();
                plan.Sold.ShouldBeLessThanOrEqualTo(BigInteger.Min(curve.Depth, terms.Liquidity.Value));
                plan.Rounds.SkipLast(1)
                    .ShouldAllBe(round => isFlash || round.HealthFactorBetween >= terms.LeastBetween);
                var before = plan.Rounds.SkipLast(1).Aggregate(
                    account, (left, round) => left.Withdraw(0, round.Sold).Repay(2, round.Repaid));
                var (sold, last) = (plan.Sold - plan.Rounds[^1].Sold, plan.Rounds[^1].Sold);
                target.IsReached(Sell(before, terms, sold, last)).ShouldBeTrue();
                target.IsReached(Sell(before, terms, sold, last - 1)).ShouldBeFalse();
            },
            iter: 1_000);

    [Fact]
    public void selling_above_break_even_never_lowers_the_health_factor_and_below_it_never_raises_it() =>
        Gen.Select(RandomAccount.Healthy, Gen.Int[1, 99], Gen.Int[-9_000, 9_000]).Sample(
            (account, percent, off) =>
            {
                // Rounding takes at most some units of 10⁻⁸ from either side: beside the border by a basis point.
                var price = DeleveragingPlan.BreakEvenPrice8(account, 0)!.Value * (10_001 + Math.Abs(off)) / 10_000;
                price = off < 0 ? DeleveragingPlan.BreakEvenPrice8(account, 0)!.Value * (9_999 + off) / 10_000 : price;
                var units = account.Supplied(0) * percent / 10_000;
                var debt = account.Reserve(2);
                var brings = units * price * debt.Unit / (account.Reserve(0).Unit * debt.Price8);
                var before = AccountData.Of(account).HealthFactor;
                var after = AccountData.Of(account.Withdraw(0, units).Repay(2, brings)).HealthFactor;

                (off < 0 ? after <= before : after >= before).ShouldBeTrue();
            },
            iter: 3_000);

    [Fact]
    public void a_larger_shock_never_leaves_more_and_needs_no_less() => RandomAccount.Healthy.Sample(
        account =>
        {
            var axes = new StressAxes
            {
                Volatile = [0],
                Pegged = [2],
                PriceBps = [10_000, 8_000, 6_000],
                PegBps = [10_000, 10_200],
                RateBps = [0, 500],
                LiquidityBps = [10_000, 100],
                Seconds = 86_400 * 30,
            };
            var response = new StressResponse(
                105 * Wad / 100, 0, 2, account.Supplied(0), DepthCurve.Flat(100));
            var cells = StressGrid.Of(account, axes, response);

            cells.Length.ShouldBe(24);
            for (var at = 8; at < cells.Length; at++)
            {
                cells[at].Data.HealthFactor.ShouldBeLessThanOrEqualTo(cells[at - 8].Data.HealthFactor);
                (cells[at].Repay is null || cells[at].Repay >= cells[at - 8].Repay).ShouldBeTrue();
            }

            cells.Where(cell => cell.LiquidityBps == 100 && cell.Sell is not null)
                .ShouldAllBe(cell => cell.Sell <= account.Supplied(0) / 100);
        },
        iter: 100);

    [Fact]
    public void a_forced_sale_ends_when_nothing_more_may_be_taken() =>
        Gen.Select(RandomAccount.Healthy.Array[1, 4], Curve, Gen.Int[300, 2_400]).Sample(
            (accounts, curve, dollars) =>
            {
                var named = accounts.Index()
                    .Select(one => KeyValuePair.Create(AccountId.Parse($"p{one.Index}"), one.Item))
                    .ToList();
                var price = dollars * BigInteger.Pow(10, 8);
                var done = ForcedSale.Of(named, 0, price, curve);

                done.After.Values.ShouldAllBe(account => ForcedSale.LargestCall(account) == null);
                done.Price8.ShouldBeLessThanOrEqualTo(price);
                done.Calls.Select(call => call.Price8).ShouldBeInOrder(SortDirection.Descending);
                var seized = done.Calls.Aggregate(
                    BigInteger.Zero, (sum, call) => sum + call.Result.CollateralReceived + call.Result.ProtocolFee);
                var left = done.After.Values.Aggregate(BigInteger.Zero, (sum, account) => sum + account.Supplied(0));
                var held = named.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Value.Supplied(0));
                BigInteger.Abs(held - seized - left).ShouldBeLessThanOrEqualTo(4 * (done.Calls.Length + named.Count));
            },
            iter: 200);

    private static AaveAccount Sell(AaveAccount account, SaleTerms terms, BigInteger sold, BigInteger units)
    {
        var (collateral, debt) = (account.Reserve(0), account.Reserve(2));
        var gross = terms.Curve.Brings(sold, units) * (10_000 - terms.FeeBps) * collateral.Price8 * debt.Unit
            / (100_000_000 * collateral.Unit * debt.Price8);
        return account.Withdraw(0, units).Repay(2, BigInteger.Max(0, gross - terms.FixedFee));
    }
}
