using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>What a plan shall reach.</summary>
public abstract record PlanTarget
{
    private protected PlanTarget()
    {
    }

    /// <summary>Whether an account is there.</summary>
    public abstract bool IsReached(AaveAccount account);
}

/// <summary>At least this health factor.</summary>
/// <param name="Least">A wad.</param>
public sealed record HealthFactorTarget(BigInteger Least) : PlanTarget
{
    /// <inheritdoc/>
    public override bool IsReached(AaveAccount account) => AccountData.Of(account).HealthFactor >= Least;
}

/// <summary>At most this debt for each unit of collateral.</summary>
/// <param name="Most">A wad.</param>
public sealed record LoanToValueTarget(BigInteger Most) : PlanTarget
{
    /// <inheritdoc/>
    public override bool IsReached(AaveAccount account)
    {
        var data = AccountData.Of(account);
        return data.Debt * WadRayMath.Wad <= data.Collateral * Most;
    }
}

/// <summary>Safe at this price of one asset: its liquidation price lies below it.</summary>
/// <param name="ReserveId">The asset.</param>
/// <param name="Price8">10⁻⁸ of the base currency per token.</param>
public sealed record SafePriceTarget(int ReserveId, BigInteger Price8) : PlanTarget
{
    /// <inheritdoc/>
    public override bool IsReached(AaveAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return !AccountData.Of(account.WithPrice(ReserveId, Price8)).IsLiquidatable;
    }
}

/// <summary>How collateral becomes repaid debt.</summary>
/// <param name="CollateralId">What is sold.</param>
/// <param name="DebtId">What is bought and repaid.</param>
/// <param name="Curve">What the sale brings.</param>
public sealed record SaleTerms(int CollateralId, int DebtId, DepthCurve Curve)
{
    /// <summary>Part of the proceeds that goes to fees, in basis points.</summary>
    public int FeeBps { get; init; }

    /// <summary>Units of the debt's asset that each round costs beside.</summary>
    public BigInteger FixedFee { get; init; }

    /// <summary>
    /// Units that can be withdrawn from the collateral's reserve in all; absent: what the reserve says, if anything.
    /// </summary>
    public BigInteger? Liquidity { get; init; }

    /// <summary>
    /// Where the units are withdrawn before the debt is repaid: the health factor that a withdrawal may leave, a wad, 1
    /// or more. Absent where both happen at once (a flash loan).
    /// </summary>
    public BigInteger? LeastBetween { get; init; }
}

/// <summary>One round of a sale: withdraw, sell, repay.</summary>
/// <param name="Sold">Units of collateral.</param>
/// <param name="Received">Units of the debt's asset that came for them, fees taken.</param>
/// <param name="Repaid">Units of debt repaid; less than received if no more was owed.</param>
/// <param name="HealthFactorBetween">After the withdrawal, before the repayment; a wad.</param>
/// <param name="HealthFactor">After the repayment; a wad.</param>
public sealed record SaleRound(
    BigInteger Sold, BigInteger Received, BigInteger Repaid, BigInteger HealthFactorBetween, BigInteger HealthFactor);

/// <summary>A sale that reaches its target; its last round with one unit less does not.</summary>
/// <param name="Rounds">In order, one at least.</param>
/// <param name="After">The account then.</param>
public sealed record SalePlan(ImmutableArray<SaleRound> Rounds, AaveAccount After)
{
    /// <summary>Units of collateral sold in all.</summary>
    public BigInteger Sold => Rounds.Aggregate(BigInteger.Zero, (sum, round) => sum + round.Sold);

    /// <summary>Units of debt repaid in all.</summary>
    public BigInteger Repaid => Rounds.Aggregate(BigInteger.Zero, (sum, round) => sum + round.Repaid);

    /// <summary>Units of the debt's asset that came in all, fees taken.</summary>
    public BigInteger Received => Rounds.Aggregate(BigInteger.Zero, (sum, round) => sum + round.Received);
}

/// <summary>The least that brings an account to a target (SPEC 5). Amounts are smallest units.</summary>
public static class DeleveragingPlan
{
    /// <summary>More rounds than this are no plan.</summary>
    public const int RoundsMax = 100;

    private static readonly BigInteger MostToAdd = BigInteger.Pow(2, 110);

    /// <summary>Units of outside money to repay.</summary>
    /// <returns>
    /// 0 if the target is reached; <c>null</c> if even all of that debt is not enough, or the contract takes none of
    /// it.
    /// </returns>
    public static BigInteger? Repay(AaveAccount account, int debtId, PlanTarget target)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(target);
        bool Reaches(BigInteger units) => target.IsReached(account.Repay(debtId, units));
        var owed = account.Owed(debtId);
        return Reaches(0) ? 0
            : !owed.IsZero && ReserveRules.RefuseRepay(account, debtId) is null && Reaches(owed)
                ? Border.First(0, owed, Reaches)
            : null;
    }

    /// <summary>Units of collateral to add.</summary>
    /// <returns>0 if the target is reached; <c>null</c> if no quantity that the contract takes is enough.</returns>
    public static BigInteger? Add(AaveAccount account, int collateralId, PlanTarget target)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(target);
        bool Reaches(BigInteger units) => target.IsReached(account.Supply(collateralId, units));
        return Reaches(0) ? 0
            : Border.FirstUpTo(
                0, BigInteger.Min(MostToAdd, ReserveRules.MostToSupply(account, collateralId) ?? MostToAdd), Reaches);
    }

    /// <summary>Collateral to sell and debt to repay with it, in as few rounds as the terms allow.</summary>
    /// <returns><c>null</c> if no sale within the terms reaches the target.</returns>
    public static SalePlan? Sell(AaveAccount account, SaleTerms terms, PlanTarget target)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(target);
        if (ReserveRules.RefuseWithdraw(account, terms.CollateralId) is not null
            || ReserveRules.RefuseRepay(account, terms.DebtId) is not null)
        {
            return null;
        }

        var rounds = ImmutableArray.CreateBuilder<SaleRound>();
        var sold = BigInteger.Zero;
        while (rounds.Count < RoundsMax)
        {
            var most = MostOfRound(account, terms, sold);
            var last = LeastToReach(account, terms, target, sold, most);
            if (last is null && most.IsZero)
            {
                return null;
            }

            var before = AccountData.Of(account).HealthFactor;
            var (round, after) = Round(account, terms, sold, last ?? most);
            rounds.Add(round);
            if (last is not null)
            {
                return new SalePlan(rounds.ToImmutable(), after);
            }

            if (round.HealthFactor <= before)
            {
                return null; // at these prices a sale makes it worse
            }

            (account, sold) = (after, sold + round.Sold);
        }

        return null;
    }

    /// <summary>
    /// The lowest price at which selling this collateral to repay debt does not lower the health factor: price ×
    /// threshold ÷ health factor, up; 10⁻⁸ of the base currency per token.
    /// </summary>
    /// <returns><c>null</c> without debt.</returns>
    public static BigInteger? BreakEvenPrice8(AaveAccount account, int collateralId)
    {
        ArgumentNullException.ThrowIfNull(account);
        var data = AccountData.Of(account);
        var weighed = account.Reserve(collateralId).Price8 * account.CollateralTerms(collateralId).ThresholdBps;
        return data.Debt.IsZero || data.HealthFactor.IsZero
            ? null
            : Uint256.MulDivUp(weighed, WadRayMath.Wad, data.HealthFactor * PercentageMath.One);
    }

    /// <summary>Units of the debt's asset that a sale brings, fees taken.</summary>
    private static BigInteger Proceeds(AaveAccount account, SaleTerms terms, BigInteger sold, BigInteger units)
    {
        var (collateral, debt) = (account.Reserve(terms.CollateralId), account.Reserve(terms.DebtId));
        // [units × 10⁴] × [10⁻⁸ per token] ÷ [units per token] → [debt units]; 10⁸ for the curve and the fee
        var gross = terms.Curve.Brings(sold, units) * (PercentageMath.One - terms.FeeBps)
            * collateral.Price8 * debt.Unit;
        var per = (BigInteger)PercentageMath.One * PercentageMath.One * collateral.Unit * debt.Price8;
        return per.IsZero ? 0 : BigInteger.Max(0, (gross / per) - terms.FixedFee);
    }

    private static (SaleRound Round, AaveAccount After) Round(
        AaveAccount account, SaleTerms terms, BigInteger sold, BigInteger units)
    {
        var received = Proceeds(account, terms, sold, units);
        var repaid = BigInteger.Min(received, account.Owed(terms.DebtId));
        var between = account.Withdraw(terms.CollateralId, units);
        var after = between.Repay(terms.DebtId, repaid);
        return (
            new SaleRound(
                units, received, repaid, AccountData.Of(between).HealthFactor, AccountData.Of(after).HealthFactor),
            after);
    }

    /// <summary>The most units that one round may withdraw and the market takes.</summary>
    private static BigInteger MostOfRound(AaveAccount account, SaleTerms terms, BigInteger sold)
    {
        var most = BigInteger.Min(account.Supplied(terms.CollateralId), terms.Curve.Depth - sold);
        most = BigInteger.Max(
            0,
            (terms.Liquidity ?? account.Reserve(terms.CollateralId).Available) is { } free
                ? BigInteger.Min(most, free - sold)
                : most);
        bool IsTooMuch(BigInteger units) =>
            AccountData.Of(account.Withdraw(terms.CollateralId, units)).HealthFactor < terms.LeastBetween;
        return terms.LeastBetween is null || most.IsZero || !IsTooMuch(most) ? most
            : IsTooMuch(1) ? 0
            : Border.First(1, most, IsTooMuch) - 1;
    }

    /// <summary>
    /// The least units of this round that reach the target. Between two ends of steps what is gained by a unit is
    /// constant, so the target is first reached behind the first end that reaches it.
    /// </summary>
    private static BigInteger? LeastToReach(
        AaveAccount account, SaleTerms terms, PlanTarget target, BigInteger sold, BigInteger most)
    {
        bool Reaches(BigInteger units) => target.IsReached(Round(account, terms, sold, units).After);
        if (target.IsReached(account))
        {
            return 0;
        }

        var owed = account.Owed(terms.DebtId);
        bool RepaysAll(BigInteger units) => Proceeds(account, terms, sold, units) >= owed;
        var ends = terms.Curve.Ends.Select(end => end - sold).Where(end => end.Sign > 0 && end < most).Append(most);
        if (most.Sign > 0 && RepaysAll(most))
        {
            ends = ends.Append(Border.First(0, most, RepaysAll));
        }

        var before = BigInteger.Zero;
        foreach (var end in ends.Where(end => end.Sign > 0).Order())
        {
            if (Reaches(end))
            {
                return Border.First(before, end, Reaches);
            }

            before = end;
        }

        return null;
    }
}
