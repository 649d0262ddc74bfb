using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>
/// What a verifier trusts: anchors that it kept, or one head of heads that it has from elsewhere. A proof that leads to
/// neither proves nothing.
/// </summary>
/// <param name="Anchors">Anchors whose chain was derived again (<see cref="Anchor.ReadAll"/>).</param>
/// <param name="Root">A head of heads, or <c>null</c>.</param>
public sealed record Trust(ImmutableArray<Anchor> Anchors, string? Root)
{
    /// <summary>What vouches for a tree head that stands in a head of heads, or not.</summary>
    /// <exception cref="ProofException">Nothing does.</exception>
    public string VoucherOf(TreeHead head, string? root) => Find(head, root) ?? throw new ProofException(
        $"No trusted anchor or root contains the head of {head.Journal} at {head.Size}: nobody vouches for it.");

    /// <summary>What vouches for a tree head, directly or through its root; <c>null</c> if nothing does.</summary>
    public string? Find(TreeHead head, string? root) =>
        root is not null && root == Root ? $"the trusted head of heads {root}"
        : (Anchors.FirstOrDefault(anchor => anchor.Root == root)
            ?? Anchors.FirstOrDefault(anchor => anchor.Heads.Contains(head))) is { } anchor
            ? $"anchor {anchor.Number} of {anchor.At}"
        : null;
}

/// <summary>What a file proves.</summary>
/// <param name="Proven">A sentence for each thing; never empty.</param>
public sealed record ProofFinding(ImmutableArray<string> Proven);

/// <summary>Checks proof files from themselves and from what the verifier trusts: no database, no network.</summary>
public static class ProofCheck
{
    /// <summary>Checks a proof file of any format.</summary>
    /// <param name="json">The file.</param>
    /// <param name="trust">What the verifier trusts.</param>
    /// <exception cref="ProofException">It does not prove what it says.</exception>
    public static ProofFinding Check(string json, Trust trust) => FormatOf(json) switch
    {
        EntryProof.Name => Check(ProofReading.Read<EntryProof>(json, "The proof"), trust),
        ConsistencyProof.Name => Check(ProofReading.Read<ConsistencyProof>(json, "The proof"), trust),
        var format => throw new ProofException($"The format '{format}' is not known here."),
    };

    /// <summary>Checks that an entry stands in a journal that somebody trusted vouches for.</summary>
    /// <exception cref="ProofException">It does not prove that.</exception>
    public static ProofFinding Check(EntryProof proof, Trust trust)
    {
        CheckParts(proof);
        var voucher = trust.VoucherOf(proof.Head, proof.TenantTree?.Root);
        var position = PositionOf(proof.Entry);
        var text = proof.Text is null ? "" : ", with its text";
        return new ProofFinding(
        [
            $"Entry {position} of {proof.Tenant}:{proof.Journal}{text} stands in the journal of {proof.Head.Size} "
            + $"entries recorded up to {proof.Head.RecordedAt}, for which {voucher} vouches.",
        ]);
    }

    /// <summary>Checks that journals only grew from heads for which somebody trusted vouches.</summary>
    /// <exception cref="ProofException">It does not prove that.</exception>
    public static ProofFinding Check(ConsistencyProof proof, Trust trust)
    {
        CheckParts(proof);
        var (from, to) = (TreeHead.RootOf(proof.From), TreeHead.RootOf(proof.To));
        // What the later heads say of hash and instant follows from no path: it is proven by who vouches for them.
        var vouchers = proof.To.Select(head => trust.Find(head, to)).Distinct().ToList();
        var later = proof.To.ToDictionary(head => head.Journal);
        return new ProofFinding(
        [
            .. proof.From.Select(head =>
                $"{proof.Tenant}:{head.Journal} with {later[head.Journal].Size} entries begins with exactly the "
                + $"{head.Size} for which {trust.VoucherOf(head, from)} vouches."),
            vouchers is [{ } voucher]
                ? $"The heads lead from {from} to {to}, for which {voucher} vouches."
                : $"The heads lead from {from} to {to}, for which only the file vouches.",
        ]);
    }

    /// <summary>Checks that a proof leads to its own head, whoever vouches for that.</summary>
    /// <exception cref="ProofException">It does not.</exception>
    internal static void CheckParts(EntryProof proof)
    {
        Require(proof.Format == EntryProof.Name, $"The format '{proof.Format}' is not known here.");
        ProofReading.Check(proof.Head, proof.Tenant);
        Require(proof.Head.Journal == proof.Journal, $"The head is one of {proof.Head.Journal}.");
        var position = PositionOf(proof.Entry);
        var hash = HashAfter(ProofReading.Hash(proof.PreviousHash), proof.Entry);
        Require(
            MerkleTree.ProvesInclusion(
                MerkleTree.Leaf(hash), position - 1, proof.Head.Size, ProofReading.Path(proof.Path),
                ProofReading.Hash(proof.Head.Root)),
            $"The path does not lead from entry {position} to the root of the journal's tree.");
        Require(
            position < proof.Head.Size || proof.Head.Hash == Convert.ToHexStringLower(hash),
            "The head's hash is not that of its newest entry.");
        Require(
            position > 1 || proof.PreviousHash == Convert.ToHexStringLower(
                HashChain.Origin(proof.Tenant, proof.Journal)),
            "The chain does not begin with this journal.");
        CheckText(proof);
        if (proof.TenantTree is { } tree)
        {
            Require(
                MerkleTree.ProvesInclusion(
                    proof.Head.Leaf(), tree.Index, tree.Count, ProofReading.Path(tree.Path),
                    ProofReading.Hash(tree.Root)),
                "The path does not lead from the journal's head to the head of heads.");
        }
    }

    /// <summary>Checks that a proof leads from its own earlier heads to its own later ones.</summary>
    /// <exception cref="ProofException">It does not.</exception>
    internal static void CheckParts(ConsistencyProof proof)
    {
        Require(proof.Format == ConsistencyProof.Name, $"The format '{proof.Format}' is not known here.");
        Require(!proof.From.IsDefaultOrEmpty, "A proof from no heads proves nothing.");
        Require(!proof.To.IsDefault && !proof.Paths.IsDefault, "Heads and paths are lists.");
        Require(proof.Paths.Length == proof.From.Length, "There is not one path for each of the earlier heads.");
        foreach (var head in proof.From.Concat(proof.To))
        {
            ProofReading.Check(head, proof.Tenant);
        }

        _ = ProofReading.RootOf(proof.From);
        _ = ProofReading.RootOf(proof.To);
        foreach (var (head, path) in proof.From.Zip(proof.Paths))
        {
            var later = proof.To.FirstOrDefault(other => other.Journal == head.Journal)
                ?? throw new ProofException($"{head.Journal} is not among the later heads: it was removed.");
            Require(
                later.Size >= head.Size, $"{head.Journal} had {head.Size} entries and has {later.Size}: it was cut.");
            Require(
                MerkleTree.ProvesConsistency(
                    head.Size, ProofReading.Hash(head.Root), later.Size, ProofReading.Hash(later.Root),
                    ProofReading.Path(path)),
                $"{head.Journal} at {later.Size} does not begin with what it was at {head.Size}: it was rewritten.");
            Require(
                later.Size > head.Size || later == head,
                $"Of {head.Journal} at {head.Size} two different heads are shown.");
        }
    }

    private static void CheckText(EntryProof proof)
    {
        if (proof.Text is not { } beside)
        {
            return;
        }

        var salt = beside.Salt.Length % 2 == 0 && beside.Salt.All(char.IsAsciiHexDigitLower)
            ? Convert.FromHexString(beside.Salt)
            : throw new ProofException("The salt is not in lower-case hex.");
        Require(
            proof.Entry.TryGetProperty("reasonSha256", out var digest)
            && digest.ValueEquals(HashChain.DigestOf(salt, beside.Text).Sha256),
            "The text is not the one whose digest the entry holds.");
    }

    private static byte[] HashAfter(byte[] previous, JsonElement entry)
    {
        try
        {
            return HashChain.Next(previous, JsonMarshal.GetRawUtf8Value(entry));
        }
        catch (Exception fault) when (fault is FormatException or JsonException
            or InvalidOperationException)
        {
            throw new ProofException($"The entry is no stored document: {fault.Message}");
        }
    }

    private static long PositionOf(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object
        && entry.TryGetProperty("position", out var position)
        && position.ValueKind == JsonValueKind.Number
        && position.TryGetInt64(out var number)
        && number > 0
            ? number
            : throw new ProofException("The entry has no position.");

    private static string? FormatOf(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("format", out var format)
                && format.ValueKind == JsonValueKind.String
                    ? format.GetString()
                    : null;
        }
        catch (JsonException fault)
        {
            throw new ProofException($"The proof cannot be read: {fault.Message}");
        }
    }

    private static void Require(bool holds, string otherwise) => ProofException.Require(holds, otherwise);
}
