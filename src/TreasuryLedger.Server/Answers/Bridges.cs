using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>An entry that happened in between and changed the figure.</summary>
/// <param name="Position">Its entry in the treasury's journal.</param>
/// <param name="EffectiveAt">When it happened.</param>
/// <param name="RecordedAt">When it was learned.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Type">The stored name of its event.</param>
/// <param name="Effect">What it added to the figure.</param>
public sealed record BridgeRow(
    long Position, Instant EffectiveAt, Instant RecordedAt, FactId Fact, string Type, Amount Effect);

/// <summary>What happened to a figure between two instants in the world, as known at one instant.</summary>
/// <param name="Viewpoint">Where the answer stands; its as-of instant is the later one.</param>
/// <param name="From">The earlier as-of instant (inclusive); absent: before everything.</param>
/// <param name="Before">The figure as of the earlier one.</param>
/// <param name="After">As of the later one.</param>
/// <param name="Difference">After less before: what the entries' effects add up to, exactly.</param>
/// <param name="Entries">In the order in which they happened; those without effect are left out.</param>
/// <param name="Figure">The figure, where it is not the realized gain.</param>
/// <param name="Asset">The asset whose lots count; absent if all.</param>
public sealed record BridgeAnswer(
    Standpoint Viewpoint,
    Instant? From,
    Amount Before,
    Amount After,
    Amount Difference,
    ImmutableArray<BridgeRow> Entries,
    BookFigure? Figure,
    AssetId? Asset)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters, SpanStart.Parameter, AskedFigure.KindParameter, AskedFigure.AssetParameter,
    ];

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, BridgeAnswer> Read(QueryReader query)
    {
        var from = SpanStart.Read(query);
        var figure = AskedFigure.Read(query);
        return figure.IsOfEntries
            ? seen => Of(seen, from(seen), figure)
            : throw ProblemException.Of(
                ErrorRegistry.QueryInvalid,
                "A bridge explains what entries did, to the figure realizedGain or costBasis; "
                + $"{ListRows.Word(figure.Kind)} moves with prices too: ask for its series or its restatement.",
                ("parameter", "figure"));
    }

    private static BridgeAnswer Of(Seen seen, Instant? from, AskedFigure figure)
    {
        figure.Check(seen);
        var bridge = seen.At.BridgeFrom(from, figure.Of);
        return new BridgeAnswer(
            seen.Standpoint, bridge.From, bridge.Before, bridge.After, bridge.Difference,
            [
                .. bridge.Lines.Select(line => new BridgeRow(
                    line.Entry.Position, line.Entry.EffectiveAt, line.Entry.RecordedAt, line.Entry.Fact,
                    EventNames.Of(line.Entry.Event).Name, line.Effect)),
            ],
            figure.Named, figure.Asset);
    }
}
