using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Periods;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Reopens the last closed period of a book, so that it is closed, and its statements are issued, once more. A sealed
/// one needs a request, and a person who neither sealed it nor asked for it.
/// </summary>
public sealed record ReopenPeriod : PeriodCommand
{
    /// <summary>Of a sealed period: the position of the entry that asks for it.</summary>
    public long? Request { get; init; }

    private protected override Decision Decide(
        TreasuryState state, DecisionContext context, Checks check, ClosedPeriods periods)
    {
        CheckReason(check);
        var period = Closed(check, periods);
        CheckLast(check, periods, period);
        if (period?.Seal is { } seal)
        {
            check.That(period.Request is { } asked && asked.Entry == Request, () => Refusal.Of(
                RefusalCode.ReopeningNotRequested,
                $"Entry {seal.Entry} seals this period. Reopening needs a request, named by its entry: "
                + (period.Request is { } standing ? $"that is {standing.Entry}." : "there is none yet."),
                ("seal", seal.Entry)));
            CheckSecond(check, seal.Sealed.SealedBy, seal.Entry, context.Actor, "sealed");
            CheckSecond(check, period.Request?.RequestedBy, Request ?? 0, context.Actor, "asked to reopen");
        }
        else
        {
            check.Term(Request is null, "request", "is for sealed periods");
        }

        return check.First is null
            ? check.Accept(new PeriodReopened(Book, period!.From, period.Until, period.Closing, Request))
            : check.Accept(new EntryVoided());
    }

    /// <summary>Refuses a period after which others are closed.</summary>
    internal static void CheckLast(Checks check, ClosedPeriods periods, ClosedPeriod? period)
    {
        var last = period is null ? null : periods.Of(period.Book)[^1];
        check.That(last == period, () => Refusal.Of(
            RefusalCode.PeriodOutOfOrder,
            $"The period of book {last!.Book} until {last.Until} is closed too; reopen that one first.",
            ("book", last.Book),
            ("until", last.Until)));
    }

    private static void CheckSecond(Checks check, string? first, long entry, string actor, string did) =>
        check.That(first != actor, () => Refusal.Of(
            RefusalCode.SecondPersonNeeded,
            $"{actor} {did} this period (entry {entry}); somebody else has to reopen it.",
            ("actor", actor),
            ("entry", entry)));
}
