using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>A lot in one of two books, exact.</summary>
/// <param name="CostCame">The cost at which it came in; absent if nobody knows it.</param>
/// <param name="Taken">Whole tokens that disposals took.</param>
/// <param name="CostTaken">Their known cost.</param>
/// <param name="RealizedGain">The gain on them as far as cost and proceeds are known.</param>
/// <param name="Open">Whole tokens that are open.</param>
/// <param name="CostOpen">Their known cost.</param>
/// <param name="Carried">What they are carried at; absent without a valid price.</param>
/// <param name="Recognized">Realized gain and what is carried beyond cost; absent likewise.</param>
public sealed record LotSide(
    Amount? CostCame,
    ExactDecimal Taken,
    Amount CostTaken,
    Amount RealizedGain,
    ExactDecimal Open,
    Amount CostOpen,
    Amount? Carried,
    Amount? Recognized)
{
    /// <summary>The lot as callers see it.</summary>
    public static LotSide? Of(Seen seen, AssetId asset, LotInBook? lot) => lot is null ? null : new LotSide(
        lot.CostCame, seen.Tokens(asset, lot.Taken), lot.CostTaken, lot.RealizedGain, seen.Tokens(asset, lot.Open),
        lot.CostOpen, lot.Carried, lot.Recognized);
}

/// <summary>A lot at which the books differ.</summary>
/// <param name="Lot">The lot.</param>
/// <param name="Asset">The asset whose lot it is.</param>
/// <param name="AcquiredAt">When it was acquired.</param>
/// <param name="Book">In the one book; absent if it is not there.</param>
/// <param name="With">In the other; absent likewise.</param>
/// <param name="Difference">What net income of the first one has seen more; absent without a valid price.</param>
/// <param name="Reasons">What differs.</param>
/// <param name="Rules">By which rules: those in which the books differ.</param>
public sealed record ComparedLotRow(
    LotId Lot,
    AssetId Asset,
    Instant AcquiredAt,
    LotSide? Book,
    LotSide? With,
    Amount? Difference,
    ImmutableArray<LotDifference> Reasons,
    ImmutableArray<BookRule> Rules);

/// <summary>Two books lot by lot: what net income has seen of each lot, and why it is not the same.</summary>
/// <param name="Viewpoint">Where the answer stands; its policy is that of the first book.</param>
/// <param name="Book">The one that is compared.</param>
/// <param name="With">The one it is compared with.</param>
/// <param name="RecognizedBook">Over all lots of the one; absent without a valid price.</param>
/// <param name="RecognizedWith">Over all lots of the other; absent likewise.</param>
/// <param name="Difference">What the first one has more: the differences of the lots; absent likewise.</param>
/// <param name="Lots">Those that differ, by asset, then acquisition.</param>
public sealed record LotComparisonAnswer(
    Standpoint Viewpoint,
    ComparedBook Book,
    ComparedBook With,
    Amount? RecognizedBook,
    Amount? RecognizedWith,
    Amount? Difference,
    ImmutableArray<ComparedLotRow> Lots)
{
    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
        [.. ComparisonAnswer.Parameters.Where(parameter => parameter.Name != "period")];

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, LotComparisonAnswer> Read(QueryReader query)
    {
        var whole = Question.Read(query);
        var with = whole.Choice with { Book = query.Text("with") ?? whole.Book };
        return seen => Of(seen, with);
    }

    private static LotComparisonAnswer Of(Seen seen, BookChoice with)
    {
        var other = seen.Of(with);
        var compared = LotComparison.Of(seen.At, other);
        var rules = ComparisonAnswer.RulesOf(seen, with).At(seen.Standpoint.AsOf);
        return new LotComparisonAnswer(
            seen.Standpoint,
            ComparisonAnswer.Side(seen.Choice, seen.At),
            ComparisonAnswer.Side(with, other),
            compared.Book,
            compared.With,
            compared.Book - compared.With,
            [
                .. compared.Lots.Select(lot => new ComparedLotRow(
                    lot.LotId, lot.Asset, lot.AcquiredAt, LotSide.Of(seen, lot.Asset, lot.Book),
                    LotSide.Of(seen, lot.Asset, lot.With), lot.Difference, lot.Reasons, rules)),
            ]);
    }
}
