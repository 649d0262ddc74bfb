using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What an instruction asks before it is accepted: units, then limits (SPEC.md 5).</summary>
internal static class InstructionQuestions
{
    /// <summary>The first refusal, or <c>null</c>.</summary>
    /// <param name="state">The state before the instruction.</param>
    /// <param name="intended">What shall happen.</param>
    /// <param name="effectiveAt">When.</param>
    /// <param name="context">Prices and markets.</param>
    public static Refusal? Ask(
        TreasuryState state, LedgerEvent intended, Instant effectiveAt, DecisionContext context) =>
        AskForUnits(state, intended, effectiveAt) ?? PlaceQuestions.Ask(state, intended, effectiveAt, context)
        ?? intended switch
        {
            CollateralWithdrawn back => PositionQuestions.Ask(
                state, intended, back.Withdrawn.Account, effectiveAt, context),
            DebtBorrowed borrowed => PositionQuestions.Ask(
                state, intended, borrowed.Owed.Account, effectiveAt, context),
            _ => null,
        };

    /// <summary>
    /// The units that the event as a whole takes from each account. What the same event brings counts: a fee in the
    /// proceeds' asset needs no units beforehand.
    /// </summary>
    public static IEnumerable<(AccountId Account, AssetId Asset, Quantity Units)> Leaving(LedgerEvent intended) =>
        from movement in Movements.Held(intended)
        group movement.Change by (movement.Account, movement.Asset) into changes
        orderby changes.Key.Account, changes.Key.Asset
        let needed = changes.Aggregate(Quantity.Zero, (sum, change) => sum - change)
        where needed.Sign > 0
        select (changes.Key.Account, changes.Key.Asset, needed);

    private static Refusal? AskForUnits(TreasuryState state, LedgerEvent intended, Instant effectiveAt)
    {
        foreach (var (account, asset, needed) in Leaving(intended))
        {
            var timeline = state.Free.GetValueOrDefault(account)?.GetValueOrDefault(asset);
            if (Timeline.FirstBelow(timeline, effectiveAt, needed) is { } broken)
            {
                return UnitsMissing(
                    account, asset, broken, needed, Timeline.LowestFrom(timeline, effectiveAt),
                    state.Registers.DecimalsOf(asset));
            }
        }

        return null;
    }

    private static Refusal UnitsMissing(
        AccountId account, AssetId asset, Instant broken, Quantity needed, Quantity available, int decimals)
    {
        var shortfall = (needed - available).ToTokens(decimals);
        return Refusal.Of(
            RefusalCode.UnitsMissing,
            $"Account {account} needs {needed.ToTokens(decimals)} {asset} and has {available.ToTokens(decimals)} free "
                + $"at every instant from then on: {shortfall} are missing, first at {broken}.",
            ("account", account),
            ("asset", asset),
            ("brokenAt", broken),
            ("needed", needed.ToTokens(decimals)),
            ("available", available.ToTokens(decimals)),
            ("shortfall", shortfall));
    }
}
