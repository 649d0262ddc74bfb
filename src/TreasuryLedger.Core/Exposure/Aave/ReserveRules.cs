using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>
/// What the contract takes of an account beside what its health allows: flags and caps of reserves, isolation, silos
/// and efficiency modes (SPEC 1.9). Refusals are the names of its errors.
/// </summary>
public static class ReserveRules
{
    /// <summary>Why nothing may be supplied in a reserve; <c>null</c> if something may.</summary>
    public static string? RefuseSupply(AaveAccount account, int id)
    {
        ArgumentNullException.ThrowIfNull(account);
        return RefuseNew(account.Reserve(id))
            ?? (RoomToSupply(account, id) is { Sign: <= 0 } ? "SupplyCapExceeded" : null);
    }

    /// <summary>
    /// Why nothing may be withdrawn from a reserve while something is owed; <c>null</c> if its health may allow
    /// something. Collateral on which nothing is lent leaves first.
    /// </summary>
    public static string? RefuseWithdraw(AaveAccount account, int id)
    {
        ArgumentNullException.ThrowIfNull(account);
        return RefuseRepay(account, id)
            ?? (account.Holding(id).IsCollateral && account.CollateralTerms(id).LtvBps != 0
                && account.Holdings.Any(held => held.IsBorrowing) && AccountSums.Of(account).HasLtvZero
                ? "LtvValidationFailed"
                : null);
    }

    /// <summary>Why nothing may be repaid in a reserve; <c>null</c> if something may.</summary>
    public static string? RefuseRepay(AaveAccount account, int id)
    {
        ArgumentNullException.ThrowIfNull(account);
        return account.Reserve(id).IsPaused ? "ReservePaused" : null;
    }

    /// <summary>Why nothing may be borrowed in a reserve; <c>null</c> if collateral may allow something.</summary>
    public static string? RefuseBorrow(AaveAccount account, int id)
    {
        ArgumentNullException.ThrowIfNull(account);
        var reserve = account.Reserve(id);
        return RefuseNew(reserve)
            ?? (account.Isolating is not null && !reserve.IsBorrowableInIsolation ? "AssetNotBorrowableInIsolation"
                : account.EMode is { } mode && !mode.Borrowable.Contains(id) ? "NotBorrowableInEMode"
                : IsSiloed(account, reserve) ? "SiloedBorrowingViolation"
                : RoomToBorrow(account, id) is { Sign: <= 0 } ? "BorrowCapExceeded"
                : RoomInIsolation(account, id) is { Sign: <= 0 } ? "DebtCeilingExceeded"
                : null);
    }

    /// <summary>Most units that may be supplied; <c>null</c> without a limit.</summary>
    public static BigInteger? MostToSupply(AaveAccount account, int id) =>
        RefuseSupply(account, id) is null ? RoomToSupply(account, id) : BigInteger.Zero;

    /// <summary>Most units that may be borrowed: within collateral, caps, ceiling and what is there.</summary>
    public static BigInteger MostToBorrow(AaveAccount account, int id)
    {
        ArgumentNullException.ThrowIfNull(account);
        var reserve = account.Reserve(id);
        var most = AccountData.Of(account).AvailableBorrows;
        if (RefuseBorrow(account, id) is not null || most.IsZero || reserve.Price8.IsZero)
        {
            return BigInteger.Zero;
        }

        BigInteger?[] limits =
        [
            RoomToBorrow(account, id), RoomInIsolation(account, id), reserve.Available,
        ];
        return limits.OfType<BigInteger>().Append(Uint256.MulDiv(most, reserve.Unit, reserve.Price8)).Min();
    }

    /// <summary>
    /// What may still be borrowed by collateral and, of an isolated one, by its debt ceiling; 10⁻⁸ of the base
    /// currency.
    /// </summary>
    public static BigInteger AvailableBorrows(AaveAccount account)
    {
        var available = AccountData.Of(account).AvailableBorrows;
        return account.Isolating is { } isolating
            ? BigInteger.Max(0, BigInteger.Min(
                available, (isolating.DebtCeiling2 - isolating.IsolatedDebt2) * PowerOfTen.Of(6)))
            : available;
    }

    /// <summary>Whether any flag, cap, use or mode bounds what may be borrowed.</summary>
    public static bool AreKnown(AaveAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return account.EMode is not null || account.Reserves.Any(reserve =>
            reserve.IsPaused || reserve.IsFrozen || reserve.IsSiloed || !reserve.BorrowCap.IsZero
            || !reserve.DebtCeiling2.IsZero || reserve.Available is not null);
    }

    private static string? RefuseNew(AaveReserve reserve) =>
        reserve.IsPaused ? "ReservePaused" : reserve.IsFrozen ? "ReserveFrozen" : null;

    /// <summary>What is supplied by others and not known of leaves less room than is said here.</summary>
    private static BigInteger? RoomToSupply(AaveAccount account, int id) =>
        account.Reserve(id) is { SupplyCap.IsZero: false } reserve
            ? reserve.SupplyCap - (reserve.TotalSupplied ?? account.Supplied(id))
            : null;

    private static BigInteger? RoomToBorrow(AaveAccount account, int id) =>
        account.Reserve(id) is { BorrowCap.IsZero: false } reserve
            ? reserve.BorrowCap - (reserve.TotalOwed ?? account.Owed(id))
            : null;

    /// <summary>Units up to the debt ceiling, which counts whole hundredths of a token, down.</summary>
    private static BigInteger? RoomInIsolation(AaveAccount account, int id)
    {
        if (account.Isolating is not { } isolating)
        {
            return null;
        }

        var decimals = account.Reserve(id).Decimals;
        var hundredths = isolating.DebtCeiling2 - isolating.IsolatedDebt2;
        return decimals < 2
            ? hundredths / PowerOfTen.Of(2 - decimals)
            : ((hundredths + 1) * PowerOfTen.Of(decimals - 2)) - 1;
    }

    /// <summary>A siloed debt stands alone; 3.7 has no silos.</summary>
    private static bool IsSiloed(AaveAccount account, AaveReserve reserve) =>
        account.Version < AaveVersion.V37
        && account.Holdings.Any(held => held.IsBorrowing && held.ReserveId != reserve.Id
            && (reserve.IsSiloed || account.Reserve(held.ReserveId).IsSiloed));
}
