using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>An index from which on more, or fewer, standing touches book interest of a side.</summary>
/// <param name="Index">The index.</param>
/// <param name="Change">How many more; less than zero for fewer; never 0.</param>
public readonly record struct IndexStep(ExactDecimal Index, int Change);

/// <summary>
/// From which index to which interest of one side is booked by standing touches. Touches that follow each other leave
/// one step at each end, so this stays small however many there are.
/// </summary>
/// <param name="Steps">By index.</param>
public sealed record BookedIndices(ImmutableArray<IndexStep> Steps)
{
    /// <summary>Nothing is booked.</summary>
    public static BookedIndices None { get; } = new([]);

    /// <summary>With a touch more, or one less (sign -1). Where nothing was before, no interest is booked.</summary>
    internal BookedIndices With(IndexTouch touch, int sign) => touch.ScaledBefore.IsZero
        ? this
        : With(touch.IndexBefore, sign).With(touch.Index, -sign);

    /// <summary>The first part of a span that is booked; absent if none is. Spans that meet share nothing.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    internal (ExactDecimal From, ExactDecimal To)? Within(ExactDecimal from, ExactDecimal to)
    {
        var booked = 0;
        foreach (var (i, step) in Steps.Index())
        {
            booked += step.Change;
            var begin = step.Index > from ? step.Index : from;
            var end = i + 1 < Steps.Length && Steps[i + 1].Index < to ? Steps[i + 1].Index : to;
            if (booked > 0 && begin < end)
            {
                return (begin, end);
            }
        }

        return null;
    }

    private BookedIndices With(ExactDecimal index, int change)
    {
        var at = 0;
        while (at < Steps.Length && Steps[at].Index < index)
        {
            at++;
        }

        var isThere = at < Steps.Length && Steps[at].Index == index;
        return new BookedIndices(
            !isThere ? Steps.Insert(at, new IndexStep(index, change))
            : Steps[at].Change == -change ? Steps.RemoveAt(at)
            : Steps.SetItem(at, new IndexStep(index, Steps[at].Change + change)));
    }
}
