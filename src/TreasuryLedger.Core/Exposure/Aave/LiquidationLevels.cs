using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>On which side of a level an account may be liquidated.</summary>
public enum LevelSide
{
    /// <summary>Nowhere: whatever this price does, the account is safe.</summary>
    Never,

    /// <summary>At the level and below: what it holds of the asset carries its debt.</summary>
    AtOrBelow,

    /// <summary>At the level and above: it owes more of the asset than it holds.</summary>
    AtOrAbove,

    /// <summary>Everywhere: no price of the asset saves it.</summary>
    Always,
}

/// <summary>A price of one asset at which an account may be liquidated while all other prices stay.</summary>
/// <param name="Side">On which side.</param>
/// <param name="Price8">
/// 10⁻⁸ of the base currency per token: liquidatable here, and not one unit further on the safe side. 0 without a side.
/// </param>
public sealed record LiquidationLevel(LevelSide Side, BigInteger Price8);

/// <summary>A shock to several prices at once at which an account may be liquidated.</summary>
/// <param name="Side">Whether prices fall to it or rise to it.</param>
/// <param name="Shock">A wad, 0 or more: a price moves by its beta times this; liquidatable here, one unit less
/// is safe.</param>
public sealed record CommonLevel(LevelSide Side, BigInteger Shock);

/// <summary>Prices at which an account reaches a health factor (SPEC 2).</summary>
public static class LiquidationLevels
{
    /// <summary>How many prices beside a border are tried for one further out, with an asset on both sides.</summary>
    private const int Neighbours = 4_096;

    /// <summary>Prices and shocks beyond this are nobody's.</summary>
    private static readonly BigInteger Limit = BigInteger.Pow(2, 110);

    private static readonly BigInteger ShockOne = WadRayMath.Wad * PercentageMath.One;

    /// <summary>The level of one asset.</summary>
    /// <param name="account">The account at its second.</param>
    /// <param name="id">The reserve whose price moves.</param>
    /// <param name="below">The health factor that is no longer enough, a wad; 1 is the contract's.</param>
    public static LiquidationLevel Of(AaveAccount account, int id, BigInteger? below = null)
    {
        ArgumentNullException.ThrowIfNull(account);
        var least = below ?? WadRayMath.Wad;
        // Only one price moves: everything else is added up once. Prices far out may leave the contract's range.
        var (rest, part) = (AccountSums.Of(account, id), AccountPart.Of(account, account.Holding(id)));
        bool IsBelow(BigInteger price) => rest.Plus(part, price).HealthFactor < least;
        var weight = Weight(account, id, least);
        if (weight.IsZero)
        {
            return IsBelow(account.Reserve(id).Price8) ? new(LevelSide.Always, 0) : new(LevelSide.Never, 0);
        }

        if (weight.Sign < 0)
        {
            return IsBelow(0) ? new(LevelSide.Always, 0)
                : Border.FirstUpTo(0, Limit, IsBelow) is { } rise ? new(LevelSide.AtOrAbove, rise)
                : new(LevelSide.Never, 0);
        }

        if (!IsBelow(0))
        {
            // Of an asset on both sides, rounding alone can break an account at the smallest prices.
            var rounded = Outermost(account.Holding(id), 0, IsBelow);
            return rounded.IsZero ? new(LevelSide.Never, 0) : new(LevelSide.AtOrBelow, rounded);
        }

        return (part.Owed.IsZero
            ? LeastSafe(rest, part, least)
            : Border.FirstUpTo(0, Limit, price => !IsBelow(price))) is { } safe && safe <= Limit
            ? new(LevelSide.AtOrBelow, Outermost(account.Holding(id), safe - 1, IsBelow))
            : new(LevelSide.Always, 0);
    }

    /// <summary>
    /// The lowest price at which an account is safe, of an asset that it only holds: no search is needed, as each
    /// rounding of the contract can be undone. <c>⌊(t·wad + ⌊d÷2⌋) ÷ d⌋ ÷ 10⁴ ≥ least</c> is
    /// <c>t·wad ≥ least·10⁴·d − ⌊d÷2⌋</c>, and <c>⌊units·price ÷ unit⌋ ≥ w</c> is <c>price ≥ ⌈w·unit ÷ units⌉</c>.
    /// </summary>
    private static BigInteger? LeastSafe(AccountSums rest, AccountPart part, BigInteger least)
    {
        var lacking = (least * PercentageMath.One * rest.Debt) - (rest.Debt / 2) - (rest.ByThreshold * WadRayMath.Wad);
        var weight = part.Supplied * part.ThresholdBps;
        return weight.IsZero
            ? null
            : Rounding.DivideCeiling(
                Rounding.DivideCeiling(lacking, part.ThresholdBps * WadRayMath.Wad) * part.Unit, part.Supplied);
    }

    /// <summary>The level of several assets that move together.</summary>
    /// <param name="account">The account at its second.</param>
    /// <param name="betas">For each reserve that moves: by how much, in basis points of the shock, 1 or more.</param>
    /// <param name="below">The health factor that is no longer enough, a wad.</param>
    public static CommonLevel Together(
        AaveAccount account, ImmutableSortedDictionary<int, int> betas, BigInteger? below = null)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(betas);
        var least = below ?? WadRayMath.Wad;
        bool IsBelow(AaveAccount moved) => AccountData.Of(moved).HealthFactor < least;
        if (IsBelow(account))
        {
            return new CommonLevel(LevelSide.Always, 0);
        }

        var weight = betas.Aggregate(BigInteger.Zero, (sum, beta) =>
            sum + (beta.Value * Weight(account, beta.Key, least) * account.Reserve(beta.Key).Price8
                * PowerOfTen.Of(36 - account.Reserve(beta.Key).Decimals)));
        var side = weight.Sign < 0 ? LevelSide.AtOrAbove : LevelSide.AtOrBelow;
        var direction = weight.Sign < 0 ? 1 : -1;
        var limit = direction > 0 || betas.IsEmpty ? Limit : (ShockOne / betas.Values.Min()) + 1;
        return Border.FirstUpTo(0, limit, shock => IsBelow(Shocked(account, betas, direction * shock))) is { } found
            ? new CommonLevel(side, found)
            : new CommonLevel(LevelSide.Never, 0);
    }

    /// <summary>The account after a shock: each price moves by its beta, down, and never below nothing.</summary>
    /// <param name="account">The account before.</param>
    /// <param name="betas">For each reserve that moves: by how much, in basis points of the shock.</param>
    /// <param name="shock">A wad; less than zero for a fall.</param>
    public static AaveAccount Shocked(
        AaveAccount account, ImmutableSortedDictionary<int, int> betas, BigInteger shock)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(betas);
        foreach (var (id, beta) in betas)
        {
            var factor = BigInteger.Max(0, ShockOne + (beta * shock));
            account = account.WithPrice(id, account.Reserve(id).Price8 * factor / ShockOne);
        }

        return account;
    }

    /// <summary>The level of an asset at later seconds, when interest has moved it.</summary>
    /// <param name="account">The account at its second.</param>
    /// <param name="id">The reserve whose price moves.</param>
    /// <param name="seconds">Unix seconds, none before the account's.</param>
    public static ImmutableArray<(long Second, LiquidationLevel Level)> Drift(
        AaveAccount account, int id, IEnumerable<long> seconds)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(seconds);
        return [.. seconds.Select(second => (second, Of(account.At(second), id)))];
    }

    /// <summary>
    /// What a rising price of the asset does to the account, as a number whose sign counts: collateral by its
    /// threshold less debt at the health factor asked for.
    /// </summary>
    private static BigInteger Weight(AaveAccount account, int id, BigInteger least)
    {
        var holding = account.Holding(id);
        var held = holding.IsCollateral
            ? account.Supplied(id) * account.CollateralTerms(id).ThresholdBps
            : BigInteger.Zero;
        return (held * WadRayMath.Wad) - (account.Owed(id) * least * PercentageMath.One);
    }

    /// <summary>
    /// Supply and debt of one asset round at different prices, so beside a border there may be another within a few
    /// units; the outermost counts.
    /// </summary>
    private static BigInteger Outermost(AaveHolding holding, BigInteger found, Func<BigInteger, bool> isBelow)
    {
        if (!holding.IsBorrowing)
        {
            return found;
        }

        var last = found;
        for (var next = 1; next <= Neighbours; next++)
        {
            last = isBelow(found + next) ? found + next : last;
        }

        return last;
    }
}
