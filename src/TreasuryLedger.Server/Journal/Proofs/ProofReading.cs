using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>A file does not prove what it says; the message says why.</summary>
public sealed class ProofException(string message) : Exception(message)
{
    /// <summary>Ends a check that fails.</summary>
    /// <exception cref="ProofException">It does not hold.</exception>
    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ProofException(otherwise);
        }
    }
}

/// <summary>Reads proof files strictly: what is not understood in full proves nothing.</summary>
internal static class ProofReading
{
    private const int HexLength = 2 * HashChain.Length;

    /// <summary>Reads a document in which nothing is missing, unknown or doubled.</summary>
    public static T Read<T>(string json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Wire.Options)
                ?? throw new ProofException($"{name} is null.");
        }
        catch (JsonException fault)
        {
            throw new ProofException($"{name} cannot be read: {fault.Message}");
        }
    }

    /// <summary>A hash in the only form in which it is written.</summary>
    public static byte[] Hash(string? hex)
    {
        ProofException.Require(
            hex?.Length == HexLength && hex.All(char.IsAsciiHexDigitLower),
            $"'{hex}' is no SHA-256 in lower-case hex.");
        return Convert.FromHexString(hex!);
    }

    /// <summary>A path of hashes.</summary>
    public static byte[][] Path(ImmutableArray<string> path) =>
        path.IsDefault ? throw new ProofException("A path is a list.") : [.. path.Select(Hash)];

    /// <summary>Holds a head against its form and its tenant.</summary>
    public static void Check(TreeHead? head, string tenant)
    {
        if (head is null)
        {
            throw new ProofException("A head is an object.");
        }

        ProofException.Require(head.Tenant == tenant, $"The head of {head.Journal} is of tenant {head.Tenant}.");
        ProofException.Require(head.Size > 0, $"A tree of {head.Size} entries proves nothing.");
        _ = Hash(head.Hash);
        _ = Hash(head.Root);
    }

    /// <summary>The head of heads over heads that are in their order.</summary>
    public static string RootOf(ImmutableArray<TreeHead> heads)
    {
        for (var i = 1; i < heads.Length; i++)
        {
            ProofException.Require(
                string.CompareOrdinal(heads[i - 1].Journal, heads[i].Journal) < 0,
                $"The heads of {heads[i - 1].Journal} and {heads[i].Journal} are not in their order.");
        }

        return TreeHead.RootOf(heads);
    }
}
