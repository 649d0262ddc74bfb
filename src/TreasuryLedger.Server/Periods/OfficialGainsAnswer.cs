using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Drill;

namespace TreasuryLedger.Server.Periods;

/// <summary>An entry that was learned after what it is about had been closed.</summary>
/// <param name="Journal">Where it stands.</param>
/// <param name="Position">Its position.</param>
/// <param name="Fact">What happened.</param>
/// <param name="EffectiveAt">When it happened in the world.</param>
/// <param name="RecordedAt">When it was learned.</param>
/// <param name="AccountingDate">The day to which it belongs in this book: an open one when it was learned.</param>
/// <param name="Path">Where to read it.</param>
public sealed record LateEntryRow(
    LateJournal Journal,
    long Position,
    FactId Fact,
    Instant EffectiveAt,
    Instant RecordedAt,
    DateOnly AccountingDate,
    string Path)
{
    /// <summary>A late entry as callers see it.</summary>
    internal static LateEntryRow Of(
        Seen seen, ClosedPeriods periods, Links links, LateJournal journal, NarrowEntry late)
    {
        var isOwn = journal == LateJournal.Treasury;
        // A price belongs to the first day that is open when the treasury may know it.
        var position = isOwn ? late.Position : seen.View.Books.Log.PositionAt(late.RecordedAt) + 1;
        return new LateEntryRow(
            journal,
            late.Position,
            late.Fact,
            late.EffectiveAt,
            late.RecordedAt,
            periods.AccountingDate(seen.Choice.Book ?? StarterBooks.Official, position, late.EffectiveAt, seen.Zone),
            isOwn ? links.Entry(late.Position) : links.Price(late.Position));
    }
}

/// <summary>What a late entry changed of one lot that came in, or of one disposal and one lot, exact.</summary>
/// <param name="Late">The late entry.</param>
/// <param name="Kind">What the line is about.</param>
/// <param name="Fact">The fact of the acquisition or disposal.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="At">When it happened.</param>
/// <param name="Asset">Whose lots these are.</param>
/// <param name="Lot">The lot; absent for units without one.</param>
/// <param name="Quantity">Whole tokens that came, or were taken, more.</param>
/// <param name="Proceeds">Known proceeds more; 0 for a lot.</param>
/// <param name="CostBasis">Known cost more.</param>
/// <param name="RealizedGain">Gain more, of units whose cost and proceeds are known; 0 for a lot.</param>
/// <param name="Path">Where it is opened, as this statement knows it; before the late entry, if it is gone.</param>
public sealed record CatchUpRow(
    LateEntryRow Late,
    CatchUpKind Kind,
    FactId Fact,
    int Leg,
    long Entry,
    Instant At,
    AssetId Asset,
    LotId? Lot,
    ExactDecimal Quantity,
    Amount Proceeds,
    Amount CostBasis,
    Amount RealizedGain,
    string Path);

/// <summary>
/// What a disposal of an earlier period took of one lot more, because of what happened in this one, exact.
/// </summary>
/// <param name="Fact">The fact of the disposal.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="At">When it happened.</param>
/// <param name="Asset">Whose lots these are.</param>
/// <param name="Lot">The lot; absent for units without one.</param>
/// <param name="LotEntry">The entry that brought the lot: where more is taken, the one it was matched with.</param>
/// <param name="Quantity">Whole tokens taken more.</param>
/// <param name="Proceeds">Known proceeds more.</param>
/// <param name="CostBasis">Known cost more.</param>
/// <param name="RealizedGain">Gain more, of units whose cost and proceeds are known.</param>
public sealed record RematchedRow(
    FactId Fact,
    int Leg,
    long Entry,
    Instant At,
    AssetId Asset,
    LotId? Lot,
    long? LotEntry,
    ExactDecimal Quantity,
    Amount Proceeds,
    Amount CostBasis,
    Amount RealizedGain);

/// <summary>The official gain of one asset, rounded to the currency's digits.</summary>
/// <param name="Asset">The asset whose lots were disposed of.</param>
/// <param name="Own">What the period's own disposals gained.</param>
/// <param name="CatchUp">What it catches up.</param>
/// <param name="RealizedGain">All together.</param>
/// <param name="Rematched">What disposals of earlier periods gained otherwise; absent if nothing.</param>
public sealed record OfficialGainRow(
    AssetId Asset, GainSums Own, Amount CatchUp, Amount RealizedGain, Amount? Rematched = null);

/// <summary>Official and derived gain from the beginning up to asOf, exact.</summary>
/// <param name="Before">Official gain of all earlier periods.</param>
/// <param name="Own">What the period's own disposals gained.</param>
/// <param name="CatchUp">What the period catches up.</param>
/// <param name="Official">All together.</param>
/// <param name="Derived">The economic gain as known now.</param>
/// <param name="Difference">Official less derived: 0 at every open instant.</param>
/// <param name="Rematched">What disposals of earlier periods gained otherwise; absent if nothing.</param>
public sealed record OfficialTie(
    Amount Before,
    Amount Own,
    Amount CatchUp,
    Amount Official,
    Amount Derived,
    Amount Difference,
    Amount? Rematched = null);

/// <summary>The official statement of realized gains of a period.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Span">The period that holds asOf.</param>
/// <param name="RealizedGain">The sum of the rows.</param>
/// <param name="FromTheBeginning">How it adds up.</param>
/// <param name="Gains">By asset.</param>
/// <param name="CatchUps">By late entry in recorded order, then lots before disposals.</param>
/// <param name="Rematched">Disposals of earlier periods that what happened in this one matched otherwise, as some lot
/// methods do; absent if there is none.</param>
public sealed record OfficialGainsAnswer(
    Standpoint Viewpoint,
    OfficialSpanRow Span,
    Amount RealizedGain,
    OfficialTie FromTheBeginning,
    ImmutableArray<OfficialGainRow> Gains,
    ImmutableArray<CatchUpRow> CatchUps,
    ImmutableArray<RematchedRow>? Rematched = null)
{
    /// <summary>The answer.</summary>
    public static OfficialGainsAnswer Of(Seen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var periods = OfficialBooks.PeriodsOf(seen.View);
        var book = OfficialBooks.Of(seen.View, seen.Choice.Book, periods, seen.Cost);
        var gains = book.GainsAt(seen.Standpoint.AsOf, seen.View.Prices.Entries);
        var rows = Rows(seen, gains);
        var derived = seen.At.State.RealizedGain;
        return new OfficialGainsAnswer(
            seen.Standpoint,
            OfficialSpanRow.Of(gains.Span, book),
            rows.Aggregate(Amount.Zero, (sum, row) => sum + row.RealizedGain),
            new OfficialTie(
                gains.CumulatedBefore, gains.Own, gains.CatchUp, gains.Cumulated, derived, gains.Cumulated - derived,
                gains.Rematched.IsEmpty ? null : gains.RematchedGain),
            rows,
            [.. gains.CatchUps.Select(line => Row(seen, periods, gains, line))],
            gains.Rematched.IsEmpty ? null :
            [
                .. gains.Rematched.Select(line => new RematchedRow(
                    line.Fact, line.Leg, line.Entry, line.At, line.Pool, line.Lot, line.LotEntry,
                    seen.Tokens(line.Pool, line.Quantity), line.Proceeds, line.Cost, line.Gain)),
            ]);
    }

    private static ImmutableArray<OfficialGainRow> Rows(Seen seen, OfficialGains gains)
    {
        var own = RealizedGains.Of(
            gains.State, [new Period("own", gains.Span.From, gains.AsOf.Plus(1))], seen.Digits, seen.Zone);
        var caughtUp = gains.CatchUps.ToLookup(line => line.Pool);
        var rematched = gains.Rematched.ToLookup(line => line.Pool);
        return
        [
            .. own.Rows.Select(row => row.Asset).Concat(caughtUp.Select(lines => lines.Key))
                .Concat(rematched.Select(lines => lines.Key)).Distinct().Order()
                .Select(asset =>
                {
                    var figures = own.Rows.FirstOrDefault(row => row.Asset == asset)?.Figures ?? default;
                    var catchUp = caughtUp[asset].Aggregate(Amount.Zero, (sum, line) => sum + line.Gain)
                        .RoundTo(seen.Digits);
                    Amount? otherwise = !rematched.Contains(asset) ? null : rematched[asset]
                        .Aggregate(Amount.Zero, (sum, line) => sum + line.Gain).RoundTo(seen.Digits);
                    return new OfficialGainRow(
                        asset, GainSums.Of(figures), catchUp, figures.Gain + catchUp + (otherwise ?? Amount.Zero),
                        otherwise);
                }),
        ];
    }

    private static CatchUpRow Row(Seen seen, ClosedPeriods periods, OfficialGains gains, CatchUpLine line)
    {
        var links = new Links(
            seen.Standpoint with { KnownAt = gains.Span.Period?.KnownAt ?? seen.Standpoint.KnownAt },
            seen.Opened,
            seen.Choice.Book is { } book ? $"book={book}" : "");
        return new CatchUpRow(
            LateEntryRow.Of(seen, periods, links, line.Journal, line.Late),
            line.Kind,
            line.Fact,
            line.Leg,
            line.Entry,
            line.At,
            line.Pool,
            line.Lot,
            seen.Tokens(line.Pool, line.Quantity),
            line.Proceeds,
            line.Cost,
            line.Gain,
            line.Kind == CatchUpKind.Lot
                ? links.Lot(new LotId(line.Fact, line.Leg))
                : links.Disposal(line.Fact, line.Leg));
    }
}

/// <summary>The statements of a closed period as a seal freezes them.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Period">The period.</param>
/// <param name="Hash">SHA-256 of the lines, lower-case hex.</param>
/// <param name="Open">What is missing in them; a seal needs that nothing is.</param>
/// <param name="Lines">Every line; fields are divided by tabs.</param>
public sealed record FrozenAnswer(
    Standpoint Viewpoint, PeriodRow Period, string Hash, OpenQuestions Open, ImmutableArray<string> Lines)
{
    /// <summary>The answer.</summary>
    /// <exception cref="Platform.ProblemException">asOf lies in no closed period.</exception>
    public static FrozenAnswer Of(Seen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var periods = OfficialBooks.PeriodsOf(seen.View);
        var name = seen.Choice.Book ?? StarterBooks.Official;
        var asOf = seen.Standpoint.AsOf;
        if (periods.Holding(name, asOf) is not { } period || asOf < period.From)
        {
            throw Platform.ProblemException.Of(
                Platform.ErrorRegistry.FigureUnknown,
                $"{asOf} lies in no closed period of book {name}.",
                ("book", name),
                ("asOf", asOf));
        }

        var book = OfficialBooks.Of(seen.View, seen.Choice.Book, periods, seen.Cost);
        var frozen = FrozenStatement.Of(book, period, seen.View.Prices.Entries, Standpoint.Version);
        return new FrozenAnswer(
            seen.Standpoint,
            PeriodRow.Of(period, book),
            frozen.Hash,
            frozen.Open,
            [.. FrozenStatement.Lines(book, period, seen.View.Prices.Entries, Standpoint.Version)]);
    }
}
