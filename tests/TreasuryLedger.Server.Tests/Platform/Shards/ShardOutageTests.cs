using System.Net;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform.Shards;

/// <summary>
/// A database that is away, late, unknown or another one: its tenants are told, everybody else goes on.
/// </summary>
public sealed class ShardOutageTests(Databases databases)
{
    private const string Contributions = ApiClient.Treasury + "/capital-contributions";
    private const string Balances = ApiClient.Treasury + "/balances";
    private const string Entries = ApiClient.Treasury + "/entries";

    private const string Money =
        """{"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"100.00"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_database_that_goes_away_stops_its_own_tenants_and_nobody_else()
    {
        var second = await databases.NewAsync();
        using var proxy = new Proxy(second);
        await using var server = await ShardedServer.StartAsync(
            await databases.NewAsync(), (ShardedServer.Second, proxy.Through(second)));
        var left = await (await server.CallerAsync("left", TenantDatabases.MainName)).OpenAsync();
        var right = await (await server.CallerAsync("right", ShardedServer.Second)).OpenAsync();
        (await right.PostAsync(Contributions, Money, "before")).ShouldBe(HttpStatusCode.Created);

        proxy.IsGone = true;
        server.Tenants.All[1].App.Clear();

        Names(await right.GetAsync(Balances), ErrorRegistry.DatabaseUnavailable);
        Names(await right.GetAsync(Entries), ErrorRegistry.DatabaseUnavailable);
        Names(await right.GetAsync(Entries + "/1/proof"), ErrorRegistry.DatabaseUnavailable);
        Names(await right.PostAsync(Contributions, Money, "meanwhile"), ErrorRegistry.NotRecorded);
        (await left.PostAsync(Contributions, Money)).ShouldBe(HttpStatusCode.Created);
        foreach (var question in new[]
            { Balances, Entries, Entries + "/1/proof", ApiClient.Treasury + "/verification" })
        {
            (await left.GetAsync(question)).ShouldBe(HttpStatusCode.OK);
        }

        (await left.GetAsync("/health/ready")).ShouldBe(HttpStatusCode.OK);
        (await left.GetAsync("/health/databases")).Json.GetProperty("away")[0].GetString()
            .ShouldBe(ShardedServer.Second);
        (await left.GetAsync("/health/lists")).Json.GetProperty("databasesAway")[0].GetString()
            .ShouldBe(ShardedServer.Second);

        proxy.IsGone = false;
        (await right.PostAsync(Contributions, Money, "meanwhile")).ShouldBe(HttpStatusCode.Created);
        (await right.GetAsync(Balances)).ShouldBe(HttpStatusCode.OK);
        (await left.GetAsync("/health/databases")).Json.GetProperty("status").GetString().ShouldBe("ok");
    }

    [Fact]
    public async Task a_database_that_comes_late_is_prepared_then_and_the_others_do_not_wait()
    {
        var second = await databases.NewEmptyAsync();
        using var proxy = new Proxy(second) { IsGone = true };
        await using var server = await ShardedServer.StartAsync(
            await databases.NewAsync(), (ShardedServer.Second, proxy.Through(second)));
        var left = await (await server.CallerAsync("left")).OpenAsync();
        var right = await server.CallerAsync("right", ShardedServer.Second);

        Names(await right.PostAsync(ApiClient.Prices, Book), ErrorRegistry.DatabaseUnavailable);
        Names(await right.GetAsync(Balances), ErrorRegistry.DatabaseUnavailable);
        (await left.PostAsync(Contributions, Money)).ShouldBe(HttpStatusCode.Created);

        proxy.IsGone = false;
        ApiAnswer answer;
        do
        {
            answer = await right.PostAsync(ApiClient.Prices, Book, "book");
        }
        while (answer.Status == HttpStatusCode.ServiceUnavailable);

        answer.ShouldBe(HttpStatusCode.Created);
        (await Server.Tests.Database.AskAsync(second, "select string_agg(tenant, ' ') from ledger.heads"))
            .ShouldBe("right");
    }

    [Fact]
    public async Task a_server_that_does_not_know_a_tenants_database_writes_nothing_elsewhere()
    {
        var (main, second) = (await databases.NewAsync(), await databases.NewAsync());
        await using (var knows = await ShardedServer.StartAsync(main, (ShardedServer.Second, second)))
        {
            await (await knows.CallerAsync("right", ShardedServer.Second)).OpenAsync();
        }

        await using var server = await ShardedServer.StartAsync(main);
        var right = await server.CallerAsync("right");
        var left = await (await server.CallerAsync("left")).OpenAsync();

        Names(await right.PostAsync(Contributions, Money), ErrorRegistry.DatabaseNotConfigured);
        Names(await right.GetAsync(Balances), ErrorRegistry.DatabaseNotConfigured);
        (await left.GetAsync(Balances)).ShouldBe(HttpStatusCode.OK);
        (await Server.Tests.Database.AskAsync(main, "select string_agg(distinct tenant, ' ') from ledger.heads"))
            .ShouldBe("left");
    }

    [Fact]
    public async Task a_connection_that_leads_to_another_database_is_found_before_anything_is_written()
    {
        var (main, second) = (await databases.NewAsync(), await databases.NewAsync());
        var third = await databases.NewAsync();
        await using (var right = await ShardedServer.StartAsync(
            main, (ShardedServer.Second, second), ("third", third)))
        {
            (await right.Tenants.ForAsync(null, Cancellation)).Count.ShouldBe(3);
            await right.CallerAsync("right", ShardedServer.Second);
        }

        foreach (var wrong in new[] { third, main })
        {
            await using var server = await ShardedServer.StartAsync(main, (ShardedServer.Second, wrong));
            var caller = await server.CallerAsync("right");
            Names(await caller.PostAsync(ApiClient.Prices, Book), ErrorRegistry.DatabaseNotConfigured);
        }

        // Nor does a database of this ledger serve another.
        await using var other = await ShardedServer.StartAsync(
            await databases.NewAsync(), (ShardedServer.Second, second));
        Names(
            await (await other.CallerAsync("right", ShardedServer.Second)).PostAsync(ApiClient.Prices, Book),
            ErrorRegistry.DatabaseNotConfigured);
        foreach (var login in new[] { main, second, third })
        {
            (await Server.Tests.Database.AskAsync(login, "select count(*) from ledger.heads")).ShouldBe("0");
        }
    }

    [Fact]
    public async Task one_that_answers_again_has_its_lists_kept_up_without_a_request()
    {
        var second = await databases.NewAsync();
        using var proxy = new Proxy(second);
        await using var server = await ShardedServer.StartAsync(
            await databases.NewAsync(), (ShardedServer.Second, proxy.Through(second)));
        await (await server.CallerAsync("right", ShardedServer.Second)).OpenAsync();

        proxy.IsGone = true;
        server.Tenants.All[1].App.Clear();
        await Server.Tests.Database.AskAsync(
            Logins.Of(second).Owner,
            "delete from lists.entries; delete from lists.movements; delete from lists.prices; "
            + "delete from lists.progress");
        proxy.IsGone = false;

        await using var pool = NpgsqlDataSource.Create(Logins.Of(second).App);
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while ((await ListWorker.BehindAsync(pool, null, Cancellation)).Count > 0)
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(50, Cancellation);
        }
    }

    private const string Book = """{"effectiveAt":"2026-01-01T00:00:00Z","name":"Reference"}""";

    private static void Names(ApiAnswer answer, string code)
    {
        answer.ShouldBe(HttpStatusCode.ServiceUnavailable).Code.ShouldBe(code);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        answer.Json.GetProperty("numbers").GetProperty("database").GetString().ShouldBe(ShardedServer.Second);
    }
}
