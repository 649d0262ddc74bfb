using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>What events say: whether two say the same, and what they name.</summary>
internal static class EventContent
{
    /// <summary>
    /// Whether two events say the same. Records compare arrays by reference, so fees and lots are compared one by one
    /// and the rest without them; the order of fees counts, as the source gave it.
    /// </summary>
    public static bool Alike(LedgerEvent left, LedgerEvent right) => (left, right) switch
    {
        (InstructionGiven a, InstructionGiven b) =>
            a.Reserves == b.Reserves && a.ExpiresAt == b.ExpiresAt && Alike(a.Intended, b.Intended),
        (BreakOpened a, BreakOpened b) =>
            a.Entry == b.Entry && a.ClaimedEffectiveAt == b.ClaimedEffectiveAt && Alike(a.Claim, b.Claim),
        (BalancesOpened a, BalancesOpened b) => a.Lots.SequenceEqual(b.Lots) && a.Debts.SequenceEqual(b.Debts),
        (IHasFees a, IHasFees b) => a.Fees.SequenceEqual(b.Fees) && WithoutFees(left) == WithoutFees(right),
        _ => left == right,
    };

    /// <summary>The accounts that an event names, but for the one it registers.</summary>
    public static IEnumerable<AccountId> Accounts(LedgerEvent happened) => happened switch
    {
        InstructionGiven given => Accounts(given.Intended),
        BreakOpened opened => Accounts(opened.Claim),
        TransferDispatched dispatched => Moved(dispatched).Select(movement => movement.Account).Append(dispatched.To),
        _ => Moved(happened).Select(movement => movement.Account),
    };

    /// <summary>The assets that an event names, but for the one it registers.</summary>
    public static IEnumerable<AssetId> Assets(LedgerEvent happened) => happened switch
    {
        InstructionGiven given => Assets(given.Intended),
        BreakOpened opened => Assets(opened.Claim),
        AssetRegistered asset => Present(asset.ParCurrency, asset.StandsFor?.Asset),
        CapitalContributed contributed => [contributed.Received.Asset, .. Currency(contributed.Value)],
        YieldReceived yield => [yield.Received.Asset, .. Currency(yield.Value)],
        BalancesOpened opened =>
        [
            .. Moved(opened).Select(movement => movement.Asset),
            .. opened.Lots.SelectMany(lot => Currency(lot.Cost)),
        ],
        _ => Moved(happened).Select(movement => movement.Asset),
    };

    private static LedgerEvent WithoutFees(LedgerEvent happened) => happened switch
    {
        AssetAcquired acquired => acquired with { Fees = [] },
        AssetSold sold => sold with { Fees = [] },
        AssetTransferred transfer => transfer with { Fees = [] },
        TransferDispatched dispatched => dispatched with { Fees = [] },
        CollateralDeposited deposit => deposit with { Fees = [] },
        CollateralWithdrawn back => back with { Fees = [] },
        DebtBorrowed borrowed => borrowed with { Fees = [] },
        DebtRepaid repaid => repaid with { Fees = [] },
        _ => throw new UnreachableEventException(happened),
    };

    private static IEnumerable<Movement> Moved(LedgerEvent happened) =>
        Movements.Held(happened).Concat(Movements.Owed(happened));

    private static IEnumerable<AssetId> Currency(Money.CurrencyAmount? value) =>
        value is null ? [] : [AssetId.Parse(value.Currency)];

    private static IEnumerable<AssetId> Present(params AssetId?[] assets) =>
        assets.Where(asset => asset is not null).Select(asset => asset!.Value);
}
