using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Answers;

/// <summary>What is left of a lot at one place.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Asset">The asset whose lots these are; stand-ins share them.</param>
/// <param name="Account">Under per-account scope: where.</param>
/// <param name="InTransit">Under per-account scope: the transfer that carries it.</param>
/// <param name="AcquiredAt">When it was acquired; transfers and wraps keep it.</param>
/// <param name="Entry">The entry that brought it.</param>
/// <param name="Original">Whole tokens that came.</param>
/// <param name="Remaining">Whole tokens left.</param>
/// <param name="OriginalCost">The whole cost of what came; absent if nobody knows it.</param>
/// <param name="Cost">The cost of what is left; absent if nobody knows it.</param>
/// <param name="Price">The price that valued it when it came, if one did.</param>
/// <param name="Quality">The worst evidence that its cost rests on.</param>
public sealed record LotRow(
    LotId LotId,
    AssetId Asset,
    AccountId? Account,
    FactId? InTransit,
    Instant AcquiredAt,
    long Entry,
    ExactDecimal Original,
    ExactDecimal Remaining,
    Amount? OriginalCost,
    Amount? Cost,
    PriceRow? Price,
    EvidenceQuality Quality);

/// <summary>Open lots.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Cost">The known cost of all open lots, whatever is filtered.</param>
/// <param name="Lots">By asset, account, transfer, acquisition and order of the fold.</param>
/// <param name="Next">Of a page: pass it as <c>cursor</c> for the next one; absent on the last one.</param>
public sealed record LotsAnswer(
    Standpoint Viewpoint, Amount Cost, ImmutableArray<LotRow> Lots, string? Next = null)
{
    /// <summary>The answer.</summary>
    public static LotsAnswer Of(Seen seen) => new(
        seen.Standpoint,
        seen.At.State.CostOpen,
        [
            .. seen.At.State.OpenLots().Select(lot => Row(seen, lot)),
        ]);

    /// <summary>A lot as callers see it.</summary>
    public static LotRow Row(Seen seen, OpenLot lot) => new(
        lot.LotId, lot.Pool, lot.Account, lot.InTransit, lot.AcquiredAt, lot.Entry,
        seen.Tokens(lot.Pool, lot.Original), seen.Tokens(lot.Pool, lot.Remaining),
        lot.OriginalCost, lot.Cost, PriceRow.Of(lot.Price, lot.AcquiredAt), lot.Quality);
}

/// <summary>What a disposal took from one lot.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Quantity">Whole tokens taken.</param>
/// <param name="Cost">Their cost; absent if nobody knows it.</param>
/// <param name="Proceeds">Their share of the proceeds; absent if unvalued.</param>
/// <param name="Gain">Proceeds less cost; absent if either is.</param>
/// <param name="AcquiredAt">When the lot was acquired.</param>
/// <param name="Entry">The entry that brought the lot.</param>
/// <param name="Quality">The worst evidence of the lot and of the disposal.</param>
/// <param name="Term">Whether it was held short or long; absent under methods that know no term.</param>
/// <param name="Rule">Why this lot; absent if the method says so.</param>
/// <param name="CameAt">Where two books are compared: when units of the lot first came where they were taken.</param>
public sealed record TakeRow(
    LotId LotId,
    ExactDecimal Quantity,
    Amount? Cost,
    Amount? Proceeds,
    Amount? Gain,
    Instant AcquiredAt,
    long Entry,
    EvidenceQuality Quality,
    HoldingTerm? Term,
    MatchRule? Rule,
    Instant? CameAt = null)
{
    /// <summary>A take as callers see it.</summary>
    public static TakeRow Of(Seen seen, AssetId pool, LotTake take) => new(
        take.LotId, seen.Tokens(pool, take.Quantity), take.Cost, take.Proceeds, take.Gain, take.AcquiredAt,
        take.AcquisitionEntry, take.Quality, take.Term, take.Rule == MatchRule.Method ? null : take.Rule);
}

/// <summary>Units that left for consideration.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="Leg">The leg of the fact.</param>
/// <param name="At">When.</param>
/// <param name="Account">From where.</param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">Whose lots it took.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Kind">For what.</param>
/// <param name="Proceeds">What they brought, after fees; absent if a value is missing.</param>
/// <param name="CostBasis">The cost of all units; absent if the basis of any is missing.</param>
/// <param name="RealizedGain">Proceeds less cost basis; absent if either is.</param>
/// <param name="MatchedGain">The gain on the units whose cost is known; absent if unvalued.</param>
/// <param name="BasisMissing">Whole tokens whose cost nobody knows.</param>
/// <param name="Takes">The lots taken, in the order of the method.</param>
/// <param name="Price">The price that valued the proceeds, if one did.</param>
/// <param name="Quality">The worst evidence that the figure rests on.</param>
/// <param name="IsComplete">Whether proceeds and the cost of every unit are known.</param>
/// <param name="Identification">What became of the identification of its lots; absent if there was none.</param>
/// <param name="FinalFrom">
/// From this instant on nothing that happens changes it; absent where that is at once (Lots/SPEC 14.5).
/// </param>
public sealed record DisposalRow(
    FactId Fact,
    long Entry,
    int Leg,
    Instant At,
    AccountId Account,
    AssetId Asset,
    AssetId Pool,
    ExactDecimal Quantity,
    DisposalKind Kind,
    Amount? Proceeds,
    Amount? CostBasis,
    Amount? RealizedGain,
    Amount? MatchedGain,
    ExactDecimal BasisMissing,
    ImmutableArray<TakeRow> Takes,
    PriceRow? Price,
    EvidenceQuality Quality,
    bool IsComplete,
    IdentificationOutcome? Identification,
    Instant? FinalFrom);

/// <summary>Disposals with the lots they took.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Disposals">In effective order.</param>
/// <param name="Next">Of a page: pass it as <c>cursor</c> for the next one; absent on the last one.</param>
public sealed record DisposalsAnswer(
    Standpoint Viewpoint, ImmutableArray<DisposalRow> Disposals, string? Next = null)
{
    /// <summary>The answer.</summary>
    public static DisposalsAnswer Of(Seen seen) =>
        new(seen.Standpoint, [
            .. seen.At.Happened.SelectMany(happened => happened.Rows.Disposals)
                .Select(disposal => Row(seen, disposal)),
        ]);

    /// <summary>A disposal as callers see it.</summary>
    public static DisposalRow Row(Seen seen, Disposal d) => new(
        d.Fact, d.Entry, d.Leg, d.At, d.Account, d.Asset, d.Pool, seen.Tokens(d.Pool, d.Quantity), d.Kind,
        d.Proceeds, d.CostBasis, d.RealizedGain, d.MatchedGain, seen.Tokens(d.Pool, d.BasisMissing),
        [
            .. d.Takes.Select(take => TakeRow.Of(seen, d.Pool, take)),
        ],
        PriceRow.Of(d.Price, d.At), d.Quality, d.IsComplete,
        d.Identification == IdentificationOutcome.None ? null : d.Identification, d.FinalFrom);
}
