using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Answers;

namespace TreasuryLedger.Server.Lists.Derived;

/// <summary>What the rows of one asset or kind add up to; members that a list does not have are left out.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Kind">Of which kind.</param>
/// <param name="Rows">How many.</param>
/// <param name="Quantity">Whole tokens: disposed of, acquired, sent or open.</param>
/// <param name="Arrived">Of transfers: whole tokens that arrived.</param>
/// <param name="BasisMissing">Whole tokens of them whose cost nobody knows.</param>
/// <param name="Cost">Of lots: the known cost.</param>
/// <param name="Figures">Of disposals: the figures, rounded once as a row of realized gains.</param>
/// <param name="Exact">Of disposals: the figures as they add up, to the last digit.</param>
public sealed record DerivedSum(
    AssetId? Asset,
    string? Kind,
    long Rows,
    ExactDecimal? Quantity,
    ExactDecimal? Arrived,
    ExactDecimal? BasisMissing,
    Amount? Cost,
    GainSums? Figures,
    GainSums? Exact);

/// <summary>What a filtered list adds up to.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Rows">How many rows match.</param>
/// <param name="Sums">By asset, then kind.</param>
public sealed record DerivedSumsAnswer(Standpoint Viewpoint, long Rows, ImmutableArray<DerivedSum> Sums);

/// <summary>Sums while rows are added.</summary>
internal sealed class DerivedTally
{
    public long Rows { get; set; }

    public Quantity? Quantity { get; set; }

    public Quantity? Arrived { get; set; }

    public Quantity? BasisMissing { get; set; }

    public Amount? Cost { get; set; }

    public GainTotals? Figures { get; set; }
}

/// <summary>Sums by asset and kind.</summary>
internal sealed class DerivedTallies
{
    private readonly SortedDictionary<(AssetId Asset, string Kind), DerivedTally> _tallies = [];

    /// <summary>The sum to add a row to.</summary>
    /// <param name="asset">Of what; absent if it is of nothing.</param>
    /// <param name="kind">Of which kind; absent if kinds are not told apart.</param>
    public DerivedTally Of(AssetId? asset, string? kind = null)
    {
        var key = (asset ?? default, kind ?? "");
        if (!_tallies.TryGetValue(key, out var tally))
        {
            _tallies.Add(key, tally = new DerivedTally());
        }

        tally.Rows++;
        return tally;
    }

    /// <summary>The answer.</summary>
    public DerivedSumsAnswer Answer(Seen seen)
    {
        return new DerivedSumsAnswer(
            seen.Standpoint,
            _tallies.Values.Sum(tally => tally.Rows),
            [.. _tallies.Select(sum => Sum(sum.Key.Asset, sum.Key.Kind, sum.Value))]);

        DerivedSum Sum(AssetId asset, string kind, DerivedTally tally) => new(
            asset == default ? null : asset,
            kind.Length == 0 ? null : kind,
            tally.Rows,
            Tokens(asset, tally.Quantity),
            Tokens(asset, tally.Arrived),
            Tokens(asset, tally.BasisMissing),
            tally.Cost,
            tally.Figures is { } figures ? GainSums.Of(figures.RoundTo(seen.Digits)) : null,
            tally.Figures is { } exact ? GainSums.Of(exact) : null);

        ExactDecimal? Tokens(AssetId asset, Quantity? quantity) =>
            quantity is { } units ? seen.Tokens(asset, units) : null;
    }
}
