using System.Text.Json;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform.Shards;

/// <summary>A tenant is assigned to a database once, for every process, and never moved.</summary>
public sealed class AssignmentTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task many_processes_that_see_a_tenant_first_agree_on_its_database()
    {
        await using var pool = NpgsqlDataSource.Create(Logins.Of(await databases.NewAsync()).App);
        var main = new NamedDatabase(TenantDatabases.MainName, pool);
        using var second = new NamedDatabase(
            ShardedServer.Second, NpgsqlDataSource.Create(Logins.Of(await databases.NewAsync()).App));
        var processes = Enumerable.Range(0, 20).Select(i => new TenantDatabases(
            [main, second], i % 2 == 0 ? TenantDatabases.MainName : ShardedServer.Second)).ToList();

        for (var tenant = 0; tenant < 10; tenant++)
        {
            var named = $"t{tenant}";
            var found = await Task.WhenAll(processes.Select(
                process => Task.Run(() => process.AssignedAsync(named, Cancellation).AsTask(), Cancellation)));
            found.Distinct().ShouldHaveSingleItem();
        }

        var other = processes[0].All.Single(database => database.Name != (FindAsync(processes[0]).Result));
        (await processes[0].AssignAsync("t0", other.Name, Cancellation)).ShouldNotBe(other.Name);

        static async Task<string> FindAsync(TenantDatabases process) =>
            (await process.FindAsync("t0", Cancellation)).Name;
    }

    [Fact]
    public async Task a_second_process_sees_the_same_assignment_and_goes_on_in_the_same_journal()
    {
        var (main, second) = (await databases.NewAsync(), await databases.NewAsync());
        await using var first = await ShardedServer.StartAsync(main, (ShardedServer.Second, second));
        var right = await (await first.CallerAsync("right", ShardedServer.Second)).OpenAsync();
        var head = await right.HeadAsync();

        var balances = await RunAsync(
            "balances", "--tenant", "right", "--treasury", "acme", "--as-of", "2026-02-01", "--json");
        var listed = await RunAsync("tenants", "list", "--json");
        var moved = await RunAsync("tenants", "assign", "right", "main");
        var unknown = await RunAsync("tenants", "assign", "new", "nowhere");
        var assigned = await RunAsync("tenants", "assign", "third", "second");

        balances.ExitCode.ShouldBe(0, balances.Error);
        balances.Output.TrimEnd().ShouldBe(
            JsonOf((await right.GetAsync(ApiClient.Treasury + "/balances?asOf=2026-02-01")).Text));
        listed.Output.ShouldContain("\"second\"");
        moved.ExitCode.ShouldBe(1);
        moved.Error.ShouldContain("has its journals in database second; nothing was changed");
        unknown.ExitCode.ShouldBe(1);
        unknown.Error.ShouldStartWith("database_not_configured: ");
        assigned.ExitCode.ShouldBe(0, assigned.Error);
        (await first.Tenants.FindAsync("third", Cancellation)).Name.ShouldBe(ShardedServer.Second);
        (await right.HeadAsync()).ShouldBe(head);

        Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
            ProgramRun.WithAsync(
                [
                    new("Database__OwnerConnection", main),
                    new("Database__Shards__second__OwnerConnection", second),
                ],
                arguments);
    }

    [Fact]
    public async Task verbs_over_all_journals_go_over_all_databases()
    {
        var (main, second) = (await databases.NewAsync(), await databases.NewAsync());
        KeyValuePair<string, string>[] settings =
        [
            new("Database__OwnerConnection", main), new("Database__Shards__second__OwnerConnection", second),
        ];
        await using (var server = await ShardedServer.StartAsync(main, (ShardedServer.Second, second)))
        {
            await (await server.CallerAsync("left")).OpenAsync();
            await (await server.CallerAsync("right", ShardedServer.Second)).OpenAsync();
        }

        var heads = await ProgramRun.WithAsync(settings, "heads");
        var rebuilt = await ProgramRun.WithAsync(settings, "rebuild", "--json");
        var check = await ProgramRun.WithAsync(settings, "check", "--json");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, heads.Output, Cancellation);
        var verify = await ProgramRun.WithAsync(settings, "verify", "--against", file, "--json");
        await Server.Tests.Database.AskAsync(
            Logins.Of(second).Owner, "update lists.entries set actor = 'mallory' where position = 2");
        var damaged = await ProgramRun.WithAsync(settings, "check", "--json");
        await Server.Tests.Database.AskAsync(
            Logins.Of(second).Owner,
            "insert into ledger.heads select 'left', journal, position, recorded_at, hash, replayed, settled_at "
            + "from ledger.heads");
        var stranger = await ProgramRun.WithAsync(settings, "verify", "--json");
        await Server.Tests.Database.AskAsync(Logins.Of(second).Owner, "truncate ledger.heads, ledger.entries");
        var lost = await ProgramRun.WithAsync(settings, "verify", "--against", file, "--json");
        File.Delete(file);

        HeadExport.Parse(heads.Output).Select(head => head.Tenant).Distinct().ShouldBe(["left", "right"]);
        rebuilt.ExitCode.ShouldBe(0, rebuilt.Error);
        check.ExitCode.ShouldBe(0, check.Error);
        verify.ExitCode.ShouldBe(0, verify.Error);
        Tenants(check.Output, "parts").ShouldBe(["left", "right"]);
        Tenants(verify.Output, "journals").ShouldBe(["left", "right"]);
        damaged.ExitCode.ShouldBe(1);
        damaged.Error.ShouldContain("lists of right:markets/lenders is wrong at 2");
        stranger.ExitCode.ShouldBe(1);
        stranger.Error.ShouldContain("left:markets/lenders lies in database second, which does not have its tenant.");
        lost.ExitCode.ShouldBe(1);
    }

    private static IEnumerable<string> Tenants(string json, string rows) =>
        JsonDocument.Parse(json).RootElement.GetProperty(rows).EnumerateArray()
            .Select(row => row.GetProperty("journal").GetProperty("tenant").GetString()!).Distinct().Order();

    private static string JsonOf(string text) =>
        JsonSerializer.Serialize(JsonDocument.Parse(text).RootElement, Wire.Indented);
}
