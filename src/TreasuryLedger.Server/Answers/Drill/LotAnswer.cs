using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>What a disposal took from the lot that is looked at.</summary>
/// <param name="Disposal">The disposal: fact and leg.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="At">When.</param>
/// <param name="Kind">For what.</param>
/// <param name="Quantity">Whole tokens taken from this lot.</param>
/// <param name="Cost">Their cost; absent if nobody knows it.</param>
/// <param name="Proceeds">Their share of the proceeds; absent if unvalued.</param>
/// <param name="Gain">Proceeds less cost; absent if either is.</param>
/// <param name="Quality">The worst evidence of the lot and of the disposal.</param>
/// <param name="Path">Where the disposal is asked for.</param>
/// <param name="Term">Whether it was held short or long; absent under methods that know no term.</param>
/// <param name="Rule">Why this lot; absent if the method says so.</param>
public sealed record LotUse(
    LotId Disposal,
    long Entry,
    Instant At,
    DisposalKind Kind,
    ExactDecimal Quantity,
    Amount? Cost,
    Amount? Proceeds,
    Amount? Gain,
    EvidenceQuality Quality,
    string Path,
    HoldingTerm? Term,
    MatchRule? Rule);

/// <summary>A part of the lot that went elsewhere and was not disposed of.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="At">When.</param>
/// <param name="From">Where it lay.</param>
/// <param name="Left">Whole tokens that left there.</param>
/// <param name="CostLeft">Their cost; absent if nobody knows it.</param>
/// <param name="To">Where it came.</param>
/// <param name="Came">Whole tokens that came there.</param>
/// <param name="CostCame">Their cost; absent if nobody knows it.</param>
/// <param name="IsConversion">Whether it became other units; otherwise it went from place to place.</param>
/// <param name="Path">Where the entry is asked for.</param>
public sealed record LotMove(
    FactId Fact,
    long Entry,
    Instant At,
    LotPlace From,
    ExactDecimal Left,
    Amount? CostLeft,
    LotPlace To,
    ExactDecimal Came,
    Amount? CostCame,
    bool IsConversion,
    string Path);

/// <summary>
/// The lot in the units of one asset: came - taken - converted = remaining, and so for cost but for what average cost
/// brought from other lots.
/// </summary>
/// <param name="Asset">The asset whose lots these units are.</param>
/// <param name="Came">Whole tokens acquired or converted into it.</param>
/// <param name="Taken">Whole tokens that disposals took.</param>
/// <param name="Converted">Whole tokens that became those of another.</param>
/// <param name="Remaining">Whole tokens that are open.</param>
/// <param name="CostCame">Their known cost.</param>
/// <param name="CostTaken">The known cost that disposals took.</param>
/// <param name="CostConverted">The known cost that went along.</param>
/// <param name="CostAveraged">Cost that the average brought from other lots; 0 under other methods.</param>
/// <param name="CostRemaining">The known cost of what is open.</param>
public sealed record LotSum(
    AssetId Asset,
    ExactDecimal Came,
    ExactDecimal Taken,
    ExactDecimal Converted,
    ExactDecimal Remaining,
    Amount CostCame,
    Amount CostTaken,
    Amount CostConverted,
    Amount CostAveraged,
    Amount CostRemaining);

/// <summary>One lot: how its cost was made, every disposal that used it, and where its units are.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Lot">The lot as it came in, with its evidence.</param>
/// <param name="Places">Where its units are.</param>
/// <param name="Disposals">Every disposal that took some of it, in effective order.</param>
/// <param name="Moves">Every part that went elsewhere without being disposed of, in effective order.</param>
/// <param name="Sums">By asset in whose units it was, the first one first.</param>
public sealed record LotAnswer(
    Standpoint Viewpoint,
    OpenedLot Lot,
    ImmutableArray<LotRow> Places,
    ImmutableArray<LotUse> Disposals,
    ImmutableArray<LotMove> Moves,
    ImmutableArray<LotSum> Sums) : ITold
{
    /// <summary>The answer.</summary>
    /// <exception cref="ProblemException">There is no such lot at this viewpoint.</exception>
    public static async Task<LotAnswer> OfAsync(
        Asking asking, Seen seen, LotId name, CancellationToken cancellation)
    {
        var entry = await EvidenceBook.FindAsync(asking.Desk.Databases, seen, name.Fact, cancellation);
        var story = entry is null || seen.At.RowsOf(entry) is null ? null : LotStory.Of(seen.At, name, entry);
        if (story is null)
        {
            throw Drilling.Unknown("lot", name, seen);
        }

        var links = Links.Of(seen, asking.Query);
        var book = await EvidenceBook.ReadAsync(
            asking.Desk.Databases, seen, links, [story.Lot.Entry], OpenedLot.PricesOf(story.Lot), cancellation);
        return new LotAnswer(
            seen.Standpoint,
            OpenedLot.Of(seen, story.Lot, book),
            [.. story.Places.Select(open => LotsAnswer.Row(seen, open))],
            [
                .. from disposal in story.Disposals
                   from take in disposal.Takes
                   where take.LotId == name
                   select new LotUse(
                       new LotId(disposal.Fact, disposal.Leg), disposal.Entry, disposal.At, disposal.Kind,
                       seen.Tokens(disposal.Pool, take.Quantity), take.Cost, take.Proceeds, take.Gain, take.Quality,
                       links.Disposal(disposal.Fact, disposal.Leg), take.Term,
                       take.Rule == MatchRule.Method ? null : take.Rule),
            ],
            [
                .. story.Carried.Select(part => new LotMove(
                    part.Fact, part.Entry, part.At, part.From, seen.Tokens(part.From.Pool, part.Left), part.CostLeft,
                    part.To, seen.Tokens(part.To.Pool, part.Came), part.CostCame, part.IsConversion,
                    links.Entry(part.Entry))),
            ],
            [
                .. story.Balances.Select(sum => new LotSum(
                    sum.Pool, seen.Tokens(sum.Pool, sum.Came), seen.Tokens(sum.Pool, sum.Taken),
                    seen.Tokens(sum.Pool, sum.Converted), seen.Tokens(sum.Pool, sum.Remaining), sum.CostCame,
                    sum.CostTaken, sum.CostConverted, sum.CostAveraged, sum.CostRemaining)),
            ]);
    }

    /// <inheritdoc/>
    public Tree Tell() => new(Lot.Tell().Text,
    [
        .. Lot.Tell().Below,
        .. Disposals.Select(use => new Tree(
            $"{use.Quantity} disposed of by {use.Disposal} at {use.At} ({ListRows.Word(use.Kind)}): proceeds "
            + $"{Tree.Known(use.Proceeds)} - cost {Tree.Known(use.Cost)} = gain {Tree.Known(use.Gain)}")),
        .. Moves.Select(move => new Tree(
            $"{move.Left} {Text(move.From)} became {move.Came} {Text(move.To)} at {move.At} by {move.Fact}, cost "
            + $"{Tree.Known(move.CostCame)}")),
        .. Places.Select(place => new Tree(
            $"{place.Remaining} {Text(new LotPlace(place.Asset, place.Account, place.InTransit))} remain, cost "
            + Tree.Known(place.Cost))),
        .. Sums.Select(sum => new Tree(
            $"in {sum.Asset}: {sum.Came} came - {sum.Taken} taken - {sum.Converted} converted = {sum.Remaining} "
            + $"remain; cost {sum.CostCame} + {sum.CostAveraged} averaged - {sum.CostTaken} - {sum.CostConverted} = "
            + $"{sum.CostRemaining}")),
    ]);

    private static string Text(LotPlace place) => place.Account is { } account ? $"{place.Pool} at {account}"
        : place.InTransit is { } transfer ? $"{place.Pool} under way by {transfer}"
        : $"{place.Pool}";
}
