using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// The disposals of one day count as one (SPEC 14.2): each gets its part of every lot that the day takes, so that a
/// unit costs the same in all of them. Parts are <c>floor(part × own units left ÷ units left)</c>, the last disposal
/// gets the rest; units and cost are conserved.
/// </summary>
internal static class DayShares
{
    public static IEnumerable<SettledDisposal> Of(
        IReadOnlyList<WaitingDisposal> disposals, List<RuledSlice> slices, BigInteger missing, int finalFromDay)
    {
        if (disposals.Count == 1)
        {
            return [new SettledDisposal(disposals[0], [.. slices], missing, finalFromDay)];
        }

        var shares = disposals.Select(_ => ImmutableArray.CreateBuilder<RuledSlice>()).ToList();
        var wants = disposals.Select(disposal => disposal.What.Quantity.Units).ToArray();
        foreach (var ruled in slices)
        {
            var (unitsLeft, costLeft) = (ruled.Slice.Units, ruled.Slice.Cost);
            var parts = Parts(unitsLeft, wants);
            for (var i = 0; i < parts.Length; i++)
            {
                if (!parts[i].IsZero)
                {
                    var cost = parts[i] == unitsLeft ? costLeft : Rounding.DivideFloor(costLeft * parts[i], unitsLeft);
                    shares[i].Add(ruled with { Slice = ruled.Slice with { Units = parts[i], Cost = cost } });
                    (unitsLeft, costLeft) = (unitsLeft - parts[i], costLeft - cost);
                }
            }
        }

        return disposals.Select((disposal, i) =>
            new SettledDisposal(disposal, shares[i].ToImmutable(), wants[i], finalFromDay));
    }

    /// <summary>Lays units over what is wanted, by proportion, and takes them off it.</summary>
    private static BigInteger[] Parts(BigInteger units, BigInteger[] wants)
    {
        var parts = new BigInteger[wants.Length];
        var wanted = wants.Aggregate(BigInteger.Zero, (sum, want) => sum + want);
        for (var i = 0; i < wants.Length && !units.IsZero; i++)
        {
            parts[i] = Rounding.DivideFloor(units * wants[i], wanted);
            wanted -= wants[i];
            units -= parts[i];
            wants[i] -= parts[i];
        }

        return parts;
    }
}
