using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Postings;

/// <summary>What one kind of movement brought or took.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Quantity">Whole tokens; more than zero for what came, less for what left.</param>
/// <param name="Cost">Their known cost, likewise.</param>
public sealed record RollForwardMove(RollForwardKind Kind, ExactDecimal Quantity, Amount Cost);

/// <summary>One asset from the beginning to the end of a span, amounts rounded to the currency's digits.</summary>
/// <param name="Asset">Whose lots these are; stand-ins count here.</param>
/// <param name="OpeningQuantity">Whole tokens held and in transit at the beginning.</param>
/// <param name="OpeningCost">The known cost of its open lots then.</param>
/// <param name="Movements">By kind; only those that happened.</param>
/// <param name="Transferred">Whole tokens that went from place to place; they change nothing.</param>
/// <param name="CostRounding">What rounding left: closing cost less opening cost and movements.</param>
/// <param name="ClosingQuantity">Whole tokens held and in transit at the end.</param>
/// <param name="ClosingCost">The known cost of its open lots then.</param>
/// <param name="Proceeds">Proceeds of disposed units whose cost is known.</param>
/// <param name="CostBasis">The cost of disposed units whose proceeds are known.</param>
/// <param name="Gains">What disposals gained that gained anything.</param>
/// <param name="Losses">What disposals lost that lost anything; not more than zero.</param>
/// <param name="GainRounding">What rounding left: the realized gain less gains and losses.</param>
/// <param name="RealizedGain">Proceeds less cost basis.</param>
/// <param name="Incomplete">How many disposals lack proceeds or basis.</param>
/// <param name="CostMissing">How many lots came in without a cost.</param>
public sealed record RollForwardLine(
    AssetId Asset,
    ExactDecimal OpeningQuantity,
    Amount OpeningCost,
    ImmutableArray<RollForwardMove> Movements,
    ExactDecimal Transferred,
    Amount CostRounding,
    ExactDecimal ClosingQuantity,
    Amount ClosingCost,
    Amount Proceeds,
    Amount CostBasis,
    Amount Gains,
    Amount Losses,
    Amount GainRounding,
    Amount RealizedGain,
    int Incomplete,
    int CostMissing);

/// <summary>The rows of a roll-forward, added up.</summary>
/// <param name="OpeningCost">At the beginning.</param>
/// <param name="Added">The cost that came.</param>
/// <param name="Removed">The cost that left; not more than zero.</param>
/// <param name="CostRounding">What rounding of rows left.</param>
/// <param name="ClosingCost">At the end.</param>
/// <param name="Gains">What disposals gained.</param>
/// <param name="Losses">What they lost; not more than zero.</param>
/// <param name="GainRounding">What rounding of rows left.</param>
/// <param name="RealizedGain">What both come to.</param>
public sealed record RollForwardSums(
    Amount OpeningCost,
    Amount Added,
    Amount Removed,
    Amount CostRounding,
    Amount ClosingCost,
    Amount Gains,
    Amount Losses,
    Amount GainRounding,
    Amount RealizedGain);

/// <summary>How units and cost of every digital asset went from opening to closing.</summary>
/// <param name="Viewpoint">Where the answer stands: the end of the span.</param>
/// <param name="From">Its beginning (exclusive); absent: the journal's.</param>
/// <param name="Total">The sum of the rows.</param>
/// <param name="Assets">Each asset once.</param>
public sealed record RollForwardAnswer(
    Standpoint Viewpoint, Instant? From, RollForwardSums Total, ImmutableArray<RollForwardLine> Assets)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters => [.. Question.Parameters, SpanStart.Parameter];

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, RollForwardAnswer> Read(QueryReader query)
    {
        var from = SpanStart.Read(query);
        return seen => Of(seen, from(seen));
    }

    private static RollForwardAnswer Of(Seen seen, Instant? from)
    {
        var before = from is { } start ? seen.AsOf(start).State : null;
        var roll = RollForward.Of(before, seen.At.HappenedAfter(from), seen.At.State).RoundTo(seen.Digits);
        return new RollForwardAnswer(
            seen.Standpoint,
            from,
            new RollForwardSums(
                roll.Sum(row => row.OpeningCost), roll.Sum(row => row.Added), roll.Sum(row => row.Removed),
                roll.Sum(row => row.CostRounding), roll.Sum(row => row.ClosingCost), roll.Sum(row => row.Gains),
                roll.Sum(row => row.Losses), roll.Sum(row => row.GainRounding), roll.Sum(row => row.RealizedGain)),
            [.. roll.Rows.Select(row => LineOf(seen, row))]);
    }

    /// <summary>A rounded row as callers see it.</summary>
    internal static RollForwardLine LineOf(Seen seen, RollForwardRow row) => new(
        row.Asset,
        seen.Tokens(row.Asset, row.OpeningQuantity),
        row.OpeningCost,
        [
            .. row.Movements.Select(movement => new RollForwardMove(
                movement.Kind, seen.Tokens(row.Asset, movement.Quantity), movement.Cost)),
        ],
        seen.Tokens(row.Asset, row.Transferred),
        row.CostRounding,
        seen.Tokens(row.Asset, row.ClosingQuantity),
        row.ClosingCost,
        row.Proceeds,
        row.CostBasis,
        row.Gains,
        row.Losses,
        row.GainRounding,
        row.RealizedGain,
        row.Incomplete,
        row.CostMissing);
}
