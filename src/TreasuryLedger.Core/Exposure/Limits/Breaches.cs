using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Limits;

/// <summary>A time during which a limit does not hold.</summary>
/// <param name="Limit">Which.</param>
/// <param name="Subject">Of what.</param>
/// <param name="From">The first instant looked at (inclusive) at which it does not hold.</param>
/// <param name="Until">The first one after that at which it holds again; absent if none is known.</param>
/// <param name="First">The limit and the figure at its beginning.</param>
/// <param name="Worst">The figure that is furthest beyond.</param>
/// <param name="WorstAt">When that was.</param>
public sealed record Breach(
    LimitKind Limit,
    string Subject,
    Instant From,
    Instant? Until,
    BrokenLimit First,
    ExactDecimal? Worst,
    Instant WorstAt);

/// <summary>Joins what is broken at many instants to breaches (SPEC 9).</summary>
public static class Breaches
{
    /// <summary>The breaches, by their beginning, then limit and subject.</summary>
    /// <param name="seen">What is broken at each instant looked at, in order.</param>
    public static ImmutableArray<Breach> Of(IEnumerable<(Instant At, ImmutableArray<BrokenLimit> Broken)> seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var done = new List<Breach>();
        var open = new Dictionary<(LimitKind Limit, string Subject), Breach>();
        foreach (var (at, broken) in seen)
        {
            var now = broken.ToDictionary(one => (one.Limit, one.Subject));
            foreach (var over in open.Keys.Where(key => !now.ContainsKey(key)).ToList())
            {
                done.Add(open[over] with { Until = at });
                open.Remove(over);
            }

            foreach (var (key, one) in now)
            {
                open[key] = !open.TryGetValue(key, out var breach)
                    ? new Breach(one.Limit, one.Subject, at, null, one, one.Is, at)
                    : (one with { Is = breach.Worst }).IsWorse(one.Is)
                        ? breach with { Worst = one.Is, WorstAt = at }
                        : breach;
            }
        }

        return
        [
            .. done.Concat(open.Values).OrderBy(one => one.From).ThenBy(one => one.Limit)
                .ThenBy(one => one.Subject, StringComparer.Ordinal),
        ];
    }
}
