using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>Signs as the custodian does, with a key that is made for it.</summary>
internal sealed class FireblocksSigner : IDisposable
{
    private static int _last;

    private readonly RSA _key = RSA.Create(2_048);

    /// <summary>The key's id.</summary>
    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"key-{Interlocked.Increment(ref _last)}");

    /// <summary>The public key, for the older header.</summary>
    public string Pem => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The public key as an item of a key set.</summary>
    public string Jwk
    {
        get
        {
            var numbers = _key.ExportParameters(false);
            return $$"""
                { "kty": "RSA", "kid": "{{Id}}", "alg": "RS512", "use": "sig",
                  "n": "{{Base64Url.EncodeToString(numbers.Modulus)}}",
                  "e": "{{Base64Url.EncodeToString(numbers.Exponent)}}" }
                """;
        }
    }

    /// <summary>A detached signature over a body.</summary>
    public string Jws(string body, string? id = null, string algorithm = "RS512", bool critical = false)
    {
        var more = critical ? ",\"crit\":[\"b64\"],\"b64\":true" : "";
        var head = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            $$"""{"alg":"{{algorithm}}","kid":"{{id ?? Id}}"{{more}}}"""));
        var signed = $"{head}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(body))}";
        return $"{head}..{Base64Url.EncodeToString(_key.SignData(
            Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>The older signature over a body.</summary>
    public string Legacy(string body) => Convert.ToBase64String(_key.SignData(
        Encoding.UTF8.GetBytes(body), HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1));

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
