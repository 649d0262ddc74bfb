using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Periods;

namespace TreasuryLedger.Core.Commands;

/// <summary>Asks to reopen the last sealed period of a book; a second person does it, or nobody.</summary>
public sealed record RequestReopening : PeriodCommand
{
    private protected override Decision Decide(
        TreasuryState state, DecisionContext context, Checks check, ClosedPeriods periods)
    {
        CheckReason(check);
        var period = Closed(check, periods);
        ReopenPeriod.CheckLast(check, periods, period);
        check.That(check.First is not null || period!.Seal is not null, () => Refusal.Of(
            RefusalCode.PeriodNotSealed,
            $"This period of book {Book} is closed and not sealed: it can be reopened without a request.",
            ("book", Book),
            ("until", Until)));
        return check.First is null
            ? check.Accept(new ReopeningRequested(
                Book, period!.From, period.Until, period.Seal!.Entry, context.Actor))
            : check.Accept(new EntryVoided());
    }
}
