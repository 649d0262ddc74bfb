using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Periods;

/// <summary>What official figures know.</summary>
/// <param name="Position">The treasury's entries up to this position (inclusive).</param>
/// <param name="PricePosition">The price book's entries up to this position (inclusive).</param>
public readonly record struct Cut(long Position, long PricePosition);

/// <summary>
/// A book by accounting date, for one knowledge: an official figure at an instant of a closed period is the figure as
/// known when that period was closed, and the figure as known now at every other (SPEC 3).
/// </summary>
/// <param name="history">The treasury's books.</param>
/// <param name="known">The book, without a what-if, and what is known; its as-of instant is ignored.</param>
/// <param name="periods">The closed periods, as known.</param>
public sealed class OfficialBook(BookHistory history, BookQuestion known, ClosedPeriods periods)
{
    private readonly string _book = known.Choice?.Book ?? StarterBooks.Official;

    /// <summary>Its closed periods, in order.</summary>
    public ImmutableArray<ClosedPeriod> Closed => periods.Of(_book);

    /// <summary>The book at a question.</summary>
    public BookAnswer At(BookQuestion question) => history.At(question);

    /// <summary>What happened up to a question, entry by entry.</summary>
    /// <inheritdoc cref="BookHistory.Between(Instant?, BookQuestion)"/>
    public IEnumerable<EntryRows> Between(Instant? after, BookQuestion through) => history.Between(after, through);

    /// <summary>What official figures at an instant know.</summary>
    public Cut CutAt(Instant asOf) => CutOf(periods.Holding(_book, asOf));

    /// <summary>What official figures of a closed period know; of what is open, if there is none.</summary>
    public Cut CutOf(ClosedPeriod? period) => period is null
        ? new Cut(known.Position, known.PricePosition)
        : new Cut(period.Closing, period.Seal?.Sealed.PricePosition ?? history.Prices.PositionAt(period.KnownAt));

    /// <summary>The question whose answer is the official book at an instant.</summary>
    public BookQuestion QuestionAt(Instant asOf) => Ask(asOf, CutAt(asOf));

    /// <summary>The official gain from the beginning up to an instant, exact.</summary>
    public Amount CumulatedGain(Instant asOf) => history.At(QuestionAt(asOf)).State.RealizedGain;

    /// <summary>The period that holds an instant, with what official figures of it and of earlier ones know.</summary>
    public OfficialSpan SpanOf(Instant asOf)
    {
        var (closed, holding) = (Closed, periods.Holding(_book, asOf));
        var index = holding is null ? closed.Length : closed.IndexOf(holding);
        var isFirst = index == 0;
        // What lies before the first period is closed with it, and no part of it.
        var isBeforeAll = isFirst && (holding is null || asOf < holding.From);
        return new OfficialSpan(
            isBeforeAll ? default : isFirst ? holding!.From : closed[index - 1].Until,
            isBeforeAll ? null : holding,
            CutOf(isFirst ? holding : closed[index - 1]),
            CutOf(holding));
    }

    /// <summary>The periods of a span, one after the other; the last is open, unless another one holds the end.
    /// </summary>
    /// <param name="from">The first instant (inclusive).</param>
    /// <param name="through">The last one (inclusive).</param>
    public IEnumerable<OfficialSpan> SpansBetween(Instant from, Instant through)
    {
        for (var at = (Instant?)from; at <= through;)
        {
            var span = SpanOf(at.Value);
            yield return span;
            at = EndOf(span);
        }
    }

    /// <summary>The first instant after a period; absent if it is open.</summary>
    public Instant? EndOf(OfficialSpan span)
    {
        ArgumentNullException.ThrowIfNull(span);
        return span.Period?.Until ?? (Closed is [var first, ..] && span.From < first.From ? first.From : null);
    }

    /// <summary>The postings of every entry up to an instant (inclusive), for a knowledge.</summary>
    public IEnumerable<EntryPostings> PostingsAt(Instant asOf, Cut cut) =>
        PostingsFrom(default, null, asOf, cut);

    /// <summary>
    /// The postings of every entry up to an instant (inclusive), for a knowledge, and what the book is remeasured by
    /// once they were read.
    /// </summary>
    internal (IEnumerable<EntryPostings> Entries, Remeasurement Measured) MeasuredAt(Instant asOf, Cut cut)
    {
        var question = Ask(asOf, cut);
        var answer = history.At(question);
        var measured = new Remeasurement(answer);
        return (PostingFold.Of(answer, measured.Follow(Between(null, question))), measured);
    }

    /// <summary>Late entries, and what they changed.</summary>
    internal LateEntries Late { get; } = new(history, known);

    /// <summary>What postings of later entries rest on, right before an instant; absent if that is nothing.</summary>
    internal PostingFold? FoldAt(Instant from, Cut cut)
    {
        if (from == default)
        {
            return null;
        }

        var question = Ask(from.Plus(-1), cut);
        var (answer, fold) = (history.At(question), (PostingFold?)null);
        foreach (var rows in Between(null, question))
        {
            fold ??= new PostingFold(answer.Registers, rows.State().Policy, answer.Prices);
            fold.Apply(rows);
        }

        return fold;
    }

    /// <summary>The postings of entries from an instant on (inclusive), for a knowledge.</summary>
    /// <param name="from">The instant.</param>
    /// <param name="before">What they rest on.</param>
    /// <param name="asOf">The last instant (inclusive).</param>
    /// <param name="cut">What is known.</param>
    internal IEnumerable<EntryPostings> PostingsFrom(Instant from, PostingFold? before, Instant asOf, Cut cut)
    {
        var question = Ask(asOf, cut);
        var answer = history.At(question);
        var happened = Between(from == default ? null : from.Plus(-1), question);
        return before is null
            ? PostingFold.Of(answer, happened)
            : happened.Select(new PostingFold(before, answer.Registers, answer.Prices).Apply);
    }

    /// <summary>The book at an instant, for a knowledge.</summary>
    public BookState StateAt(Instant asOf, Cut cut) => history.At(Ask(asOf, cut)).State;

    /// <summary>The official realized gains of the period that holds an instant, up to it.</summary>
    /// <param name="asOf">Inclusive.</param>
    /// <param name="prices">The price book in recorded order, from position 1 on.</param>
    public OfficialGains GainsAt(Instant asOf, IReadOnlyList<NarrowEntry> prices)
    {
        var span = SpanOf(asOf);
        return new OfficialGains
        {
            Span = span,
            AsOf = asOf,
            State = StateAt(asOf, span.Cut),
            CumulatedBefore = span.Before is { } end ? StateAt(end, span.EarlierCut).RealizedGain : Amount.Zero,
            CatchUps = span.EarlierCut == span.Cut
                ? []
                : new CatchUps(Late, history, known).Between(span.EarlierCut, span.Cut, span.From, prices),
            Rematched = new CatchUps(Late, history, known).Rematched(span.Cut, span.From, asOf),
        };
    }

    /// <summary>
    /// Units and cost of every asset over the period that holds an instant: the opening as it stood officially, what
    /// was learned of it since, and what happened up to the instant.
    /// </summary>
    /// <param name="asOf">Inclusive.</param>
    public OfficialRollForward RollForwardAt(Instant asOf)
    {
        var span = SpanOf(asOf);
        var official = span.Before is { } end ? StateAt(end, span.EarlierCut) : null;
        var opening = span.Before is { } then ? StateAt(then, span.Cut) : null;
        return new OfficialRollForward(
            span,
            official is null ? null : RollForward.Of(official, [], official),
            RollForward.Of(opening, Between(span.Before, Ask(asOf, span.Cut)), StateAt(asOf, span.Cut)));
    }

    private BookQuestion Ask(Instant asOf, Cut cut) =>
        known with { AsOf = asOf, Position = cut.Position, PricePosition = cut.PricePosition };
}

/// <summary>Official realized gains of one period, or of the open one up to an instant (SPEC 4).</summary>
public sealed record OfficialGains
{
    /// <summary>The period, and what the figures know.</summary>
    public required OfficialSpan Span { get; init; }

    /// <summary>The last instant (inclusive).</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The book at the last instant; disposals from the first one on are the period's own.</summary>
    public required BookState State { get; init; }

    /// <summary>The official gain up to the first instant (exclusive), exact.</summary>
    public required Amount CumulatedBefore { get; init; }

    /// <summary>What was learned of earlier periods after they were closed, by entry, disposal and lot.</summary>
    public required ImmutableArray<CatchUpLine> CatchUps { get; init; }

    /// <summary>What disposals of earlier periods took otherwise, because of what happened in this one.</summary>
    public required ImmutableArray<RematchedLine> Rematched { get; init; }

    /// <summary>What that adds up to, exact.</summary>
    public Amount RematchedGain => Rematched.Aggregate(Amount.Zero, (sum, line) => sum + line.Gain);

    /// <summary>What the catch-up adds up to, exact.</summary>
    public Amount CatchUp => CatchUps.Aggregate(Amount.Zero, (sum, line) => sum + line.Gain);

    /// <summary>The official gain up to the last instant, exact.</summary>
    public Amount Cumulated => State.RealizedGain;

    /// <summary>The gain of the disposals that happened in the period itself, exact.</summary>
    public Amount Own => Cumulated - CumulatedBefore - CatchUp - RematchedGain;
}

/// <summary>The period that holds an instant.</summary>
/// <param name="From">Its first instant (inclusive); 1970 if nothing before it is closed.</param>
/// <param name="Period">The closed period; absent if this is open, or lies before the first one.</param>
/// <param name="EarlierCut">What official figures up to the first instant (exclusive) know.</param>
/// <param name="Cut">What official figures from the first instant on know.</param>
public sealed record OfficialSpan(Instant From, ClosedPeriod? Period, Cut EarlierCut, Cut Cut)
{
    /// <summary>The last instant before it; absent if it begins with everything.</summary>
    public Instant? Before => From == default ? null : From.Plus(-1);
}

/// <summary>Units and cost of every asset over an official period.</summary>
/// <param name="Span">The period.</param>
/// <param name="Opening">Units and cost as the period before was closed; absent if none was.</param>
/// <param name="Moved">From the opening as it is known in this period to its end.</param>
public sealed record OfficialRollForward(OfficialSpan Span, RollForward? Opening, RollForward Moved);
