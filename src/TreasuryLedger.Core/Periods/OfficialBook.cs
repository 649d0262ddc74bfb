using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
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

    /// <summary>The official realized gains of the period that holds an instant, up to it.</summary>
    /// <param name="asOf">Inclusive.</param>
    /// <param name="prices">The price book in recorded order, from position 1 on.</param>
    public OfficialGains GainsAt(Instant asOf, IReadOnlyList<NarrowEntry> prices)
    {
        var holding = periods.Holding(_book, asOf);
        var index = holding is null ? Closed.Length : Closed.IndexOf(holding);
        var isBeforeAll = index == 0 && (holding is null || asOf < holding.From);
        var from = isBeforeAll || Closed.IsEmpty ? default : index == 0 ? Closed[0].From : Closed[index - 1].Until;
        var cut = CutOf(holding);
        var before = from == default ? (Instant?)null : from.Plus(-1);
        return new OfficialGains
        {
            From = from,
            AsOf = asOf,
            Period = isBeforeAll ? null : holding,
            Cut = cut,
            State = history.At(Ask(asOf, cut)).State,
            CumulatedBefore = before is { } end
                ? history.At(Ask(end, index == 0 ? cut : CutOf(Closed[index - 1]))).State.RealizedGain
                : Amount.Zero,
            CatchUps = index == 0 ? [] : new CatchUps(history, known).Between(
                CutOf(Closed[index - 1]), cut, from, prices),
        };
    }

    private BookQuestion Ask(Instant asOf, Cut cut) =>
        known with { AsOf = asOf, Position = cut.Position, PricePosition = cut.PricePosition };
}

/// <summary>Official realized gains of one period, or of the open one up to an instant (SPEC 4).</summary>
public sealed record OfficialGains
{
    /// <summary>The first instant (inclusive); 1970 if nothing before it is closed.</summary>
    public required Instant From { get; init; }

    /// <summary>The last instant (inclusive).</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The closed period; absent if this is open, or lies before the first one.</summary>
    public required ClosedPeriod? Period { get; init; }

    /// <summary>What the figures know.</summary>
    public required Cut Cut { get; init; }

    /// <summary>The book at the last instant; disposals from the first one on are the period's own.</summary>
    public required BookState State { get; init; }

    /// <summary>The official gain up to the first instant (exclusive), exact.</summary>
    public required Amount CumulatedBefore { get; init; }

    /// <summary>What was learned of earlier periods after they were closed, by entry, disposal and lot.</summary>
    public required ImmutableArray<CatchUpLine> CatchUps { get; init; }

    /// <summary>What the catch-up adds up to, exact.</summary>
    public Amount CatchUp => CatchUps.Aggregate(Amount.Zero, (sum, line) => sum + line.Gain);

    /// <summary>The official gain up to the last instant, exact.</summary>
    public Amount Cumulated => State.RealizedGain;

    /// <summary>The gain of the disposals that happened in the period itself, exact.</summary>
    public Amount Own => Cumulated - CumulatedBefore - CatchUp;
}
