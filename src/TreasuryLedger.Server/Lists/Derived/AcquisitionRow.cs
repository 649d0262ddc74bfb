using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>A lot as it came in.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Entry">The entry that brought it.</param>
/// <param name="At">When the entry happened.</param>
/// <param name="AcquiredAt">When it was acquired; earlier if it was there when books began.</param>
/// <param name="Account">Where it came; absent if that is a transfer under way.</param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">The asset whose lot it is.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Value">What it was worth; absent if nobody knows.</param>
/// <param name="IsStated">Whether the source states that value.</param>
/// <param name="Fees">The value of the fees that its cost bears; absent if one is missing.</param>
/// <param name="Cost">Value and fees; absent if either is.</param>
/// <param name="Price">The price that valued it, if one did.</param>
/// <param name="Quality">The worst evidence that its cost rests on.</param>
/// <param name="Path">Where it is opened, with everything that used it.</param>
public sealed record AcquisitionRow(
    LotId LotId,
    long Entry,
    Instant At,
    Instant AcquiredAt,
    AccountId? Account,
    AssetId Asset,
    AssetId Pool,
    LotOrigin Origin,
    ExactDecimal Quantity,
    Amount? Value,
    bool IsStated,
    Amount? Fees,
    Amount? Cost,
    PriceRow? Price,
    EvidenceQuality Quality,
    string Path)
{
    internal static AcquisitionRow Of(DerivedStand stand, Acquisition lot) => new(
        lot.LotId, lot.Entry, lot.At, lot.AcquiredAt, lot.Account == default ? null : lot.Account, lot.Asset, lot.Pool,
        lot.Origin, stand.Seen.Tokens(lot.Pool, lot.Quantity), lot.Value, lot.IsStated, lot.Fees, lot.Cost,
        PriceRow.Of(lot.Price, lot.Origin == LotOrigin.Opening ? lot.AcquiredAt : lot.At), lot.Quality,
        stand.Links.Lot(lot.LotId));
}

/// <summary>Lots as they came in.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Acquisitions">In the order in which they came.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record AcquisitionsAnswer(
    Standpoint Viewpoint, ImmutableArray<AcquisitionRow> Acquisitions, string? Next);
