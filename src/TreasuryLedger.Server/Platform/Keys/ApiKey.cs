using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>Who asks: the tenant and the actor of the request's key. Nothing else in a request says so.</summary>
/// <param name="Tenant">Whose journals.</param>
/// <param name="Actor">Who is written into entries.</param>
/// <param name="KeyId">The key, for logs; not a secret.</param>
/// <param name="Grant">What it may do.</param>
public sealed record Caller(string Tenant, string Actor, string KeyId, Grant Grant)
{
    /// <summary>The caller of a request that passed <see cref="KeyGate"/>.</summary>
    public static Caller Of(HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException("The route is open to anybody.");
}

/// <summary>
/// A key as its owner holds it: <c>tlk_&lt;id&gt;_&lt;secret&gt;</c>. The secret has 256 random bits, so one SHA-256 is
/// as hard to turn back as the secret is to guess; slow hashes are for passwords that people choose.
/// </summary>
/// <param name="Id">16 hex digits; names the key in lists and logs.</param>
/// <param name="Secret">64 hex digits; shown once, never stored.</param>
public sealed record ApiKey(string Id, string Secret)
{
    private const string Prefix = "tlk";
    private const int IdLength = 16;
    private const int SecretLength = 64;

    /// <summary>A new key.</summary>
    public static ApiKey New() => new(
        RandomNumberGenerator.GetHexString(IdLength, lowercase: true),
        RandomNumberGenerator.GetHexString(SecretLength, lowercase: true));

    /// <summary>Reads the text of a key.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = text?.Split('_') is [Prefix, { Length: IdLength } id, { Length: SecretLength } secret]
            && IsHex(id) && IsHex(secret)
                ? new ApiKey(id, secret)
                : null;
        return key is not null;
    }

    /// <summary>What is stored: SHA-256 over id and secret. The id, random and never used twice, is the salt.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes($"{Id}:{Secret}"));

    /// <summary>The text that the owner sends.</summary>
    public override string ToString() => $"{Prefix}_{Id}_{Secret}";

    private static bool IsHex(string text) => text.All(char.IsAsciiHexDigitLower);
}

/// <summary>A stored key, without its secret.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Id">By which it is listed and revoked.</param>
/// <param name="Actor">Who is written into entries.</param>
/// <param name="Roles">What it is.</param>
/// <param name="Treasuries">The treasuries that it is limited to; empty: all.</param>
/// <param name="Accounts">The accounts that it is limited to; empty: all.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="MadeBy">Who made it.</param>
/// <param name="ApprovedBy">The second person; absent: nobody yet, so it does not work.</param>
/// <param name="Rotates">The key that it follows, if it does.</param>
/// <param name="ExpiresAt">From when on it does not work (inclusive), if ever.</param>
/// <param name="LastUsedAt">When it was used last, within a minute.</param>
/// <param name="RevokedAt">When it stopped working, if it did.</param>
/// <param name="RevokedBy">Who revoked it.</param>
public sealed record StoredKey(
    string Tenant,
    string Id,
    string Actor,
    ImmutableArray<Role> Roles,
    ImmutableArray<string> Treasuries,
    ImmutableArray<string> Accounts,
    Instant CreatedAt,
    string MadeBy,
    string? ApprovedBy,
    string? Rotates,
    Instant? ExpiresAt,
    Instant? LastUsedAt,
    Instant? RevokedAt,
    string? RevokedBy);

/// <summary>What names a tenant and an actor may have.</summary>
public static class KeyNames
{
    /// <summary>The tenant of a first start.</summary>
    public const string DefaultTenant = "default";

    /// <summary>Whether a tenant's id is of its form: an id without capital letters.</summary>
    public static bool IsTenant(string? text) => IdText.IsId(text) && !text!.Any(char.IsAsciiLetterUpper);

    /// <summary>Whether an actor's name is of its form.</summary>
    public static bool IsActor(string? text) => IdText.IsReference(text);

    /// <summary>Who makes keys with the database in hand; nobody's key has this actor.</summary>
    public const string Operator = "operator";
}
