using System.Numerics;

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

    /// <summary>The tree with one more change; changes of one instant add up.</summary>
    public static ChangeTree<T> Add(ChangeTree<T>? tree, long at, T change)
    {
        if (tree is null)
        {
            return new Leaf([at], [change]);
        }

        var (left, right) = tree.With(at, change, isLast: true);
        return right is null ? left : new Inner([left, right]);
    }

    /// <summary>The tree of changes at growing instants, with full nodes.</summary>
    /// <param name="instants">At least one.</param>
    /// <param name="changes">As many.</param>
    public static ChangeTree<T> Of(ReadOnlySpan<long> instants, ReadOnlySpan<T> changes)
    {
        var nodes = new List<ChangeTree<T>>();
        for (var from = 0; from < instants.Length; from += LeafMax)
        {
            var length = Math.Min(LeafMax, instants.Length - from);
            nodes.Add(new Leaf(instants.Slice(from, length).ToArray(), changes.Slice(from, length).ToArray()));
        }

        while (nodes.Count > 1)
        {
            nodes = [.. nodes.Chunk(ChildrenMax).Select(children => new Inner(children))];
        }

        return nodes[0];
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

    /// <summary>This part with one more change: itself anew, and what did not fit.</summary>
    /// <param name="at">When.</param>
    /// <param name="change">The change.</param>
    /// <param name="isLast">Nothing stands behind this part, so what comes in order leaves full nodes behind.</param>
    private protected abstract (ChangeTree<T> Left, ChangeTree<T>? Right) With(long at, T change, bool isLast);

    private static TItem[] Inserted<TItem>(TItem[] items, int index, TItem item)
    {
        var grown = new TItem[items.Length + 1];
        items.AsSpan(0, index).CopyTo(grown);
        grown[index] = item;
        items.AsSpan(index).CopyTo(grown.AsSpan(index + 1));
        return grown;
    }

    private static TItem[] Replaced<TItem>(TItem[] items, int index, TItem item)
    {
        var changed = (TItem[])items.Clone();
        changed[index] = item;
        return changed;
    }

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
        private readonly long[] _instants;
        private readonly T[] _changes;

        public Leaf(long[] instants, T[] changes)
            : this(instants, changes, Fold(changes))
        {
        }

        private Leaf(long[] instants, T[] changes, (T Sum, T Lowest) folded)
            : base(instants[0], folded.Sum, folded.Lowest) => (_instants, _changes) = (instants, changes);

        public override int Height => 1;

        public override T SumAt(long at)
        {
            var sum = T.Zero;
            for (var i = 0; i < _instants.Length && _instants[i] <= at; i++)
            {
                sum += _changes[i];
            }

            return sum;
        }

        public override T? LowestAfter(long from, T before)
        {
            T? lowest = null;
            for (var i = 0; i < _instants.Length; i++)
            {
                before += _changes[i];
                lowest = _instants[i] <= from ? null : lowest is { } least ? T.Min(least, before) : before;
            }

            return lowest;
        }

        public override long? FirstBelow(long from, T before, T needed)
        {
            for (var i = 0; i < _instants.Length; i++)
            {
                before += _changes[i];
                if (_instants[i] > from && before < needed)
                {
                    return _instants[i];
                }
            }

            return null;
        }

        public override IEnumerable<(long At, T Change)> After(long from) =>
            _instants.Zip(_changes).Where(change => change.First > from);

        public override void CopyTo(List<long> instants, List<T> changes)
        {
            for (var i = 0; i < _instants.Length; i++)
            {
                if (!T.IsZero(_changes[i]))
                {
                    instants.Add(_instants[i]);
                    changes.Add(_changes[i]);
                }
            }
        }

        private protected override (ChangeTree<T> Left, ChangeTree<T>? Right) With(long at, T change, bool isLast)
        {
            var found = at > _instants[^1] ? ~_instants.Length : Array.BinarySearch(_instants, at);
            if (found >= 0)
            {
                return (new Leaf(_instants, Replaced(_changes, found, _changes[found] + change)), null);
            }

            if (isLast && ~found == LeafMax)
            {
                return (this, new Leaf([at], [change]));
            }

            var (instants, changes) = (Inserted(_instants, ~found, at), Inserted(_changes, ~found, change));
            const int half = (LeafMax + 1) / 2;
            return instants.Length <= LeafMax
                ? (new Leaf(instants, changes), null)
                : (new Leaf(instants[..half], changes[..half]), new Leaf(instants[half..], changes[half..]));
        }
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

        private protected override (ChangeTree<T> Left, ChangeTree<T>? Right) With(long at, T change, bool isLast)
        {
            var index = IndexOf(at);
            var isEnd = isLast && index == _children.Length - 1;
            var (left, right) = _children[index].With(at, change, isEnd);
            if (right is null)
            {
                return (new Inner(Replaced(_children, index, left)), null);
            }

            if (isEnd && _children.Length == ChildrenMax)
            {
                return (new Inner(Replaced(_children, index, left)), new Inner([right]));
            }

            var children = Inserted(Replaced(_children, index, left), index + 1, right);
            const int half = (ChildrenMax + 1) / 2;
            return children.Length <= ChildrenMax
                ? (new Inner(children), null)
                : (new Inner(children[..half]), new Inner(children[half..]));
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
