using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>A step of a depth curve.</summary>
/// <param name="Units">Units that were sold in all where the step ends (inclusive), more than the step before.</param>
/// <param name="ImpactBps">How far below the price its units sell, 0 to 10,000, not less than the step before.</param>
public sealed record DepthStep(BigInteger Units, int ImpactBps);

/// <summary>What a market takes: the more is sold, the less each further unit brings.</summary>
public sealed class DepthCurve
{
    private readonly ImmutableArray<DepthStep> _steps;

    /// <summary>A curve of steps.</summary>
    /// <exception cref="ArgumentException">Steps do not grow, or an impact falls or is out of range.</exception>
    public DepthCurve(ImmutableArray<DepthStep> steps)
    {
        var before = new DepthStep(0, 0);
        foreach (var step in steps)
        {
            if (step.Units <= before.Units || step.ImpactBps < before.ImpactBps || step.ImpactBps > PercentageMath.One)
            {
                throw new ArgumentException("Steps of a depth curve go to more units and never to less impact.");
            }

            before = step;
        }

        _steps = steps;
    }

    /// <summary>Units that can be sold in all.</summary>
    public BigInteger Depth => _steps.IsEmpty ? 0 : _steps[^1].Units;

    /// <summary>Where steps end.</summary>
    public IEnumerable<BigInteger> Ends => _steps.Select(step => step.Units);

    /// <summary>The same impact for any quantity.</summary>
    public static DepthCurve Flat(int impactBps) => new([new DepthStep(Uint256.Max, impactBps)]);

    /// <summary>
    /// What units bring, as units × 10⁴: divided by 10⁴ they are the units that would bring as much at the full price.
    /// </summary>
    /// <param name="sold">Units sold before, 0 or more.</param>
    /// <param name="units">Units to sell now; what exceeds the depth brings nothing.</param>
    public BigInteger Brings(BigInteger sold, BigInteger units)
    {
        var (from, to, sum) = (sold, sold + units, BigInteger.Zero);
        foreach (var step in _steps)
        {
            if (step.Units <= from)
            {
                continue;
            }

            var here = BigInteger.Min(step.Units, to) - from;
            sum += here * (PercentageMath.One - step.ImpactBps);
            from += here;
            if (from >= to)
            {
                break;
            }
        }

        return sum;
    }

    /// <summary>How far below the price the market stands after so many units; beyond its depth as there.</summary>
    public int ImpactBps(BigInteger sold) => sold.IsZero || _steps.IsEmpty
        ? 0
        : (_steps.FirstOrDefault(step => step.Units >= sold) ?? _steps[^1]).ImpactBps;
}
