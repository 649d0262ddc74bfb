using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
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

/// <summary>What happened to the realized gain between two instants in the world, as known at one instant.</summary>
/// <param name="Viewpoint">Where the answer stands; its as-of instant is the later one.</param>
/// <param name="From">The earlier as-of instant (inclusive); absent: before everything.</param>
/// <param name="Before">The realized gain as of the earlier one.</param>
/// <param name="After">As of the later one.</param>
/// <param name="Difference">After less before: what the entries' effects add up to, exactly.</param>
/// <param name="Entries">In the order in which they happened; those without effect are left out.</param>
public sealed record BridgeAnswer(
    Standpoint Viewpoint,
    Instant? From,
    Amount Before,
    Amount After,
    Amount Difference,
    ImmutableArray<BridgeRow> Entries)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters, SpanStart.Parameter,
    ];

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, BridgeAnswer> Read(QueryReader query)
    {
        var from = SpanStart.Read(query);
        return seen => Of(seen, from(seen));
    }

    private static BridgeAnswer Of(Seen seen, Instant? from)
    {
        var before = from is { } start
            ? seen.AsOf(start).State.RealizedGain
            : Amount.Zero;
        var after = seen.At.State.RealizedGain;
        return new BridgeAnswer(
            seen.Standpoint, from, before, after, after - before,
            [
                .. seen.At.HappenedAfter(from)
                    .Select(happened => (happened.Entry, Effect: happened.Rows.Disposals.Aggregate(
                        Amount.Zero, (sum, disposal) => sum + (disposal.MatchedGain ?? Amount.Zero))))
                    .Where(line => !line.Effect.IsZero)
                    .Select(line => new BridgeRow(
                        line.Entry.Position, line.Entry.EffectiveAt, line.Entry.RecordedAt, line.Entry.Fact,
                        EventNames.Of(line.Entry.Event).Name, line.Effect)),
            ]);
    }
}
