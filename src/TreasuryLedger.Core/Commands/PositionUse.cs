using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>By how many standing entries a lending position is kept in which way; only one of them at a time.</summary>
/// <param name="ByAmount">Entries that move units there by amount alone.</param>
/// <param name="ByIndex">Entries that touch it with an index.</param>
public readonly record struct PositionUse(long ByAmount, long ByIndex)
{
    /// <summary>The positions that an event keeps in one of the ways; none for other events.</summary>
    internal static ImmutableArray<AccountId> PositionsOf(LedgerEvent happened, Registers registers) => happened switch
    {
        BalancesOpened opened =>
        [
            .. opened.Lots.Select(lot => lot.Held.Account).Where(account => IsPosition(registers, account))
                .Concat(opened.Debts.Select(debt => debt.Account))
                .Distinct(),
        ],
        YieldReceived { Received.Account: var account } when IsPosition(registers, account) => [account],
        PositionTouched touched => [.. touched.Touches.Select(touch => touch.Position).Distinct()],
        CollateralDeposited deposit => [deposit.Position],
        CollateralWithdrawn back => [back.Withdrawn.Account],
        DebtBorrowed borrowed => [borrowed.Owed.Account],
        DebtRepaid repaid => [repaid.Repaid.Account],
        InterestAccrued accrued => [accrued.Interest.Account],
        LiquidationRecorded liquidation => [liquidation.Seized.Account],
        DebtForgiven forgiven => [forgiven.Forgiven.Account],
        _ => [],
    };

    /// <summary>Whether an account is a lending position.</summary>
    internal static bool IsPosition(Registers registers, AccountId account) =>
        registers.Accounts.GetValueOrDefault(account)?.Kind == AccountKind.LendingPosition;

    /// <summary>The use after an entry, or without it again (sign -1).</summary>
    internal PositionUse Counted(LedgerEvent happened, int sign) => happened is PositionTouched
        ? this with { ByIndex = ByIndex + sign }
        : this with { ByAmount = ByAmount + sign };
}
