using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

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
        (ChangeProposed a, ChangeProposed b) => a.ProposedBy == b.ProposedBy && Alike(a.Change, b.Change),
        (BreakOpened a, BreakOpened b) =>
            a.Entry == b.Entry && a.ClaimedEffectiveAt == b.ClaimedEffectiveAt && Alike(a.Claim, b.Claim),
        (PositionTouched a, PositionTouched b) => a.Touches.SequenceEqual(b.Touches)
            && a.Changes.Length == b.Changes.Length
            && a.Changes.Zip(b.Changes).All(two => Alike(two.First, two.Second)),
        (EModeConfigured a, EModeConfigured b) => a.Collateral.SequenceEqual(b.Collateral)
            && a.Borrowable.SequenceEqual(b.Borrowable)
            && a.LoanToValueZero.SequenceEqual(b.LoanToValueZero)
            && a with { Collateral = [], Borrowable = [], LoanToValueZero = [] }
                == b with { Collateral = [], Borrowable = [], LoanToValueZero = [] },
        (LotsIdentified a, LotsIdentified b) =>
            a.Lots.SequenceEqual(b.Lots) && a with { Lots = [] } == b with { Lots = [] },
        (BasisAllocated a, BasisAllocated b) => a.Units.SequenceEqual(b.Units)
            && a.Accounts.SequenceEqual(b.Accounts)
            && a with { Units = [], Accounts = [] } == b with { Units = [], Accounts = [] },
        (DecisionProposed a, DecisionProposed b) =>
            a.ProposedBy == b.ProposedBy && Alike(a.Decision, b.Decision),
        (LimitsSet a, LimitsSet b) => a.Limits.IsLike(b.Limits),
        (PlaybookAdopted a, PlaybookAdopted b) => a.Bands.SequenceEqual(b.Bands),
        (BalancesOpened a, BalancesOpened b) => a.Lots.SequenceEqual(b.Lots) && a.Debts.SequenceEqual(b.Debts),
        (UnitsTakenOver a, UnitsTakenOver b) =>
            a.Lots.SequenceEqual(b.Lots) && a with { Lots = [] } == b with { Lots = [] },
        (IHasFees a, IHasFees b) => a.Fees.SequenceEqual(b.Fees) && WithoutFees(left) == WithoutFees(right),
        _ => left == right,
    };

    /// <summary>The accounts and assets that an event names, each once, but for the one it registers.</summary>
    public static (List<AccountId> Accounts, List<AssetId> Assets) Names(LedgerEvent happened)
    {
        (List<AccountId> Accounts, List<AssetId> Assets) names = ([], []);
        Collect(happened, names.Accounts, names.Assets);
        return names;
    }

    /// <summary>Adds the accounts and assets that an event names to those that are there, if they are not.</summary>
    public static void Collect(LedgerEvent happened, List<AccountId> accounts, List<AssetId> assets)
    {
        switch (happened)
        {
            case InstructionGiven given:
                Collect(given.Intended, accounts, assets);
                break;
            case ChangeProposed proposed:
                Collect(proposed.Change, accounts, assets);
                break;
            case BreakOpened opened:
                Collect(opened.Claim, accounts, assets);
                break;
            case DecisionProposed proposed:
                Collect(proposed.Decision, accounts, assets);
                break;
            case TransferDispatched dispatched:
                Put(accounts, dispatched.To);
                break;
            case StandingOrderGiven order:
                Put(accounts, (AccountId?)order.Account);
                break;
            case PositionTouched touched:
                touched.Touches.ToList().ForEach(touch => Put(accounts, (AccountId?)touch.Position));
                touched.Touches.ToList().ForEach(touch => Put(assets, (AssetId?)touch.Asset));
                break;
            case EModeChosen chosen:
                Put(accounts, (AccountId?)chosen.Position);
                break;
            case CollateralSwitched switched:
                Put(accounts, (AccountId?)switched.Position);
                Put(assets, (AssetId?)switched.Asset);
                break;
            case LoanTermsAgreed terms:
                Put(accounts, (AccountId?)terms.Position);
                break;
            case UnitsLocked { Locked: var locked }:
                Put(accounts, (AccountId?)locked.Account);
                Put(assets, (AssetId?)locked.Asset);
                break;
            case BasisAllocated allocated:
                allocated.Units.ToList().ForEach(one => Put(accounts, (AccountId?)one.Account));
                allocated.Accounts.ToList().ForEach(account => Put(accounts, (AccountId?)account));
                break;
            case AssetRegistered asset:
                Put(assets, asset.ParCurrency);
                Put(assets, asset.StandsFor?.Asset);
                break;
            case CapitalContributed contributed:
                Put(assets, CurrencyOf(contributed.Value));
                break;
            case YieldReceived yield:
                Put(assets, CurrencyOf(yield.Value));
                break;
            case BalancesOpened balances:
                balances.Lots.ToList().ForEach(lot => Put(assets, CurrencyOf(lot.Cost)));
                break;
            case UnitsTakenOver taken:
                taken.Lots.ToList().ForEach(lot => Put(assets, CurrencyOf(lot.Cost)));
                break;
        }

        var sink = new NameSink(accounts, assets);
        Movements.Tell(happened, ref sink);
    }

    private static void Put<TId>(List<TId> ids, TId? id)
        where TId : struct
    {
        if (id is { } named && !ids.Contains(named))
        {
            ids.Add(named);
        }
    }

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
        UnitsHandedOver handover => handover with { Fees = [] },
        _ => throw new UnreachableEventException(happened),
    };

    private static AssetId? CurrencyOf(CurrencyAmount? value) =>
        value is null ? null : AssetId.Parse(value.Currency);

    private readonly struct NameSink(List<AccountId> accounts, List<AssetId> assets) : IMovementSink
    {
        public void Held(AccountId account, AssetId asset, Quantity units, bool isOut)
        {
            Put(accounts, (AccountId?)account);
            Put(assets, (AssetId?)asset);
        }

        public void Owed(AccountId position, AssetId asset, Quantity units, bool isOut) =>
            Held(position, asset, units, isOut);
    }
}
