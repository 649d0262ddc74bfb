using System.Collections.Immutable;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>A figure at one of several instants.</summary>
/// <param name="At">The instant, in the world or in the ledger as was asked.</param>
/// <param name="Figure">The figure.</param>
public readonly record struct TimePoint(Instant At, Amount Figure);

/// <summary>A figure along one of the two axes while the other stands still.</summary>
public static class TimeSeries
{
    /// <summary>How a figure moved in the world, at one knowledge.</summary>
    /// <param name="history">The treasury's books.</param>
    /// <param name="known">What is known; its as-of instant does not matter.</param>
    /// <param name="instants">As-of instants, best in order: each question goes on from the one before.</param>
    /// <param name="figure">The figure of a book.</param>
    public static ImmutableArray<TimePoint> OverWorld(
        BookHistory history, BookQuestion known, IEnumerable<Instant> instants, Func<BookState, Amount> figure)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(instants);
        return
        [
            .. instants.Select(asOf => new TimePoint(asOf, figure(history.At(known with { AsOf = asOf }).State))),
        ];
    }

    /// <summary>How a figure at one instant in the world moved as more became known.</summary>
    /// <param name="history">The treasury's books.</param>
    /// <param name="asOf">The instant in the world; positions do not matter.</param>
    /// <param name="instants">Known-at instants, at each of which the treasury was opened.</param>
    /// <param name="figure">The figure of a book.</param>
    public static ImmutableArray<TimePoint> OverKnowledge(
        BookHistory history, BookQuestion asOf, IEnumerable<Instant> instants, Func<BookState, Amount> figure)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(instants);
        var (log, prices) = (history.Log, history.Prices);
        return
        [
            .. instants.Select(knownAt => new TimePoint(knownAt, figure(history.At(asOf with
            {
                Position = log.PositionAt(knownAt),
                PricePosition = prices.PositionAt(knownAt),
            }).State))),
        ];
    }
}
