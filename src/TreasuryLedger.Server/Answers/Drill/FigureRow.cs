using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Lists;

namespace TreasuryLedger.Server.Answers.Drill;

/// <summary>What an entry can bring forth.</summary>
public enum FigureKind
{
    /// <summary>Units left for consideration.</summary>
    Disposal,

    /// <summary>A lot came in.</summary>
    Lot,

    /// <summary>A part of a lot went elsewhere or into other units.</summary>
    Move,

    /// <summary>Units came as income.</summary>
    Income,

    /// <summary>Something was spent.</summary>
    Expense,

    /// <summary>Owners put something in.</summary>
    Contribution,

    /// <summary>A lender seized something.</summary>
    Liquidation,
}

/// <summary>What a price was to a figure.</summary>
public enum PriceRole
{
    /// <summary>It valued the units, or what was exchanged for them.</summary>
    Value,

    /// <summary>It converted a value that the source states in another currency.</summary>
    Conversion,

    /// <summary>It valued a fee in it.</summary>
    Fee,
}

/// <summary>A figure that an entry brought forth.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The lot of a lot or move; otherwise fact and leg.</param>
/// <param name="Entry">The entry.</param>
/// <param name="At">When.</param>
/// <param name="Account">Where, if it is at one place.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Value">Proceeds, cost, income or expense; absent if nobody knows.</param>
/// <param name="Gain">Of a disposal: the realized gain; absent if it is not complete.</param>
/// <param name="Quality">The worst evidence that it rests on.</param>
/// <param name="Role">What the price that is asked about was to it.</param>
/// <param name="Path">Where it is opened.</param>
public sealed record FigureRow(
    FigureKind Kind,
    LotId Name,
    long Entry,
    Instant At,
    AccountId? Account,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount? Value,
    Amount? Gain,
    EvidenceQuality? Quality,
    PriceRole? Role,
    string Path)
{
    /// <summary>The rows of a fold as figures, kind by kind.</summary>
    /// <param name="seen">The treasury.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="links">Where they are opened.</param>
    /// <param name="price">The price that is asked about, if one is.</param>
    public static ImmutableArray<FigureRow> Of(Seen seen, BookRows rows, Links links, long? price = null) =>
    [
        .. rows.Disposals.Select(row => new FigureRow(
            FigureKind.Disposal, new LotId(row.Fact, row.Leg), row.Entry, row.At, row.Account, row.Asset,
            seen.Tokens(row.Asset, row.Quantity), row.Proceeds, row.RealizedGain, row.Quality,
            RoleOf(row.Price, false, price),
            links.Disposal(row.Fact, row.Leg))),
        .. rows.Lots.Select(row => new FigureRow(
            FigureKind.Lot, row.LotId, row.Entry, row.At, row.Account == default ? null : row.Account, row.Asset,
            seen.Tokens(row.Pool, row.Quantity), row.Cost, null, row.Quality, RoleOf(row.Price, row.IsStated, price),
            links.Lot(row.LotId))),
        .. rows.Carried.Select(row => new FigureRow(
            FigureKind.Move, row.LotId, row.Entry, row.At, row.To.Account, row.To.Pool,
            seen.Tokens(row.To.Pool, row.Came), row.CostCame, null, null, null, links.Lot(row.LotId))),
        .. rows.Incomes.Select(row => new FigureRow(
            FigureKind.Income, new LotId(row.Fact, 0), row.Entry, row.At, row.Account, row.Asset,
            seen.Tokens(row.Asset, row.Quantity), row.Value, null, row.Quality, RoleOf(row.Price, row.IsStated, price),
            links.Entry(row.Entry))),
        .. rows.Expenses.Select(row => new FigureRow(
            FigureKind.Expense, new LotId(row.Fact, row.Leg), row.Entry, row.At, row.Account, row.Asset,
            seen.Tokens(row.Asset, row.Quantity), row.Value, null, row.Quality, RoleOf(row.Price, false, price),
            links.Entry(row.Entry))),
        .. rows.Contributions.Select(row => new FigureRow(
            FigureKind.Contribution, new LotId(row.Fact, 0), row.Entry, row.At, row.Account, row.Asset,
            seen.Tokens(row.Asset, row.Quantity), row.Value, null, row.Quality, RoleOf(row.Price, row.IsStated, price),
            links.Entry(row.Entry))),
        .. rows.Liquidations.Select(row => new FigureRow(
            FigureKind.Liquidation, new LotId(row.Fact, 0), row.Entry, row.At, row.Position, row.SeizedAsset,
            seen.Tokens(row.SeizedAsset, row.Seized), row.CoveredValue, null, row.Quality,
            RoleOf(row.Price, false, price),
            links.Disposal(row.Fact, 0))),
    ];

    /// <summary>The figure as a line.</summary>
    public Tree Tell() => new(
        $"{ListRows.Word(Kind)} {Name} at {At}: {Quantity} {Asset}{(Account is null ? "" : $" at {Account}")}, "
        + $"{Tree.Known(Value)}{(Gain is null ? "" : $", gain {Gain}")}"
        + (Role is { } role ? $" (price as {ListRows.Word(role)})" : ""));

    private static PriceRole? RoleOf(PriceUsed? used, bool isStated, long? price) => price is null ? null
        : used?.Position != price ? PriceRole.Fee
        : isStated ? PriceRole.Conversion
        : PriceRole.Value;
}
