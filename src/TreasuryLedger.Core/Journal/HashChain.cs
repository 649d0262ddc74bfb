using System.Buffers;
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
    public static byte[] Origin(string tenant, string journal)
    {
        using var document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(new[] { tenant, journal }));
        return Next([], document.RootElement);
    }

    /// <summary>The hash of an entry.</summary>
    /// <param name="previous">The hash of the entry before, or <see cref="Origin"/>.</param>
    /// <param name="stored">The entry as the store holds it.</param>
    public static byte[] Next(ReadOnlySpan<byte> previous, JsonElement stored)
    {
        var bytes = new ArrayBufferWriter<byte>(2048);
        bytes.Write(previous);
        CanonicalEncoding.Write(stored, bytes);
        return SHA256.HashData(bytes.WrittenSpan);
    }

    /// <summary>
    /// SHA-256 (hex) of a document's canonical bytes: by it two commands are told apart (1.0 = 1.00).
    /// </summary>
    public static string DigestOf(JsonElement document) => Convert.ToHexStringLower(Next([], document));

    /// <summary>The digest that stands in an entry for a text.</summary>
    /// <param name="salt">Random bytes, kept beside the text and erased with it.</param>
    /// <param name="text">The text.</param>
    public static TextDigest DigestOf(ReadOnlySpan<byte> salt, string text) =>
        new(Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(text)])));
}
