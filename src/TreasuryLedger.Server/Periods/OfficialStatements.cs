using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Postings;

namespace TreasuryLedger.Server.Periods;

/// <summary>The period that holds an instant, and what official figures of it know.</summary>
/// <param name="From">Its first instant (inclusive); 1970 if nothing before it is closed.</param>
/// <param name="Period">The closed period; absent if this is open, or lies before the first one.</param>
/// <param name="KnownPosition">The treasury's position that official figures know.</param>
/// <param name="KnownPricePosition">The price book's position that they know.</param>
public sealed record OfficialSpanRow(Instant From, PeriodRow? Period, long KnownPosition, long KnownPricePosition)
{
    /// <summary>A span as callers see it.</summary>
    public static OfficialSpanRow Of(OfficialSpan span, OfficialBook book)
    {
        ArgumentNullException.ThrowIfNull(span);
        return new OfficialSpanRow(
            span.From,
            span.Period is { } period ? PeriodRow.Of(period, book) : null,
            span.Cut.Position,
            span.Cut.PricePosition);
    }
}

/// <summary>One chart account and asset by accounting date, beside the economic balance.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Heading">Under which it stands.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Quantity">Whole tokens, debits less credits, official.</param>
/// <param name="Official">Debits less credits, rounded, official.</param>
/// <param name="Economic">The same as known now.</param>
/// <param name="Difference">Economic less official: what later periods catch up; 0 where asOf is open.</param>
public sealed record OfficialTrialRow(
    ChartAccount Account,
    ChartHeading Heading,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount Official,
    Amount Economic,
    Amount Difference);

/// <summary>Every chart account by accounting date.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Span">The period that holds asOf.</param>
/// <param name="Debit">The sum of all official debits.</param>
/// <param name="Credit">The sum of all official credits.</param>
/// <param name="Rounding">Credits less debits: what rounding of rows left.</param>
/// <param name="Rows">By chart account and asset.</param>
public sealed record OfficialTrialBalanceAnswer(
    Standpoint Viewpoint,
    OfficialSpanRow Span,
    Amount Debit,
    Amount Credit,
    Amount Rounding,
    ImmutableArray<OfficialTrialRow> Rows)
{
    /// <summary>The answer.</summary>
    public static OfficialTrialBalanceAnswer Of(Seen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var book = OfficialBooks.Of(
            seen.View, seen.Choice.Book, OfficialBooks.PeriodsOf(seen.View), seen.Cost);
        var official = Balance(book, book.QuestionAt(seen.Standpoint.AsOf), seen.Digits);
        var economic = TrialBalance.Of(
            TrialBalanceAnswer.RemeasurementOf(seen).Totals(seen.At.Happened, seen.At.Viewpoint.AsOf), seen.Digits);
        var now = economic.Rows.ToDictionary(row => (row.Account, row.Asset));
        var then = official.Rows.ToDictionary(row => (row.Account, row.Asset));
        return new OfficialTrialBalanceAnswer(
            seen.Standpoint,
            OfficialSpanRow.Of(book.SpanOf(seen.Standpoint.AsOf), book),
            official.Debit,
            official.Credit,
            official.Rounding,
            [
                .. then.Keys.Concat(now.Keys).Distinct().OrderBy(key => key.Account).ThenBy(key => key.Asset)
                    .Select(key => (Key: key, Then: then.GetValueOrDefault(key), Now: now.GetValueOrDefault(key)))
                    .Select(row => new OfficialTrialRow(
                        row.Key.Account,
                        ChartOfAccounts.Of(row.Key.Account).Heading,
                        row.Key.Asset,
                        seen.Tokens(row.Key.Asset, row.Then?.Quantity ?? default),
                        row.Then?.Balance ?? default,
                        row.Now?.Balance ?? default,
                        (row.Now?.Balance ?? default) - (row.Then?.Balance ?? default))),
            ]);
    }

    private static TrialBalance Balance(OfficialBook book, BookQuestion question, int digits) => TrialBalance.Of(
        new Remeasurement(book.At(question)).Totals(book.Between(null, question), question.AsOf), digits);
}

/// <summary>One asset over an official period, amounts rounded to the currency's digits.</summary>
/// <param name="Asset">Whose lots these are.</param>
/// <param name="OpeningQuantity">Whole tokens as the period before was closed.</param>
/// <param name="OpeningCost">The known cost of its open lots, likewise.</param>
/// <param name="CatchUpQuantity">Whole tokens that were learned since to have been there.</param>
/// <param name="CatchUpCost">Cost, likewise.</param>
/// <param name="Moved">From there to the end, with what was learned counted at the beginning.</param>
public sealed record OfficialRollForwardLine(
    AssetId Asset,
    ExactDecimal OpeningQuantity,
    Amount OpeningCost,
    ExactDecimal CatchUpQuantity,
    Amount CatchUpCost,
    RollForwardLine Moved);

/// <summary>How units and cost of every digital asset went over an official period.</summary>
/// <param name="Viewpoint">Where the answer stands: up to asOf.</param>
/// <param name="Span">The period that holds asOf.</param>
/// <param name="Assets">Each asset once.</param>
public sealed record OfficialRollForwardAnswer(
    Standpoint Viewpoint, OfficialSpanRow Span, ImmutableArray<OfficialRollForwardLine> Assets)
{
    /// <summary>The answer.</summary>
    public static OfficialRollForwardAnswer Of(Seen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var book = OfficialBooks.Of(
            seen.View, seen.Choice.Book, OfficialBooks.PeriodsOf(seen.View), seen.Cost);
        var roll = book.RollForwardAt(seen.Standpoint.AsOf);
        var opening = roll.Opening?.RoundTo(seen.Digits).Rows.ToDictionary(row => row.Asset) ?? [];
        var moved = roll.Moved.RoundTo(seen.Digits).Rows.ToDictionary(row => row.Asset);
        return new OfficialRollForwardAnswer(
            seen.Standpoint,
            OfficialSpanRow.Of(roll.Span, book),
            [
                .. opening.Keys.Concat(moved.Keys).Distinct().Order().Select(asset => Line(
                    seen, asset, opening.GetValueOrDefault(asset), moved.GetValueOrDefault(asset) ?? Nothing(asset))),
            ]);
    }

    private static OfficialRollForwardLine Line(
        Seen seen, AssetId asset, RollForwardRow? opening, RollForwardRow moved) => new(
        asset,
        seen.Tokens(asset, opening?.OpeningQuantity ?? default),
        opening?.OpeningCost ?? default,
        seen.Tokens(asset, moved.OpeningQuantity - (opening?.OpeningQuantity ?? default)),
        moved.OpeningCost - (opening?.OpeningCost ?? default),
        RollForwardAnswer.LineOf(seen, moved));

    /// <summary>What was there officially and, as was learned since, never was.</summary>
    private static RollForwardRow Nothing(AssetId asset) => new(
        asset, default, default, [], default, default, default, default, default, default, default, 0, 0);
}
