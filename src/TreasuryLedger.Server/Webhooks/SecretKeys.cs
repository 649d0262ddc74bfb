using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>A secret as it is stored.</summary>
/// <param name="Key">The name of the key under which it is sealed.</param>
/// <param name="Bytes">Nonce, ciphertext and tag.</param>
public sealed record SealedSecret(string Key, byte[] Bytes);

/// <summary>
/// The keys under which secrets of webhooks lie in their table (AES-256-GCM): they are in the servers' settings and in
/// no database. Settings: <c>Webhooks:Keys:&lt;name&gt;</c> (32 bytes in base64), and <c>Webhooks:SealWith</c>, the
/// name of the one that seals, if there are several.
/// </summary>
public sealed class SecretKeys
{
    private const string Setting = "Webhooks:Keys";
    private const string Choice = "Webhooks:SealWith";
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly FrozenDictionary<string, byte[]> _keys;

    private SecretKeys(Dictionary<string, byte[]> keys, string? sealing) =>
        (_keys, Sealing) = (keys.ToFrozenDictionary(StringComparer.Ordinal), sealing);

    /// <summary>The name of the key that seals; absent: there is none, so no webhook can be registered.</summary>
    public string? Sealing { get; }

    /// <summary>The keys that the configuration names.</summary>
    /// <exception cref="InvalidOperationException">A setting is not of its form; no key is repeated.</exception>
    public static SecretKeys From(IConfiguration configuration)
    {
        var keys = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var setting in configuration.GetSection(Setting).GetChildren())
        {
            var bytes = new byte[KeyLength + 1];
            keys[setting.Key] = IdText.IsId(setting.Key)
                && Convert.TryFromBase64String(setting.Value ?? "", bytes, out var length) && length == KeyLength
                    ? bytes[..KeyLength]
                    : throw new InvalidOperationException(
                        $"{setting.Path} must be {KeyLength} random bytes in base64, under a name of letters, digits "
                        + "and . _ -; make one with: openssl rand -base64 32");
        }

        var chosen = configuration[Choice] ?? (keys.Count == 1 ? keys.Keys.Single() : null);
        return chosen is null ? keys.Count == 0
                ? new SecretKeys(keys, null)
                : throw new InvalidOperationException(
                    $"{Choice} must name the one of {Setting} that seals: {string.Join(", ", keys.Keys)}.")
            : keys.ContainsKey(chosen) ? new SecretKeys(keys, chosen)
            : throw new InvalidOperationException($"{Choice} is '{chosen}', and {Setting} has no key of that name.");
    }

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => _keys.ContainsKey(key);

    /// <summary>Seals a secret for its row, and for no other one.</summary>
    /// <exception cref="InvalidOperationException">There is no key.</exception>
    public SealedSecret Seal(byte[] secret, JournalKey journal, string webhook)
    {
        var name = Sealing ?? throw new InvalidOperationException($"{Setting} names no key.");
        var bytes = new byte[NonceLength + secret.Length + TagLength];
        RandomNumberGenerator.Fill(bytes.AsSpan(..NonceLength));
        using var cipher = new AesGcm(_keys[name], TagLength);
        cipher.Encrypt(
            bytes.AsSpan(..NonceLength), secret, bytes.AsSpan(NonceLength, secret.Length), bytes.AsSpan(^TagLength..),
            RowOf(journal, webhook));
        return new SealedSecret(name, bytes);
    }

    /// <summary>Opens a secret.</summary>
    /// <exception cref="InvalidDataException">
    /// Its key is not there, or it was changed, or it is that of another row.
    /// </exception>
    public byte[] Open(SealedSecret stored, JournalKey journal, string webhook)
    {
        if (!_keys.TryGetValue(stored.Key, out var key) || stored.Bytes.Length <= NonceLength + TagLength)
        {
            throw new InvalidDataException(
                $"The secret of webhook {webhook} of {journal} is sealed with '{stored.Key}', which {Setting} lacks.");
        }

        var secret = new byte[stored.Bytes.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(key, TagLength);
        try
        {
            cipher.Decrypt(
                stored.Bytes.AsSpan(..NonceLength), stored.Bytes.AsSpan(NonceLength, secret.Length),
                stored.Bytes.AsSpan(^TagLength..), secret, RowOf(journal, webhook));
        }
        catch (AuthenticationTagMismatchException fault)
        {
            throw new InvalidDataException(
                $"The secret of webhook {webhook} of {journal} was changed, or the key '{stored.Key}' is another one.",
                fault);
        }

        return secret;
    }

    private static byte[] RowOf(JournalKey journal, string webhook) =>
        Encoding.UTF8.GetBytes($"webhook\n{journal.Tenant}\n{journal.Journal}\n{webhook}");
}
