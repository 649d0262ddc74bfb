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
/// effects add up exactly to the difference (SPEC.md 4.1).
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

    /// <summary>The realized gain of a treasury on all units whose proceeds and cost are known.</summary>
    public static Amount RealizedGainOf(TreasuryAt treasury)
    {
        ArgumentNullException.ThrowIfNull(treasury);
        return treasury.State.RealizedGain;
    }

    /// <summary>Explains a figure from journals, without anything that is kept.</summary>
    /// <param name="treasury">The treasury's journal in recorded order.</param>
    /// <param name="prices">Its price book in recorded order.</param>
    /// <param name="asOf">The instant in the world.</param>
    /// <param name="knownBefore">The earlier known-at instant; the treasury was opened by then.</param>
    /// <param name="knownAfter">The later one, not before the earlier.</param>
    /// <param name="figure">The figure of a treasury; its market book is not asked.</param>
    /// <param name="choice">Which book, and what of its terms a what-if changes; absent: the official one.</param>
    public static Restatement Between(
        IReadOnlyCollection<NarrowEntry> treasury,
        IReadOnlyCollection<NarrowEntry> prices,
        Instant asOf,
        Instant knownBefore,
        Instant knownAfter,
        Func<TreasuryAt, Amount> figure,
        BookChoice? choice = null)
    {
        var history = new BookHistory(PriceHistory.Of(prices));
        history.Append(treasury);
        return Between(history, prices, asOf, knownBefore, knownAfter, figure, choice);
    }

    /// <summary>Explains a figure.</summary>
    /// <param name="history">The treasury's books, which know the later instant.</param>
    /// <param name="prices">At least those entries of its price book that were recorded in between, in that
    /// order.</param>
    /// <param name="asOf">The instant in the world.</param>
    /// <param name="knownBefore">The earlier known-at instant; the treasury was opened by then.</param>
    /// <param name="knownAfter">The later one, not before the earlier.</param>
    /// <param name="figure">The figure of a treasury; its market book is not asked.</param>
    /// <param name="choice">Which book, and what of its terms a what-if changes; absent: the official one.</param>
    /// <param name="cost">Counts what it costs, if anybody wants to know.</param>
    public static Restatement Between(
        BookHistory history,
        IEnumerable<NarrowEntry> prices,
        Instant asOf,
        Instant knownBefore,
        Instant knownAfter,
        Func<TreasuryAt, Amount> figure,
        BookChoice? choice = null,
        FoldCost? cost = null)
    {
        ArgumentNullException.ThrowIfNull(figure);
        var lines = ImmutableArray.CreateBuilder<RestatementLine>();
        var (before, running) = (Amount.Zero, Amount.Zero);
        foreach (var step in RestatementStep.Between(history, prices, asOf, knownBefore, knownAfter, choice, cost))
        {
            var now = figure(step.Treasury);
            if (step.Entry is null)
            {
                before = now;
            }
            else if (now != running)
            {
                lines.Add(new RestatementLine(step.Journal, step.Entry, now - running));
            }

            running = now;
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
}
