using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>Units that the price values at asOf.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="IsDebt">Whether they are owed; otherwise they lie in open lots.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Value">What they are worth.</param>
public sealed record PriceValueRow(AssetId Asset, bool IsDebt, ExactDecimal Quantity, Amount Value);

/// <summary>Every figure of a treasury that one price made.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Asset">Of what the price is.</param>
/// <param name="Currency">In what.</param>
/// <param name="Price">Currency per whole token.</param>
/// <param name="Evidence">The price's entry.</param>
/// <param name="UsedFrom">The first instant at which it was the latest price (inclusive).</param>
/// <param name="UsedThrough">The last one (inclusive), at most asOf; absent if it never was: another price of the same
/// instant goes before it, it is voided, or it is not in the reporting currency.</param>
/// <param name="Figures">Figures whose value it gave, whose fees it valued or whose stated value it converted.</param>
/// <param name="Values">What it values at asOf; empty if a later price does, or it is too old.</param>
public sealed record PriceUsesAnswer(
    Standpoint Viewpoint,
    AssetId Asset,
    AssetId Currency,
    ExactDecimal Price,
    EvidenceRow Evidence,
    Instant UsedFrom,
    Instant? UsedThrough,
    ImmutableArray<FigureRow> Figures,
    ImmutableArray<PriceValueRow> Values) : ITold
{
    /// <summary>The answer.</summary>
    /// <exception cref="ProblemException">The price book has no such price at this viewpoint.</exception>
    public static async Task<PriceUsesAnswer> OfAsync(
        Asking asking, Seen seen, long position, CancellationToken cancellation)
    {
        var prices = seen.View.Prices.Entries;
        if (position > prices.Count || prices[(int)position - 1] is not { Event: PriceRecorded price } entry)
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
                $"The price book {seen.Opened.PriceBook} has no price at position {position} at this viewpoint.",
                ("head", prices.Count));
        }

        var uses = PriceUses.Of(seen.At, entry);
        var links = Links.Of(seen, asking.Query);
        var key = JournalKey.Prices(asking.Treasury.Tenant, seen.Opened.PriceBook);
        var evidence = await EvidenceBook.RowAsync(
            asking.Desk.Databases, key, position, seen.Standpoint.Positions.PriceBook, cancellation);
        return new PriceUsesAnswer(
            seen.Standpoint, price.Asset, price.Currency, price.Price,
            EvidenceRow.Of(evidence, links.Price(position)), uses.From, uses.Through,
            FigureRow.Of(seen, uses.Rows, links, position),
            [
                .. uses.Values.Select(value => new PriceValueRow(
                    value.Asset, value.IsDebt, seen.Tokens(value.Asset, value.Quantity), value.Value)),
            ]);
    }

    /// <inheritdoc/>
    public Tree Tell() => Tree.Of(
        $"price of {Asset} in {Currency}: {Price}, "
            + (UsedThrough is null ? "never the latest one" : $"the latest one from {UsedFrom} through {UsedThrough}"),
        [
            Evidence.Tell("price entry"),
            Tree.Of($"made {Figures.Length} figures", Figures.Select(figure => figure.Tell())),
            .. Values.Select(value => new Tree(
                $"values {value.Quantity} {value.Asset} {(value.IsDebt ? "owed" : "held")} at {Viewpoint.AsOf}: "
                + value.Value)),
        ]);
}
