using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>For what units left.</summary>
public enum DisposalKind
{
    /// <summary>Sold at a venue.</summary>
    Sale,

    /// <summary>Given for another asset that was acquired.</summary>
    Payment,

    /// <summary>Paid as a fee.</summary>
    Fee,

    /// <summary>Given back to a lender.</summary>
    Repayment,

    /// <summary>Seized by a lender.</summary>
    Liquidation,

    /// <summary>Turned back into cash that they stood for, at another number of decimals; or into any units, where the
    /// terms of the book make that a disposal (SPEC 18).</summary>
    Conversion,

    /// <summary>Handed over to another treasury of the same owners.</summary>
    Handover,

    /// <summary>Went to another account, where the terms of the book make that a disposal (SPEC 18).</summary>
    Relocation,
}

/// <summary>Why a disposal took a lot.</summary>
public enum MatchRule
{
    /// <summary>By the method of the book or of the account.</summary>
    Method,

    /// <summary>Somebody identified it.</summary>
    Identified,

    /// <summary>Acquired on the same day.</summary>
    SameDay,

    /// <summary>Acquired within the 30 days after.</summary>
    ThirtyDays,

    /// <summary>Acquired within the 10 days before.</summary>
    TenDays,

    /// <summary>At the average of the section 104 pool.</summary>
    Pool,

    /// <summary>At the average of the calendar year.</summary>
    Year,
}

/// <summary>What became of an identification of lots (SPEC 13).</summary>
public enum IdentificationOutcome
{
    /// <summary>There was none.</summary>
    None,

    /// <summary>It was followed.</summary>
    Followed,

    /// <summary>It was recorded after the disposal, and the book's terms count none of those.</summary>
    TooLate,

    /// <summary>The book's terms or method count none.</summary>
    Ignored,

    /// <summary>No open lot there is meant by it.</summary>
    NoMatch,

    /// <summary>The lots that are meant have too few units.</summary>
    TooFewUnits,

    /// <summary>Several lots are meant, or possible, and nobody says which.</summary>
    Ambiguous,
}

/// <summary>Units that left for consideration, and the lots they took.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="Leg">The leg of the fact (SPEC 2.2).</param>
/// <param name="At">When.</param>
/// <param name="Account">From where.</param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">Whose lots it took.</param>
/// <param name="Quantity">How many smallest units: those of the takes and those without a lot.</param>
/// <param name="Kind">For what.</param>
/// <param name="Proceeds">What they brought, after fees; absent if a value is missing (unvalued).</param>
/// <param name="Takes">The lots taken, in the order of the method.</param>
/// <param name="WithoutLot">Smallest units for which no lot was open.</param>
/// <param name="Price">The price that valued the proceeds, if one did.</param>
/// <param name="Quality">The worst evidence that the figure rests on: entry, lots and price.</param>
public sealed record Disposal(
    FactId Fact,
    long Entry,
    int Leg,
    Instant At,
    AccountId Account,
    AssetId Asset,
    AssetId Pool,
    Quantity Quantity,
    DisposalKind Kind,
    Amount? Proceeds,
    ImmutableArray<LotTake> Takes,
    Quantity WithoutLot,
    PriceUsed? Price,
    EvidenceQuality Quality)
{
    /// <summary>Smallest units whose cost nobody knows: without a lot, or from a lot without a cost.</summary>
    public required Quantity BasisMissing { get; init; }

    /// <summary>The cost of the units whose cost is known.</summary>
    public required Amount MatchedCost { get; init; }

    /// <summary>The share of the proceeds that belongs to those units; absent if unvalued.</summary>
    public required Amount? MatchedProceeds { get; init; }

    /// <summary>The value of the fees taken from the proceeds; absent if one is missing.</summary>
    public Amount? Fees { get; init; } = Amount.Zero;

    /// <summary>The prices that valued those fees.</summary>
    public ImmutableArray<PriceUsed> FeePrices { get; init; } = [];

    /// <summary>What became of the identification of its lots.</summary>
    public IdentificationOutcome Identification { get; init; }

    /// <summary>From this instant on (inclusive) nothing that happens changes it; absent: at once.</summary>
    public Instant? FinalFrom { get; init; }

    /// <summary>Its place among the disposals of its entry, from 0.</summary>
    internal int Turn { get; init; }

    /// <summary>The worst evidence of entry and proceeds, whatever the lots.</summary>
    internal EvidenceQuality OwnQuality { get; init; }

    /// <summary>The units that it took of each lot, then those without one.</summary>
    public IEnumerable<DisposalPart> Parts => Takes.Select(take => new DisposalPart(this, take))
        .Concat(WithoutLot.IsZero ? [] : [new DisposalPart(this, null)]);

    /// <summary>What units without a lot brought that cost nothing by decision (SPEC 16.3): all gain.</summary>
    private Amount FreeGain => WithoutLot.IsZero ? Amount.Zero : new DisposalPart(this, null).Gain ?? Amount.Zero;

    /// <summary>Its entry, if it waited for lots; otherwise absent.</summary>
    internal NarrowEntry? Waited { get; init; }

    /// <summary>The cost of all units; absent if the basis of any is missing.</summary>
    public Amount? CostBasis => BasisMissing.IsZero ? MatchedCost : null;

    /// <summary>Proceeds less cost basis; absent if either is.</summary>
    public Amount? RealizedGain => Proceeds - CostBasis;

    /// <summary>The gain on the units whose cost is known; absent if unvalued.</summary>
    public Amount? MatchedGain => MatchedProceeds - MatchedCost;

    /// <summary>How much of <see cref="MatchedGain"/> rests on evidence of one quality; zero if unvalued.</summary>
    public Amount GainOn(EvidenceQuality quality)
    {
        var gain = OwnQuality == quality ? FreeGain : Amount.Zero;
        foreach (var take in Takes)
        {
            gain += take.Quality == quality ? take.Gain ?? Amount.Zero : Amount.Zero;
        }

        return gain;
    }

    /// <summary>How much of <see cref="MatchedGain"/> is on units that were held so; zero if unvalued.</summary>
    public Amount GainOn(HoldingTerm term)
    {
        var gain = Amount.Zero;
        foreach (var take in Takes)
        {
            gain += take.Term == term ? take.Gain ?? Amount.Zero : Amount.Zero;
        }

        return gain;
    }

    /// <summary>Whether proceeds and the cost of every unit are known.</summary>
    public bool IsComplete => Proceeds is not null && BasisMissing.IsZero;
}

/// <summary>Units of one lot that a disposal took, or those that it took without one.</summary>
/// <param name="Disposal">The disposal.</param>
/// <param name="Take">What it took of the lot; absent for units without one.</param>
public sealed record DisposalPart(Disposal Disposal, LotTake? Take)
{
    /// <summary>Smallest units.</summary>
    public Quantity Quantity => Take?.Quantity ?? Disposal.WithoutLot;

    /// <summary>What they brought; of units without a lot what the lots leave. Absent if unvalued.</summary>
    public Amount? Proceeds => Take is { } take
        ? take.Proceeds
        : Disposal.Takes.Aggregate(Disposal.Proceeds, (left, one) => left - one.Proceeds);

    /// <summary>What they cost; without a lot nothing by decision (SPEC 16.3), or else nobody knows.</summary>
    public Amount? Cost => Take is { } take ? take.Cost : Disposal.BasisMissing.IsZero ? Amount.Zero : null;

    /// <summary>Proceeds less cost; absent if either is.</summary>
    public Amount? Gain => Proceeds - Cost;

    /// <summary>The worst evidence: of what has a cost without a lot, that of entry and proceeds.</summary>
    public EvidenceQuality Quality => Take?.Quality ?? (Cost is null ? Disposal.Quality : Disposal.OwnQuality);
}

/// <summary>What a disposal took from one lot.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Quantity">Smallest units taken.</param>
/// <param name="Cost">Their cost; absent if the basis of the lot is missing.</param>
/// <param name="Proceeds">Their share of the proceeds; absent if unvalued.</param>
/// <param name="AcquiredAt">When the lot was acquired.</param>
/// <param name="AcquisitionEntry">The position of the entry that brought the lot.</param>
/// <param name="Quality">The worst evidence of the lot and of the disposal.</param>
public readonly record struct LotTake(
    LotId LotId,
    Quantity Quantity,
    Amount? Cost,
    Amount? Proceeds,
    Instant AcquiredAt,
    long AcquisitionEntry,
    EvidenceQuality Quality)
{
    /// <summary>Why this lot.</summary>
    public MatchRule Rule { get; init; }

    /// <summary>Whether it was held long; absent under methods that know no term.</summary>
    public HoldingTerm? Term { get; init; }

    /// <summary>Proceeds less cost; absent if either is.</summary>
    public Amount? Gain => Proceeds - Cost;
}
