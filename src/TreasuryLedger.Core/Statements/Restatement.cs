using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>Which of a treasury's journals an entry stands in.</summary>
public enum RestatedJournal
{
    /// <summary>Its own.</summary>
    Treasury,

    /// <summary>Its price book.</summary>
    Prices,
}

/// <summary>An entry that was learned between two known-at instants, and what it changed.</summary>
/// <param name="Journal">Where it stands.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Effect">The figure with it less the figure without it, all that was learned before it included.</param>
public sealed record RestatementLine(RestatedJournal Journal, NarrowEntry Entry, Amount Effect);

/// <summary>
/// Why a figure at one as-of instant differs between two known-at instants: the entries learned in between, whose
/// effects add up exactly to the difference (DESIGN 1).
/// </summary>
public sealed record Restatement
{
    /// <summary>The instant in the world.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The earlier known-at instant (inclusive).</summary>
    public required Instant KnownBefore { get; init; }

    /// <summary>The later known-at instant (inclusive).</summary>
    public required Instant KnownAfter { get; init; }

    /// <summary>The figure as known before.</summary>
    public required Amount Before { get; init; }

    /// <summary>The figure as known after.</summary>
    public required Amount After { get; init; }

    /// <summary>
    /// Entries that changed it, in the order in which they were learned; those without effect are left out.
    /// </summary>
    public required ImmutableArray<RestatementLine> Lines { get; init; }

    /// <summary>After less before: what the lines add up to.</summary>
    public Amount Difference => After - Before;

    /// <summary>The realized gain of a book on all units whose proceeds and cost are known.</summary>
    public static Amount RealizedGainOf(Book book)
    {
        ArgumentNullException.ThrowIfNull(book);
        return book.RealizedGain;
    }

    /// <summary>Explains a figure.</summary>
    /// <param name="treasury">The treasury's journal in recorded order.</param>
    /// <param name="prices">Its price book in recorded order.</param>
    /// <param name="asOf">The instant in the world.</param>
    /// <param name="knownBefore">The earlier known-at instant; the treasury was opened by then.</param>
    /// <param name="knownAfter">The later one, not before the earlier.</param>
    /// <param name="figure">The figure of a book.</param>
    /// <param name="terms">Another policy than the treasury's own.</param>
    public static Restatement Between(
        IReadOnlyCollection<NarrowEntry> treasury,
        IReadOnlyCollection<NarrowEntry> prices,
        Instant asOf,
        Instant knownBefore,
        Instant knownAfter,
        Func<Book, Amount> figure,
        PolicyTerms? terms = null)
    {
        ArgumentNullException.ThrowIfNull(figure);
        var priceHistory = PriceHistory.Of(prices);
        Amount At(Instant treasuryKnown, Instant pricesKnown) => figure(Fold(
            treasury, priceHistory.At(priceHistory.PositionAt(pricesKnown)), asOf, treasuryKnown, terms));
        var lines = ImmutableArray.CreateBuilder<RestatementLine>();
        var before = At(knownBefore, knownBefore);
        var (running, treasuryKnown, pricesKnown) = (before, knownBefore, knownBefore);
        foreach (var (journal, entry) in Learned(treasury, prices, knownBefore, knownAfter))
        {
            (treasuryKnown, pricesKnown) = journal == RestatedJournal.Treasury
                ? (entry.RecordedAt, pricesKnown)
                : (treasuryKnown, entry.RecordedAt);
            if (!CanMatter(journal == RestatedJournal.Treasury ? treasury : prices, entry, asOf))
            {
                continue;
            }

            var now = At(treasuryKnown, pricesKnown);
            if (now != running)
            {
                lines.Add(new RestatementLine(journal, entry, now - running));
                running = now;
            }
        }

        return new Restatement
        {
            AsOf = asOf,
            KnownBefore = knownBefore,
            KnownAfter = knownAfter,
            Before = before,
            After = running,
            Lines = lines.ToImmutable(),
        };
    }

    /// <summary>
    /// What both journals learned in between, in recorded order; at one instant the treasury's entry first.
    /// </summary>
    private static IEnumerable<(RestatedJournal Journal, NarrowEntry Entry)> Learned(
        IEnumerable<NarrowEntry> treasury, IEnumerable<NarrowEntry> prices, Instant after, Instant until) =>
        treasury.Select(entry => (Journal: RestatedJournal.Treasury, Entry: entry))
            .Concat(prices.Select(entry => (Journal: RestatedJournal.Prices, Entry: entry)))
            .Where(learned => learned.Entry.RecordedAt > after && learned.Entry.RecordedAt <= until)
            .OrderBy(learned => learned.Entry.RecordedAt)
            .ThenBy(learned => learned.Journal);

    /// <summary>
    /// Registrations count whatever their instant; others only if they, or what they void, have happened.
    /// </summary>
    private static bool CanMatter(IEnumerable<NarrowEntry> journal, NarrowEntry entry, Instant asOf) =>
        entry.EffectiveAt <= asOf
        || entry.Event is AssetRegistered or AccountRegistered or TreasuryOpened
        || (entry.Voids is { } voided && journal.Any(other => other.Position == voided && CanMatter([], other, asOf)));

    private static Book Fold(
        IEnumerable<NarrowEntry> treasury,
        PriceBookView prices,
        Instant asOf,
        Instant treasuryKnown,
        PolicyTerms? terms)
    {
        var known = VisibleEntries.KnownAt(treasury, treasuryKnown);
        var registers = Registers.Of(known);
        var own = BookPolicy.Of(registers);
        return BookFold.Fold(
            VisibleEntries.AsOf(known, asOf),
            registers,
            terms is null ? own : own with { Terms = terms },
            prices,
            new Viewpoint(asOf, treasuryKnown));
    }
}
