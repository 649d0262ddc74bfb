using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.Keys;

/// <summary>Whose tokens are taken beside keys, and how claims are called; without an authority nobody's.</summary>
public sealed class TokenOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Oidc";

    /// <summary>The issuer, whose discovery document is read; HTTPS, unless it is on this machine.</summary>
    public Uri? Authority { get; set; }

    /// <summary>For whom tokens must be made out.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The claim with the tenant.</summary>
    public string TenantClaim { get; set; } = "tenant";

    /// <summary>The claim with the actor.</summary>
    public string ActorClaim { get; set; } = "sub";

    /// <summary>The claim with the roles; others than ours mean nothing here.</summary>
    public string RolesClaim { get; set; } = "roles";

    /// <summary>The claim with the treasuries that a caller is limited to; absent: all.</summary>
    public string TreasuriesClaim { get; set; } = "treasuries";

    /// <summary>The claim with the accounts that a caller is limited to; absent: all.</summary>
    public string AccountsClaim { get; set; } = "accounts";

    /// <summary>Reads and checks the section; <c>null</c> if there is none.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing or not of its form.</exception>
    public static TokenOptions? From(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<TokenOptions>();
        if (options?.Authority is not { } authority)
        {
            return null;
        }

        if (!authority.IsAbsoluteUri || (authority.Scheme != Uri.UriSchemeHttps && !authority.IsLoopback))
        {
            throw new InvalidOperationException($"{Section}:Authority must be an https address; it is {authority}.");
        }

        return options.Audience.Length > 0 ? options : throw new InvalidOperationException(
            $"{Section}:Audience is missing: tokens for other services would be taken.");
    }
}

/// <summary>
/// Reads bearer tokens of an OpenID Connect issuer (JWT, RFC 7519, checked as RFC 8725 asks): signed by one of its
/// published keys with an asymmetric algorithm, made out for us, by it, and in time.
/// </summary>
public sealed class IssuedTokens
{
    /// <summary>How far the issuer's clock may be from ours.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>How soon an issuer is asked again for keys, when a token names one that is not known.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(30);

    // No HMAC: what checks such a token could make one. No "none".
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _issuer;
    private readonly TokenValidationParameters _parameters;
    private readonly TokenOptions _options;
    private readonly Lock _asking = new();
    private Task? _asked;
    private long _askedAt;

    /// <summary>A reader of an issuer's tokens.</summary>
    public IssuedTokens(TokenOptions options)
    {
        _options = options;
        _issuer = new ConfigurationManager<OpenIdConnectConfiguration>(
            new Uri(new Uri(options.Authority!.ToString().TrimEnd('/') + "/"), ".well-known/openid-configuration")
                .ToString(),
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever { RequireHttps = !options.Authority.IsLoopback })
        {
            // Whoever sends tokens with unknown keys makes us ask the issuer so often, and no more.
            RefreshInterval = AskAgainAfter,
            UseLastKnownGoodConfiguration = false, // a key that the issuer has taken back is worth nothing
        };
        _parameters = new TokenValidationParameters
        {
            ConfigurationManager = _issuer, // also how keys that the issuer has rotated to are found
            ValidAudience = options.Audience,
            ValidAlgorithms = Algorithms,
            ClockSkew = Skew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateIssuer = true,
            ValidateAudience = true,
            ValidateLifetime = true,
            ValidateIssuerSigningKey = true,
        };
    }

    /// <summary>Whose token it is; <c>null</c> if it is none that is taken.</summary>
    /// <exception cref="ProblemException">The issuer cannot be asked for its keys.</exception>
    public async Task<Caller?> FindAsync(string token, CancellationToken cancellation)
    {
        if (token.Count(letter => letter == '.') != 2)
        {
            return null; // no token at all: the issuer need not be asked
        }

        OpenIdConnectConfiguration known;
        try
        {
            known = await _issuer.GetConfigurationAsync(cancellation);
        }
        catch (InvalidOperationException fault)
        {
            throw new ProblemException(
                Problem.Of(ErrorRegistry.IssuerUnavailable, "The issuer of tokens does not answer."), fault);
        }

        var result = await _handler.ValidateTokenAsync(token, _parameters);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException
            && await NewestAsync(known).WaitAsync(cancellation) != known)
        {
            result = await _handler.ValidateTokenAsync(token, _parameters);
        }

        return result is { IsValid: true, SecurityToken: JsonWebToken read } ? CallerOf(read) : null;
    }

    /// <summary>
    /// What the issuer says after a token named a key that is not known: it may have a new one, and the check of the
    /// token has asked for it, in the background. All who come within the time in which it is asked once wait for the
    /// same answer, so that names that somebody makes up cost no more than that.
    /// </summary>
    private async Task<OpenIdConnectConfiguration> NewestAsync(OpenIdConnectConfiguration known)
    {
        Task asked;
        lock (_asking)
        {
            if (_asked is null || TimeProvider.System.GetElapsedTime(_askedAt) >= AskAgainAfter)
            {
                (_askedAt, _asked) = (TimeProvider.System.GetTimestamp(), ChangeAsync(known));
            }

            asked = _asked;
        }

        await asked;
        return await _issuer.GetConfigurationAsync(CancellationToken.None);
    }

    private async Task ChangeAsync(OpenIdConnectConfiguration known)
    {
        for (var tries = 0; tries < 20; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25));
            if (await _issuer.GetConfigurationAsync(CancellationToken.None) != known)
            {
                return;
            }
        }
    }

    private Caller? CallerOf(JsonWebToken token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var claims = payload.RootElement;
        var tenant = TextsOf(claims, _options.TenantClaim) is [var one] ? one : null;
        var actor = TextsOf(claims, _options.ActorClaim) is [var name] ? name : null;
        var treasuries = TextsOf(claims, _options.TreasuriesClaim);
        var accounts = TextsOf(claims, _options.AccountsClaim);
        // A limit that cannot be read must not become no limit.
        var isSound = KeyNames.IsTenant(tenant) && KeyNames.IsActor(actor) && actor != KeyNames.Operator
            && treasuries is not { IsEmpty: true } && accounts is not { IsEmpty: true }
            && (treasuries ?? []).All(treasury => JournalKey.Treasury(tenant!, treasury).IsValid)
            && (accounts ?? []).All(account => AccountId.TryParse(account, out _));
        if (!isSound)
        {
            return null;
        }

        var roles = (TextsOf(claims, _options.RolesClaim) ?? [])
            .Select(word => WordConverterFactory.TryRead<Role>(word, out var role) ? role : (Role?)null)
            .OfType<Role>();
        var issued = token.Id.Length > 0 ? token.Id : token.IssuedAt.ToString("O", CultureInfo.InvariantCulture);
        return new Caller(
            tenant!, actor!, $"token:{issued}", new Grant([.. roles.Distinct()], treasuries ?? [], accounts ?? []));
    }

    /// <summary>The texts of a claim, one or more; <c>null</c> if it is absent, empty if it is anything else.</summary>
    private static ImmutableArray<string>? TextsOf(JsonElement claims, string claim) =>
        !claims.TryGetProperty(claim, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
        : [];
}
