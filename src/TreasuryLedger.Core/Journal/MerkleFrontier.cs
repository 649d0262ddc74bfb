using System.Numerics;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// A tree that grows leaf by leaf and keeps only the roots of its full parts, at most one of each height: what the next
/// root needs, and nothing else.
/// </summary>
public sealed class MerkleFrontier
{
    private readonly List<byte[]> _full = [];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>The root over all leaves so far (<see cref="MerkleTree"/>).</summary>
    public byte[] Root
    {
        get
        {
            if (_full.Count == 0)
            {
                return MerkleTree.Root([]);
            }

            var root = _full[^1];
            for (var i = _full.Count - 2; i >= 0; i--)
            {
                root = MerkleTree.Node(_full[i], root);
            }

            return root;
        }
    }

    /// <summary>Adds the next leaf.</summary>
    /// <param name="leaf">Its hash (<see cref="MerkleTree.Leaf"/>).</param>
    public void Add(byte[] leaf)
    {
        var hash = leaf;
        for (var ones = BitOperations.TrailingZeroCount(~Size); ones > 0; ones--)
        {
            hash = MerkleTree.Node(_full[^1], hash);
            _full.RemoveAt(_full.Count - 1);
        }

        _full.Add(hash);
        Size = checked(Size + 1);
    }
}
