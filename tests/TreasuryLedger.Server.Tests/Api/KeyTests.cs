using System.Net;
using System.Text;
using Alba;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

[Collection(ApiTests.Name)]
public sealed class KeyTests(ApiHost host)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public async Task health_is_answered_without_a_key(string address) => await host.Host.Scenario(scenario =>
    {
        scenario.Get.Url(address);
        scenario.StatusCodeShouldBeOk();
    });

    [Theory]
    [InlineData("/")]
    [InlineData("/v1/errors")]
    [InlineData("/v1/treasuries/acme/balances")]
    [InlineData("/v1/nothing/here")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs")]
    [InlineData("/docs/")]
    [InlineData("/docs/scalar.js")]
    [InlineData("/healthy")]
    [InlineData("/HEALTH/../v1/errors")]
    public async Task nothing_else_is(string address)
    {
        var answer = await SendAsync(address, null);

        answer.ShouldBe(HttpStatusCode.Unauthorized).Code.ShouldBe(ErrorRegistry.KeyMissing);
        answer.Headers.WwwAuthenticate.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task a_write_without_a_key_is_refused_before_its_body_is_looked_at()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, ApiClient.Treasury)
        {
            Content = new StringContent("{", Encoding.UTF8, "application/json"),
        };

        (await SendAsync(request)).Code.ShouldBe(ErrorRegistry.KeyMissing);
    }

    [Fact]
    public async Task a_key_that_is_not_known_is_refused_whatever_is_wrong_with_it()
    {
        var key = await new KeyAdministration(host.Owner)
            .CreateAsync("keys", "someone", Grant.Everything, Cancellation);
        var other = ApiKey.New();
        string[] wrong =
        [
            "Bearer", "Bearer ", "Bearer x", $"Bearer {other}", $"Bearer tlk_{key.Id}_{other.Secret}",
            $"Bearer tlk_{other.Id}_{key.Secret}", $"Bearer {key} ,", $"Bearer {key.ToString().ToUpperInvariant()}",
            $"Bearer tlk_{key.Id}_{key.Secret[..63]}", $"Basic {Basic(key)}", "Digest x", $"Bearer {key}_",
        ];

        foreach (var header in wrong)
        {
            (await SendAsync("/v1/errors", header)).ShouldBe(HttpStatusCode.Unauthorized).Code
                .ShouldBe(ErrorRegistry.KeyInvalid, header);
        }

        (await SendAsync("/v1/errors", $"Bearer {key}")).ShouldBe(HttpStatusCode.OK);
        (await SendAsync("/v1/errors", $"bearer {key}")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_browser_may_show_the_documentation_with_the_key_as_password()
    {
        var key = await new KeyAdministration(host.Owner).CreateAsync("keys", "reader", Grant.Everything, Cancellation);

        var page = await SendAsync("/docs/", $"Basic {Basic(key)}");
        var document = await SendAsync("/openapi/v1.json", $"Basic {Basic(key)}");

        page.ShouldBe(HttpStatusCode.OK).MediaType.ShouldBe("text/html");
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
        page.Text.ShouldNotContain("://");
        document.ShouldBe(HttpStatusCode.OK);
        (await SendAsync("/docs/", "Basic eDp5")).Code.ShouldBe(ErrorRegistry.KeyInvalid);
        (await SendAsync("/docs/", "Basic ###")).Code.ShouldBe(ErrorRegistry.KeyInvalid);
        (await SendAsync("/docs/", null)).Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Basic");
    }

    [Fact]
    public async Task a_revoked_key_stops_working()
    {
        var administration = new KeyAdministration(host.Owner);
        var key = await administration.CreateAsync("keys", "leaver", Grant.Everything, Cancellation);

        (await administration.RevokeAsync("keys", key.Id, "tester", Cancellation)).ShouldBeTrue();

        (await SendAsync("/v1/errors", $"Bearer {key}")).Code.ShouldBe(ErrorRegistry.KeyInvalid);
        (await administration.RevokeAsync("keys", key.Id, "tester", Cancellation)).ShouldBeFalse();
        (await administration.ListAsync("keys", Cancellation)).Single(stored => stored.Id == key.Id)
            .RevokedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task a_key_in_use_is_read_again_before_it_is_due_and_no_request_waits_for_it()
    {
        var administration = new KeyAdministration(host.Owner);
        var key = await administration.CreateAsync("keys", "leaver", Grant.Everything, Cancellation);
        await using var pool = NpgsqlDataSource.Create(host.Owner);
        var time = new FakeTimeProvider();
        var keys = new KeyStore(TenantDatabases.Of(pool), time);
        (await keys.FindAsync(key, Cancellation))!.Actor.ShouldBe("leaver");
        await administration.RevokeAsync("keys", key.Id, "tester", Cancellation);
        (await keys.FindAsync(key, Cancellation)).ShouldNotBeNull();

        time.Advance((KeyStore.RevokedWithin / 2) + TimeSpan.FromSeconds(1));

        var again = keys.FindAsync(key, Cancellation);
        again.IsCompletedSuccessfully.ShouldBeTrue();
        (await again).ShouldNotBeNull();
        while (await keys.FindAsync(key, Cancellation) is not null)
        {
            await Task.Delay(10, Cancellation);
        }
    }

    [Fact]
    public async Task a_first_key_is_made_once()
    {
        var administration = new KeyAdministration(host.Owner);
        await administration.CreateAsync("keys", "someone", Grant.Everything, Cancellation);

        (await administration.CreateFirstAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task tenants_do_not_see_each_other()
    {
        var ours = await (await host.NewTenantAsync()).OpenAsync();
        var theirs = await host.NewTenantAsync();
        var noted = await ours.PostAsync(ApiClient.Treasury + "/annotations", """
            {"effectiveAt":"2026-01-02T08:00:00Z","entry":1,"reason":"ours"}
            """, "mine");

        foreach (var path in new[] { "", "/balances", "/entries", "/entries/1", "/head", "/requests/mine" })
        {
            ((int)(await theirs.GetAsync(ApiClient.Treasury + path)).Status).ShouldBe(404, path);
        }

        (await theirs.PostAsync(ApiClient.Treasury + "/annotations", """
            {"effectiveAt":"2026-01-02T08:00:00Z","entry":1,"reason":"theirs"}
            """)).Code.ShouldBe("journal_not_opened");
        // The same ids and keys of requests are free for everybody.
        await theirs.OpenAsync();
        (await theirs.PostAsync(ApiClient.Treasury + "/annotations", """
            {"effectiveAt":"2026-01-02T08:00:00Z","entry":1,"reason":"theirs"}
            """, "mine")).ShouldBe(HttpStatusCode.Created);
        (await ours.GetAsync($"{ApiClient.Treasury}/entries/{noted.Position}")).Text.ShouldContain("\"ours\"");
    }

    [Fact]
    public async Task two_callers_of_a_tenant_share_its_journals_under_their_own_names()
    {
        var one = await (await host.NewTenantAsync()).OpenAsync();
        var two = await host.NewCallerAsync(one.Tenant, "second.person");

        var noted = await two.PostAsync(ApiClient.Treasury + "/annotations", """
            {"effectiveAt":"2026-01-02T08:00:00Z","entry":1,"reason":"seen"}
            """);

        var entry = await one.GetAsync($"{ApiClient.Treasury}/entries/{noted.Position}");
        entry.Json.GetProperty("entry").GetProperty("actor").GetString().ShouldBe("second.person");
    }

    [Fact]
    public void a_key_is_stored_as_a_hash_from_which_it_cannot_be_read()
    {
        var key = ApiKey.New();

        Convert.ToHexStringLower(key.Hash()).ShouldNotContain(key.Secret);
        key.Secret.Length.ShouldBe(64); // 256 bits
        key.Hash().ShouldBe((key with { }).Hash());
        key.Hash().ShouldNotBe((key with { Id = ApiKey.New().Id }).Hash());
    }

    private Task<ApiAnswer> SendAsync(string address, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return SendAsync(request);
    }

    private async Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        using var http = host.Host.Server.CreateClient();
        using var response = await http.SendAsync(request, Cancellation);
        return new ApiAnswer(
            response.StatusCode,
            response.Headers,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static string Basic(ApiKey key) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{key}"));
}
