using System.Collections.Immutable;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>One disposal, opened down to the evidence of everything that it rests on.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Disposal">The disposal with its takes.</param>
/// <param name="Value">What the units brought before fees; absent if a value is missing.</param>
/// <param name="Fees">The value of the fees taken from that; absent if one is missing.</param>
/// <param name="Price">The price that valued the proceeds, if one did.</param>
/// <param name="FeePrices">The prices that valued those fees.</param>
/// <param name="Evidence">The entry that says so.</param>
/// <param name="Lots">The lots taken, in the order of the takes.</param>
/// <param name="Figures">Where everything else that the entry brought forth is asked for.</param>
/// <param name="Realized">Where the realized gain that it belongs to is asked for.</param>
public sealed record DisposalAnswer(
    Standpoint Viewpoint,
    DisposalRow Disposal,
    Amount? Value,
    Amount? Fees,
    OpenedPrice? Price,
    ImmutableArray<OpenedPrice> FeePrices,
    EvidenceRow Evidence,
    ImmutableArray<OpenedLot> Lots,
    string Figures,
    string Realized) : ITold
{
    /// <summary>The answer.</summary>
    /// <exception cref="ProblemException">There is no such disposal at this viewpoint.</exception>
    public static async Task<DisposalAnswer> OfAsync(
        Asking asking, Seen seen, LotId name, CancellationToken cancellation)
    {
        var entry = await EvidenceBook.FindAsync(asking.Desk.Databases, seen, name.Fact, cancellation);
        var found = entry is null ? null : seen.At.RowsOf(entry)?.Rows.Disposals
            .FirstOrDefault(disposal => disposal.Fact == name.Fact && disposal.Leg == name.Leg);
        if (found is null)
        {
            throw Drilling.Unknown("disposal", name, seen);
        }

        var lots = LotsOf(seen.At, found);
        var links = Links.Of(seen, asking.Query);
        var book = await EvidenceBook.ReadAsync(
            asking.Desk.Databases, seen, links, lots.Select(lot => lot.Entry).Append(found.Entry),
            lots.SelectMany(OpenedLot.PricesOf).Append(found.Price).Concat(found.FeePrices), cancellation);
        return new DisposalAnswer(
            seen.Standpoint, DisposalsAnswer.Row(seen, found), found.Proceeds + found.Fees, found.Fees,
            book.Of(found.Price, found.At), book.Of(found.FeePrices, found.At), book.Of(found.Entry),
            [.. lots.Select(lot => OpenedLot.Of(seen, lot, book))], links.Figures(found.Entry),
            links.List("realized-gains", ("period", "month")));
    }

    /// <inheritdoc/>
    public Tree Tell()
    {
        var (d, takes) = (Disposal, new List<Tree>());
        foreach (var (take, lot) in d.Takes.Zip(Lots))
        {
            takes.Add(Tree.Of(
                $"took {take.Quantity} of {take.LotId}: proceeds {Tree.Known(take.Proceeds)} - cost "
                    + $"{Tree.Known(take.Cost)} = gain {Tree.Known(take.Gain)} ({ListRows.Word(take.Quality)})"
                    + (take.Term is { } term ? $", held {ListRows.Word(term)}" : "")
                    + (take.Rule is { } rule ? $", by {ListRows.Word(rule)}" : ""),
                lot.Tell()));
        }

        return Tree.Of(
            $"disposal {d.Fact}:{d.Leg}: {d.Quantity} {d.Asset} from {d.Account} at {d.At} ({ListRows.Word(d.Kind)})",
            [
                Tree.Of(
                    $"proceeds {Tree.Known(d.Proceeds)} - cost basis {Tree.Known(d.CostBasis)} = realized gain "
                        + $"{Tree.Known(d.RealizedGain)} ({ListRows.Word(d.Quality)})",
                    new Tree($"worth {Tree.Known(Value)}, fees {Tree.Known(Fees)}")),
                d.BasisMissing.Sign == 0 ? null : new Tree($"{d.BasisMissing} {d.Pool} have no known cost"),
                d.Identification is { } outcome ? new Tree($"identified lots: {ListRows.Word(outcome)}") : null,
                d.FinalFrom is { } final ? new Tree($"final from {final} on") : null,
                Price?.Tell("at a price of"),
                .. FeePrices.Select(price => price.Tell("a fee at a price of")),
                Evidence.Tell("entry"),
                .. takes,
            ]);
    }

    private static ImmutableArray<Acquisition> LotsOf(TreasuryAt treasury, Disposal disposal)
    {
        // Several lots of one entry are looked up together.
        var lots = disposal.Takes.Select(take => take.AcquisitionEntry).Distinct()
            .SelectMany(position => treasury.RowsOf(treasury.Log.Find(position)!)!.Rows.Lots)
            .ToDictionary(lot => lot.LotId);
        return [.. disposal.Takes.Select(take => lots[take.LotId])];
    }
}
