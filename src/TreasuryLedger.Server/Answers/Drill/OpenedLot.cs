using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>A lot as it came in, and how its cost was made.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">The asset whose lot it is.</param>
/// <param name="Account">Where it came; absent if that is a transfer under way.</param>
/// <param name="AcquiredAt">When it was acquired.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Value">What it was worth; absent if nobody knows.</param>
/// <param name="IsStated">Whether the source states that value; otherwise money or a price says it.</param>
/// <param name="Fees">The value of the fees that its cost bears; absent if one is missing.</param>
/// <param name="Cost">Value and fees; absent if either is.</param>
/// <param name="Price">The price that valued it, or converted what is stated, if one did.</param>
/// <param name="FeePrices">The prices that valued those fees.</param>
/// <param name="Quality">The worst evidence that its cost rests on.</param>
/// <param name="Evidence">The entry that brought it.</param>
/// <param name="Path">Where the lot is asked for, with every disposal that used it.</param>
/// <param name="Figures">Where everything else that the entry brought forth is asked for.</param>
public sealed record OpenedLot(
    LotId LotId,
    AssetId Asset,
    AssetId Pool,
    AccountId? Account,
    Instant AcquiredAt,
    LotOrigin Origin,
    ExactDecimal Quantity,
    Amount? Value,
    bool IsStated,
    Amount? Fees,
    Amount? Cost,
    OpenedPrice? Price,
    ImmutableArray<OpenedPrice> FeePrices,
    EvidenceQuality Quality,
    EvidenceRow Evidence,
    string Path,
    string Figures)
{
    /// <summary>The lot opened to its evidence.</summary>
    public static OpenedLot Of(Seen seen, Acquisition lot, EvidenceBook book) => new(
        lot.LotId, lot.Asset, lot.Pool, lot.Account == default ? null : lot.Account, lot.AcquiredAt, lot.Origin,
        seen.Tokens(lot.Pool, lot.Quantity), lot.Value, lot.IsStated, lot.Fees, lot.Cost,
        // What was there when books began is valued when it was acquired.
        book.Of(lot.Price, lot.Origin == LotOrigin.Opening ? lot.AcquiredAt : lot.At), book.Of(lot.FeePrices, lot.At),
        lot.Quality, book.Of(lot.Entry), book.Links.Lot(lot.LotId), book.Links.Figures(lot.Entry));

    /// <summary>Every price that its cost rests on.</summary>
    public static IEnumerable<PriceUsed?> PricesOf(Acquisition lot) => lot.FeePrices.Prepend(lot.Price!);

    /// <summary>The lot as lines.</summary>
    public Tree Tell() => Tree.Of(
        $"lot {LotId}: {Quantity} {Pool} acquired {AcquiredAt} ({ListRows.Word(Origin)}), cost {Tree.Known(Cost)}",
        [
            new Tree($"worth {Tree.Known(Value)}{(IsStated ? ", as the source states" : "")}, fees {Tree.Known(Fees)}"),
            Price?.Tell("at a price of"),
            .. FeePrices.Select(price => price.Tell("a fee at a price of")),
            Evidence.Tell("entry"),
        ]);
}
