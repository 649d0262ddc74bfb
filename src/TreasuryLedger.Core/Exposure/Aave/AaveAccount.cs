using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>
/// One account at an Aave market at a second, with everything that its figures depend on. A value: what-ifs are other
/// accounts made from it.
/// </summary>
public sealed record AaveAccount
{
    /// <summary>Whose arithmetic counts.</summary>
    public required AaveVersion Version { get; init; }

    /// <summary>Unix seconds at which everything is looked at; not before any reserve's last update.</summary>
    public required long Now { get; init; }

    /// <summary>The efficiency mode that it chose; 0: none.</summary>
    public int EModeId { get; init; }

    /// <summary>The market's efficiency modes.</summary>
    public ImmutableArray<AaveEMode> EModes { get; init; } = [];

    /// <summary>The reserves that it is about, in the order of their numbers.</summary>
    public required ImmutableArray<AaveReserve> Reserves { get; init; }

    /// <summary>What it has in them, each reserve at most once, in the order of their numbers.</summary>
    public required ImmutableArray<AaveHolding> Holdings { get; init; }

    /// <summary>Its efficiency mode; absent if it chose none, or one that the market does not have.</summary>
    public AaveEMode? EMode => EModeId == 0 ? null : EModes.FirstOrDefault(mode => mode.Id == EModeId);

    /// <summary>A reserve by its number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not among them.</exception>
    public AaveReserve Reserve(int id) => Reserves.FirstOrDefault(reserve => reserve.Id == id)
        ?? throw new ArgumentOutOfRangeException(nameof(id), id, "The account knows no such reserve.");

    /// <summary>What it has in a reserve; nothing if it was never there.</summary>
    public AaveHolding Holding(int id) => Holdings.FirstOrDefault(holding => holding.ReserveId == id)
        ?? new AaveHolding(id, BigInteger.Zero, false, BigInteger.Zero);

    /// <summary>Units supplied in a reserve, interest included.</summary>
    public BigInteger Supplied(int id) =>
        TokenMath.SupplyBalance(Holding(id).ScaledSupply, Reserve(id).SupplyIndex(Now));

    /// <summary>Units owed in a reserve, interest included.</summary>
    public BigInteger Owed(int id) => TokenMath.DebtBalance(Holding(id).ScaledDebt, Reserve(id).DebtIndex(Now));

    /// <summary>What units supplied are worth, in 10⁻⁸ of the base currency: down.</summary>
    public BigInteger SuppliedBase(int id) =>
        Uint256.MulDiv(Supplied(id), Reserve(id).Price8, Reserve(id).Unit);

    /// <summary>What units owed are worth, in 10⁻⁸ of the base currency: up.</summary>
    public BigInteger OwedBase(int id) => Uint256.MulDivUp(Owed(id), Reserve(id).Price8, Reserve(id).Unit);

    /// <summary>What a liquidator of a reserve's collateral gets here, in basis points.</summary>
    public int LiquidationBonusBps(int id) =>
        EMode is { } mode && mode.Collateral.Contains(id) ? mode.LiquidationBonusBps : Reserve(id).LiquidationBonusBps;

    /// <summary>The terms that a reserve has as collateral of this account (SPEC 1.7).</summary>
    /// <param name="id">The reserve.</param>
    /// <returns>Loan-to-value and liquidation threshold in basis points.</returns>
    public (int LtvBps, int ThresholdBps) CollateralTerms(int id)
    {
        var own = Reserve(id);
        if (EMode is not { } mode)
        {
            return (own.LtvBps, own.LiquidationThresholdBps);
        }

        if (!mode.Collateral.Contains(id))
        {
            var ltv = Version >= AaveVersion.V37 && mode.IsIsolated ? 0 : own.LtvBps;
            return (ltv, own.LiquidationThresholdBps);
        }

        var hasNone = Version == AaveVersion.V35 ? own.LtvBps == 0 : mode.LtvZero.Contains(id);
        return (hasNone ? 0 : mode.LtvBps, mode.LiquidationThresholdBps);
    }

    /// <summary>The account at another second, with rates as they are.</summary>
    public AaveAccount At(long second) => this with { Now = second };

    /// <summary>The account with a reserve replaced by one of the same number.</summary>
    public AaveAccount With(AaveReserve reserve)
    {
        ArgumentNullException.ThrowIfNull(reserve);
        return this with { Reserves = Reserves.Replace(Reserve(reserve.Id), reserve) };
    }

    /// <summary>The account with a reserve at another price.</summary>
    public AaveAccount WithPrice(int id, BigInteger price8) => With(Reserve(id) with { Price8 = price8 });

    /// <summary>The account with another holding in the holding's reserve.</summary>
    public AaveAccount With(AaveHolding holding)
    {
        ArgumentNullException.ThrowIfNull(holding);
        var found = Holdings.FirstOrDefault(one => one.ReserveId == holding.ReserveId);
        var holdings = found is null ? Holdings.Add(holding) : Holdings.Replace(found, holding);
        return this with { Holdings = [.. holdings.OrderBy(one => one.ReserveId)] };
    }

    /// <summary>
    /// The collateral with a debt ceiling that the account is isolated by: it is the only one. Absent without such, and
    /// from 3.7 on, which knows no isolation.
    /// </summary>
    public AaveReserve? Isolating =>
        Version < AaveVersion.V37 && Holdings.Where(held => held.IsCollateral).Take(2).ToList() is [var only]
            && Reserve(only.ReserveId) is { DebtCeiling2.IsZero: false } isolating
            ? isolating
            : null;

    /// <summary>The account after it supplied units; what it had none of becomes collateral, where it may.</summary>
    public AaveAccount Supply(int id, BigInteger units)
    {
        var isAllowed = Isolating is null
            && (Version >= AaveVersion.V37 || Reserve(id).DebtCeiling2.IsZero
                || Holdings.All(held => !held.IsCollateral));
        return Change(
            id,
            held => held with
            {
                ScaledSupply = held.ScaledSupply + TokenMath.SupplyMinted(units, Reserve(id).SupplyIndex(Now)),
                CollateralEnabled = held.ScaledSupply.IsZero ? isAllowed : held.CollateralEnabled,
            });
    }

    /// <summary>The account after it withdrew units, however healthy it is then.</summary>
    /// <exception cref="AaveRevertException">It has fewer.</exception>
    public AaveAccount Withdraw(int id, BigInteger units) => Change(
        id,
        held => held with
        {
            ScaledSupply = Uint256.Checked(
                held.ScaledSupply - TokenMath.SupplyBurned(units, Reserve(id).SupplyIndex(Now))),
        });

    /// <summary>The account after it borrowed units, however healthy it is then.</summary>
    public AaveAccount Borrow(int id, BigInteger units) => Change(
        id,
        held => held with
        {
            ScaledDebt = held.ScaledDebt + TokenMath.DebtMinted(units, Reserve(id).DebtIndex(Now)),
        });

    /// <summary>The account after it repaid units; at most what it owes is taken.</summary>
    public AaveAccount Repay(int id, BigInteger units) => Change(
        id,
        held => held with
        {
            ScaledDebt = held.ScaledDebt
                - TokenMath.DebtBurned(BigInteger.Min(units, Owed(id)), Reserve(id).DebtIndex(Now)),
        });

    private AaveAccount Change(int id, Func<AaveHolding, AaveHolding> change) => With(change(Holding(id)));
}
