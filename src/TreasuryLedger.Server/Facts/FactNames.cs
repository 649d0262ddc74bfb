using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// Fact ids that several sources make alike: a transfer on a chain is named by its transaction, the address that it
/// went to and the asset, whoever tells it.
/// </summary>
internal static class FactNames
{
    private const int TransactionLength = 64;

    /// <summary>A transfer on a chain, as sender, receiver and chain know it.</summary>
    /// <param name="transaction">Its hash, with or without 0x.</param>
    /// <param name="address">Where it went.</param>
    /// <param name="asset">Of what, by the treasury's id.</param>
    public static FactId Transfer(string transaction, string address, AssetId asset) =>
        Of("tx", Plain(transaction), Plain(address), asset.ToString());

    /// <summary>A fact id of parts; what an id cannot hold becomes a hyphen, one that is too long its digest.</summary>
    public static FactId Of(params string[] parts)
    {
        var text = string.Join(':', parts.Select(part => string.Concat(part.Select(character =>
            char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '@' or '+' ? character : '-'))));
        return FactId.Parse(text.Length <= IdText.ReferenceLengthMax
            ? text
            : $"{parts[0]}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}");
    }

    /// <summary>Hex is written in both cases, with and without its mark; other addresses stay as they are.</summary>
    public static string Plain(string text)
    {
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        var isHex = digits.Length > 0 && digits.All(char.IsAsciiHexDigit);
        return isHex && (digits.Length == TransactionLength || digits.Length != text.Length)
            ? digits.ToLowerInvariant()
            : text;
    }
}
