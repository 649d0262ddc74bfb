using System.Numerics;
using System.Security.Cryptography;

namespace TreasuryLedger.Core.Journal;

/// <summary>Leaves of a tree, side by side.</summary>
/// <param name="From">The first, counted from 0.</param>
/// <param name="To">Behind the last (exclusive), greater than <paramref name="From"/>.</param>
public readonly record struct LeafRange(long From, long To)
{
    /// <summary>How many leaves.</summary>
    public long Count => checked(To - From);
}

/// <summary>
/// The Merkle tree of RFC 6962, section 2.1: its hashes, which hashes a proof consists of, and how a proof is checked
/// (by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2). Numbers of leaves count from 0. See PROOFS.md beside
/// this file.
/// </summary>
public static class MerkleTree
{
    /// <summary>The hash of a leaf: SHA-256 of a zero byte and the leaf's bytes.</summary>
    public static byte[] Leaf(ReadOnlySpan<byte> data)
    {
        Span<byte> bytes = data.Length < 256 ? stackalloc byte[data.Length + 1] : new byte[data.Length + 1];
        bytes[0] = 0;
        data.CopyTo(bytes[1..]);
        return SHA256.HashData(bytes);
    }

    /// <summary>The hash of a node over two others: SHA-256 of a byte of value 1 and the two hashes.</summary>
    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * HashChain.Length)];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + HashChain.Length)..]);
        return SHA256.HashData(bytes);
    }

    /// <summary>The hash over neighbouring leaves, put together from hashes that are known.</summary>
    /// <param name="range">Which leaves.</param>
    /// <param name="known">
    /// The hash of a part, or <c>null</c> where it is not known. It is asked for smaller and smaller parts, and must
    /// know at least single leaves.
    /// </param>
    /// <exception cref="InvalidOperationException">Not even a single leaf is known.</exception>
    public static byte[] Root(LeafRange range, Func<LeafRange, byte[]?> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (known(range) is { } hash)
        {
            return hash;
        }

        if (range.Count <= 1)
        {
            throw new InvalidOperationException($"The hash of leaf {range.From} is not known.");
        }

        var middle = range.From + LeftOf(range.Count);
        return Node(Root(range with { To = middle }, known), Root(range with { From = middle }, known));
    }

    /// <summary>The hash over a list of leaves.</summary>
    /// <param name="leaves">Their hashes (<see cref="Leaf"/>).</param>
    public static byte[] Root(IReadOnlyList<byte[]> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        return leaves.Count == 0
            ? SHA256.HashData([])
            : Root(new LeafRange(0, leaves.Count), range => range.Count == 1 ? leaves[(int)range.From] : null);
    }

    /// <summary>Which hashes prove that a leaf is in a tree, from the leaf's neighbour up to the root.</summary>
    /// <param name="leaf">The leaf; in the tree.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public static IReadOnlyList<LeafRange> InclusionPath(long leaf, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaf);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leaf, size);
        var path = new List<LeafRange>();
        var at = new LeafRange(0, size);
        while (at.Count > 1)
        {
            var middle = at.From + LeftOf(at.Count);
            var (left, right) = (at with { To = middle }, at with { From = middle });
            path.Add(leaf < middle ? right : left);
            at = leaf < middle ? left : right;
        }

        path.Reverse();
        return path;
    }

    /// <summary>Which hashes prove that a tree begins with all leaves of an earlier one.</summary>
    /// <param name="first">Leaves of the earlier tree; at least one.</param>
    /// <param name="second">Leaves of the later tree; at least as many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sizes are not so.</exception>
    public static IReadOnlyList<LeafRange> ConsistencyPath(long first, long second)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        var path = new List<LeafRange>();
        var at = new LeafRange(0, second);
        while (at.To != first)
        {
            var middle = at.From + LeftOf(at.Count);
            var (left, right) = (at with { To = middle }, at with { From = middle });
            path.Add(first <= middle ? right : left);
            at = first <= middle ? left : right;
        }

        if (at.From > 0) // the earlier tree's root is no node of the later one, so its last part must be said
        {
            path.Add(at);
        }

        path.Reverse();
        return path;
    }

    /// <summary>Whether a path proves that a leaf is in the tree of a root.</summary>
    /// <param name="hash">The leaf's hash (<see cref="Leaf"/>).</param>
    /// <param name="leaf">Where the leaf is said to be.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="path">The hashes of <see cref="InclusionPath"/>.</param>
    /// <param name="root">The tree's root.</param>
    public static bool ProvesInclusion(
        byte[] hash, long leaf, long size, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(path);
        if (leaf < 0 || leaf >= size || !AreHashes(path))
        {
            return false;
        }

        var (at, last, derived) = (leaf, size - 1, hash);
        foreach (var beside in path)
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                derived = Node(beside, derived);
                (at, last) = SkipMissing(at, last);
            }
            else
            {
                derived = Node(derived, beside);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && root.SequenceEqual(derived);
    }

    /// <summary>Whether a path proves that the tree of one root begins with all leaves of another's.</summary>
    /// <param name="first">Leaves of the earlier tree; at least one.</param>
    /// <param name="firstRoot">Its root.</param>
    /// <param name="second">Leaves of the later tree.</param>
    /// <param name="secondRoot">Its root.</param>
    /// <param name="path">The hashes of <see cref="ConsistencyPath"/>.</param>
    public static bool ProvesConsistency(
        long first, byte[] firstRoot, long second, ReadOnlySpan<byte> secondRoot, IReadOnlyList<byte[]> path)
    {
        ArgumentNullException.ThrowIfNull(firstRoot);
        ArgumentNullException.ThrowIfNull(path);
        if (first < 1 || first > second || !AreHashes(path) || (first == second) != (path.Count == 0))
        {
            return false;
        }

        if (first == second)
        {
            return secondRoot.SequenceEqual(firstRoot);
        }

        // The root of a full tree is itself a node of every later one, and need not be said.
        var (at, last) = ((first - 1) >> BitOperations.TrailingZeroCount(~(first - 1)),
            (second - 1) >> BitOperations.TrailingZeroCount(~(first - 1)));
        var isFull = BitOperations.IsPow2(first);
        var start = isFull ? firstRoot : path[0];
        var (earlier, later) = (start, start);
        foreach (var beside in isFull ? path : path.Skip(1))
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                (earlier, later) = (Node(beside, earlier), Node(beside, later));
                (at, last) = SkipMissing(at, last);
            }
            else
            {
                later = Node(later, beside);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && firstRoot.AsSpan().SequenceEqual(earlier) && secondRoot.SequenceEqual(later);
    }

    /// <summary>At the right edge a node may have no neighbour: it moves up until it is a right child.</summary>
    private static (long At, long Last) SkipMissing(long at, long last)
    {
        while ((at & 1) == 0 && at != 0)
        {
            (at, last) = (at >> 1, last >> 1);
        }

        return (at, last);
    }

    /// <summary>Leaves of the left part: the largest power of two that is smaller than the whole.</summary>
    private static long LeftOf(long count) => 1L << BitOperations.Log2((ulong)(count - 1));

    private static bool AreHashes(IReadOnlyList<byte[]> path) => path.All(hash => hash.Length == HashChain.Length);
}
