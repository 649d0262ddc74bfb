using System.Numerics;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Units of one asset at one account over effective time: a persistent balanced tree of changes by instant. Every node
/// knows the sum and the lowest running sum of its part, so that "are they there at every instant from t on?" costs a
/// walk from the root down, however long the history is and wherever a late fact falls. <c>null</c> is the empty one.
/// </summary>
internal sealed class Timeline
{
    private readonly BigInteger _change;
    private readonly BigInteger _sum;
    private readonly BigInteger _lowest; // of the sums after each instant of this part, without what came before it
    private readonly Timeline? _left;
    private readonly Timeline? _right;

    private Timeline(Instant at, BigInteger change, Timeline? left, Timeline? right)
    {
        (At, _change, _left, _right) = (at, change, left, right);
        Height = 1 + Math.Max(HeightOf(left), HeightOf(right));
        var here = SumOf(left) + change;
        _sum = here + SumOf(right);
        _lowest = left is null ? here : BigInteger.Min(left._lowest, here);
        _lowest = right is null ? _lowest : BigInteger.Min(_lowest, here + right._lowest);
    }

    /// <summary>Nodes on the longest way down.</summary>
    public int Height { get; }

    private Instant At { get; }

    /// <summary>The timeline with one more change; changes of one instant add up.</summary>
    public static Timeline Add(Timeline? tree, Instant at, Quantity change) => Add(tree, at, change.Units);

    /// <summary>Units at an instant (changes at the instant included).</summary>
    public static Quantity SumAt(Timeline? tree, Instant at)
    {
        var sum = BigInteger.Zero;
        while (tree is not null)
        {
            if (at < tree.At)
            {
                tree = tree._left;
            }
            else
            {
                sum += SumOf(tree._left) + tree._change;
                tree = tree._right;
            }
        }

        return new Quantity(sum);
    }

    /// <summary>The least units at any instant from <paramref name="from"/> (inclusive) on.</summary>
    public static Quantity LowestFrom(Timeline? tree, Instant from)
    {
        var lowest = SumAt(tree, from).Units;
        var before = BigInteger.Zero;
        while (tree is not null)
        {
            var here = before + SumOf(tree._left) + tree._change;
            if (tree.At <= from)
            {
                (before, tree) = (here, tree._right);
                continue;
            }

            lowest = BigInteger.Min(lowest, here);
            lowest = tree._right is null ? lowest : BigInteger.Min(lowest, here + tree._right._lowest);
            tree = tree._left;
        }

        return new Quantity(lowest);
    }

    /// <summary>The first instant from <paramref name="from"/> (inclusive) on with too few units, if any.</summary>
    public static Instant? FirstBelow(Timeline? tree, Instant from, Quantity needed) =>
        SumAt(tree, from) < needed ? from : FirstBelow(tree, BigInteger.Zero, from, needed.Units);

    /// <summary>The instants after <paramref name="from"/> (exclusive) at which units change, in order.</summary>
    public static IEnumerable<Instant> ChangesAfter(Timeline? tree, Instant from)
    {
        if (tree is null)
        {
            yield break;
        }

        if (tree.At > from)
        {
            foreach (var at in ChangesAfter(tree._left, from))
            {
                yield return at;
            }

            if (!tree._change.IsZero)
            {
                yield return tree.At;
            }
        }

        foreach (var at in ChangesAfter(tree._right, from))
        {
            yield return at;
        }
    }

    private static Timeline Add(Timeline? tree, Instant at, BigInteger change) => tree switch
    {
        null => new Timeline(at, change, null, null),
        _ when at == tree.At => new Timeline(at, tree._change + change, tree._left, tree._right),
        _ when at < tree.At => Balanced(tree, Add(tree._left, at, change), tree._right),
        _ => Balanced(tree, tree._left, Add(tree._right, at, change)),
    };

    private static Timeline Balanced(Timeline root, Timeline? left, Timeline? right)
    {
        if (HeightOf(left) > HeightOf(right) + 1)
        {
            var pivot = HeightOf(left!._left) >= HeightOf(left._right)
                ? left
                : RotatedLeft(left, left._left, left._right!);
            return RotatedRight(root, pivot, right);
        }

        if (HeightOf(right) > HeightOf(left) + 1)
        {
            var pivot = HeightOf(right!._right) >= HeightOf(right._left)
                ? right
                : RotatedRight(right, right._left!, right._right);
            return RotatedLeft(root, left, pivot);
        }

        return new Timeline(root.At, root._change, left, right);
    }

    private static Timeline RotatedLeft(Timeline root, Timeline? left, Timeline right) =>
        new(right.At, right._change, new Timeline(root.At, root._change, left, right._left), right._right);

    private static Timeline RotatedRight(Timeline root, Timeline left, Timeline? right) =>
        new(left.At, left._change, left._left, new Timeline(root.At, root._change, left._right, right));

    private static Instant? FirstBelow(Timeline? tree, BigInteger before, Instant from, BigInteger needed)
    {
        // Parts that never go below are left out whole; only along the bound `from` a part is entered in vain.
        if (tree is null || before + tree._lowest >= needed)
        {
            return null;
        }

        var here = before + SumOf(tree._left) + tree._change;
        return tree.At <= from
            ? FirstBelow(tree._right, here, from, needed)
            : FirstBelow(tree._left, before, from, needed)
                ?? (here < needed ? tree.At : FirstBelow(tree._right, here, from, needed));
    }

    private static int HeightOf(Timeline? tree) => tree?.Height ?? 0;

    private static BigInteger SumOf(Timeline? tree) => tree?._sum ?? BigInteger.Zero;
}
