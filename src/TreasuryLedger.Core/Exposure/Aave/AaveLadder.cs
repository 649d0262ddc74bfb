using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>An account on the ladder: at this price of the asset, and below, it may be liquidated.</summary>
/// <param name="Price8">10⁻⁸ of the base currency per token.</param>
/// <param name="Account">Whose.</param>
/// <param name="Collateral">Its units of the asset.</param>
/// <param name="Debt">Worth of its debt at this price.</param>
/// <param name="CollateralSoFar">Units of this rung and all above it.</param>
/// <param name="DebtSoFar">Debt of this rung and all above it, each at its own rung.</param>
/// <param name="WorthSoFar">What the units so far are worth at this price.</param>
public sealed record AaveRung(
    BigInteger Price8,
    AccountId Account,
    BigInteger Collateral,
    BigInteger Debt,
    BigInteger CollateralSoFar,
    BigInteger DebtSoFar,
    BigInteger WorthSoFar);

/// <summary>
/// The accounts of a treasury in the order in which a falling price reaches them. Lenders liquidate each account alone,
/// so no average over them says how close liquidation is (SPEC 2.5).
/// </summary>
/// <param name="Rungs">Highest price first; ties in the order of account ids.</param>
/// <param name="BeyondHelp">Accounts that no price of the asset makes safe, in the order of ids.</param>
public sealed record AaveLadder(ImmutableArray<AaveRung> Rungs, ImmutableArray<AccountId> BeyondHelp)
{
    /// <summary>The ladder of one asset.</summary>
    /// <param name="accounts">Accounts by id; those that a fall cannot reach have no rung.</param>
    /// <param name="id">The reserve whose price falls.</param>
    /// <param name="below">The health factor that is no longer enough, a wad.</param>
    public static AaveLadder Of(
        IEnumerable<KeyValuePair<AccountId, AaveAccount>> accounts, int id, BigInteger? below = null)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        var levels = accounts
            .Where(one => one.Value.Reserves.Any(reserve => reserve.Id == id))
            .Select(one => (one.Key, one.Value, Level: LiquidationLevels.Of(one.Value, id, below)))
            .OrderByDescending(one => one.Level.Price8)
            .ThenBy(one => one.Key)
            .ToList();
        var rungs = ImmutableArray.CreateBuilder<AaveRung>();
        var (units, debt) = (BigInteger.Zero, BigInteger.Zero);
        foreach (var (key, account, level) in levels.Where(one => one.Level.Side == LevelSide.AtOrBelow))
        {
            var own = account.Supplied(id);
            var owed = AccountData.Of(account.WithPrice(id, level.Price8)).Debt;
            units += own;
            debt += owed;
            rungs.Add(new AaveRung(
                level.Price8, key, own, owed, units, debt,
                Uint256.MulDiv(units, level.Price8, account.Reserve(id).Unit)));
        }

        return new AaveLadder(
            rungs.ToImmutable(),
            [.. levels.Where(one => one.Level.Side == LevelSide.Always).Select(one => one.Key)]);
    }
}
