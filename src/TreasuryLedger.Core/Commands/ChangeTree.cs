using System.Numerics;
using System.Runtime.CompilerServices;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Changes by instant (microseconds) in a persistent tree: leaves are sorted arrays, and every node knows the sum and
/// the lowest running sum of its part. What is added makes a new leaf and a new way up to the root and shares the rest.
/// All leaves are equally deep. The numbers are as wide as <see cref="Timeline"/> says, so sums never overflow.
/// </summary>
internal abstract class ChangeTree<T>
    where T : struct, INumber<T>
{
    private const int LeafMax = 32;
    private const int ChildrenMax = 16;

    private ChangeTree(long first, T sum, T lowest) => (First, Sum, Lowest) = (first, sum, lowest);

    /// <summary>Nodes on the way down.</summary>
    public abstract int Height { get; }

    /// <summary>Of all changes.</summary>
    public T Sum { get; }

    private long First { get; }

    /// <summary>The least of the sums after each instant of this part, without what came before it.</summary>
    private T Lowest { get; }

    /// <summary>The tree with more changes; those of one instant add up.</summary>
    /// <param name="tree">What they are added to, if there is anything.</param>
    /// <param name="instants">In order, at least one.</param>
    /// <param name="changes">As many.</param>
    public static ChangeTree<T> Add(ChangeTree<T>? tree, ReadOnlySpan<long> instants, ReadOnlySpan<T> changes)
    {
        var nodes = new List<ChangeTree<T>>();
        if (tree is null)
        {
            Leaf.Merge([], [], instants, changes, isLast: true, nodes);
        }
        else
        {
            tree.Add(instants, changes, isLast: true, nodes);
        }

        return RootOf(nodes);
    }

    /// <summary>The tree of changes at growing instants, with full nodes; they stay where they are.</summary>
    /// <param name="instants">At least one.</param>
    /// <param name="changes">As many.</param>
    public static ChangeTree<T> Of(ReadOnlyMemory<long> instants, ReadOnlyMemory<T> changes)
    {
        var nodes = new List<ChangeTree<T>>((instants.Length / LeafMax) + 1);
        for (var from = 0; from < instants.Length; from += LeafMax)
        {
            var length = Math.Min(LeafMax, instants.Length - from);
            nodes.Add(new Leaf(instants.Slice(from, length), changes.Slice(from, length)));
        }

        return RootOf(nodes);
    }

    /// <summary>The sum of changes up to an instant (inclusive).</summary>
    public abstract T SumAt(long at);

    /// <summary>The lowest running sum after an instant (exclusive), if anything changes there.</summary>
    /// <param name="from">The instant.</param>
    /// <param name="before">The sum of all changes before this part.</param>
    public abstract T? LowestAfter(long from, T before);

    /// <summary>The first instant after another (exclusive) with a running sum below a number.</summary>
    /// <inheritdoc cref="LowestAfter"/>
    public abstract long? FirstBelow(long from, T before, T needed);

    /// <summary>The changes after an instant (exclusive), in order, those that cancelled out included.</summary>
    public abstract IEnumerable<(long At, T Change)> After(long from);

    /// <summary>Writes all changes down in order, but those that cancelled out.</summary>
    public abstract void CopyTo(List<long> instants, List<T> changes);

    /// <summary>This part with more changes: the nodes that stand for it now, as deep as it is.</summary>
    /// <param name="instants">In order, at least one.</param>
    /// <param name="changes">As many.</param>
    /// <param name="isLast">Nothing stands behind this part, so what comes in order leaves full nodes behind.</param>
    /// <param name="to">Where the nodes go.</param>
    private protected abstract void Add(
        ReadOnlySpan<long> instants, ReadOnlySpan<T> changes, bool isLast, List<ChangeTree<T>> to);

    private static ChangeTree<T> RootOf(List<ChangeTree<T>> nodes)
    {
        while (nodes.Count > 1)
        {
            var parents = new List<ChangeTree<T>>((nodes.Count / ChildrenMax) + 1);
            Inner.Group(nodes, isLast: true, parents);
            nodes = parents;
        }

        return nodes[0];
    }

    /// <summary>The length of the next node of a row: full ones and a rest, or all alike.</summary>
    private static int NextOf(int left, int max, bool isLast)
    {
        var nodes = (left + max - 1) / max;
        return nodes <= 1 ? left : isLast ? max : (left + nodes - 1) / nodes;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a start does it for every leaf, once
    private static (T Sum, T Lowest) Fold(ReadOnlySpan<T> changes)
    {
        var (sum, lowest) = (changes[0], changes[0]);
        foreach (var change in changes[1..])
        {
            sum += change;
            lowest = T.Min(lowest, sum);
        }

        return (sum, lowest);
    }

    private static (T Sum, T Lowest) Fold(ReadOnlySpan<ChangeTree<T>> children)
    {
        var (sum, lowest) = (children[0].Sum, children[0].Lowest);
        foreach (var child in children[1..])
        {
            lowest = T.Min(lowest, sum + child.Lowest);
            sum += child.Sum;
        }

        return (sum, lowest);
    }

    private sealed class Leaf : ChangeTree<T>
    {
        // Parts of longer arrays, if a tree was made of them whole: those stay in memory as long as one such leaf does.
        private readonly ReadOnlyMemory<long> _instants;
        private readonly ReadOnlyMemory<T> _changes;

        public Leaf(ReadOnlyMemory<long> instants, ReadOnlyMemory<T> changes)
            : this(instants, changes, Fold(changes.Span))
        {
        }

        private Leaf(ReadOnlyMemory<long> instants, ReadOnlyMemory<T> changes, (T Sum, T Lowest) folded)
            : base(instants.Span[0], folded.Sum, folded.Lowest) => (_instants, _changes) = (instants, changes);

        public override int Height => 1;

        public override T SumAt(long at)
        {
            var sum = T.Zero;
            var instants = _instants.Span;
            var changes = _changes.Span;
            for (var i = 0; i < instants.Length && instants[i] <= at; i++)
            {
                sum += changes[i];
            }

            return sum;
        }

        public override T? LowestAfter(long from, T before)
        {
            T? lowest = null;
            var instants = _instants.Span;
            var changes = _changes.Span;
            for (var i = 0; i < instants.Length; i++)
            {
                before += changes[i];
                lowest = instants[i] <= from ? null : lowest is { } least ? T.Min(least, before) : before;
            }

            return lowest;
        }

        public override long? FirstBelow(long from, T before, T needed)
        {
            var instants = _instants.Span;
            var changes = _changes.Span;
            for (var i = 0; i < instants.Length; i++)
            {
                before += changes[i];
                if (instants[i] > from && before < needed)
                {
                    return instants[i];
                }
            }

            return null;
        }

        public override IEnumerable<(long At, T Change)> After(long from)
        {
            for (var i = 0; i < _instants.Length; i++)
            {
                if (_instants.Span[i] > from)
                {
                    yield return (_instants.Span[i], _changes.Span[i]);
                }
            }
        }

        public override void CopyTo(List<long> instants, List<T> changes)
        {
            if (!_changes.Span.Contains(T.Zero))
            {
                instants.AddRange(_instants.Span);
                changes.AddRange(_changes.Span);
                return;
            }

            for (var i = 0; i < _instants.Length; i++)
            {
                if (!T.IsZero(_changes.Span[i]))
                {
                    instants.Add(_instants.Span[i]);
                    changes.Add(_changes.Span[i]);
                }
            }
        }

        /// <summary>The leaves of two rows of changes together, each in order.</summary>
        public static void Merge(
            ReadOnlySpan<long> instants,
            ReadOnlySpan<T> changes,
            ReadOnlySpan<long> addedAt,
            ReadOnlySpan<T> added,
            bool isLast,
            List<ChangeTree<T>> to)
        {
            var (allAt, all) = (new long[instants.Length + addedAt.Length], new T[instants.Length + addedAt.Length]);
            var (i, j, count) = (0, 0, 0);
            while (i < instants.Length || j < addedAt.Length)
            {
                var isOld = j == addedAt.Length || (i < instants.Length && instants[i] <= addedAt[j]);
                var (at, change) = isOld ? (instants[i], changes[i++]) : (addedAt[j], added[j++]);
                if (count > 0 && allAt[count - 1] == at)
                {
                    all[count - 1] += change;
                    continue;
                }

                (allAt[count], all[count]) = (at, change);
                count++;
            }

            for (int from = 0, length; from < count; from += length)
            {
                length = NextOf(count - from, LeafMax, isLast);
                to.Add(length == all.Length
                    ? new Leaf(allAt, all)
                    : new Leaf(allAt.AsSpan(from, length).ToArray(), all.AsSpan(from, length).ToArray()));
            }
        }

        private protected override void Add(
            ReadOnlySpan<long> instants, ReadOnlySpan<T> changes, bool isLast, List<ChangeTree<T>> to) =>
            Merge(_instants.Span, _changes.Span, instants, changes, isLast, to);
    }

    private sealed class Inner : ChangeTree<T>
    {
        private readonly ChangeTree<T>[] _children;

        public Inner(ChangeTree<T>[] children)
            : this(children, Fold(children))
        {
        }

        private Inner(ChangeTree<T>[] children, (T Sum, T Lowest) folded)
            : base(children[0].First, folded.Sum, folded.Lowest)
        {
            _children = children;
            Height = 1 + children[0].Height;
        }

        public override int Height { get; }

        public override T SumAt(long at)
        {
            var sum = T.Zero;
            var index = IndexOf(at);
            foreach (var child in _children.AsSpan(0, index))
            {
                sum += child.Sum;
            }

            return sum + _children[index].SumAt(at);
        }

        public override T? LowestAfter(long from, T before)
        {
            T? lowest = null;
            foreach (var (index, child) in _children.Index())
            {
                var here = child.First > from ? before + child.Lowest
                    : IsPast(index, from) ? null
                    : child.LowestAfter(from, before);
                lowest = lowest is { } least && here is { } other ? T.Min(least, other) : lowest ?? here;
                before += child.Sum;
            }

            return lowest;
        }

        public override long? FirstBelow(long from, T before, T needed)
        {
            foreach (var (index, child) in _children.Index())
            {
                // Parts that never go below are left out whole; only the one around `from` may be entered in vain.
                if (!IsPast(index, from)
                    && before + child.Lowest < needed
                    && child.FirstBelow(from, before, needed) is { } found)
                {
                    return found;
                }

                before += child.Sum;
            }

            return null;
        }

        public override IEnumerable<(long At, T Change)> After(long from) =>
            _children.Where((_, index) => !IsPast(index, from)).SelectMany(child => child.After(from));

        public override void CopyTo(List<long> instants, List<T> changes)
        {
            foreach (var child in _children)
            {
                child.CopyTo(instants, changes);
            }
        }

        /// <summary>The nodes above a row of nodes.</summary>
        public static void Group(List<ChangeTree<T>> children, bool isLast, List<ChangeTree<T>> to)
        {
            for (int from = 0, length; from < children.Count; from += length)
            {
                length = NextOf(children.Count - from, ChildrenMax, isLast);
                to.Add(new Inner(children[from..(from + length)].ToArray()));
            }
        }

        private protected override void Add(
            ReadOnlySpan<long> instants, ReadOnlySpan<T> changes, bool isLast, List<ChangeTree<T>> to)
        {
            var children = new List<ChangeTree<T>>(_children.Length + 1);
            foreach (var (index, child) in _children.Index())
            {
                // What comes before the first child goes into it as well.
                var isEnd = index + 1 == _children.Length;
                var count = isEnd ? instants.Length : CountBefore(instants, _children[index + 1].First);
                if (count == 0)
                {
                    children.Add(child);
                    continue;
                }

                child.Add(instants[..count], changes[..count], isLast && isEnd, children);
                instants = instants[count..];
                changes = changes[count..];
            }

            Group(children, isLast, to);
        }

        private static int CountBefore(ReadOnlySpan<long> instants, long end)
        {
            var (low, high) = (0, instants.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = instants[middle] < end ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        /// <summary>The last child that begins at or before an instant, or the first.</summary>
        private int IndexOf(long at)
        {
            var index = _children.Length - 1;
            while (index > 0 && _children[index].First > at)
            {
                index--;
            }

            return index;
        }

        /// <summary>Whether all of a child lies at or before an instant, as far as its neighbour tells.</summary>
        private bool IsPast(int index, long at) => index + 1 < _children.Length && _children[index + 1].First <= at;
    }
}
