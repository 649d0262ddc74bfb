using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>Says what the treasury held and owed when its journal begins, with the original lots.</summary>
public sealed record OpenBalances : Command
{
    /// <summary>Units held, at any account: at a lending position they are collateral.</summary>
    public ImmutableArray<OpeningLotTerms> Lots { get; init; } = [];

    /// <summary>Units owed, at lending positions only. Lots and debts may not both be empty.</summary>
    public ImmutableArray<OpeningDebtTerms> Debts { get; init; } = [];

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(!Lots.IsDefaultOrEmpty || !Debts.IsDefaultOrEmpty, "lots", "and debts are both empty");
        var opened = new BalancesOpened(
            check.Each("lots", Lots, lot => Lot(check, lot)),
            check.Each("debts", Debts, debt => check.Leg(debt.Account, Place.Lending, debt.Asset, debt.Quantity)));
        foreach (var position in check.First is null ? PositionUse.PositionsOf(opened, state.Registers) : [])
        {
            Touching.Kind(check, state, position, hasIndex: false, Mode);
        }

        return check.Accept(opened);
    }

    private OpeningLot Lot(Checks check, OpeningLotTerms lot)
    {
        var held = check.Leg(lot.Account, Place.Any, lot.Asset, lot.Quantity);
        check.Term(
            lot.AcquiredAt <= EffectiveAt,
            "acquiredAt",
            $"is {lot.AcquiredAt}, after the opening balance at {EffectiveAt}; it must not be later");
        check.Value(lot.Cost);
        return new OpeningLot(held, lot.AcquiredAt, lot.Cost);
    }
}
