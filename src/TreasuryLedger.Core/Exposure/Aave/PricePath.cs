using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>A price on a path.</summary>
/// <param name="Second">Seconds after the path's beginning, 0 or more.</param>
/// <param name="Price8">The price, in 10⁻⁸ of the base currency per token.</param>
/// <param name="Low8">The lowest price since the one before; the price itself if no lower one is known.</param>
public readonly record struct PathPoint(long Second, BigInteger Price8, BigInteger Low8);

/// <summary>An account at a point of a path.</summary>
/// <param name="Account">Whose.</param>
/// <param name="HealthFactor">At the price, a wad.</param>
/// <param name="LowHealthFactor">At the lowest price, a wad.</param>
public sealed record PathHealth(AccountId Account, BigInteger HealthFactor, BigInteger LowHealthFactor);

/// <summary>Accounts whose units stay while one price goes along a path, and interest accrues (SPEC 4.3).</summary>
public static class PricePath
{
    /// <summary>A recorded price as one that begins where the accounts' own price is, down.</summary>
    /// <param name="price8">The recorded price.</param>
    /// <param name="first8">The recorded price at the path's beginning, more than 0.</param>
    /// <param name="own8">The accounts' own price.</param>
    public static BigInteger Scaled(BigInteger price8, BigInteger first8, BigInteger own8) => price8 * own8 / first8;

    /// <summary>Every account at every point, the points in order.</summary>
    /// <param name="accounts">Accounts by id; those without the reserve keep their prices.</param>
    /// <param name="id">The reserve whose price moves.</param>
    /// <param name="points">The path.</param>
    public static ImmutableArray<ImmutableArray<PathHealth>> Of(
        IReadOnlyCollection<KeyValuePair<AccountId, AaveAccount>> accounts, int id, IEnumerable<PathPoint> points)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        ArgumentNullException.ThrowIfNull(points);
        return
        [
            .. points.Select(point => accounts.Select(one =>
            {
                var later = one.Value.At(one.Value.Now + point.Second);
                var has = later.Reserves.Any(reserve => reserve.Id == id);
                BigInteger At(BigInteger price8) =>
                    AccountData.Of(has ? later.WithPrice(id, price8) : later).HealthFactor;
                return new PathHealth(one.Key, At(point.Price8), At(point.Low8));
            }).ToImmutableArray()),
        ];
    }
}
