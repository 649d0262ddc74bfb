using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// The chain over a journal: <c>hash(n) = SHA-256(hash(n-1) ‖ canonical bytes of entry n as stored)</c>. The hash
/// before entry 1 is made from tenant and journal, so an entry cannot be moved between journals.
/// </summary>
public static class HashChain
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = 32;

    /// <summary>The hash that stands before entry 1.</summary>
    /// <param name="tenant">The tenant of the journal.</param>
    /// <param name="journal">The journal's key.</param>
    public static byte[] Origin(string tenant, string journal) =>
        Next([], JsonSerializer.SerializeToUtf8Bytes(new[] { tenant, journal }));

    /// <summary>The hash of an entry.</summary>
    /// <param name="previous">The hash of the entry before, or <see cref="Origin"/>.</param>
    /// <param name="stored">The entry as the store holds it, JSON in UTF-8.</param>
    /// <inheritdoc cref="CanonicalEncoding.Write" path="/exception"/>
    public static byte[] Next(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> stored)
    {
        using var bytes = new CanonicalBytes(stored.Length);
        bytes.AddRaw(previous);
        bytes.Add(stored);
        return SHA256.HashData(bytes.Written);
    }

    /// <summary>The hash of an entry from its canonical bytes.</summary>
    /// <param name="previous">The hash of the entry before, or <see cref="Origin"/>.</param>
    /// <param name="canonical">See <see cref="CanonicalEncoding"/>.</param>
    public static byte[] NextOf(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> canonical)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(canonical);
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// SHA-256 (hex) of a document's canonical bytes: by it two commands are told apart (1.0 = 1.00).
    /// </summary>
    /// <param name="json">The document in UTF-8.</param>
    /// <inheritdoc cref="CanonicalEncoding.Write" path="/exception"/>
    public static string DigestOf(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(Next([], json));

    /// <summary>The digest that stands in an entry for a text.</summary>
    /// <param name="salt">Random bytes, kept beside the text and erased with it.</param>
    /// <param name="text">The text.</param>
    public static TextDigest DigestOf(ReadOnlySpan<byte> salt, string text) =>
        new(Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(text)])));
}
