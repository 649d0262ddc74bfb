using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Measurement;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Statements;

/// <summary>A report of fair values while it is added up.</summary>
internal sealed class FairValueSums(IReadOnlyList<Period> periods, int digits)
{
    private readonly SortedDictionary<(int Period, AssetId Asset), Sums> _sums = [];
    private readonly Dictionary<int, ImmutableSortedDictionary<AssetId, CarryingAmount>> _ends = [];

    /// <summary>What assets are carried at before the first period (0) or at the end of one.</summary>
    public void Stand(int end, IEnumerable<CarryingAmount> carried) =>
        _ends[end] = carried.ToImmutableSortedDictionary(one => one.Asset, one => one);

    /// <summary>What an entry of a period brought forth; those before the span (-1) are in none.</summary>
    public void Add(int period, BookRows rows)
    {
        if (period < 0)
        {
            return;
        }

        foreach (var lot in rows.Acquisitions)
        {
            Of(period, lot.Pool).Additions += lot.Cost ?? Amount.Zero;
        }

        foreach (var disposal in rows.Disposals)
        {
            var sums = Of(period, disposal.Pool);
            sums.Incomplete += disposal.IsComplete ? 0 : 1;
            if (disposal.MatchedProceeds is { } proceeds)
            {
                sums.Proceeds += proceeds;
                sums.CostBasis += disposal.MatchedCost;
            }
            else
            {
                sums.CostUnvalued += disposal.MatchedCost;
            }
        }

        foreach (var moved in rows.Moves.Where(moved => moved.From.Pool != moved.To.Pool))
        {
            Of(period, moved.From.Pool).Converted -= moved.Cost;
            Of(period, moved.To.Pool).Converted += moved.Cost;
        }
    }

    /// <summary>What the beginning of measuring at fair value put into equity.</summary>
    public void Add(int period, FairValueAdoption adoption)
    {
        if (period >= 0)
        {
            Of(period, adoption.Asset).Adoption += adoption.Adjustment;
        }
    }

    public FairValueReport ToReport()
    {
        var rows = new List<FairValueRow>();
        for (var period = 0; period < periods.Count; period++)
        {
            var (before, after) = (_ends[period], _ends[period + 1]);
            var touched = _sums.Keys.Where(key => key.Period == period).Select(key => key.Asset);
            rows.AddRange(before.Keys.Concat(after.Keys).Concat(touched).Distinct().Order()
                .Select(asset => RowOf(period, asset, before, after)));
        }

        return new FairValueReport
        {
            Rows = [.. rows],
            Lines = [.. LinesOf(rows)],
            Holdings = periods.Count == 0 ? [] : [.. _ends[periods.Count].Values],
        };
    }

    private FairValueRow RowOf(
        int period,
        AssetId asset,
        ImmutableSortedDictionary<AssetId, CarryingAmount> before,
        ImmutableSortedDictionary<AssetId, CarryingAmount> after)
    {
        var sums = _sums.GetValueOrDefault((period, asset)) ?? new Sums();
        var opening = before.GetValueOrDefault(asset) ?? CarryingAmount.None(asset);
        var closing = after.GetValueOrDefault(asset) ?? CarryingAmount.None(asset);
        var rematched = closing.Cost - opening.Cost - sums.Additions - sums.Converted + sums.CostBasis
            + sums.CostUnvalued;
        return new FairValueRow(
            periods[period], asset, opening, closing, sums.Additions.RoundTo(digits), sums.Converted.RoundTo(digits),
            sums.Proceeds.RoundTo(digits), sums.CostBasis.RoundTo(digits), sums.CostUnvalued.RoundTo(digits),
            sums.Adoption.RoundTo(digits), sums.Incomplete, digits)
        {
            Rematched = rematched.RoundTo(digits),
        };
    }

    private IEnumerable<FairValueLine> LinesOf(List<FairValueRow> rows)
    {
        foreach (var row in rows)
        {
            yield return new FairValueLine(
                FairValueLineKind.ChangeInFairValue, row.Period, row.Asset, row.ChangeInFairValue);
        }

        foreach (var asset in rows.GroupBy(row => row.Asset).OrderBy(group => group.Key))
        {
            var (first, last) = (asset.First(), asset.Last());
            var lines = new (FairValueLineKind Kind, Amount? Amount)[]
            {
                (FairValueLineKind.RecognizedBefore, first.Opening.Remeasured?.RoundTo(digits)),
                (FairValueLineKind.Adoption, asset.Aggregate(Amount.Zero, (sum, row) => sum + row.Adoption)),
                (FairValueLineKind.UnrealizedAtEnd, Amount.Zero - last.Closing.Remeasured?.RoundTo(digits)),
            };
            foreach (var (kind, amount) in lines.Where(line => line.Amount is not { IsZero: true }))
            {
                yield return new FairValueLine(kind, null, asset.Key, amount);
            }
        }
    }

    private Sums Of(int period, AssetId asset) =>
        _sums.TryGetValue((period, asset), out var sums) ? sums : _sums[(period, asset)] = new Sums();

    private sealed class Sums
    {
        public Amount Additions { get; set; }

        public Amount Converted { get; set; }

        public Amount Proceeds { get; set; }

        public Amount CostBasis { get; set; }

        public Amount CostUnvalued { get; set; }

        public Amount Adoption { get; set; }

        public int Incomplete { get; set; }
    }
}
