using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <content>What lots, flows and debts post (SPEC 3 to 5).</content>
public sealed partial class PostingFold
{
    private void Owe(NarrowEntry entry, AccountId position, AssetId asset, Quantity units)
    {
        var isInterest = entry.Event is InterestAccrued;
        var value = _values.Of(asset, units, entry.EffectiveAt).Amount;
        var owed = OwedOf(position, asset);
        (isInterest ? owed.Interest : owed.Borrowed).Add(units, value);
        Add(
            isInterest ? ChartAccount.InterestPayable : ChartAccount.Borrowings, position, asset, -units.Units,
            -Attos(value));
    }

    /// <summary>Interest goes first, then what was borrowed; what is repaid beyond that stands at its value.</summary>
    private void Repay(NarrowEntry entry, AccountId position, AssetId asset, Quantity units)
    {
        var owed = OwedOf(position, asset);
        var interest = owed.Interest.Take(units.Units);
        var borrowed = owed.Borrowed.Take(units.Units - interest.All);
        var beyond = units.Units - interest.All - borrowed.All;
        var known = new Quantity(interest.Units + borrowed.Units);
        var value = _values.Of(asset, units, entry.EffectiveAt).Amount;
        var ofKnown = value is { } all && !units.IsZero ? all.Part(known, units) : (Amount?)null;
        var rest = value - ofKnown;
        var ofBeyond = rest is { } more && units != known ? more.Part(new Quantity(beyond), units - known) : rest;
        Add(ChartAccount.InterestPayable, position, asset, interest.All, interest.Amount);
        Add(ChartAccount.Borrowings, position, asset, borrowed.All + beyond, borrowed.Amount + Attos(ofBeyond));
        if (ofKnown is { } worth)
        {
            var carried = interest.Amount + borrowed.Amount;
            Add(ChartAccount.DebtRevaluation, position, asset, default, worth.Attos - carried);
        }

        if (value is null || !(interest.Unvalued + borrowed.Unvalued).IsZero)
        {
            Add(ChartAccount.UnvaluedSuspense, position, asset, default, Attos(rest - ofBeyond));
        }
    }

    private OwedByPosition OwedOf(AccountId position, AssetId asset) =>
        _owed.TryGetValue((position, asset), out var owed) ? owed : _owed[(position, asset)] = new OwedByPosition();

    private void PostLots(NarrowEntry entry, BookRows rows)
    {
        // What was cash until terms changed is posted where they change.
        foreach (var lot in rows.Acquisitions.Where(lot => lot.Origin != LotOrigin.Cash))
        {
            Cost(PlaceOf(lot), Attos(lot.Cost));
            // The other side of what was opened, put in or earned says itself that a value is missing.
            if (lot.Cost is null
                && (lot.Origin is LotOrigin.Borrowing or LotOrigin.Relocation
                    || entry.Event is AssetAcquired or AssetSold or AssetWrapped))
            {
                Add(ChartAccount.UnvaluedSuspense, lot.Account, lot.Asset, default, default);
            }
        }

        foreach (var moved in rows.Moves)
        {
            Cost(moved.From, -moved.Cost.Attos);
            Cost(moved.To, moved.Cost.Attos);
        }

        foreach (var disposal in rows.Disposals)
        {
            var place = new LotsPlace(disposal.Asset, disposal.Pool, IsPerAccount ? disposal.Account : null, null);
            Cost(place, -disposal.MatchedCost.Attos);
            Gain(disposal, rows);
        }
    }

    /// <summary>Where a lot came; under way it has the name of the transfer.</summary>
    private LotsPlace PlaceOf(Acquisition lot) => lot switch
    {
        _ when !IsPerAccount => new LotsPlace(lot.Asset, lot.Pool, null, null),
        { Account: var account } when account == default => new LotsPlace(lot.Asset, lot.Pool, null, lot.LotId.Fact),
        _ => new LotsPlace(lot.Asset, lot.Pool, lot.Account, null),
    };

    /// <summary>What owners took elsewhere: at what it brought in the books, or as money.</summary>
    private void PostHandover(NarrowEntry entry, Leg sent, BookRows rows)
    {
        var value = _values.Terms(sent.Asset).IsCash
            ? _values.Of(sent, entry.EffectiveAt).Amount
            : rows.Disposals.FirstOrDefault(row => row.Kind == DisposalKind.Handover)?.Proceeds;
        var account = value is null ? ChartAccount.UnvaluedSuspense : ChartAccount.ContributedCapital;
        Add(account, sent.Account, sent.Asset, sent.Quantity.Units, Attos(value));
    }

    /// <summary>Cost of lots at their place; under universal scope they have none.</summary>
    private void Cost(LotsPlace at, BigInteger attos)
    {
        var (account, asset) = at switch
        {
            { Account: null, Transfer: null } => (ChartAccount.DigitalAssetsPooledCost, at.Pool),
            _ => (AccountOf(at.Account ?? default, at.Transfer ?? default, isCash: false), at.Asset),
        };
        _lines.Add(
            new PostingKey(account, at.Account ?? default, at.Transfer ?? default, asset), at.Pool, default, attos);
    }

    /// <summary>What a disposal gained, and what of it nobody knows.</summary>
    private void Gain(Disposal disposal, BookRows rows)
    {
        var (place, asset) = (disposal.Account, disposal.Asset);
        if (disposal.MatchedGain is { } gain)
        {
            var penalty = disposal.Kind == DisposalKind.Liquidation ? PenaltyIn(disposal, rows) : Amount.Zero;
            Add(ChartAccount.RealizedGains, place, asset, default, -(gain + penalty).Attos);
            Add(ChartAccount.LiquidationPenalty, place, asset, default, penalty.Attos);
        }
        else
        {
            Add(ChartAccount.UnvaluedSuspense, place, asset, default, disposal.MatchedCost.Attos);
        }

        if (!disposal.BasisMissing.IsZero)
        {
            var proceeds = disposal.Proceeds - disposal.MatchedProceeds;
            Add(ChartAccount.BasisMissing, place, asset, default, -Attos(proceeds));
        }
    }

    /// <summary>The part of bonus and protocol fee that fell on units whose gain is known.</summary>
    private static Amount PenaltyIn(Disposal disposal, BookRows rows)
    {
        var liquidation = rows.Liquidations.Single(set => set.Entry == disposal.Entry);
        return liquidation.BonusValue + liquidation.ProtocolFeeValue is { } penalty
            ? penalty.Part(disposal.Quantity - disposal.BasisMissing, disposal.Quantity)
            : Amount.Zero;
    }

    private void PostFlows(BookRows rows)
    {
        foreach (var contribution in rows.Contributions)
        {
            var account = contribution.Value is null ? ChartAccount.UnvaluedSuspense : ChartAccount.ContributedCapital;
            Add(
                account, contribution.Account, contribution.Asset, -contribution.Quantity.Units,
                -Attos(contribution.Value));
        }

        foreach (var income in rows.Incomes)
        {
            var account = income switch
            {
                { Value: null } => ChartAccount.UnvaluedSuspense,
                { Kind: IncomeKind.Yield } => ChartAccount.Yield,
                { Kind: IncomeKind.SupplyInterest } => ChartAccount.SupplyInterest,
                { Kind: IncomeKind.DebtForgiven } => ChartAccount.DebtForgiven,
                _ => ChartAccount.CashDifferences,
            };
            var units = income.Kind == IncomeKind.CashDifference ? Quantity.Zero : income.Quantity;
            Add(account, income.Account, income.Asset, -units.Units, -Attos(income.Value));
        }

        foreach (var expense in rows.Expenses)
        {
            var account = expense switch
            {
                { Value: null } => ChartAccount.UnvaluedSuspense,
                { Kind: ExpenseKind.Fee } => ChartAccount.Fees,
                { Kind: ExpenseKind.Interest } => ChartAccount.InterestExpense,
                { Kind: ExpenseKind.LiquidationExcess } => ChartAccount.LiquidationExcess,
                _ => ChartAccount.CashDifferences,
            };
            // A difference is no units: those of both sides stand with the cash.
            var units = expense.Kind is ExpenseKind.Fee or ExpenseKind.Interest ? expense.Quantity : Quantity.Zero;
            Add(account, expense.Account, expense.Asset, units.Units, Attos(expense.Value));
        }
    }

    private void PostOpening(NarrowEntry entry, BalancesOpened opened, BookRows rows)
    {
        foreach (var (held, _, _) in opened.Lots)
        {
            PostCash(entry, held, ChartAccount.OpeningBalances);
        }

        PostOrigin(rows, ChartAccount.OpeningBalances);
        foreach (var debt in opened.Debts)
        {
            var value = _values.Of(debt, entry.EffectiveAt).Amount;
            var account = value is null ? ChartAccount.UnvaluedSuspense : ChartAccount.OpeningBalances;
            Add(account, debt.Account, debt.Asset, debt.Quantity.Units, Attos(value));
        }
    }

    /// <summary>The other side of units that came, if they are cash.</summary>
    private void PostCash(NarrowEntry entry, Leg came, ChartAccount from)
    {
        if (_values.Terms(came.Asset).IsCash)
        {
            var value = _values.Of(came, entry.EffectiveAt).Amount;
            Add(from, came.Account, came.Asset, -came.Quantity.Units, -Attos(value));
        }
    }

    /// <summary>The other side of lots that came with their cost.</summary>
    private void PostOrigin(BookRows rows, ChartAccount from)
    {
        foreach (var lot in rows.Acquisitions)
        {
            var account = lot.Cost is null ? ChartAccount.BasisMissing : from;
            Add(account, lot.Account, lot.Asset, -lot.Quantity.Units, -Attos(lot.Cost));
        }
    }

    private static BigInteger Attos(Amount? amount) => amount?.Attos ?? BigInteger.Zero;
}
