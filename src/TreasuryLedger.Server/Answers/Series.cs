using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>Which of the two times a series runs over; the other one stays.</summary>
public enum SeriesAxis
{
    /// <summary>The instant in the world: how the figure went, as known at one instant.</summary>
    AsOf,

    /// <summary>The instant in the ledger: how the knowledge of one instant grew.</summary>
    KnownAt,
}

/// <summary>The spans between two points of a series, in the treasury's time zone.</summary>
public enum SeriesStep
{
    /// <summary>Ends of days.</summary>
    Day,

    /// <summary>Ends of calendar months.</summary>
    Month,

    /// <summary>Ends of calendar years.</summary>
    Year,

    /// <summary>Over knownAt only: each entry that changed the figure.</summary>
    Entry,
}

/// <summary>A figure at one point.</summary>
/// <param name="AsOf">The instant in the world (inclusive).</param>
/// <param name="KnownAt">The instant in the ledger (inclusive).</param>
/// <param name="Positions">The positions of that instant.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unvalued">Assets with open lots that have no valid price; they are not in the figure.</param>
/// <param name="Entry">The entry that made it so, in a series by entry; absent in others, and at its beginning.</param>
public sealed record SeriesPoint(
    Instant AsOf,
    Instant KnownAt,
    PositionVector Positions,
    Amount Value,
    int Unvalued,
    RestatementRow? Entry = null);

/// <summary>A figure at many instants of one of the two times.</summary>
/// <param name="Viewpoint">Where the answer stands: its last point.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Over">The time that it runs over.</param>
/// <param name="Asset">The asset whose lots count; absent if all.</param>
/// <param name="Points">
/// In order; points before the opening, or for values the reporting currency, was known are left out.
/// </param>
public sealed record SeriesAnswer(
    Standpoint Viewpoint, BookFigure Figure, SeriesAxis Over, AssetId? Asset, ImmutableArray<SeriesPoint> Points)
{
    /// <summary>Most points of a series (inclusive).</summary>
    public const int PointsMax = 1_000;

    private const int PointsUnasked = 31;

    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters,
        AskedFigure.KindParameter,
        new("over", "query", typeof(SeriesAxis),
            "Which time it runs over, up to that of the question; without it asOf.", "asOf"),
        AskedFigure.AssetParameter,
        new("from", "query", typeof(AsOf),
            $"The first instant (inclusive); without it {PointsUnasked} points are given.", "2026-01-01"),
        new("step", "query", typeof(SeriesStep),
            "Between two points; without it a day. With over=knownAt also entry: a point for each entry that changed "
            + "the figure, from the opening on if no first instant is named.", "day"),
    ];

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, SeriesAnswer> Read(QueryReader query)
    {
        var figure = AskedFigure.Read(query);
        var over = query.Word<SeriesAxis>("over") ?? SeriesAxis.AsOf;
        var from = query.Value<AsOf>("from");
        var step = query.Word<SeriesStep>("step") ?? SeriesStep.Day;
        return seen => Of(seen, figure, over, from, step);
    }

    private static SeriesAnswer Of(Seen seen, AskedFigure figure, SeriesAxis over, AsOf? from, SeriesStep step)
    {
        figure.Check(seen);
        if (step == SeriesStep.Entry && over == SeriesAxis.KnownAt)
        {
            return new SeriesAnswer(
                seen.Standpoint, figure.Kind, over, figure.Asset, [.. ByEntry(seen, figure, from?.In(seen.Zone))]);
        }

        var until = over == SeriesAxis.AsOf ? seen.Standpoint.AsOf : seen.Standpoint.KnownAt;
        return new SeriesAnswer(
            seen.Standpoint, figure.Kind, over, figure.Asset,
            [
                .. Ends(seen.Zone, from?.In(seen.Zone), until, step)
                    .Select(at => over == SeriesAxis.AsOf
                        ? seen.AsOf(at)
                        : seen.KnownAt(at))
                    .OfType<TreasuryAt>()
                    .Where(at => figure.IsOfEntries || seen.KnowsCurrency(at))
                    .Select(at => Point(at, figure)),
            ]);
    }

    /// <summary>How knowledge grew: the figure at the beginning, and after each entry that changed it.</summary>
    private static IEnumerable<SeriesPoint> ByEntry(Seen seen, AskedFigure figure, Instant? from)
    {
        var opened = seen.View.Treasury.Entries[0].RecordedAt;
        var first = from > seen.Standpoint.KnownAt ? seen.Standpoint.KnownAt : Instant.Latest(from ?? opened, opened);
        var (given, value) = (0, Amount.Zero);
        foreach (var step in RestatementStep.Between(
            seen.View.Books, seen.View.Prices.Entries.Skip(seen.View.Prices.Log.CountAt(first)),
            seen.Standpoint.AsOf, first, seen.Standpoint.KnownAt, seen.Choice, seen.Cost))
        {
            if (!figure.IsOfEntries && !seen.KnowsCurrency(step.Treasury))
            {
                continue;
            }

            var point = Point(step.Treasury, figure);
            if (given == 0 || point.Value != value)
            {
                if (++given > PointsMax)
                {
                    throw TooMany();
                }

                yield return point with
                {
                    Positions = point.Positions with { MarketBook = MarketsAt(seen, point.KnownAt) },
                    Entry = step.Entry is { } entry && given > 1
                        ? RestatementRow.Of(step.Journal, entry, point.Value - value)
                        : null,
                };
            }

            value = point.Value;
        }
    }

    /// <summary>How much was known of the market book; the figure does not depend on it.</summary>
    private static long MarketsAt(Seen seen, Instant knownAt) =>
        Math.Min(seen.View.Markets.Log.CountAt(knownAt), seen.View.Markets.Head.Position);

    private static ProblemException TooMany() => ProblemException.Of(
        ErrorRegistry.QueryInvalid, $"A series has at most {PointsMax} points.", ("parameter", "from"));

    /// <summary>Ends of local days, months or years, the last instant among them whatever it is.</summary>
    internal static Stack<Instant> Ends(TimeZoneInfo zone, Instant? from, Instant until, SeriesStep step)
    {
        if (step == SeriesStep.Entry)
        {
            throw ProblemException.Of(
                ErrorRegistry.QueryInvalid, "By entry runs only a series over knownAt.", ("parameter", "step"));
        }

        var ends = new Stack<Instant>([until]);
        var day = LocalDay.Of(until, zone);
        while (true)
        {
            day = step switch
            {
                SeriesStep.Day => day,
                SeriesStep.Month => new DateOnly(day.Year, day.Month, 1),
                SeriesStep.Year => new DateOnly(day.Year, 1, 1),
                _ => throw new ArgumentOutOfRangeException(nameof(step), step, "No such step."),
            };
            if (day <= new DateOnly(1970, 1, 2))
            {
                return ends;
            }

            var end = LocalDay.StartOf(day, zone).Plus(-1);
            day = day.AddDays(-1);
            if (from is null ? ends.Count == PointsUnasked : end < from)
            {
                return ends;
            }

            ends.Push(end);
            if (ends.Count > PointsMax)
            {
                throw TooMany();
            }
        }
    }

    private static SeriesPoint Point(TreasuryAt at, AskedFigure figure)
    {
        var (value, unvalued) = figure.Of(at);
        return new SeriesPoint(
            at.Viewpoint.AsOf, at.Viewpoint.KnownAt,
            new PositionVector(at.Question.Position, at.Question.PricePosition, at.Markets.Known), value,
            unvalued);
    }
}
