using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>What a liquidator asks for.</summary>
/// <param name="CollateralId">The reserve whose collateral is wanted.</param>
/// <param name="DebtId">The reserve whose debt is paid.</param>
/// <param name="DebtToCover">Units of debt to pay at most; more than allowed is cut.</param>
public sealed record LiquidationRequest(int CollateralId, int DebtId, BigInteger DebtToCover);

/// <summary>Debt that nobody owes any more, because no collateral was left.</summary>
/// <param name="ReserveId">Whose loss it is.</param>
/// <param name="Units">How many units.</param>
public sealed record Deficit(int ReserveId, BigInteger Units);

/// <summary>What one call did, as the contract's <c>liquidationCall</c> says it.</summary>
/// <param name="DebtCovered">Units of debt that the liquidator paid.</param>
/// <param name="CollateralReceived">Units of collateral that it got, protocol fee not included.</param>
/// <param name="ProtocolFee">Units of collateral that the protocol got.</param>
/// <param name="ProtocolFeeScaled">The same as it moved, in scaled units.</param>
/// <param name="Deficits">Debts burned because no collateral was left; empty mostly.</param>
/// <param name="After">The account afterwards.</param>
public sealed record LiquidationResult(
    BigInteger DebtCovered,
    BigInteger CollateralReceived,
    BigInteger ProtocolFee,
    BigInteger ProtocolFeeScaled,
    ImmutableArray<Deficit> Deficits,
    AaveAccount After);

/// <summary>
/// The liquidation of versions 3.5 to 3.7 on one account (SPEC 1.8). Reserves' totals and rates stay as they
/// are: the next index is the market book's business.
/// </summary>
public static class LiquidationCall
{
    /// <summary>At this health factor and below, all debt may be paid at once; a wad.</summary>
    public static readonly BigInteger CloseAllBelow = 95 * PowerOfTen.Of(16);

    /// <summary>Below this worth on either side, all debt may be paid at once; 10⁻⁸ of the base currency.</summary>
    public static readonly BigInteger CloseAllUnder = 2_000 * PowerOfTen.Of(8);

    /// <summary>The least worth that a call may leave on a side, if it leaves both; 10⁻⁸ of it.</summary>
    public static readonly BigInteger LeastLeft = 1_000 * PowerOfTen.Of(8);

    /// <summary>Part of the whole debt that one call may pay otherwise, in basis points.</summary>
    public const int CloseFactorBps = 5_000;

    /// <summary>Carries out one call.</summary>
    /// <exception cref="AaveRevertException">The contract would; the message is the name of its error.</exception>
    public static LiquidationResult Execute(AaveAccount account, LiquidationRequest request)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(request);
        var before = AccountData.Of(account);
        Check(account, request, before);
        var most = MostDebt(account, request, before);
        var amounts = Amounts(account, request, BigInteger.Min(request.DebtToCover, most));
        RefuseDust(account, request, amounts);
        return Settle(account, request, before, amounts);
    }

    /// <summary>Units of debt that one call may pay at most.</summary>
    public static BigInteger MostDebt(AaveAccount account, LiquidationRequest request, AccountData before)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(before);
        var owed = account.Owed(request.DebtId);
        var owedBase = account.OwedBase(request.DebtId);
        if (account.SuppliedBase(request.CollateralId) < CloseAllUnder
            || owedBase < CloseAllUnder
            || before.HealthFactor <= CloseAllBelow)
        {
            return owed;
        }

        // Half of the whole debt, not of this one: a smaller debt may be paid in full.
        var half = PercentageMath.PercentMul(before.Debt, CloseFactorBps);
        var debt = account.Reserve(request.DebtId);
        return owedBase > half ? Uint256.MulDiv(half, debt.Unit, debt.Price8) : owed;
    }

    private static void Check(AaveAccount account, LiquidationRequest request, AccountData before)
    {
        var (collateral, debt) = (account.Reserve(request.CollateralId), account.Reserve(request.DebtId));
        var refusal =
            collateral.IsPaused || debt.IsPaused ? "ReservePaused"
            : collateral.GraceUntil >= account.Now || debt.GraceUntil >= account.Now
                ? "LiquidationGraceSentinelCheckFailed"
            : !before.IsLiquidatable ? "HealthFactorNotBelowThreshold"
            : !account.Holding(request.CollateralId).IsCollateral ? "CollateralCannotBeLiquidated"
            : !account.Holding(request.DebtId).IsBorrowing ? "SpecifiedCurrencyNotBorrowedByUser"
            : null;
        if (refusal is not null)
        {
            throw new AaveRevertException(refusal);
        }
    }

    private static Seizure Amounts(AaveAccount account, LiquidationRequest request, BigInteger debtToCover)
    {
        var (collateral, debt) = (account.Reserve(request.CollateralId), account.Reserve(request.DebtId));
        var held = account.Supplied(request.CollateralId);
        var bonusBps = account.LiquidationBonusBps(request.CollateralId);
        var isNew = account.Version >= AaveVersion.V37;
        var plain = Uint256.Divide(
            Uint256.Checked(debt.Price8 * debtToCover) * collateral.Unit, collateral.Price8 * debt.Unit);
        var seized = isNew
            ? PercentageMath.PercentMulDown(plain, bonusBps)
            : PercentageMath.PercentMul(plain, bonusBps);
        var covered = debtToCover;
        if (seized > held)
        {
            seized = held;
            covered = PercentageMath.PercentDivUp(
                Uint256.Divide(
                    Uint256.Checked(collateral.Price8 * seized) * debt.Unit, debt.Price8 * collateral.Unit),
                bonusBps);
        }

        if (collateral.ProtocolFeeBps == 0)
        {
            return new Seizure(held, seized, covered, BigInteger.Zero);
        }

        var bonus = seized - (isNew
            ? PercentageMath.PercentDivDown(seized, bonusBps)
            : PercentageMath.PercentDiv(seized, bonusBps));
        var fee = isNew
            ? PercentageMath.PercentMulUp(bonus, collateral.ProtocolFeeBps)
            : PercentageMath.PercentMul(bonus, collateral.ProtocolFeeBps);
        return new Seizure(held, seized, covered, fee);
    }

    /// <summary>Who leaves both sides must leave enough of each to be worth another call.</summary>
    private static void RefuseDust(AaveAccount account, LiquidationRequest request, Seizure amounts)
    {
        var (collateral, debt) = (account.Reserve(request.CollateralId), account.Reserve(request.DebtId));
        var debtLeft = account.Owed(request.DebtId) - amounts.Covered;
        var collateralLeft = amounts.Held - amounts.Seized;
        if (debtLeft.Sign > 0 && collateralLeft.Sign > 0
            && (Uint256.MulDivUp(debtLeft, debt.Price8, debt.Unit) < LeastLeft
                || Uint256.MulDiv(collateralLeft, collateral.Price8, collateral.Unit) < LeastLeft))
        {
            throw new AaveRevertException("MustNotLeaveDust");
        }
    }

    private static LiquidationResult Settle(
        AaveAccount account, LiquidationRequest request, AccountData before, Seizure amounts)
    {
        var (collateralId, debtId) = (request.CollateralId, request.DebtId);
        var index = account.Reserve(collateralId).SupplyIndex(account.Now);
        var holding = account.Holding(collateralId);
        var scaledOut = TokenMath.SupplyBurned(amounts.Seized - amounts.Fee, index);
        var scaledFee = TokenMath.SupplyMoved(amounts.Fee, index);
        var (isConsumed, isLast) = Consumed(account, collateralId, before, amounts, scaledOut + scaledFee);
        var fee = amounts.Fee;
        var scaledLeft = Uint256.Checked(holding.ScaledSupply - scaledOut);
        if (scaledFee > scaledLeft)
        {
            scaledFee = scaledLeft;
            fee = TokenMath.SupplyBalance(scaledLeft, index);
        }

        var owed = account.Owed(debtId);
        var burned = TokenMath.DebtBurned(
            isLast ? owed : amounts.Covered, account.Reserve(debtId).DebtIndex(account.Now));
        var after = account.With(holding with
        {
            ScaledSupply = scaledLeft - scaledFee,
            CollateralEnabled = holding.CollateralEnabled && !isConsumed,
        });
        after = after.With(after.Holding(debtId) with { ScaledDebt = after.Holding(debtId).ScaledDebt - burned });
        ImmutableArray<Deficit> deficits = [];
        if (isLast)
        {
            (after, deficits) = BurnBadDebt(after, new Deficit(debtId, owed - amounts.Covered));
        }

        return new LiquidationResult(amounts.Covered, amounts.Seized - amounts.Fee, fee, scaledFee, deficits, after);
    }

    /// <summary>
    /// Whether the call takes all of this collateral, and whether the account has none left then. Until 3.6 worth is
    /// compared, in which a few smallest units do not show; from 3.7 on what really leaves.
    /// </summary>
    private static (bool IsConsumed, bool IsLast) Consumed(
        AaveAccount account, int id, AccountData before, Seizure amounts, BigInteger scaledOut)
    {
        var reserve = account.Reserve(id);
        if (account.Version < AaveVersion.V37)
        {
            return (
                amounts.Seized == amounts.Held,
                Uint256.MulDiv(amounts.Seized, reserve.Price8, reserve.Unit) == before.Collateral);
        }

        var scaled = account.Holding(id).ScaledSupply;
        var gone = BigInteger.Min(scaledOut, scaled);
        var worth = Uint256.MulDiv(
            TokenMath.SupplyBalance(gone, reserve.SupplyIndex(account.Now)), reserve.Price8, reserve.Unit);
        var isLast = worth == before.Collateral;
        return (gone == scaled || isLast, isLast);
    }

    private static (AaveAccount After, ImmutableArray<Deficit> Deficits) BurnBadDebt(AaveAccount account, Deficit own)
    {
        var deficits = ImmutableArray.CreateBuilder<Deficit>();
        if (own.Units.Sign > 0)
        {
            deficits.Add(own);
        }

        foreach (var holding in account.Holdings.Where(holding => holding.IsBorrowing))
        {
            deficits.Add(new Deficit(holding.ReserveId, account.Owed(holding.ReserveId)));
        }

        return (
            account with { Holdings = [.. account.Holdings.Select(one => one with { ScaledDebt = BigInteger.Zero })] },
            deficits.ToImmutable());
    }

    /// <summary>Units of one call: collateral held, all that leaves, debt paid, the protocol's part.</summary>
    private readonly record struct Seizure(BigInteger Held, BigInteger Seized, BigInteger Covered, BigInteger Fee);
}
