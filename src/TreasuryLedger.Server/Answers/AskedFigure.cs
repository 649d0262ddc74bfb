using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>A figure that series, restatements and bridges are asked for.</summary>
public enum BookFigure
{
    /// <summary>The exact realized gain up to asOf, on units whose cost and proceeds are known.</summary>
    RealizedGain,

    /// <summary>The exact known cost of open lots.</summary>
    CostBasis,

    /// <summary>What open lots with a known cost and a valid price are worth, as printed.</summary>
    MarketValue,

    /// <summary>Market value less cost basis of those lots, as printed.</summary>
    UnrealizedGain,
}

/// <summary>Which figure, and of which asset.</summary>
/// <param name="Kind">The figure.</param>
/// <param name="Asset">The asset whose lots count; absent if all.</param>
internal sealed record AskedFigure(BookFigure Kind, AssetId? Asset)
{
    /// <summary>The parameter that names the figure.</summary>
    public static ParameterText KindParameter => new(
        "figure", "query", typeof(BookFigure), "Which figure; without it the realized gain.", "realizedGain");

    /// <summary>The parameter that names the asset.</summary>
    public static ParameterText AssetParameter => new(
        "asset", "query", typeof(AssetId), "Only lots of this asset; without it all.", "ETH");

    /// <summary>Whether it changes with entries of the treasury only, and not with prices.</summary>
    public bool IsOfEntries => Kind is BookFigure.RealizedGain or BookFigure.CostBasis;

    /// <summary>The figure as an answer names it: absent where nobody asked for another than the usual one.</summary>
    public BookFigure? Named => Kind == BookFigure.RealizedGain ? null : Kind;

    /// <summary>Reads both parameters.</summary>
    /// <exception cref="ProblemException">One is not of its form.</exception>
    public static AskedFigure Read(QueryReader query) =>
        new(query.Word<BookFigure>("figure") ?? BookFigure.RealizedGain, query.Value<AssetId>("asset"));

    /// <summary>Refuses what the treasury cannot be asked.</summary>
    /// <exception cref="ProblemException">The asset, or the reporting currency, is not registered.</exception>
    public void Check(Seen seen)
    {
        if (Asset is { } named && !seen.At.Registers.Assets.ContainsKey(named))
        {
            throw ProblemException.Of(
                ErrorRegistry.Of(Core.Commands.RefusalCode.AssetUnknown).Code,
                $"The treasury has not registered an asset {named}.", ("asset", named));
        }

        _ = seen.Digits; // refused while the reporting currency is not registered
    }

    /// <summary>The figure, and how many assets with open lots have no valid price and are not in it.</summary>
    public (Amount Value, int Unvalued) Of(TreasuryAt at) => Kind switch
    {
        BookFigure.RealizedGain or BookFigure.CostBasis => (Of(at.State), 0),
        BookFigure.MarketValue => Valued(at, row => row.MarketValue!.Value),
        BookFigure.UnrealizedGain => Valued(at, row => row.Gain!.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(at), Kind, "No such figure."),
    };

    /// <summary>A figure that changes with entries only.</summary>
    public Amount Of(BookState state) => Kind switch
    {
        BookFigure.RealizedGain => Asset is { } pool
            ? state.Gains(state.Registers.PoolOf(pool), DateOnly.MinValue, DateOnly.MaxValue).Gain
            : state.RealizedGain,
        BookFigure.CostBasis => Sum(OpenTotals(state), open => open.Cost),
        _ => throw new ArgumentOutOfRangeException(nameof(state), Kind, "It needs prices."),
    };

    /// <summary>Whether nothing that belongs to the figure is left out for want of a basis or a price.</summary>
    public bool IsComplete(TreasuryAt at) => Kind switch
    {
        BookFigure.RealizedGain => at.State.IncompleteCount == 0,
        BookFigure.CostBasis => OpenTotals(at.State).All(open => open.BasisMissing.IsZero),
        _ => OpenTotals(at.State).All(open => open.BasisMissing.IsZero) && Of(at).Unvalued == 0,
    };

    private IEnumerable<OpenTotals> OpenTotals(BookState state) =>
        state.OpenTotals().Where(open => Asset is null || open.Pool == state.Registers.PoolOf(Asset.Value));

    private (Amount Value, int Unvalued) Valued(TreasuryAt at, Func<UnrealizedGainRow, Amount> amount)
    {
        var rows = UnrealizedGains.Of(at).Rows
            .Where(row => Asset is null || row.Asset == at.Registers.PoolOf(Asset.Value)).ToList();
        return (Sum(rows.Where(row => row.MarketValue is not null), amount),
            rows.Count(row => row.MarketValue is null));
    }

    private static Amount Sum<T>(IEnumerable<T> rows, Func<T, Amount> amount) =>
        rows.Aggregate(Amount.Zero, (sum, row) => sum + amount(row));
}
