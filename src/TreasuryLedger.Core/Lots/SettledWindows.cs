using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>What a state comes to if nothing more happens: no disposal waits any more (SPEC 14.5).</summary>
/// <param name="Pools">All pools.</param>
/// <param name="Gains">The sums of all disposals.</param>
/// <param name="Waiting">The disposals that wait in truth.</param>
internal sealed record SettledWindows(
    ImmutableSortedDictionary<PoolPlace, LotPool> Pools,
    ImmutableSortedDictionary<AssetId, GainDays> Gains,
    ImmutableArray<(AssetId Pool, Disposal Row, GainTotals Sums)> Waiting)
{
    public static SettledWindows Of(BookState state)
    {
        var (pools, gains) = (state.OwnPools.ToBuilder(), state.OwnGains.ToBuilder());
        var waiting = ImmutableArray.CreateBuilder<(AssetId, Disposal, GainTotals)>();
        var rules = new TakeRules(state.Policy.Terms, state.Zone);
        var settled = new List<SettledDisposal>();
        foreach (var (asset, window) in state.Windows)
        {
            settled.Clear();
            var pool = window.Settled(settled);
            if (!pool.IsEmpty)
            {
                pools[new PoolPlace(asset, default)] = pool;
            }

            if (settled.Count == 0)
            {
                continue;
            }

            var days = (GainDays)(gains.GetValueOrDefault(asset) ?? new GainDays()).CopyFor(settled);
            foreach (var one in settled)
            {
                var (row, sums) = rules.Settle(asset, one);
                days.Add(one.Disposal.Day, sums);
                waiting.Add((asset, row, sums));
            }

            gains[asset] = days;
        }

        return new SettledWindows(pools.ToImmutable(), gains.ToImmutable(), waiting.ToImmutable());
    }
}
