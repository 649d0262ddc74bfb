using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Markets;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>A treasury as known right after one more entry, on the way from one known-at instant to another.</summary>
/// <param name="Journal">Where the entry stands.</param>
/// <param name="Entry">The entry that was learned; absent at the beginning.</param>
/// <param name="Treasury">The treasury with it; its market book is not known.</param>
public sealed record RestatementStep(RestatedJournal Journal, NarrowEntry? Entry, TreasuryAt Treasury)
{
    /// <summary>
    /// The treasury as known at the earlier instant, and after each entry learned since that may have changed what
    /// counts by the as-of instant, in the order in which they were learned.
    /// </summary>
    /// <inheritdoc cref="Restatement.Between(BookHistory, IEnumerable{NarrowEntry}, Instant, Instant, Instant,
    /// Func{TreasuryAt, Money.Amount}, BookChoice, FoldCost)" path="/param"/>
    public static IEnumerable<RestatementStep> Between(
        BookHistory history,
        IEnumerable<NarrowEntry> prices,
        Instant asOf,
        Instant knownBefore,
        Instant knownAfter,
        BookChoice? choice = null,
        FoldCost? cost = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        var log = history.Log;
        var (treasuryKnown, pricesKnown) = (log.PositionAt(knownBefore), history.Prices.PositionAt(knownBefore));
        TreasuryAt At(Instant knownAt) => new(
            history, MarketBookView.Empty, new Viewpoint(asOf, knownAt),
            new BookQuestion(asOf, treasuryKnown, pricesKnown, choice) { Cost = cost });
        yield return new RestatementStep(RestatedJournal.Treasury, null, At(knownBefore));
        var learned = Learned(log.Recorded(treasuryKnown, log.PositionAt(knownAfter)), prices, knownBefore, knownAfter);
        foreach (var (journal, entry) in learned)
        {
            (treasuryKnown, pricesKnown) = journal == RestatedJournal.Treasury
                ? (entry.Position, pricesKnown)
                : (treasuryKnown, entry.Position);
            if (journal == RestatedJournal.Treasury
                ? log.Touched(entry.Position) is { } touched && touched <= asOf
                : entry.EffectiveAt <= asOf || entry.Voids is not null)
            {
                yield return new RestatementStep(journal, entry, At(entry.RecordedAt));
            }
        }
    }

    /// <summary>
    /// What both journals learned in between, in recorded order; at one instant the treasury's entry first.
    /// </summary>
    private static IEnumerable<(RestatedJournal Journal, NarrowEntry Entry)> Learned(
        IEnumerable<NarrowEntry> treasury, IEnumerable<NarrowEntry> prices, Instant after, Instant until) =>
        treasury.Select(entry => (Journal: RestatedJournal.Treasury, Entry: entry))
            .Concat(prices
                .Where(entry => entry.RecordedAt > after && entry.RecordedAt <= until)
                .Select(entry => (Journal: RestatedJournal.Prices, Entry: entry)))
            .OrderBy(learned => learned.Entry.RecordedAt)
            .ThenBy(learned => learned.Journal);
}
