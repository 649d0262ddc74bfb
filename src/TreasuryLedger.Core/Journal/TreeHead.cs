using System.Buffers;
using System.Text.Json;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// Where the tree over a journal's entries stands. Its leaves are the chain's hashes in their order, so it says of all
/// entries up to its size what they are. As a leaf itself it enters the head of heads.
/// </summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Journal">The journal's key.</param>
/// <param name="Size">Entries: the position of the newest one; 1 or more.</param>
/// <param name="RecordedAt">When that entry was recorded.</param>
/// <param name="Hash">The chain's hash there, lower-case hex.</param>
/// <param name="Root">The tree's root over all entries up to there, lower-case hex.</param>
public sealed record TreeHead(
    string Tenant, string Journal, long Size, Instant RecordedAt, string Hash, string Root)
{
    /// <summary>Its hash as a leaf of the tree over all journals of the tenant.</summary>
    public byte[] Leaf()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["tenant"] = Tenant,
            ["journal"] = Journal,
            ["size"] = Size,
            ["recordedAt"] = RecordedAt.ToString(),
            ["hash"] = Hash,
            ["root"] = Root,
        });
        var bytes = new ArrayBufferWriter<byte>(512);
        CanonicalEncoding.Write(json, bytes);
        return MerkleTree.Leaf(bytes.WrittenSpan);
    }

    /// <summary>
    /// The head of heads: one small value that vouches for every entry of every journal of a tenant.
    /// </summary>
    /// <param name="heads">The heads of all journals, each once.</param>
    /// <returns>The root over them in the order of the journals' keys (ordinal), lower-case hex.</returns>
    /// <exception cref="ArgumentException">They are not of one tenant, or a journal stands twice.</exception>
    public static string RootOf(IEnumerable<TreeHead> heads) =>
        Convert.ToHexStringLower(MerkleTree.Root([.. InOrder(heads).Select(head => head.Leaf())]));

    /// <summary>The heads of a tenant in the order in which they enter the head of heads.</summary>
    /// <exception cref="ArgumentException">They are not of one tenant, or a journal stands twice.</exception>
    public static IReadOnlyList<TreeHead> InOrder(IEnumerable<TreeHead> heads)
    {
        List<TreeHead> sorted = [.. heads.OrderBy(head => head.Journal, StringComparer.Ordinal)];
        for (var i = 1; i < sorted.Count; i++)
        {
            if (sorted[i].Tenant != sorted[0].Tenant || sorted[i].Journal == sorted[i - 1].Journal)
            {
                throw new ArgumentException("Heads are those of one tenant, each journal once.", nameof(heads));
            }
        }

        return sorted;
    }
}
