using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

[Collection(ApiTests.Name)]
public sealed class GrantTests(ApiHost host)
{
    private const string Yield = """
        {"effectiveAt":"2026-01-05T08:00:00Z","account":"ACCOUNT","asset":"ETH","quantity":"1"}
        """;

    private static readonly Role[] Roles = Enum.GetValues<Role>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void every_route_says_whom_it_serves()
    {
        var routes = host.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal)).ToList();

        routes.Count.ShouldBeGreaterThan(100);
        foreach (var route in routes)
        {
            route.Metadata.GetMetadata<Audience>()?.Roles.ShouldNotBeEmpty(route.RoutePattern.RawText);
            route.Metadata.GetMetadata<Audience>().ShouldNotBeNull(route.RoutePattern.RawText);
        }
    }

    [Fact]
    public void every_command_is_somebodys()
    {
        foreach (var (name, command) in CommandNames.All)
        {
            Audience.Of(command).Roles.ShouldNotBeEmpty(name);
        }
    }

    [Fact]
    public async Task each_role_records_its_commands_and_no_others()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var role in Roles)
        {
            var caller = await host.NewCallerAsync(opened.Tenant, role.ToString(), Grant.Of(role));
            foreach (var route in Routes.Commands)
            {
                var kind = route.Journals[0];
                var address = JournalAddress.Of(kind, route.Path).Replace(
                    $"{{{JournalAddress.ParameterOf(kind)}}}", "acme", StringComparison.Ordinal);
                var alone = await caller.PostAsync(address, "{}");
                var batched = await caller.PostAsync(
                    JournalAddress.Of(kind, WriteEndpoints.BatchPath).Replace(
                        $"{{{JournalAddress.ParameterOf(kind)}}}", "acme", StringComparison.Ordinal),
                    $$"""{"commands":[{{ExampleOf(route)}}]}""");

                var isAllowed = Audience.Of(route.Command).Roles.Contains(role);
                (alone.Code == ErrorRegistry.RoleMissing).ShouldBe(!isAllowed, $"{role} {route.Name}");
                // A batch is asked for each of its commands, and a correction for what it puts in the place.
                var isAllowedInside = isAllowed && (route.Command != typeof(CorrectEntry) || role != Role.Risk);
                ((int)batched.Status == 403).ShouldBe(!isAllowedInside, $"{role} {route.Name} {batched.Text}");
            }
        }
    }

    [Fact]
    public async Task each_question_is_for_those_whom_it_names()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        var custodian = await host.NewCallerAsync(opened.Tenant, "feed", Grant.Of(Role.Custodian));
        var compliance = await host.NewCallerAsync(opened.Tenant, "watch", Grant.Of(Role.Compliance));
        var risk = await host.NewCallerAsync(opened.Tenant, "desk", Grant.Of(Role.Risk));
        var nobody = await host.NewCallerAsync(opened.Tenant, "nobody", Grant.Of());

        foreach (var path in new[] { "/balances", "/entries", "/movements", "/entries/1", "/head", "" })
        {
            (await custodian.GetAsync(ApiClient.Treasury + path)).ShouldBe(HttpStatusCode.OK);
            (await nobody.GetAsync(ApiClient.Treasury + path)).Code.ShouldBe(ErrorRegistry.RoleMissing);
        }

        foreach (var path in new[] { "/realized-gains", "/lots", "/trial-balance", "/entries/1/proof" })
        {
            var refused = (await custodian.GetAsync(ApiClient.Treasury + path)).ShouldBe(HttpStatusCode.Forbidden);
            refused.Code.ShouldBe(ErrorRegistry.RoleMissing);
            refused.Json.GetProperty("numbers").GetProperty("roles").GetString()!.ShouldContain("compliance");
            (await compliance.GetAsync(ApiClient.Treasury + path)).ShouldBe(HttpStatusCode.OK);
        }

        (await compliance.GetFileAsync(ApiClient.Treasury + "/exports/beancount")).ShouldNotBeEmpty();
        (await risk.GetAsync(ApiClient.Treasury + "/exports/beancount")).Code.ShouldBe(ErrorRegistry.RoleMissing);
        (await risk.GetAsync("/v1/keys")).Code.ShouldBe(ErrorRegistry.RoleMissing);
        (await nobody.GetAsync("/v1/nothing")).Code.ShouldBe(ErrorRegistry.RouteUnknown);
    }

    [Fact]
    public async Task a_key_of_one_treasury_reaches_no_other()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        var other = await host.NewCallerAsync(
            opened.Tenant, "other", Grant.Of(Roles) with { Treasuries = ["other"] });

        foreach (var path in new[] { "/balances", "/entries", "/exports/pack", "/requests/x", "" })
        {
            (await other.GetAsync(ApiClient.Treasury + path)).Code.ShouldBe(ErrorRegistry.ScopeExceeded);
        }

        (await other.PostAsync(ApiClient.Treasury + "/batches", """{"commands":[]}"""))
            .Code.ShouldBe(ErrorRegistry.ScopeExceeded);
        (await other.PostAsync(ApiClient.Prices + "/prices", """
            {"effectiveAt":"2026-01-05T08:00:00Z","asset":"ETH","currency":"USD","price":"1"}
            """)).Code.ShouldBe(ErrorRegistry.ScopeExceeded);
        (await other.GetAsync("/v1/journals")).ShouldBe(HttpStatusCode.OK).Text.ShouldNotContain("treasury/acme");
        (await opened.GetAsync("/v1/journals")).Text.ShouldContain("treasury/acme");
    }

    [Fact]
    public async Task a_key_of_accounts_records_and_sees_those_alone()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        var wallet = await host.NewCallerAsync(
            opened.Tenant, "wallet.feed", Grant.Of(Role.Custodian, Role.Accountant) with { Accounts = ["wallet"] });
        var mine = Yield.Replace("ACCOUNT", "wallet", StringComparison.Ordinal);
        var theirs = Yield.Replace("ACCOUNT", "exchange", StringComparison.Ordinal);

        (await wallet.PostAsync(ApiClient.Treasury + "/yields", mine)).ShouldBe(HttpStatusCode.Created);
        (await wallet.PostAsync(ApiClient.Treasury + "/yields", theirs)).Code.ShouldBe(ErrorRegistry.ScopeExceeded);
        var second = $$"""{"command":"receive-yield",{{theirs.Trim()[1..]}}""";
        foreach (var hidden in new[]
        {
            $$"""{"command":"receive-yield",{{mine.Trim()[1..]}},{{second}}""",
            $$"""{"command":"correct-entry","effectiveAt":"2026-01-05T08:00:00Z","entry":2,"replacement":{{second}}}""",
            """
            {"command":"transfer-asset","effectiveAt":"2026-01-05T08:00:00Z","from":"wallet","to":"wallet",
             "asset":"ETH","quantity":"1","fees":[{"account":"exchange","asset":"ETH","quantity":"1"}]}
            """,
            """{"command":"annotate-entry","effectiveAt":"2026-01-05T08:00:00Z","entry":1,"reason":"x"}""",
        })
        {
            (await wallet.PostAsync(ApiClient.Treasury + "/batches", $$"""{"commands":[{{hidden}}]}"""))
                .ShouldBe(HttpStatusCode.Forbidden).Code.ShouldBe(ErrorRegistry.ScopeExceeded, hidden);
        }

        (await wallet.GetAsync(ApiClient.Treasury + "/movements?account=wallet")).ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[]
        {
            "/movements", "/movements?account=exchange", "/entries", "/balances", "/entries/1", "/realized-gains",
            "/exports/pack",
        })
        {
            (await wallet.GetAsync(ApiClient.Treasury + path)).Code.ShouldBe(ErrorRegistry.ScopeExceeded, path);
        }
    }

    [Fact]
    public async Task a_key_works_when_a_second_admin_approved_it()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        var one = await host.NewCallerAsync(opened.Tenant, "one", Grant.Of(Role.Admin));
        var two = await host.NewCallerAsync(opened.Tenant, "two", Grant.Of(Role.Admin));
        var oneAgain = await host.NewCallerAsync(opened.Tenant, "one", Grant.Of(Role.Admin));
        var stranger = await host.NewTenantAsync();

        var made = await one.PostAsync("/v1/keys", """{"actor":"feed","roles":["custodian"],"treasuries":["acme"]}""");
        made.ShouldBe(HttpStatusCode.Created).Json.GetProperty("works").GetBoolean().ShouldBeFalse();
        var id = made.Json.GetProperty("id").GetString()!;
        var feed = new ApiClient(host.Host, opened.Tenant, made.Json.GetProperty("key").GetString()!);

        (await feed.GetAsync(ApiClient.Treasury)).Code.ShouldBe(ErrorRegistry.KeyInvalid);
        // Neither who asked, nor the same person by another key, nor another tenant.
        (await one.PostAsync($"/v1/keys/{id}/approval", "")).Code.ShouldBe(ErrorRegistry.ApproverIsAuthor);
        (await oneAgain.PostAsync($"/v1/keys/{id}/approval", "")).Code.ShouldBe(ErrorRegistry.ApproverIsAuthor);
        (await stranger.PostAsync($"/v1/keys/{id}/approval", "")).Code.ShouldBe(ErrorRegistry.KeyUnknown);
        (await two.PostAsync($"/v1/keys/{id}/approval", "")).ShouldBe(HttpStatusCode.OK);
        (await two.PostAsync($"/v1/keys/{id}/approval", "")).Code.ShouldBe(ErrorRegistry.KeyUnknown);
        (await feed.GetAsync(ApiClient.Treasury)).ShouldBe(HttpStatusCode.OK);

        var listed = (await one.GetAsync("/v1/keys")).Json.GetProperty("keys").EnumerateArray()
            .Single(key => key.GetProperty("id").GetString() == id);
        listed.GetProperty("madeBy").GetString().ShouldBe("one");
        listed.GetProperty("approvedBy").GetString().ShouldBe("two");
        listed.GetProperty("lastUsedAt").GetString().ShouldNotBeNull();
        (await one.GetAsync("/v1/keys")).Text.ShouldNotContain(made.Json.GetProperty("key").GetString()!);
        (await one.DeleteAsync($"/v1/keys/{id}")).ShouldBe(HttpStatusCode.OK);
        (await stranger.DeleteAsync($"/v1/keys/{id}")).Code.ShouldBe(ErrorRegistry.KeyUnknown);
    }

    [Theory]
    [InlineData("""{"actor":"feed","roles":[]}""")]
    [InlineData("""{"actor":"feed"}""")]
    [InlineData("""{"actor":"operator","roles":["admin"]}""")]
    [InlineData("""{"actor":"a b","roles":["admin"]}""")]
    [InlineData("""{"actor":"feed","roles":["owner"]}""")]
    [InlineData("""{"actor":"feed","roles":["admin"],"treasuries":["A'; drop"]}""")]
    [InlineData("""{"actor":"feed","roles":["admin"],"treasuries":[null]}""")]
    public async Task what_is_no_key_is_refused(string body)
    {
        var admin = await host.NewTenantAsync();

        (await admin.PostAsync("/v1/keys", body)).ShouldBe(HttpStatusCode.BadRequest).Code.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task a_holder_follows_its_key_with_a_new_one_and_loses_nothing()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        var grant = Grant.Of(Role.Custodian) with { Treasuries = ["acme"] };
        var administration = new KeyAdministration(host.Owner);
        var key = await administration.CreateAsync(opened.Tenant, "feed", grant, Cancellation);
        var other = await administration.CreateAsync(opened.Tenant, "feed", grant, Cancellation);
        var feed = new ApiClient(host.Host, opened.Tenant, key.ToString());

        (await feed.PostAsync($"/v1/keys/{other.Id}/rotation", "")).Code.ShouldBe(ErrorRegistry.KeyUnknown);
        var made = (await feed.PostAsync($"/v1/keys/{key.Id}/rotation?keepHours=1", ""))
            .ShouldBe(HttpStatusCode.Created);
        var next = new ApiClient(host.Host, opened.Tenant, made.Json.GetProperty("key").GetString()!);

        (await next.GetAsync(ApiClient.Treasury)).ShouldBe(HttpStatusCode.OK);
        (await feed.GetAsync(ApiClient.Treasury)).ShouldBe(HttpStatusCode.OK);
        (await next.GetAsync(ApiClient.Treasury + "/lots")).Code.ShouldBe(ErrorRegistry.RoleMissing);
        (await next.GetAsync("/v1/treasuries/other")).Code.ShouldBe(ErrorRegistry.ScopeExceeded);
        var stored = await administration.ListAsync(opened.Tenant, Cancellation);
        var old = stored.Single(row => row.Id == key.Id);
        old.ExpiresAt!.Value.ToUtc().ShouldBe(DateTime.UtcNow.AddHours(1), TimeSpan.FromMinutes(1));
        stored.Single(row => row.Rotates == key.Id).ExpiresAt.ShouldBeNull();
    }

    [Fact]
    public async Task a_key_ends_when_it_expires_without_being_read_again()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var until = In(time.GetUtcNow().UtcDateTime, TimeSpan.FromSeconds(2));
        var key = await new KeyAdministration(host.Owner).CreateAsync(
            "keys", "guest", Grant.Everything with { ExpiresAt = until }, Cancellation);
        await using var pool = NpgsqlDataSource.Create(host.Owner);
        var keys = new KeyStore(TenantDatabases.Of(pool), time);

        (await keys.FindAsync(key, Cancellation)).ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(2));
        (await keys.FindAsync(key, Cancellation)).ShouldBeNull();
    }

    [Theory]
    [InlineData("insert into ledger.api_keys (tenant, id, hash, actor, roles, made_by, approved_by) "
        + "values ('guard', 'i1', '\\x00', 'a', '{admin}', 'one', 'two')")]
    [InlineData("insert into ledger.api_keys (tenant, id, hash, actor, roles) "
        + "values ('guard', 'i2', '\\x00', 'a', '{admin}')")]
    [InlineData("insert into ledger.api_keys (tenant, id, hash, actor, roles, made_by, approved_by, rotates) "
        + "values ('guard', 'i3', '\\x00', 'guest', '{admin}', 'guest', 'operator', 'KEY')")]
    [InlineData("insert into ledger.api_keys (tenant, id, hash, actor, roles, made_by, approved_by, rotates) "
        + "values ('guard', 'i4', '\\x00', 'guest', '{custodian}', 'guest', 'operator', 'nothing')")]
    [InlineData("update ledger.api_keys set roles = '{admin}' where id = 'KEY'")]
    [InlineData("update ledger.api_keys set expires_at = null where id = 'KEY'")]
    [InlineData("update ledger.api_keys set approved_by = 'somebody' where id = 'KEY'")]
    [InlineData("update ledger.api_keys set approved_by = 'one' where id = 'WAITING'")]
    [InlineData("update ledger.api_keys set approved_by = 'operator' where id = 'WAITING'")]
    [InlineData("delete from ledger.api_keys")]
    public async Task the_table_itself_refuses_what_would_widen_a_key(string attempt)
    {
        var administration = new KeyAdministration(host.Owner);
        var until = In(DateTime.UtcNow, TimeSpan.FromHours(1));
        var key = await administration.CreateAsync(
            "guard", "guest", Grant.Of(Role.Custodian) with { ExpiresAt = until }, Cancellation);
        var waiting = await administration.CreateAsync("guard", "new", Grant.Of(Role.Admin), "one", Cancellation);
        await using var pool = NpgsqlDataSource.Create(Logins.Of(host.Login).App);
        await using var command = new TenantCommand(pool, "guard", attempt
            .Replace("KEY", key.Id, StringComparison.Ordinal)
            .Replace("WAITING", waiting.Id, StringComparison.Ordinal));

        await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation));
        (await administration.ApproveAsync("guard", waiting.Id, "two", Cancellation)).ShouldBe(true);
    }

    private static Instant In(DateTime now, TimeSpan time) =>
        Instant.FromUtc(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)) + time);

    private static string ExampleOf(CommandRoute route)
    {
        var json = route.Examples[0].Json.Trim();
        return $$"""{"command":"{{route.Name}}",{{json[1..]}}""";
    }
}
