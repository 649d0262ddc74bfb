using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>An entry that was learned in between and changed the figure.</summary>
/// <param name="Journal">Where it stands: the treasury's journal or its price book.</param>
/// <param name="Position">Its entry.</param>
/// <param name="RecordedAt">When it was learned.</param>
/// <param name="EffectiveAt">When it happened.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Type">The stored name of its event.</param>
/// <param name="Voids">The entry that it voids, if it corrects one.</param>
/// <param name="Effect">The figure with it less the figure without it.</param>
public sealed record RestatementRow(
    RestatedJournal Journal,
    long Position,
    Instant RecordedAt,
    Instant EffectiveAt,
    FactId Fact,
    string Type,
    long? Voids,
    Amount Effect)
{
    /// <summary>An entry as callers see it.</summary>
    public static RestatementRow Of(RestatedJournal journal, NarrowEntry entry, Amount effect) => new(
        journal, entry.Position, entry.RecordedAt, entry.EffectiveAt, entry.Fact, EventNames.Of(entry.Event).Name,
        entry.Voids, effect);
}

/// <summary>Why a figure as of one instant differs between two known-at instants.</summary>
/// <param name="Viewpoint">Where the answer stands; its known-at instant is the later one.</param>
/// <param name="KnownAt1">The earlier known-at instant.</param>
/// <param name="KnownAt2">The later one.</param>
/// <param name="Before">The figure as known at the earlier one.</param>
/// <param name="After">As known at the later one.</param>
/// <param name="Difference">After less before: what the entries' effects add up to, exactly.</param>
/// <param name="IsComplete">
/// Whether nothing lacked what these figures need: every disposal proceeds and basis, every open lot a basis and, for
/// its value, a price. What lacks one is in none of them.
/// </param>
/// <param name="Entries">In the order in which they were learned; those without effect are left out.</param>
/// <param name="Figure">The figure, where it is not the realized gain.</param>
/// <param name="Asset">The asset whose lots count; absent if all.</param>
/// <param name="Report">The report that is explained too, if one was asked for.</param>
/// <param name="Cells">Each number of it that an entry changed; absent without a report.</param>
public sealed record RestatementAnswer(
    Standpoint Viewpoint,
    Instant KnownAt1,
    Instant KnownAt2,
    Amount Before,
    Amount After,
    Amount Difference,
    bool IsComplete,
    ImmutableArray<RestatementRow> Entries,
    BookFigure? Figure,
    AssetId? Asset,
    RestatedReport? Report = null,
    ImmutableArray<RestatedNumber>? Cells = null)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters.Where(parameter => parameter.Name != "knownAt"),
        new("knownAt1", "query", typeof(Instant), "The earlier known-at instant (inclusive).",
            "2026-02-06T23:59:59Z", Required: true),
        new("knownAt2", "query", typeof(Instant),
            "The later known-at instant (inclusive), not before the earlier. Without it: the newest settled one.",
            "2026-02-20T00:00:00Z"),
        AskedFigure.KindParameter,
        AskedFigure.AssetParameter,
        .. AskedReport.Parameters,
    ];

    /// <summary>Reads the question and finds where its answer stands.</summary>
    public static async Task<PendingAnswer> AskAsync(Asking asking, CancellationToken cancellation)
    {
        var (lookout, treasury, query) = (asking.Desk.Lookout, asking.Treasury, asking.Query);
        var knownAt1 = query.Value<Instant>("knownAt1") ?? throw ProblemException.Of(
            ErrorRegistry.QueryInvalid, "The parameter 'knownAt1' is missing.", ("parameter", "knownAt1"));
        var question = Question.Read(query) with { KnownAt = query.Value<Instant>("knownAt2") };
        if (query.Text("knownAt") is not null)
        {
            throw ProblemException.Of(
                ErrorRegistry.QueryInvalid, "A restatement takes knownAt1 and knownAt2, not knownAt.",
                ("parameter", "knownAt"));
        }

        var (figure, report) = (AskedFigure.Read(query), AskedReport.Read(query));
        query.End();
        var seen = await lookout.SeeAsync(treasury, question, cancellation);
        if (knownAt1 > seen.Standpoint.KnownAt)
        {
            throw ProblemException.Of(
                ErrorRegistry.QueryInvalid,
                $"knownAt1 must not be after knownAt2, which is {seen.Standpoint.KnownAt}.",
                ("knownAt1", knownAt1),
                ("knownAt2", seen.Standpoint.KnownAt));
        }

        // The earlier viewpoint must be settled too, and the treasury must have been there.
        var earlier = await lookout.ReadAsync(treasury, knownAt1, minPosition: 0, cancellation);
        if ((!figure.IsOfEntries || report is not null) && !seen.KnowsCurrency(earlier.At(seen.Standpoint.AsOf)))
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(Core.Commands.RefusalCode.AssetUnknown).Code,
                $"The reporting currency {seen.Opened.ReportingCurrency} was not registered by knownAt1, so nothing "
                + "had a value.",
                ("asset", seen.Opened.ReportingCurrency));
        }

        return PendingAnswer.Of(seen, _ => Of(seen, knownAt1, figure, report));
    }

    private static RestatementAnswer Of(Seen seen, Instant knownAt1, AskedFigure figure, AskedReport? report)
    {
        figure.Check(seen);
        var isComplete = true;
        var restatement = Restatement.Between(
            seen.View.Books,
            seen.View.Prices.Entries.Skip(seen.View.Prices.Log.CountAt(knownAt1)),
            seen.Standpoint.AsOf,
            knownAt1,
            seen.Standpoint.KnownAt,
            treasury =>
            {
                isComplete &= figure.IsComplete(treasury);
                return figure.Of(treasury).Value;
            },
            seen.Choice,
            seen.Cost);
        return new RestatementAnswer(
            seen.Standpoint,
            knownAt1,
            seen.Standpoint.KnownAt,
            restatement.Before,
            restatement.After,
            restatement.Difference,
            isComplete,
            [
                .. restatement.Lines.Select(line => RestatementRow.Of(line.Journal, line.Entry, line.Effect)),
            ],
            figure.Named,
            figure.Asset,
            report?.Kind,
            report?.Between(seen, knownAt1));
    }
}
