using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>What time and borrow rates do to an account (SPEC 3).</summary>
public static class Horizon
{
    /// <summary>Nothing is looked for after so many seconds: 100 years.</summary>
    public const long Limit = 100L * InterestMath.SecondsPerYear;

    private static readonly BigInteger RayPerBps = PowerOfTen.Of(23);

    /// <summary>
    /// Seconds until the health factor is below a limit for the first time, at the prices and rates of now.
    /// </summary>
    /// <param name="account">The account at its second.</param>
    /// <param name="below">The health factor that is no longer enough, a wad; 1 is the contract's.</param>
    /// <returns>0 if it is already; <c>null</c> if not within <see cref="Limit"/>.</returns>
    public static long? SecondsUntilBelow(AaveAccount account, BigInteger? below = null)
    {
        ArgumentNullException.ThrowIfNull(account);
        var least = below ?? WadRayMath.Wad;
        bool IsBelow(BigInteger later) =>
            AccountData.Of(account.At(account.Now + (long)later)).HealthFactor < least;
        return IsBelow(0) ? 0 : (long?)Border.FirstUpTo(0, Limit, IsBelow);
    }

    /// <summary>The account with all borrow rates moved from its second on; none falls below nothing.</summary>
    /// <param name="account">The account at its second.</param>
    /// <param name="addedBps">Basis points a year, added to each borrow rate.</param>
    public static AaveAccount WithBorrowRates(AaveAccount account, BigInteger addedBps)
    {
        ArgumentNullException.ThrowIfNull(account);
        return account with
        {
            Reserves =
            [
                .. account.Reserves.Select(reserve => reserve.Touched(account.Now) with
                {
                    VariableBorrowRate =
                        BigInteger.Max(0, reserve.VariableBorrowRate + (addedBps * RayPerBps)),
                }),
            ],
        };
    }
}
