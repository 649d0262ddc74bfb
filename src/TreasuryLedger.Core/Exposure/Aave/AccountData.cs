using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;

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
        var (collateral, debt) = (BigInteger.Zero, BigInteger.Zero);
        var (byLtv, byThreshold, hasLtvZero) = (BigInteger.Zero, BigInteger.Zero, false);
        foreach (var holding in account.Holdings)
        {
            var id = holding.ReserveId;
            if (holding.IsCollateral && Counts(account, id))
            {
                var worth = account.SuppliedBase(id);
                var (ltv, threshold) = account.CollateralTerms(id);
                collateral = Uint256.Checked(collateral + worth);
                byLtv = Uint256.Checked(byLtv + (worth * ltv));
                byThreshold = Uint256.Checked(byThreshold + (worth * threshold));
                hasLtvZero |= ltv == 0;
            }

            if (holding.IsBorrowing)
            {
                debt = Uint256.Checked(debt + account.OwedBase(id));
            }
        }

        return new AccountData(
            collateral,
            debt,
            collateral.IsZero ? BigInteger.Zero : byLtv / collateral,
            collateral.IsZero ? BigInteger.Zero : byThreshold / collateral,
            debt.IsZero ? Uint256.Max : WadRayMath.WadDiv(byThreshold, debt) / PercentageMath.One,
            hasLtvZero);
    }

    /// <summary>Until 3.5 an asset without a threshold of its own was no collateral at all.</summary>
    private static bool Counts(AaveAccount account, int id) =>
        account.Version != AaveVersion.V35 || account.Reserve(id).LiquidationThresholdBps != 0;
}
