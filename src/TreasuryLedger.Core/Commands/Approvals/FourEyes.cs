using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>What waits for a second person (SPEC.md 8).</summary>
internal static class FourEyes
{
    /// <summary>Whether policies are decided by two persons: from the first entry about it on, for good.</summary>
    public static bool AreNeeded(TreasuryState state) => state.Risks.Any(one => one.Event is FourEyesSet);

    /// <summary>Whether an event is a policy. Terms of the official book have a rule of their own.</summary>
    public static bool IsPolicy(LedgerEvent happened) => happened
        is LimitsSet or PlaybookAdopted or FourEyesSet or TermsAdopted { Book: not StarterBooks.Official };

    /// <summary>Whether what a command says is recorded as a proposal.</summary>
    /// <param name="state">The journal before it.</param>
    /// <param name="claim">What it says.</param>
    /// <param name="effectiveAt">From when on.</param>
    /// <param name="context">Prices, and when it would be recorded.</param>
    public static bool Holds(
        TreasuryState state, LedgerEvent claim, Instant effectiveAt, DecisionContext context)
    {
        if (claim is not InstructionGiven given)
        {
            return IsPolicy(claim) && AreNeeded(state);
        }

        // The rule of the day on which it is given, and that of the day on which it is done: nobody chooses between
        // them by naming another day.
        var risks = new RiskBook(state.Risks);
        return new[] { context.RecordedAt, effectiveAt }
            .Select(at => risks.FourEyesAt(at)?.InstructionsAbove)
            .Any(most => most is { } amount && !IsWorthAtMost(state, given.Intended, amount, context));
    }

    /// <summary>Asks what is approved once more, on the journal as it is now.</summary>
    /// <param name="state">The journal without the proposal.</param>
    /// <param name="change">What was proposed.</param>
    /// <param name="effectiveAt">From when on it shall count.</param>
    /// <param name="context">Prices and markets.</param>
    public static Refusal? AskAgain(
        TreasuryState state, LedgerEvent change, Instant effectiveAt, DecisionContext context) => change switch
        {
            InstructionGiven given => InstructionQuestions.Ask(state, given.Intended, effectiveAt, context),
            TermsAdopted adopted => (new AdoptTerms
            {
                EffectiveAt = effectiveAt,
                Book = adopted.Book,
                Terms = adopted.Terms,
            }.Decide(state, context) as Decision.Refused)?.Refusal,
            _ => null, // limits, playbooks and this rule follow on anything
        };

    /// <summary>
    /// What leaves accounts and what will be owed, at the prices of the instant at which it is recorded. What has no
    /// valid price is not known to be little.
    /// </summary>
    private static bool IsWorthAtMost(
        TreasuryState state, LedgerEvent intended, ExactDecimal most, DecisionContext context)
    {
        var at = context.RecordedAt;
        var valuer = new Valuer(
            state.Registers, LotTerms.Of(state, StarterBooks.Official, at),
            state.Registers.Treasury!.ReportingCurrency, context.Prices);
        var sum = Amount.Zero;
        foreach (var (asset, units) in InstructionQuestions.Leaving(intended)
            .Select(one => (one.Asset, one.Units))
            .Concat(Movements.Owed(intended).Where(one => one.Change.Sign > 0).Select(one => (one.Asset, one.Change))))
        {
            if (valuer.Value(asset, units, at).Value is not { } value)
            {
                return false;
            }

            sum += value;
        }

        return sum.ToExact() <= most;
    }
}
