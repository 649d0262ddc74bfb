using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>
/// What an account comes to, as the contract's <c>calculateUserAccountData</c> says it (SPEC 1.6). Amounts
/// are 10⁻⁸ of the base currency.
/// </summary>
/// <param name="Collateral">Worth of all collateral.</param>
/// <param name="Debt">Worth of all debt.</param>
/// <param name="LtvBps">Loan-to-value up to which it may borrow, the average of its collateral, down.</param>
/// <param name="LiquidationThresholdBps">Loan-to-value beyond which it may be liquidated, the average, down.</param>
/// <param name="HealthFactor">A wad; <see cref="Uint256.Max"/> without debt.</param>
/// <param name="HasLtvZero">Whether some collateral has a loan-to-value of 0.</param>
public sealed record AccountData(
    BigInteger Collateral,
    BigInteger Debt,
    BigInteger LtvBps,
    BigInteger LiquidationThresholdBps,
    BigInteger HealthFactor,
    bool HasLtvZero)
{
    /// <summary>Whether it may be liquidated: its health factor is below 1.</summary>
    public bool IsLiquidatable => HealthFactor < WadRayMath.Wad;

    /// <summary>What it may still borrow, in 10⁻⁸ of the base currency.</summary>
    public BigInteger AvailableBorrows =>
        BigInteger.Max(BigInteger.Zero, PercentageMath.PercentMulDown(Collateral, LtvBps) - Debt);

    /// <summary>Collateral less debt, in 10⁻⁸ of the base currency; less than zero if it owes more.</summary>
    public BigInteger Equity => Collateral - Debt;

    /// <summary>The figures of an account at its second.</summary>
    /// <exception cref="AaveRevertException">The contract would revert.</exception>
    public static AccountData Of(AaveAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return AccountSums.Of(account).ToData();
    }
}

/// <summary>What account data is made of: sums over holdings, to which parts can be added.</summary>
internal readonly record struct AccountSums(
    BigInteger Collateral, BigInteger Debt, BigInteger ByLtv, BigInteger ByThreshold, bool HasLtvZero)
{
    /// <summary>The health factor of the sums, a wad; <see cref="Uint256.Max"/> without debt.</summary>
    public BigInteger HealthFactor => Debt.IsZero
        ? Uint256.Max
        : ((ByThreshold * WadRayMath.Wad) + (Debt / 2)) / Debt / PercentageMath.One;

    /// <summary>The sums over an account's holdings.</summary>
    /// <param name="account">The account at its second.</param>
    /// <param name="except">A reserve that is left out.</param>
    /// <exception cref="AaveRevertException">The contract would revert.</exception>
    public static AccountSums Of(AaveAccount account, int? except = null)
    {
        var sums = default(AccountSums);
        foreach (var holding in account.Holdings)
        {
            if (holding.ReserveId != except)
            {
                sums = sums.Plus(AccountPart.Of(account, holding), account.Reserve(holding.ReserveId).Price8);
            }
        }

        return sums;
    }

    /// <summary>The sums with a holding more, at some price.</summary>
    public AccountSums Plus(AccountPart part, BigInteger price8)
    {
        var debt = part.Owed.IsZero ? Debt : Debt + Rounding.DivideCeiling(part.Owed * price8, part.Unit);
        if (!part.IsCollateral)
        {
            return this with { Debt = debt };
        }

        var worth = part.Supplied * price8 / part.Unit;
        return new AccountSums(
            Collateral + worth, debt, ByLtv + (worth * part.LtvBps), ByThreshold + (worth * part.ThresholdBps),
            HasLtvZero || part.LtvBps == 0);
    }

    /// <summary>The figures of the sums; here the contract's range counts.</summary>
    /// <exception cref="AaveRevertException">The contract would revert.</exception>
    public AccountData ToData() => new(
        Uint256.Checked(Collateral),
        Uint256.Checked(Debt),
        Collateral.IsZero ? BigInteger.Zero : ByLtv / Collateral,
        Collateral.IsZero ? BigInteger.Zero : ByThreshold / Collateral,
        Debt.IsZero ? Uint256.Max : WadRayMath.WadDiv(Uint256.Checked(ByThreshold), Debt) / PercentageMath.One,
        HasLtvZero);
}

/// <summary>What one holding adds to account data, but for its price.</summary>
internal readonly record struct AccountPart(
    bool IsCollateral, BigInteger Supplied, BigInteger Owed, BigInteger Unit, int LtvBps, int ThresholdBps)
{
    /// <summary>The part of a holding at the account's second.</summary>
    public static AccountPart Of(AaveAccount account, AaveHolding holding)
    {
        var reserve = account.Reserve(holding.ReserveId);
        // Until 3.5 an asset without a threshold of its own was no collateral at all.
        var isCollateral = holding.IsCollateral
            && (account.Version != AaveVersion.V35 || reserve.LiquidationThresholdBps != 0);
        var (ltv, threshold) = account.CollateralTerms(holding.ReserveId);
        return new AccountPart(
            isCollateral,
            isCollateral ? account.Supplied(holding.ReserveId) : BigInteger.Zero,
            holding.IsBorrowing ? account.Owed(holding.ReserveId) : BigInteger.Zero,
            reserve.Unit,
            ltv,
            threshold);
    }
}
