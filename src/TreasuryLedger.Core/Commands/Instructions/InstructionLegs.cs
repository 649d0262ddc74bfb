using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>What a leg is to an instruction.</summary>
public enum LegRole
{
    /// <summary>What was instructed: with its units the instruction is fulfilled.</summary>
    Principal,

    /// <summary>The other side: what is paid or received for it, or where it goes.</summary>
    Counter,

    /// <summary>A fee.</summary>
    Fee,
}

/// <summary>The legs of what can be instructed.</summary>
internal static class InstructionLegs
{
    /// <summary>Whether what happened is of the kind intended; arriving at once or later is one kind.</summary>
    public static bool SameKind(LedgerEvent intended, LedgerEvent happened) =>
        intended.GetType() == happened.GetType()
        || (intended is AssetTransferred or TransferDispatched && happened is AssetTransferred or TransferDispatched);

    /// <summary>The principal leg, its other side, then the fees. Nothing for what cannot be instructed.</summary>
    public static ImmutableArray<(LegRole Role, Leg Leg)> Of(LedgerEvent happened)
    {
        ImmutableArray<(LegRole, Leg)> legs = happened switch
        {
            AssetAcquired acquired => Pair(acquired.Received, acquired.Paid),
            AssetSold sold => Pair(sold.Sold, sold.Proceeds),
            AssetTransferred moved => Pair(moved.Sent, moved.To),
            TransferDispatched moved => Pair(moved.Sent, moved.To),
            FeePaid fee => [(LegRole.Principal, fee.Paid)],
            AssetWrapped wrapped => Pair(wrapped.From, wrapped.To),
            CollateralDeposited deposit => Pair(deposit.Deposited, deposit.Position),
            CollateralWithdrawn back => Pair(back.Withdrawn, back.To),
            DebtBorrowed borrowed => Pair(borrowed.Owed, borrowed.To),
            DebtRepaid repaid => Pair(repaid.Repaid, repaid.From),
            _ => [],
        };
        return happened is IHasFees { Fees.IsDefaultOrEmpty: false } costs && !legs.IsEmpty
            ? legs.AddRange(costs.Fees.Select(fee => (LegRole.Fee, fee)))
            : legs;
    }

    private static ImmutableArray<(LegRole, Leg)> Pair(Leg principal, Leg counter) =>
        [(LegRole.Principal, principal), (LegRole.Counter, counter)];

    private static ImmutableArray<(LegRole, Leg)> Pair(Leg principal, AccountId other) =>
        Pair(principal, principal with { Account = other });
}
