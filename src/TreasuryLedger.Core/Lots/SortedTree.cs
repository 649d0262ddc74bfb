namespace TreasuryLedger.Core.Lots;

/// <summary>
/// A sorted list whose parts are shared: a copy of the value is a snapshot. Whoever changes it names an owner; parts of
/// another owner are copied before they change, so a snapshot costs what is changed after it and never the whole list.
/// Only the first item can be removed, because nothing here needs more.
/// </summary>
/// <remarks>Snapshots may be read by many at once. A new owner must be taken when a snapshot is handed out.</remarks>
internal struct SortedTree<T>
    where T : notnull
{
    // Narrow, because what a snapshot costs are the parts on the way to what was changed after it.
    private const int Width = 32;

    private Node? _root;

    public int Count { get; private set; }

    public readonly bool IsEmpty => Count == 0;

    public readonly T? First
    {
        get
        {
            var node = _root;
            while (node?.Children is { } children)
            {
                node = children[node.Start];
            }

            return node is null ? default : node.Items[node.Start];
        }
    }

    /// <summary>Adds an item that is not in it yet.</summary>
    public void Insert(T item, IComparer<T> order, object owner)
    {
        _root ??= new Node(owner, isLeaf: true);
        if (InsertInto(ref _root, item, order, owner) is { } right)
        {
            _root = Node.Parent(_root, right, owner);
        }

        Count++;
    }

    /// <summary>Removes the first item of a list that is not empty.</summary>
    public void RemoveFirst(object owner)
    {
        RemoveFirstOf(ref _root!, owner);
        Count--;
        while (_root is { Children: { } children, Count: 1 })
        {
            _root = children[_root.Start];
        }

        _root = Count == 0 ? null : _root;
    }

    /// <summary>The item that ranks with another; the default if there is none.</summary>
    public readonly T? Find(T like, IComparer<T> order)
    {
        var node = _root;
        while (node?.Children is { } children)
        {
            node = children[node.Start + node.ChildOf(like, order)];
        }

        var index = node?.FirstAfter(like, order) ?? 0;
        return index > 0 && order.Compare(node!.Items[node.Start + index - 1], like) == 0
            ? node.Items[node.Start + index - 1]
            : default;
    }

    /// <summary>Puts an item in the place of the one that ranks with it.</summary>
    public void Replace(T item, IComparer<T> order, object owner) =>
        ReplaceIn(ref _root!, item, order, owner);

    /// <summary>The items in order, from the first one on of which something is not true.</summary>
    /// <param name="isBefore">True for a beginning of the list and nothing after it; absent: from the start.</param>
    public readonly Cursor From(Func<T, bool>? isBefore = null) => new(_root, isBefore);

    private static Node? InsertInto(ref Node node, T item, IComparer<T> order, object owner)
    {
        node = node.OwnedBy(owner);
        if (node.Children is null)
        {
            var index = node.FirstAfter(item, order);
            if (node.Count < Width)
            {
                node.InsertAt(index, item, null);
                return null;
            }

            // What grows at its end fills its parts to the last place.
            var right = index == Width ? new Node(owner, isLeaf: true) : node.SplitOff(owner);
            var isFirstHalf = index <= node.Count && right.Count > 0;
            (isFirstHalf ? node : right).InsertAt(isFirstHalf ? index : index - node.Count, item, null);
            return right;
        }

        var child = node.ChildOf(item, order);
        var added = InsertInto(ref node.Children[node.Start + child], item, order, owner);
        if (added is null)
        {
            return null;
        }

        child++;
        if (node.Count < Width)
        {
            node.InsertAt(child, added.Items[added.Start], added);
            return null;
        }

        var sibling = child == Width ? new Node(owner, isLeaf: false) : node.SplitOff(owner);
        var isLeft = child <= node.Count && sibling.Count > 0;
        (isLeft ? node : sibling).InsertAt(isLeft ? child : child - node.Count, added.Items[added.Start], added);
        return sibling;
    }

    private static void ReplaceIn(ref Node node, T item, IComparer<T> order, object owner)
    {
        node = node.OwnedBy(owner);
        if (node.Children is null)
        {
            node.Items[node.Start + node.FirstAfter(item, order) - 1] = item;
        }
        else
        {
            ReplaceIn(ref node.Children[node.Start + node.ChildOf(item, order)], item, order, owner);
        }
    }

    private static void RemoveFirstOf(ref Node node, object owner)
    {
        node = node.OwnedBy(owner);
        if (node.Children is { } children)
        {
            ref var child = ref children[node.Start];
            RemoveFirstOf(ref child, owner);
            if (child.Count > 0)
            {
                return;
            }
        }

        node.DropFirst();
    }

    /// <summary>Goes through the items of a snapshot.</summary>
    public struct Cursor
    {
        private readonly Stack<(Node Node, int Next)> _inner = [];
        private Node? _leaf;
        private int _next;

        internal Cursor(Node? root, Func<T, bool>? isBefore)
        {
            var node = root;
            while (node?.Children is { } children)
            {
                var index = isBefore is null ? 0 : Math.Max(0, node.FirstNot(isBefore) - 1);
                _inner.Push((node, index + 1));
                node = children[node.Start + index];
            }

            _leaf = node;
            _next = node is null || isBefore is null ? 0 : node.FirstNot(isBefore);
        }

        public T Current { get; private set; } = default!;

        public readonly Cursor GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_leaf is not null && _next >= _leaf.Count)
            {
                _leaf = NextLeaf();
                _next = 0;
            }

            if (_leaf is null)
            {
                return false;
            }

            Current = _leaf.Items[_leaf.Start + _next++];
            return true;
        }

        private readonly Node? NextLeaf()
        {
            while (_inner.TryPop(out var at))
            {
                if (at.Next < at.Node.Count)
                {
                    _inner.Push((at.Node, at.Next + 1));
                    var child = at.Node.Children![at.Node.Start + at.Next];
                    if (child.Children is null)
                    {
                        return child;
                    }

                    _inner.Push((child, 0));
                }
            }

            return null;
        }
    }

    /// <summary>
    /// A part: a window of items or, further up, of children with a bound each: nothing in a child is before its bound
    /// and everything in the child before it is. The first child's bound is never asked for.
    /// </summary>
    internal sealed class Node
    {
        private readonly object _owner;

        public Node(object owner, bool isLeaf)
        {
            (_owner, Items) = (owner, new T[Width]);
            Children = isLeaf ? null : new Node[Width];
        }

        private Node(object owner, Node other)
        {
            (_owner, Start, Count) = (owner, other.Start, other.Count);
            Items = (T[])other.Items.Clone();
            Children = (Node[]?)other.Children?.Clone();
        }

        public T[] Items { get; }

        public Node[]? Children { get; }

        public int Start { get; private set; }

        public int Count { get; private set; }

        public static Node Parent(Node left, Node right, object owner)
        {
            var parent = new Node(owner, isLeaf: false);
            parent.InsertAt(0, left.Items[left.Start], left);
            parent.InsertAt(1, right.Items[right.Start], right);
            return parent;
        }

        public Node OwnedBy(object owner) => ReferenceEquals(_owner, owner) ? this : new Node(owner, this);

        /// <summary>The number of items that are not after another.</summary>
        public int FirstAfter(T item, IComparer<T> order)
        {
            // Most things come last, or first.
            if (Count == 0 || order.Compare(Items[Start + Count - 1], item) <= 0)
            {
                return Count;
            }

            var (low, high) = (0, Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = order.Compare(Items[Start + middle], item) <= 0 ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        /// <summary>The number of items of which something is true.</summary>
        public int FirstNot(Func<T, bool> isBefore)
        {
            var (low, high) = (0, Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = isBefore(Items[Start + middle]) ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        /// <summary>The child in which an item has its place.</summary>
        public int ChildOf(T item, IComparer<T> order) => Math.Max(0, FirstAfter(item, order) - 1);

        public void InsertAt(int index, T item, Node? child)
        {
            var goesLeft = Start > 0 && (Start + Count == Width || index < Count / 2);
            var (from, to, length) = goesLeft
                ? (Start, Start - 1, index)
                : (Start + index, Start + index + 1, Count - index);
            Start -= goesLeft ? 1 : 0;
            Count++;
            Array.Copy(Items, from, Items, to, length);
            Items[Start + index] = item;
            if (child is not null)
            {
                Array.Copy(Children!, from, Children!, to, length);
                Children![Start + index] = child;
            }
        }

        public void DropFirst()
        {
            Items[Start] = default!;
            if (Children is not null)
            {
                Children[Start] = null!;
            }

            Start++;
            Count--;
        }

        /// <summary>The second half, which is no longer in this one.</summary>
        public Node SplitOff(object owner)
        {
            var right = new Node(owner, Children is null);
            var keep = Count / 2;
            right.Count = Count - keep;
            Move(Items, right.Items);
            if (Children is not null)
            {
                Move(Children, right.Children!);
            }

            Count = keep;
            return right;

            void Move(Array mine, Array theirs)
            {
                Array.Copy(mine, Start + keep, theirs, 0, right.Count);
                Array.Clear(mine, Start + keep, right.Count);
            }
        }
    }
}
