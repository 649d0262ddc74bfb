using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>
/// Signs as the Standard Webhooks specification says (standardwebhooks.com, symmetric scheme <c>v1</c>): HMAC-SHA256
/// over id, seconds and body, joined by full stops.
/// </summary>
public static class WebhookSecret
{
    /// <summary>Bytes of a secret.</summary>
    public const int Length = 32;

    private const string Prefix = "whsec_";

    /// <summary>A new secret.</summary>
    public static byte[] New() => RandomNumberGenerator.GetBytes(Length);

    /// <summary>The text that the receiver keeps.</summary>
    public static string Text(byte[] secret) => Prefix + Convert.ToBase64String(secret);

    /// <summary>The header's value: a signature for each secret that is good, the newest first.</summary>
    /// <param name="secrets">The secrets.</param>
    /// <param name="id">The id of the message; it has no full stop.</param>
    /// <param name="seconds">Seconds since 1970 at which it is sent.</param>
    /// <param name="body">Its bytes.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string id, long seconds, ReadOnlySpan<byte> body)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{seconds}."));
        byte[] signed = [.. head, .. body];
        return string.Join(' ', secrets.Select(secret =>
            "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed))));
    }
}
