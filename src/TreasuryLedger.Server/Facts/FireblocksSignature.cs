using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>
/// Whether a message was signed by the custodian: over the bytes as they came, by a key that the source's terms name.
/// Two forms: a detached JWS (RFC 7515, Appendix F; RS512, the key by its id), and the older header with an RSA-SHA512
/// signature by the one key that is configured for it.
/// </summary>
internal static class FireblocksSignature
{
    /// <summary>The header with the detached JWS.</summary>
    public const string Header = "Fireblocks-Webhook-Signature";

    /// <summary>The older header.</summary>
    public const string LegacyHeader = "Fireblocks-Signature";

    private const int BitsMin = 2_048;
    private const int LengthMax = 8_192;

    /// <summary>Whether one of the headers signs the body. If the newer one is there, it alone counts.</summary>
    public static bool IsValid(IHeaderDictionary headers, byte[] body, SourceTerms terms)
    {
        var (jws, legacy) = (headers[Header], headers[LegacyHeader]);
        return jws.Count > 0
            ? jws is [{ Length: <= LengthMax } text] && terms.Keys is { } keys && IsDetached(text, body, keys)
            : legacy is [{ Length: <= LengthMax } signature] && terms.LegacyKey is { } key
                && IsLegacy(signature, body, key);
    }

    /// <summary>Refuses keys by which nothing could be verified.</summary>
    /// <exception cref="ProblemException">See there.</exception>
    public static void Check(SourceTerms terms)
    {
        if (terms.Keys is { } set)
        {
            SourceTerms.Require(
                set.ValueKind == JsonValueKind.Object && set.TryGetProperty("keys", out var keys)
                && keys.ValueKind == JsonValueKind.Array && keys.GetArrayLength() > 0
                && keys.EnumerateArray().All(key => IdOf(key).Length > 0 && IsStrong(OfJwk(key))),
                "$.keys", $"a JSON Web Key Set of RSA keys with ids, each of {BitsMin} bits or more");
        }

        if (terms.LegacyKey is { } pem)
        {
            SourceTerms.Require(
                IsStrong(OfPem(pem)), "$.legacyKey", $"a public RSA key in PEM of {BitsMin} bits or more");
        }
    }

    private static bool IsDetached(string text, byte[] body, JsonElement set)
    {
        if (text.Split('.') is not [{ Length: > 0 } head, "", { Length: > 0 } signature]
            || Decoded(head) is not { } headBytes || Decoded(signature) is not { } bytes)
        {
            return false;
        }

        try
        {
            using var header = JsonDocument.Parse(headBytes);
            var root = header.RootElement;
            // Whatever changes how it is to be read must be understood (RFC 7515, 4.1.11), and none of it is.
            if (root.ValueKind != JsonValueKind.Object || root.TryGetProperty("crit", out _)
                || root.TryGetProperty("b64", out _)
                || !root.TryGetProperty("alg", out var algorithm) || !algorithm.ValueEquals("RS512")
                || !root.TryGetProperty("kid", out var id) || id.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            var key = set.GetProperty("keys").EnumerateArray().FirstOrDefault(key => IdOf(key) == id.GetString());
            using var rsa = key.ValueKind == JsonValueKind.Object ? OfJwk(key) : null;
            return rsa is not null && rsa.VerifyData(
                Encoding.ASCII.GetBytes($"{head}.{Base64Url.EncodeToString(body)}"), bytes,
                HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsLegacy(string signature, byte[] body, string pem)
    {
        var bytes = new byte[signature.Length];
        using var rsa = OfPem(pem);
        return rsa is not null && Convert.TryFromBase64String(signature, bytes, out var length)
            && rsa.VerifyData(body, bytes[..length], HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1);
    }

    private static bool IsStrong(RSA? key)
    {
        using (key)
        {
            return key?.KeySize >= BitsMin;
        }
    }

    private static RSA? OfPem(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return rsa;
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            return null;
        }
    }

    private static RSA? OfJwk(JsonElement key) =>
        Text(key, "kty") == "RSA" && Decoded(Text(key, "n")) is { Length: > 0 } modulus
        && Decoded(Text(key, "e")) is { Length: > 0 } exponent
            ? RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent })
            : null;

    private static string IdOf(JsonElement key) => Text(key, "kid");

    private static string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private static byte[]? Decoded(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
