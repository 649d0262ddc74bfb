using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Closes the next period of a book. What is recorded afterwards is still true at its own effective instant, and has
/// its accounting date in the first open period.
/// </summary>
public sealed record ClosePeriod : PeriodCommand
{
    /// <summary>
    /// The first instant of the period (inclusive), the first of a local day: where the last closed period ends. The
    /// first period of a book may begin anywhere; all before it is closed with it.
    /// </summary>
    public required Instant From { get; init; }

    private protected override Decision Decide(
        TreasuryState state, DecisionContext context, Checks check, ClosedPeriods periods)
    {
        CheckDay(check, state, "from", From);
        CheckDay(check, state, "until", Until);
        check.Term(From < Until, "until", $"is {Until}; it must be later than from, {From}");
        check.Term(
            EffectiveAt >= Until, "effectiveAt", $"is {EffectiveAt}; a period is closed when it is over, at {Until}");
        var next = check.First is null ? periods.OpenFrom(Book) : null;
        check.That(next is null || next == From, () => Refusal.Of(
            RefusalCode.PeriodOutOfOrder,
            $"The next period of book {Book} begins at {next}, not at {From}: periods follow each other without gaps.",
            ("book", Book),
            ("from", From),
            ("next", next!.Value)));
        return check.Accept(new PeriodClosed(Book, From, Until));
    }
}
