using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Records, in a market book, an efficiency mode of a market as it is from now on.</summary>
public sealed record ConfigureEMode : Command
{
    private const int CategoryMax = 255;
    private const int AssetsMax = 128;
    private const int Digits = 4;

    /// <summary>The market, an id, e.g. aave-v3-ethereum.</summary>
    public required string Market { get; init; }

    /// <summary>Its number, 1 to 255.</summary>
    public required int Category { get; init; }

    /// <summary>Most that may be borrowed against its collateral, 0 to 1 (inclusive), four digits.</summary>
    public required ExactDecimal LoanToValueMax { get; init; }

    /// <summary>Loan-to-value at which its collateral may be liquidated, likewise.</summary>
    public required ExactDecimal LiquidationThreshold { get; init; }

    /// <summary>What a liquidator of its collateral gets on top, likewise.</summary>
    public required ExactDecimal LiquidationBonus { get; init; }

    /// <summary>Assets that have these terms as collateral.</summary>
    public ImmutableArray<AssetId> Collateral { get; init; } = [];

    /// <summary>Assets that may be borrowed in it.</summary>
    public ImmutableArray<AssetId> Borrowable { get; init; } = [];

    /// <summary>Collateral that nothing may be borrowed against (from version 3.6 on).</summary>
    public ImmutableArray<AssetId> LoanToValueZero { get; init; } = [];

    /// <summary>Whether other collateral has a loan-to-value of 0 in it (from version 3.7 on).</summary>
    public bool IsIsolated { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal == JournalKind.MarketBook;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(IdText.IsId(Market), "market", Texts.IdExpected);
        check.Number(
            new ExactDecimal(Category, 0), "category", Category is >= 1 and <= CategoryMax, $"1 to {CategoryMax}");
        Part(check, "loanToValueMax", LoanToValueMax);
        Part(check, "liquidationThreshold", LiquidationThreshold);
        Part(check, "liquidationBonus", LiquidationBonus);
        return check.Accept(new EModeConfigured(
            Market, Category, LoanToValueMax, LiquidationThreshold, LiquidationBonus,
            Assets(check, "collateral", Collateral), Assets(check, "borrowable", Borrowable),
            Assets(check, "loanToValueZero", LoanToValueZero), IsIsolated));
    }

    private static void Part(Checks check, string field, ExactDecimal part) => check.Number(
        part,
        field,
        part.Sign >= 0 && part <= ExactDecimal.One && part.TryMantissaAt(Digits, out _),
        $"0 to 1, with at most {Digits} digits after the point");

    /// <summary>In the order of ids, so that the same mode is the same content whoever tells it.</summary>
    private static ImmutableArray<AssetId> Assets(Checks check, string field, ImmutableArray<AssetId> assets)
    {
        assets = assets.IsDefault ? [] : assets;
        check.Term(
            assets.Length <= AssetsMax && assets.Distinct().Count() == assets.Length,
            field,
            $"must name each asset once, and at most {AssetsMax}");
        return [.. assets.Order()];
    }
}
