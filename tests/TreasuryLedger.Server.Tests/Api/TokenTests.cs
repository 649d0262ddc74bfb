using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Alba;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Tokens of an issuer that runs in the test: it publishes its key, and tests sign what they like.</summary>
public sealed class TokenTests(Databases databases) : IAsyncLifetime
{
    private const string Audience = "treasury-ledger";
    private readonly RSA _rsa = RSA.Create(2048);
    private WebApplication _issuer = null!;
    private (string Id, RSA Key) _published;
    private OpenDatabase _database = null!;
    private IAlbaHost _host = null!;
    private string _authority = "";

    public async ValueTask InitializeAsync()
    {
        _published = ("one", _rsa);
        _issuer = IssuerOf(() => _published);
        await _issuer.StartAsync(CancellationToken.None);
        _authority = _issuer.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single();
        var login = await databases.NewAsync();
        _database = OpenDatabase.Of(Logins.Of(login));
        var builder = ServerHost.Web(
            new WebApplicationOptions { Args = [$"--Oidc:Authority={_authority}", $"--Oidc:Audience={Audience}"] },
            _database);
        _host = await AlbaHost.For(builder, ServerHost.Serve);
        var key = await new KeyAdministration(Logins.Of(login).Owner)
            .CreateAsync("tokens", "opener", Grant.Everything, CancellationToken.None);
        await new ApiClient(_host, "tokens", key.ToString()).OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _database.DisposeAsync();
        await _issuer.DisposeAsync();
        _rsa.Dispose();
    }

    [Fact]
    public async Task a_token_is_worth_what_its_claims_say_and_no_other_token_is_worth_anything()
    {
        var accountant = Token();
        (await GetAsync(accountant, "/realized-gains")).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(Token(claims => claims["roles"] = "custodian"), "/balances")).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(Token(claims => claims["roles"] = "custodian"), "/lots"))
            .Code.ShouldBe(ErrorRegistry.RoleMissing);
        (await GetAsync(Token(claims => claims["roles"] = new[] { "owner", "Admin" }), "/balances"))
            .Code.ShouldBe(ErrorRegistry.RoleMissing);
        (await GetAsync(Token(claims => claims.Remove("roles")), "/balances")).Code.ShouldBe(ErrorRegistry.RoleMissing);
        (await GetAsync(Token(claims => claims["treasuries"] = new[] { "other" }), "/balances"))
            .Code.ShouldBe(ErrorRegistry.ScopeExceeded);
        (await GetAsync(Token(claims => claims["tenant"] = "others"), "/balances")).Code
            .ShouldBe("journal_not_opened");

        var noted = await new ApiClient(_host, "tokens", accountant).PostAsync(
            ApiClient.Treasury + "/annotations", """{"effectiveAt":"2026-01-02T08:00:00Z","entry":1,"reason":"x"}""");
        (await GetAsync(accountant, $"/entries/{noted.Position}")).Text.ShouldContain("\"actor\":\"anna\"");

        foreach (var (what, token) in Forged())
        {
            (await GetAsync(token, "/balances")).ShouldBe(HttpStatusCode.Unauthorized)
                .Code.ShouldBe(ErrorRegistry.KeyInvalid, what);
        }
    }

    [Fact]
    public async Task a_key_that_the_issuer_publishes_later_is_found_and_one_that_it_takes_back_is_worth_nothing()
    {
        var old = Token();
        (await GetAsync(old, "/balances")).ShouldBe(HttpStatusCode.OK);
        using var next = RSA.Create(2048);
        _published = ("two", next);

        var anew = Token(sign: new RsaSecurityKey(next) { KeyId = "two" });
        (await GetAsync(anew, "/balances")).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(old, "/balances")).Code.ShouldBe(ErrorRegistry.KeyInvalid);

        // Whoever makes up names of keys waits for nothing that was just asked for.
        using var stranger = RSA.Create(2048);
        var began = Stopwatch.GetTimestamp();
        for (var number = 0; number < 20; number++)
        {
            var madeUp = new RsaSecurityKey(stranger) { KeyId = $"made-up-{number}" };
            (await GetAsync(Token(sign: madeUp), "/balances")).Code.ShouldBe(ErrorRegistry.KeyInvalid);
        }

        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(5));

        // What was fetched goes on while the issuer is away.
        await _issuer.StopAsync(CancellationToken.None);
        (await GetAsync(anew, "/balances")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task an_issuer_that_does_not_answer_is_said_and_keys_go_on()
    {
        await _issuer.StopAsync(CancellationToken.None);

        var answer = await GetAsync(Token(), "/balances");

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable).Code.ShouldBe(ErrorRegistry.IssuerUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await GetAsync("no.token", "/balances")).Code.ShouldBe(ErrorRegistry.KeyInvalid);
    }

    [Theory]
    [InlineData("http://issuer.example", Audience)]
    [InlineData("https://issuer.example", "")]
    [InlineData("issuer", Audience)]
    public void settings_that_would_take_any_token_are_refused_at_the_start(string authority, string audience)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Oidc:Authority"] = authority,
            ["Oidc:Audience"] = audience,
        }).Build();

        Should.Throw<InvalidOperationException>(() => TokenOptions.From(settings)).Message.ShouldContain("Oidc:");
    }

    private IEnumerable<(string What, string Token)> Forged()
    {
        using var otherRsa = RSA.Create(2048);
        var now = DateTime.UtcNow;
        var good = Token();
        var parts = good.Split('.');
        yield return ("another key", Token(sign: new RsaSecurityKey(otherRsa) { KeyId = "one" }));
        yield return ("its public key as a secret", Token(
            sign: new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()), algorithm: "HS256"));
        yield return ("no signature", $"{Base64("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.");
        var other = Token(claims => claims["sub"] = "b").Split('.')[1];
        yield return ("the signature of another payload", $"{parts[0]}.{other}.{parts[2]}");
        var past = now - IssuedTokens.Skew - TimeSpan.FromSeconds(5);
        yield return ("expired", Token(from: now.AddHours(-2), until: past));
        yield return ("not yet valid", Token(from: now.AddMinutes(5), until: now.AddHours(1)));
        yield return ("made out for others", Token(audience: "others"));
        yield return ("by another issuer", Token(issuer: "http://127.0.0.1:1/"));
        yield return ("without a tenant", Token(claims => claims.Remove("tenant")));
        yield return ("two tenants", Token(claims => claims["tenant"] = new[] { "tokens", "others" }));
        yield return ("a tenant of another form", Token(claims => claims["tenant"] = "tokens'--"));
        yield return ("without an actor", Token(claims => claims.Remove("sub")));
        yield return ("as the operator", Token(claims => claims["sub"] = KeyNames.Operator));
        yield return ("a limit that is a number", Token(claims => claims["treasuries"] = 7));
        yield return ("a limit to nothing", Token(claims => claims["accounts"] = Array.Empty<string>()));
        yield return ("two dots", "..");
    }

    private string Token(
        Action<Dictionary<string, object>>? change = null,
        SecurityKey? sign = null,
        string algorithm = SecurityAlgorithms.RsaSha256,
        string audience = Audience,
        string? issuer = null,
        DateTime? from = null,
        DateTime? until = null)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["tenant"] = "tokens",
            ["sub"] = "anna",
            ["roles"] = new[] { "accountant" },
        };
        change?.Invoke(claims);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = issuer ?? _authority,
                Audience = audience,
                NotBefore = from,
                Expires = until ?? DateTime.UtcNow.AddMinutes(5),
                Claims = claims,
                SigningCredentials = new SigningCredentials(
                    sign ?? new RsaSecurityKey(_rsa) { KeyId = "one" }, algorithm),
            });
    }

    private Task<ApiAnswer> GetAsync(string token, string path) =>
        new ApiClient(_host, "tokens", token).GetAsync(ApiClient.Treasury + path);

    private static WebApplication IssuerOf(Func<(string Id, RSA Key)> key)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", (HttpRequest request) => Results.Json(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["issuer"] = $"http://{request.Host}",
                ["jwks_uri"] = $"http://{request.Host}/keys",
            }));
        app.MapGet("/keys", () =>
        {
            var published = key().Key.ExportParameters(includePrivateParameters: false);
            return Results.Json(new
            {
                keys = new[]
                {
                    new
                    {
                        kty = "RSA",
                        use = "sig",
                        kid = key().Id,
                        alg = "RS256",
                        n = Base64UrlEncoder.Encode(published.Modulus!),
                        e = Base64UrlEncoder.Encode(published.Exponent!),
                    },
                },
            });
        });
        return app;
    }

    private static string Base64(string text) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(text));
}
