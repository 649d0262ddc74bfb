using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>Realized gain on units of one lot, or on units without one.</summary>
/// <param name="Disposal">The disposal: fact and leg.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="At">When.</param>
/// <param name="Account">From where.</param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">Whose lots it took.</param>
/// <param name="Kind">For what.</param>
/// <param name="LotId">The lot; absent for units without one.</param>
/// <param name="AcquiredAt">When the lot was acquired.</param>
/// <param name="AcquisitionEntry">The entry that brought it.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Proceeds">What they brought, after fees; absent if a value is missing.</param>
/// <param name="CostBasis">Their cost; absent if nobody knows it.</param>
/// <param name="RealizedGain">Proceeds less cost basis; absent if either is.</param>
/// <param name="Term">Whether they were held short or long; absent under methods that know no term.</param>
/// <param name="Rule">Why this lot; absent if the method says so.</param>
/// <param name="Price">The price that valued the proceeds, if one did.</param>
/// <param name="Quality">The worst evidence of lot and disposal.</param>
/// <param name="Source">Who says that it happened.</param>
/// <param name="Reference">Where that is written.</param>
/// <param name="PayloadHash">The hash of what was received.</param>
/// <param name="Path">Where the disposal is opened.</param>
public sealed record LotGainRow(
    LotId Disposal,
    long Entry,
    Instant At,
    AccountId Account,
    AssetId Asset,
    AssetId Pool,
    DisposalKind Kind,
    LotId? LotId,
    Instant? AcquiredAt,
    long? AcquisitionEntry,
    ExactDecimal Quantity,
    Amount? Proceeds,
    Amount? CostBasis,
    Amount? RealizedGain,
    HoldingTerm? Term,
    MatchRule? Rule,
    PriceRow? Price,
    EvidenceQuality Quality,
    string? Source,
    string? Reference,
    string? PayloadHash,
    string Path)
{
    /// <summary>A part of a disposal as callers see it.</summary>
    internal static LotGainRow Of(DerivedStand stand, DisposalPart part)
    {
        var (seen, d, take) = (stand.Seen, part.Disposal, part.Take);
        var rule = take?.Rule;
        return new LotGainRow(
            new LotId(d.Fact, d.Leg), d.Entry, d.At, d.Account, d.Asset, d.Pool, d.Kind, take?.LotId, take?.AcquiredAt,
            take?.AcquisitionEntry, seen.Tokens(d.Pool, part.Quantity), part.Proceeds, part.Cost, part.Gain, take?.Term,
            rule == MatchRule.Method ? null : rule, PriceRow.Of(d.Price, d.At), part.Quality, null, null, null,
            stand.Links.Disposal(d.Fact, d.Leg));
    }
}

/// <summary>Realized gains lot by lot.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Gains">By disposal in the order in which they happened, then in the order of the method.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record LotGainsAnswer(Standpoint Viewpoint, ImmutableArray<LotGainRow> Gains, string? Next);

/// <summary>What is left of a lot, and what it is worth at the viewpoint.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Asset">The asset whose lots these are.</param>
/// <param name="Account">Under per-account scope: where.</param>
/// <param name="InTransit">Under per-account scope: the transfer that carries it.</param>
/// <param name="AcquiredAt">When it was acquired.</param>
/// <param name="Entry">The entry that brought it.</param>
/// <param name="Remaining">Whole tokens left.</param>
/// <param name="CostBasis">The cost of what is left; absent if nobody knows it.</param>
/// <param name="MarketValue">What it is worth; absent without a valid price.</param>
/// <param name="UnrealizedGain">Market value less cost basis; absent if either is.</param>
/// <param name="Term">Whether it would be held short or long if it were sold at asOf.</param>
/// <param name="Price">The price that values it, or one that is too old to.</param>
/// <param name="PriceState">Whether that is valid.</param>
/// <param name="Quality">The worst evidence that cost and price rest on.</param>
/// <param name="Path">Where the lot is opened.</param>
public sealed record ValuedLotRow(
    LotId LotId,
    AssetId Asset,
    AccountId? Account,
    FactId? InTransit,
    Instant AcquiredAt,
    long Entry,
    ExactDecimal Remaining,
    Amount? CostBasis,
    Amount? MarketValue,
    Amount? UnrealizedGain,
    HoldingTerm Term,
    PriceRow? Price,
    PriceState PriceState,
    EvidenceQuality Quality,
    string Path);

/// <summary>Open lots with what they are worth.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Lots">By asset, account, transfer, acquisition and order of the fold.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record ValuedLotsAnswer(Standpoint Viewpoint, ImmutableArray<ValuedLotRow> Lots, string? Next);

/// <summary>From where income, expenses and contributions come.</summary>
public enum FlowKind
{
    /// <summary>Staking, rewards and the like.</summary>
    Yield,

    /// <summary>Interest on what a lending position holds.</summary>
    SupplyInterest,

    /// <summary>Cash at par became more of other cash at par, or less.</summary>
    CashDifference,

    /// <summary>A fee that neither an acquisition nor a sale bears.</summary>
    Fee,

    /// <summary>Interest owed.</summary>
    Interest,

    /// <summary>Cash seized beyond the debt that it covered.</summary>
    LiquidationExcess,

    /// <summary>What owners put in; no income.</summary>
    Contribution,
}

/// <summary>Income, an expense or a contribution.</summary>
/// <param name="Kind">From where.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="At">When.</param>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Income">The income; absent if it is none, or unvalued.</param>
/// <param name="Expense">The expense, likewise.</param>
/// <param name="Contribution">The contribution, likewise.</param>
/// <param name="Price">The price that valued it, if one did.</param>
/// <param name="Quality">The worst evidence that it rests on.</param>
/// <param name="IsComplete">Whether its value is known.</param>
/// <param name="Source">Who says that it happened.</param>
/// <param name="Reference">Where that is written.</param>
/// <param name="PayloadHash">The hash of what was received.</param>
/// <param name="Path">Where everything that the entry brought forth is opened.</param>
public sealed record FlowRow(
    FlowKind Kind,
    FactId Fact,
    long Entry,
    Instant At,
    AccountId Account,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount? Income,
    Amount? Expense,
    Amount? Contribution,
    PriceRow? Price,
    EvidenceQuality Quality,
    bool IsComplete,
    string? Source,
    string? Reference,
    string? PayloadHash,
    string Path);

/// <summary>Income, interest, fees and contributions.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Flows">In the order in which they happened.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record FlowsAnswer(Standpoint Viewpoint, ImmutableArray<FlowRow> Flows, string? Next);

/// <summary>Income, an expense or a contribution, whichever it is.</summary>
internal sealed record Flow(
    FlowKind Kind,
    FactId Fact,
    long Entry,
    Instant At,
    AccountId Account,
    AssetId Asset,
    Quantity Quantity,
    Amount? Value,
    PriceUsed? Price,
    EvidenceQuality Quality)
{
    private bool IsContribution => Kind == FlowKind.Contribution;

    /// <summary>Whether it is income; a difference of cash is what it is in its rows.</summary>
    public bool IsIncome { get; init; }

    /// <summary>The flows of an entry.</summary>
    public static IEnumerable<Flow> Of(BookRows rows) =>
    [
        .. rows.Contributions.Select(one => new Flow(
            FlowKind.Contribution, one.Fact, one.Entry, one.At, one.Account, one.Asset, one.Quantity, one.Value,
            one.Price, one.Quality)),
        .. rows.Incomes.Select(one => new Flow(
            one.Kind switch
            {
                IncomeKind.Yield => FlowKind.Yield,
                IncomeKind.SupplyInterest => FlowKind.SupplyInterest,
                _ => FlowKind.CashDifference,
            },
            one.Fact, one.Entry, one.At, one.Account, one.Asset, one.Quantity, one.Value, one.Price, one.Quality)
        {
            IsIncome = true,
        }),
        .. rows.Expenses.Select(one => new Flow(
            one.Kind switch
            {
                ExpenseKind.Fee => FlowKind.Fee,
                ExpenseKind.Interest => FlowKind.Interest,
                ExpenseKind.LiquidationExcess => FlowKind.LiquidationExcess,
                _ => FlowKind.CashDifference,
            },
            one.Fact, one.Entry, one.At, one.Account, one.Asset, one.Quantity, one.Value, one.Price, one.Quality)),
    ];

    /// <summary>A flow as callers see it.</summary>
    public FlowRow Row(DerivedStand stand) => new(
        Kind, Fact, Entry, At, Account, Asset, stand.Seen.Tokens(Asset, Quantity), IsIncome ? Value : null,
        IsIncome || IsContribution ? null : Value, IsContribution ? Value : null, PriceRow.Of(Price, At), Quality,
        Value is not null, null, null, null, stand.Links.Figures(Entry));
}

/// <summary>What a price valued.</summary>
public enum PricedKind
{
    /// <summary>The proceeds of a disposal.</summary>
    Disposal,

    /// <summary>The cost of a lot.</summary>
    Acquisition,

    /// <summary>A fee that an acquisition or disposal bears.</summary>
    Fee,

    /// <summary>Income, an expense or a contribution.</summary>
    Flow,

    /// <summary>The debt that a liquidation covered.</summary>
    Liquidation,
}

/// <summary>One use of a price, with the evidence of the price.</summary>
/// <param name="Kind">What it valued.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="At">When.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens; absent for a fee.</param>
/// <param name="Value">What it came to; absent for a fee, which stands in a figure with others.</param>
/// <param name="Price">The price, its source and its age then.</param>
/// <param name="Reference">Where the price is written.</param>
/// <param name="PayloadHash">The hash of what was received.</param>
/// <param name="Path">Where the price is opened; absent if it is par by definition.</param>
public sealed record PriceUseRow(
    PricedKind Kind,
    FactId Fact,
    long Entry,
    Instant At,
    AssetId Asset,
    ExactDecimal? Quantity,
    Amount? Value,
    PriceRow Price,
    string? Reference,
    string? PayloadHash,
    string? Path);

/// <summary>Every use of a price.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Uses">In the order in which what they valued happened.</param>
/// <param name="Next">Pass it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record PriceEvidenceAnswer(Standpoint Viewpoint, ImmutableArray<PriceUseRow> Uses, string? Next);

/// <summary>One use of a price.</summary>
internal sealed record PriceUse(
    PricedKind Kind, FactId Fact, long Entry, Instant At, AssetId Asset, Quantity? Quantity, Amount? Value,
    PriceUsed Price)
{
    /// <summary>When it was used, where that is not when the entry happened.</summary>
    public Instant UsedAt { get; init; } = At;

    /// <summary>The uses of an entry.</summary>
    public static IEnumerable<PriceUse> Of(BookRows rows)
    {
        foreach (var one in rows.Disposals)
        {
            if (one.Price is { } price)
            {
                yield return new PriceUse(
                    PricedKind.Disposal, one.Fact, one.Entry, one.At, one.Asset, one.Quantity, one.Proceeds, price);
            }

            foreach (var fee in one.FeePrices)
            {
                yield return new PriceUse(PricedKind.Fee, one.Fact, one.Entry, one.At, one.Asset, null, null, fee);
            }
        }

        foreach (var one in rows.Lots)
        {
            if (one.Price is { } price)
            {
                yield return new PriceUse(
                    PricedKind.Acquisition, one.LotId.Fact, one.Entry, one.At, one.Asset, one.Quantity, one.Value,
                    price)
                {
                    UsedAt = one.Origin == LotOrigin.Opening ? one.AcquiredAt : one.At,
                };
            }

            foreach (var fee in one.FeePrices)
            {
                yield return new PriceUse(
                    PricedKind.Fee, one.LotId.Fact, one.Entry, one.At, one.Asset, null, null, fee);
            }
        }

        foreach (var one in Flow.Of(rows))
        {
            if (one.Price is { } price)
            {
                yield return new PriceUse(
                    PricedKind.Flow, one.Fact, one.Entry, one.At, one.Asset, one.Quantity, one.Value, price);
            }
        }

        foreach (var one in rows.Liquidations)
        {
            if (one.Price is { } price)
            {
                yield return new PriceUse(
                    PricedKind.Liquidation, one.Fact, one.Entry, one.At, one.CoveredAsset, one.Covered,
                    one.CoveredValue, price);
            }
        }
    }

    /// <summary>A use as callers see it.</summary>
    public PriceUseRow Row(DerivedStand stand) => new(
        Kind, Fact, Entry, At, Asset, Quantity is { } units ? stand.Seen.Tokens(Asset, units) : null, Value,
        PriceRow.Of(Price, UsedAt)!, null, null, Price.Position == 0 ? null : stand.Links.Price(Price.Position));
}
