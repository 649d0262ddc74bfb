using System.Numerics;

namespace TreasuryLedger.Core.Exposure.Aave;

/// <summary>
/// Where an integer question changes its answer. Figures of accounts are found by asking the contract's own arithmetic
/// on both sides of a border, so that a rounding can never put them one unit off.
/// </summary>
internal static class Border
{
    /// <summary>The smallest number that holds, if none below <paramref name="no"/> (inclusive) does.</summary>
    /// <param name="no">Does not hold.</param>
    /// <param name="yes">Holds; more than <paramref name="no"/>.</param>
    /// <param name="holds">Once true, true for all larger ones up to <paramref name="yes"/>.</param>
    public static BigInteger First(BigInteger no, BigInteger yes, Func<BigInteger, bool> holds)
    {
        while (yes - no > 1)
        {
            var middle = (no + yes) / 2;
            (no, yes) = holds(middle) ? (no, middle) : (middle, yes);
        }

        return yes;
    }

    /// <summary>The same without a known end: it is looked for in steps that double, up to a limit.</summary>
    /// <param name="no">Does not hold; 0 or more.</param>
    /// <param name="limit">Asked last (inclusive).</param>
    /// <param name="holds">Once true, true for all larger ones.</param>
    /// <returns><c>null</c> if it does not hold up to the limit.</returns>
    public static BigInteger? FirstUpTo(BigInteger no, BigInteger limit, Func<BigInteger, bool> holds)
    {
        for (BigInteger step = 1; no < limit; step *= 2)
        {
            var next = BigInteger.Min(no + step, limit);
            if (holds(next))
            {
                return First(no, next, holds);
            }

            no = next;
        }

        return null;
    }
}
