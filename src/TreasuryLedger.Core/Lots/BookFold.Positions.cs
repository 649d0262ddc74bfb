using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <content>What happens at indexed positions (SPEC 8.6).</content>
public sealed partial class BookFold
{
    /// <summary>
    /// Books the interest of the touched sides, then what moved, then what rounding took. Interest is leg 1, of further
    /// sides the legs after the fees; so it never meets a leg of what moved.
    /// </summary>
    private void Touch(NarrowEntry entry, PositionTouched touched)
    {
        var leg = 1;
        foreach (var part in touched.Parts())
        {
            switch (part)
            {
                case InterestAccrued { Side: InterestSide.Supply } earned:
                    Earn(entry, earned.Interest, null, IncomeKind.SupplyInterest, leg);
                    leg = NextLeg(touched, leg);
                    break;
                case InterestAccrued owed:
                    Add(
                        entry, leg, owed.Interest, ExpenseKind.Interest,
                        _values.Of(owed.Interest, entry.EffectiveAt));
                    leg = NextLeg(touched, leg);
                    break;
                case FeePaid lost:
                    Expend(entry, [lost.Paid], leg);
                    leg = NextLeg(touched, leg);
                    break;
                default:
                    Happen(entry with { Event = part });
                    break;
            }
        }
    }

    private static int NextLeg(PositionTouched touched, int leg) =>
        leg > 1 ? leg + 1 : FirstFeeLeg + touched.Changes.OfType<IHasFees>().Sum(costs => costs.Fees.Length);

    private void HappenAtPosition(NarrowEntry entry)
    {
        switch (entry.Event)
        {
            case PositionTouched touched:
                Touch(entry, touched);
                _facts = _facts.After(entry);
                break;
            case DebtForgiven forgiven:
                Forgive(entry, forgiven);
                break;
            case LoanTermsAgreed { Position: var position }:
                _facts = _facts.After(entry).Begin(entry.EffectiveAt, position, _owed.Of(position));
                break;
            case EModeChosen or CollateralSwitched or UnitsLocked:
                _facts = _facts.After(entry);
                break;
            default:
                StopUnlessWithoutUnits(entry.Event);
                break;
        }
    }

    /// <summary>Debt that is gone for nothing is income; no units come.</summary>
    private void Forgive(NarrowEntry entry, DebtForgiven forgiven) => Add(
        entry, forgiven.Forgiven, IncomeKind.DebtForgiven, Value(forgiven.Forgiven, entry));

    /// <summary>Entries that books are not made from are no harm; what no rule knows stops the fold.</summary>
    private static void StopUnlessWithoutUnits(LedgerEvent happened)
    {
        if (happened is not (TreasuryOpened or BookOpened or AccountRegistered or AssetRegistered or PriceRecorded
            or MarketStateRecorded or MarketVersionSet or ReserveUpdated or ReserveConfigured or ReserveUseRecorded
            or EModeConfigured
            or EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened or InstructionGiven
            or InstructionCancelled or PeriodClosed or PeriodSealed or ReopeningRequested or PeriodReopened
            or TermsProposed or DecisionProposed or IOfRisk))
        {
            throw new UnreachableEventException(happened);
        }
    }
}
