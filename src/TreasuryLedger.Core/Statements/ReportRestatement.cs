using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Statements;

/// <summary>A place of a report.</summary>
/// <param name="Row">Names the row.</param>
/// <param name="Column">Names the column.</param>
public readonly record struct ReportCell(string Row, string Column);

/// <summary>What one entry did to one place of a report.</summary>
/// <param name="Journal">Where it stands.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Effect">The number with it less the number without it, all learned before it included.</param>
public sealed record CellEffect(RestatedJournal Journal, NarrowEntry Entry, ExactDecimal Effect);

/// <summary>A place of a report that changed between two known-at instants.</summary>
/// <param name="Cell">The place.</param>
/// <param name="Before">The number as known at the earlier one; zero where there was no such row.</param>
/// <param name="After">As known at the later one.</param>
/// <param name="Effects">What entries did to it, in the order in which they were learned: adds up exactly.</param>
public sealed record RestatedCell(
    ReportCell Cell, ExactDecimal Before, ExactDecimal After, ImmutableArray<CellEffect> Effects)
{
    /// <summary>After less before: what the effects add up to.</summary>
    public ExactDecimal Difference => ReportRestatement.Less(After, Before);
}

/// <summary>
/// Why a whole report differs between two known-at instants: each place that changed or was changed to and fro, and by
/// which entries (SPEC.md 4.1).
/// </summary>
public static class ReportRestatement
{
    /// <summary>Explains a report.</summary>
    /// <param name="steps">As <see cref="RestatementStep.Between"/> gives them.</param>
    /// <param name="report">The numbers of a treasury's report, as printed; what is zero may be left out.</param>
    /// <returns>By row and column.</returns>
    public static ImmutableArray<RestatedCell> Of(
        IEnumerable<RestatementStep> steps, Func<TreasuryAt, IReadOnlyDictionary<ReportCell, ExactDecimal>> report)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(report);
        IReadOnlyDictionary<ReportCell, ExactDecimal>? first = null, running = null;
        var effects = new Dictionary<ReportCell, ImmutableArray<CellEffect>.Builder>();
        foreach (var step in steps)
        {
            var now = report(step.Treasury);
            first ??= now;
            if (step.Entry is { } entry && running is not null)
            {
                foreach (var cell in running.Keys.Union(now.Keys))
                {
                    var effect = Less(now.GetValueOrDefault(cell), running.GetValueOrDefault(cell));
                    if (effect != ExactDecimal.Zero)
                    {
                        if (!effects.TryGetValue(cell, out var of))
                        {
                            effects.Add(cell, of = ImmutableArray.CreateBuilder<CellEffect>());
                        }

                        of.Add(new CellEffect(step.Journal, entry, effect));
                    }
                }
            }

            running = now;
        }

        return
        [
            .. effects
                .OrderBy(one => one.Key.Row, StringComparer.Ordinal)
                .ThenBy(one => one.Key.Column, StringComparer.Ordinal)
                .Select(one => new RestatedCell(
                    one.Key,
                    first!.GetValueOrDefault(one.Key),
                    running!.GetValueOrDefault(one.Key),
                    one.Value.ToImmutable())),
        ];
    }

    /// <summary>The difference, exactly.</summary>
    internal static ExactDecimal Less(ExactDecimal left, ExactDecimal right)
    {
        var scale = Math.Max(left.Scale, right.Scale);
        left.TryMantissaAt(scale, out var minuend);
        right.TryMantissaAt(scale, out var subtrahend);
        return new ExactDecimal(minuend - subtrahend, scale);
    }
}
