using System.Buffers.Binary;
using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Tests.House;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Journal;

/// <summary>
/// The tree against the published vectors, against RFC 6962's own recursive words, and against those who lie.
/// </summary>
public sealed class MerkleTreeTests
{
    /// <summary>Every tree up to this size is tried with every leaf and every earlier size.</summary>
    private const int SizeMax = 70;

    private static readonly string[] Spec = Repository.Lines("src/TreasuryLedger.Core/Journal/PROOFS.md");

    private static readonly byte[][] Published =
    [
        .. Spec[Array.FindIndex(Spec, line => line.StartsWith("`-`", StringComparison.Ordinal))]
            .TrimEnd('.').Split(", ")
            .Select(leaf => MerkleTree.Leaf(leaf == "`-`" ? [] : Convert.FromHexString(leaf.Trim('`')))),
    ];

    public static IEnumerable<TheoryDataRow<int, string>> Roots =>
        Rows("| size |").Select(row => new TheoryDataRow<int, string>(Number(row[0]), row[1]));

    public static IEnumerable<TheoryDataRow<int, int, string>> Inclusions =>
        Rows("| inclusion ").Select(row => new TheoryDataRow<int, int, string>(Number(row[0]), Number(row[1]), row[2]));

    public static IEnumerable<TheoryDataRow<int, int, string>> Consistencies => Rows("| consistency ")
        .Select(row => new TheoryDataRow<int, int, string>(Number(row[0]), Number(row[1]), row[2]));

    [Theory]
    [MemberData(nameof(Roots))]
    public void a_tree_of_the_published_leaves_has_the_published_root(int size, string root) =>
        Convert.ToHexStringLower(MerkleTree.Root(Published[..size])).ShouldBe(root);

    [Theory]
    [MemberData(nameof(Inclusions))]
    public void an_inclusion_path_is_the_published_one_and_proves_it(int leaf, int size, string path)
    {
        var derived = Hashes(Published, MerkleTree.InclusionPath(leaf, size));

        string.Join(' ', derived.Select(Convert.ToHexStringLower)).ShouldBe(path);
        MerkleTree.ProvesInclusion(Published[leaf], leaf, size, derived, MerkleTree.Root(Published[..size]))
            .ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Consistencies))]
    public void a_consistency_path_is_the_published_one_and_proves_it(int first, int second, string path)
    {
        var derived = Hashes(Published, MerkleTree.ConsistencyPath(first, second));

        string.Join(' ', derived.Select(Convert.ToHexStringLower)).ShouldBe(path);
        MerkleTree.ProvesConsistency(
            first, MerkleTree.Root(Published[..first]), second, MerkleTree.Root(Published[..second]), derived)
            .ShouldBeTrue();
    }

    [Fact]
    public void roots_and_paths_are_those_of_the_recursive_definition_for_every_small_tree()
    {
        var leaves = Leaves(SizeMax);
        var frontier = new MerkleFrontier();
        frontier.Root.ShouldBe(MerkleTree.Root([]));
        for (var size = 1; size <= SizeMax; size++)
        {
            frontier.Add(leaves[size - 1]);
            frontier.Root.ShouldBe(Definition.Root(leaves[..size]));
            frontier.Size.ShouldBe(size);
            MerkleTree.Root(leaves[..size]).ShouldBe(frontier.Root);
            for (var leaf = 0; leaf < size; leaf++)
            {
                Hashes(leaves, MerkleTree.InclusionPath(leaf, size))
                    .ShouldBe(Definition.Path(leaf, leaves[..size]), $"leaf {leaf} of {size}");
            }

            for (var first = 1; first <= size; first++)
            {
                Hashes(leaves, MerkleTree.ConsistencyPath(first, size))
                    .ShouldBe(Definition.SubProof(first, leaves[..size], true), $"{first} of {size}");
            }
        }
    }

    [Fact]
    public void an_inclusion_proof_holds_for_its_leaf_size_path_and_root_and_for_no_other()
    {
        var leaves = Leaves(SizeMax);
        for (var size = 1; size <= SizeMax; size++)
        {
            var root = MerkleTree.Root(leaves[..size]);
            for (var leaf = 0; leaf < size; leaf++)
            {
                var path = Hashes(leaves, MerkleTree.InclusionPath(leaf, size));
                MerkleTree.ProvesInclusion(leaves[leaf], leaf, size, path, root).ShouldBeTrue();
                for (var other = -1; other <= size; other++)
                {
                    MerkleTree.ProvesInclusion(leaves[leaf], other, size, path, root)
                        .ShouldBe(other == leaf, $"leaf {leaf} as {other} of {size}");
                }

                MerkleTree.ProvesInclusion(leaves[(leaf + 1) % SizeMax], leaf, size, path, root).ShouldBeFalse();
                MerkleTree.ProvesInclusion(leaves[leaf], leaf, size, path, Changed(root)).ShouldBeFalse();
                foreach (var wrong in Wrong(path))
                {
                    MerkleTree.ProvesInclusion(leaves[leaf], leaf, size, wrong, root).ShouldBeFalse();
                }
            }
        }
    }

    [Fact]
    public void a_consistency_proof_holds_for_its_sizes_roots_and_path_and_for_no_other()
    {
        var leaves = Leaves(SizeMax);
        for (var second = 1; second <= SizeMax; second++)
        {
            var secondRoot = MerkleTree.Root(leaves[..second]);
            for (var first = 1; first <= second; first++)
            {
                var firstRoot = MerkleTree.Root(leaves[..first]);
                var path = Hashes(leaves, MerkleTree.ConsistencyPath(first, second));
                MerkleTree.ProvesConsistency(first, firstRoot, second, secondRoot, path).ShouldBeTrue();
                MerkleTree.ProvesConsistency(first, Changed(firstRoot), second, secondRoot, path).ShouldBeFalse();
                MerkleTree.ProvesConsistency(first, firstRoot, second, Changed(secondRoot), path).ShouldBeFalse();
                MerkleTree.ProvesConsistency(second + 1, firstRoot, second, secondRoot, path).ShouldBeFalse();
                MerkleTree.ProvesConsistency(0, firstRoot, second, secondRoot, path).ShouldBeFalse();
                foreach (var wrong in Wrong(path))
                {
                    MerkleTree.ProvesConsistency(first, firstRoot, second, secondRoot, wrong)
                        .ShouldBeFalse($"{first} of {second}");
                }
            }
        }
    }

    [Fact]
    public void no_proof_of_consistency_exists_for_a_tree_that_was_rewritten_anywhere_before()
    {
        var leaves = Leaves(SizeMax);
        for (var rewritten = 0; rewritten < 40; rewritten++)
        {
            var (before, after) = (leaves[..40], leaves.ToArray());
            for (var leaf = rewritten; leaf < SizeMax; leaf++)
            {
                after[leaf] = Changed(after[leaf]);
            }

            MerkleTree.ProvesConsistency(
                40, MerkleTree.Root(before), SizeMax, MerkleTree.Root(after),
                Hashes(after, MerkleTree.ConsistencyPath(40, SizeMax))).ShouldBeFalse();
            MerkleTree.ProvesConsistency(
                40, MerkleTree.Root(before), SizeMax, MerkleTree.Root(after),
                Hashes(leaves, MerkleTree.ConsistencyPath(40, SizeMax))).ShouldBeFalse();
        }
    }

    [Fact]
    public void a_root_can_be_put_together_from_the_roots_of_full_blocks()
    {
        var leaves = Leaves(1_000);
        var asked = 0;

        var root = MerkleTree.Root(new LeafRange(0, 1_000), range =>
        {
            asked++;
            return range.Count == 64 && range.From % 64 == 0 || range.From >= 960 && range.Count == 1
                ? MerkleTree.Root(leaves[(int)range.From..(int)range.To])
                : null;
        });

        root.ShouldBe(MerkleTree.Root(leaves));
        asked.ShouldBeLessThan(120);
        Should.Throw<InvalidOperationException>(() => MerkleTree.Root(new LeafRange(0, 3), _ => null));
    }

    [Fact]
    public void the_head_of_heads_changes_with_every_member_of_every_head_and_not_with_their_order()
    {
        TreeHead[] heads =
        [
            new("acme", "prices/main", 3, new Instant(5), new string('a', 64), new string('b', 64)),
            new("acme", "treasury/main", 7, new Instant(9), new string('c', 64), new string('d', 64)),
        ];
        var root = TreeHead.RootOf(heads);

        TreeHead.RootOf(heads.Reverse()).ShouldBe(root);
        TreeHead[] others =
        [
            heads[1] with { Journal = "treasury/other" }, heads[1] with { Size = 8 },
            heads[1] with { RecordedAt = new Instant(10) }, heads[1] with { Hash = heads[0].Hash },
            heads[1] with { Root = heads[0].Root },
        ];
        others.Select(other => TreeHead.RootOf([heads[0], other])).Append(root).Append(TreeHead.RootOf(heads[..1]))
            .ShouldBeUnique();
        TreeHead.RootOf([.. heads.Select(head => head with { Tenant = "zenith" })]).ShouldNotBe(root);
        Should.Throw<ArgumentException>(() => TreeHead.RootOf([heads[0], heads[0]]));
        Should.Throw<ArgumentException>(() => TreeHead.RootOf([heads[0], heads[1] with { Tenant = "zenith" }]));
    }

    private static byte[][] Leaves(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            var data = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(data, i);
            return MerkleTree.Leaf(data);
        }),
    ];

    private static List<byte[]> Hashes(byte[][] leaves, IEnumerable<LeafRange> path) =>
        [.. path.Select(range => MerkleTree.Root(leaves[(int)range.From..(int)range.To]))];

    private static byte[] Changed(byte[] hash)
    {
        var other = hash.ToArray();
        other[13] ^= 4;
        return other;
    }

    /// <summary>Paths that differ from one in any place: changed, shortened, lengthened, turned round.</summary>
    private static IEnumerable<List<byte[]>> Wrong(List<byte[]> path)
    {
        for (var i = 0; i < path.Count; i++)
        {
            yield return [.. path[..i], Changed(path[i]), .. path[(i + 1)..]];
            yield return [.. path[..i], .. path[(i + 1)..]];
            yield return [.. path[..i], path[i][..31], .. path[(i + 1)..]];
        }

        yield return [.. path, new byte[HashChain.Length]];
        yield return [new byte[HashChain.Length], .. path];
        if (path.Count > 1)
        {
            yield return [.. path.AsEnumerable().Reverse()];
        }
    }

    /// <summary>The rows of a table of the specification.</summary>
    private static IEnumerable<string[]> Rows(string head) => Spec
        .SkipWhile(line => !line.StartsWith(head, StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray());

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>RFC 6962, section 2.1, word for word, with lists in place of ranges.</summary>
    private static class Definition
    {
        public static byte[] Root(byte[][] d)
        {
            if (d.Length == 1)
            {
                return d[0];
            }

            var k = Split(d.Length);
            return MerkleTree.Node(Root(d[..k]), Root(d[k..]));
        }

        public static List<byte[]> Path(int m, byte[][] d)
        {
            if (d.Length == 1)
            {
                return [];
            }

            var k = Split(d.Length);
            return m < k ? [.. Path(m, d[..k]), Root(d[k..])] : [.. Path(m - k, d[k..]), Root(d[..k])];
        }

        public static List<byte[]> SubProof(int m, byte[][] d, bool isComplete)
        {
            if (m == d.Length)
            {
                return isComplete ? [] : [Root(d)];
            }

            var k = Split(d.Length);
            return m <= k
                ? [.. SubProof(m, d[..k], isComplete), Root(d[k..])]
                : [.. SubProof(m - k, d[k..], false), Root(d[..k])];
        }

        private static int Split(int n)
        {
            var k = 1;
            while (k * 2 < n)
            {
                k *= 2;
            }

            return k;
        }
    }
}
