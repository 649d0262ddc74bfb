using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Units of one asset at one account over effective time: changes by instant in a persistent tree that knows sums and
/// lowest sums, so that "are they there at every instant from t on?" costs a walk from the root down, however long the
/// history is and wherever a late fact falls. <c>null</c> is the empty one.
/// </summary>
/// <remarks>
/// Numbers are 128 bits wide until the changes, all taken as positive, add up to more than 2^126; no sum of any of them
/// can overflow before. Then the timeline goes on in numbers without bounds.
/// </remarks>
internal sealed class Timeline
{
    private const int NarrowBits = 126;

    private static readonly Int128 GrossMax = Int128.One << NarrowBits;

    private readonly ChangeTree<Int128>? _narrow;
    private readonly Int128 _gross; // of the narrow tree: all its changes, taken as positive; at most GrossMax
    private readonly ChangeTree<BigInteger>? _wide;

    private Timeline(ChangeTree<Int128> narrow, Int128 gross) => (_narrow, _gross) = (narrow, gross);

    private Timeline(ChangeTree<BigInteger> wide) => _wide = wide;

    /// <summary>Nodes on the way down.</summary>
    public int Height => _narrow?.Height ?? _wide!.Height;

    /// <summary>The timeline with one more change; changes of one instant add up.</summary>
    public static Timeline Add(Timeline? timeline, Instant at, Quantity change) =>
        Add(timeline, [new UnitsChange(at.Microseconds, change.Units)]);

    /// <summary>The timeline with more changes; those of one instant add up.</summary>
    /// <param name="timeline">What they are added to, if there is anything.</param>
    /// <param name="changes">At least one, in any order; they are put in order.</param>
    public static Timeline Add(Timeline? timeline, List<UnitsChange> changes)
    {
        changes.Sort(static (left, right) => left.At.CompareTo(right.At));
        var (instants, narrow) = (new long[changes.Count], new Int128[changes.Count]);
        var (gross, isNarrow) = (timeline?._gross ?? 0, timeline?._wide is null);
        for (var i = 0; i < instants.Length; i++)
        {
            instants[i] = changes[i].At;
            isNarrow = isNarrow && changes[i].Units.GetBitLength() < NarrowBits;
            narrow[i] = isNarrow ? (Int128)changes[i].Units : 0;
            gross += isNarrow ? Int128.Abs(narrow[i]) : 0;
            isNarrow = isNarrow && gross <= GrossMax;
        }

        return isNarrow
            ? new Timeline(ChangeTree<Int128>.Add(timeline?._narrow, instants, narrow), gross)
            : new Timeline(ChangeTree<BigInteger>.Add(
                timeline?.Wide(), instants, changes.ConvertAll(change => change.Units).ToArray()));
    }

    /// <summary>The timeline of changes at growing instants.</summary>
    /// <param name="instants">In microseconds, at least one.</param>
    /// <param name="narrow">The changes, or none if they are wide.</param>
    /// <param name="wide">The changes, or none if they are narrow.</param>
    /// <exception cref="ArgumentException">They are not what <see cref="Changes"/> gives.</exception>
    public static Timeline Of(
        ImmutableArray<long> instants, ImmutableArray<Int128> narrow, ImmutableArray<BigInteger> wide)
    {
        for (var i = 1; i < instants.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(instants[i], instants[i - 1]);
        }

        ArgumentOutOfRangeException.ThrowIfZero(instants.Length);
        if (narrow.IsEmpty)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(wide.Length, instants.Length);
            return new Timeline(ChangeTree<BigInteger>.Of(instants.AsMemory(), wide.AsMemory()));
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(narrow.Length, instants.Length);
        var gross = Int128.Zero;
        foreach (var change in narrow.AsSpan())
        {
            gross += Int128.Abs(change);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(gross, GrossMax);
        }

        return new Timeline(ChangeTree<Int128>.Of(instants.AsMemory(), narrow.AsMemory()), gross);
    }

    /// <summary>The changes that did not cancel out; narrow or wide by what they add up to.</summary>
    public (ImmutableArray<long> Instants, ImmutableArray<Int128> Narrow, ImmutableArray<BigInteger> Wide) Changes()
    {
        var (instants, narrow, wide) = (new List<long>(), new List<Int128>(), new List<BigInteger>());
        _narrow?.CopyTo(instants, narrow);
        _wide?.CopyTo(instants, wide);
        var isWide = wide.Aggregate(BigInteger.Zero, (sum, change) => sum + BigInteger.Abs(change)) > GrossMax;
        return isWide
            ? ([.. instants], [], [.. wide])
            : ([.. instants], [.. narrow, .. wide.Select(change => (Int128)change)], []);
    }

    /// <summary>Units at an instant (changes at the instant included).</summary>
    public static Quantity SumAt(Timeline? timeline, Instant at) => timeline is null
        ? Quantity.Zero
        : new Quantity(timeline._wide?.SumAt(at.Microseconds) ?? timeline._narrow!.SumAt(at.Microseconds));

    /// <summary>The least units at any instant from <paramref name="from"/> (inclusive) on.</summary>
    public static Quantity LowestFrom(Timeline? timeline, Instant from)
    {
        var here = SumAt(timeline, from);
        var later = timeline?._wide is { } wide
            ? wide.LowestAfter(from.Microseconds, BigInteger.Zero)
            : timeline?._narrow!.LowestAfter(from.Microseconds, Int128.Zero);
        return later is { } lowest ? Quantity.Min(here, new Quantity(lowest)) : here;
    }

    /// <summary>The first instant from <paramref name="from"/> (inclusive) on with too few units, if any.</summary>
    public static Instant? FirstBelow(Timeline? timeline, Instant from, Quantity needed)
    {
        if (SumAt(timeline, from) < needed)
        {
            return from;
        }

        // Not more is needed than there is at `from`, so the number fits, unless it is so low that nothing is below.
        var found = timeline?._wide is { } wide
            ? wide.FirstBelow(from.Microseconds, BigInteger.Zero, needed.Units)
            : needed.Sign >= 0 || needed.Units.GetBitLength() <= NarrowBits
                ? timeline?._narrow!.FirstBelow(from.Microseconds, Int128.Zero, (Int128)needed.Units)
                : null;
        return found is { } at ? new Instant(at) : null;
    }

    /// <summary>The instants after <paramref name="from"/> (exclusive) at which units change, in order.</summary>
    public static IEnumerable<Instant> ChangesAfter(Timeline? timeline, Instant from) => timeline switch
    {
        { _narrow: { } narrow } => Changing(narrow, from),
        { _wide: { } wide } => Changing(wide, from),
        _ => [],
    };

    private static IEnumerable<Instant> Changing<T>(ChangeTree<T> tree, Instant from)
        where T : struct, INumber<T> =>
        tree.After(from.Microseconds).Where(change => !T.IsZero(change.Change)).Select(one => new Instant(one.At));

    private ChangeTree<BigInteger> Wide()
    {
        if (_wide is not null)
        {
            return _wide;
        }

        var (instants, changes) = (new List<long>(), new List<Int128>());
        _narrow!.CopyTo(instants, changes);
        return instants.Count == 0
            ? ChangeTree<BigInteger>.Add(null, [0], [BigInteger.Zero])
            : ChangeTree<BigInteger>.Of(
                instants.ToArray(), changes.ConvertAll(change => (BigInteger)change).ToArray());
    }
}
