using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>An entry that happened in a span, and what it changed.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Effect">The figure right after it less the figure right before it.</param>
public sealed record BridgeLine(NarrowEntry Entry, Amount Effect);

/// <summary>
/// Why a figure at one instant in the world differs from that at another, at one knowledge: the entries that happened
/// in between, whose effects add up exactly to the difference (SPEC 5).
/// </summary>
public sealed record Bridge
{
    /// <summary>
    /// The earlier instant in the world; what happened at it is in <see cref="Before"/>. Absent: before everything.
    /// </summary>
    public required Instant? From { get; init; }

    /// <summary>The later instant in the world (inclusive).</summary>
    public required Instant Through { get; init; }

    /// <summary>The figure at the earlier instant.</summary>
    public required Amount Before { get; init; }

    /// <summary>The figure at the later instant.</summary>
    public required Amount After { get; init; }

    /// <summary>Entries that changed it, in the order of the fold; those without effect are left out.</summary>
    public required ImmutableArray<BridgeLine> Lines { get; init; }

    /// <summary>After less before: what the lines add up to.</summary>
    public Amount Difference => After - Before;

    /// <summary>Explains a figure.</summary>
    /// <param name="history">The treasury's books.</param>
    /// <param name="from">The earlier instant in the world; absent: before everything.</param>
    /// <param name="through">The later instant in the world and what is known.</param>
    /// <param name="figure">The figure of a book; one that changes only with entries.</param>
    /// <exception cref="InvalidOperationException">The treasury was not opened by then.</exception>
    public static Bridge Between(
        BookHistory history, Instant? from, BookQuestion through, Func<BookState, Amount> figure)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(through);
        ArgumentNullException.ThrowIfNull(figure);
        var before = from is { } start ? figure(history.At(through with { AsOf = start }).State) : Amount.Zero;
        var running = before;
        var lines = ImmutableArray.CreateBuilder<BridgeLine>();
        foreach (var happened in history.Between(from, through))
        {
            var now = figure(happened.State());
            if (now != running)
            {
                lines.Add(new BridgeLine(happened.Entry, now - running));
                running = now;
            }
        }

        return new Bridge
        {
            From = from,
            Through = through.AsOf,
            Before = before,
            After = running,
            Lines = lines.ToImmutable(),
        };
    }
}
