using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Platform;

public sealed class SettingsTests
{
    private static readonly KeyValuePair<string, string?>[] Wrong =
    [
        new("Database:OwnerConection", "Host=db;Password=secret-1"),
        new("Database:AppConnection", "not a connection secret-2"),
        new("Database:NewTenants", "nowhere"),
        new("Database:Shards:Upper:OwnerConnection", "Host=db"),
        new("Database:Shards:second:AppConnection", "Host=db"),
        new("Nodes:Address", "ftp://x"),
        new("Webhooks:AllowLoopback", "perhaps"),
        new("Oidc:Authority", "http://issuer.example.com"),
        new("Anchors:Every", "often"),
        new("Anchors:Folder", "/tmp/anchors"),
    ];

    [Fact]
    public void everything_that_is_wrong_is_told_at_once_and_no_secret()
    {
        var faults = Settings.Faults(new ConfigurationBuilder().AddInMemoryCollection(Wrong).Build());

        foreach (var told in new[]
        {
            "Database:OwnerConection is no setting", "Database:AppConnection is no connection string",
            "Database:AppConnection is set and Database:OwnerConnection is not", "Database:NewTenants is 'nowhere'",
            "Database:Shards:Upper has no name", "Database:Shards:second:OwnerConnection is missing", "Nodes:Address",
            "Webhooks:AllowLoopback", "Oidc:Authority", "Anchors:Every", "Anchors:Folder is no setting",
        })
        {
            faults.ShouldContain(fault => fault.Contains(told, StringComparison.Ordinal), told);
        }

        faults.ShouldAllBe(fault => !fault.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", 30)]
    [InlineData("300", 330)]
    public async Task requests_in_flight_have_half_a_minute_once_the_server_has_said_that_it_leaves(
        string readyOff, int seconds)
    {
        await using var database = OpenDatabase.Of(Logins.Of("Host=nowhere;Username=nobody;Database=nothing"));
        var builder = ServerHost.Web(
            new WebApplicationOptions { Args = [$"--{Leaving.Setting}={readyOff}"] }, database);
        await using var services = builder.Services.BuildServiceProvider();

        services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout
            .ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public void the_server_has_one_heap_and_young_objects_wait_for_32_MiB_whatever_the_processor()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "TreasuryLedger.Server.runtimeconfig.json")));
        var set = file.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        set.GetProperty("System.GC.Server").GetBoolean().ShouldBeFalse();
        set.GetProperty("System.GC.Gen0MaxBudget").GetInt64().ShouldBe(32 * 1024 * 1024);
        // Tests have the same, so what the runtime makes of it can be seen here.
        Convert.ToInt64(GC.GetConfigurationVariables()["GCGen0MaxBudget"], CultureInfo.InvariantCulture)
            .ShouldBe(32 * 1024 * 1024);
    }

    [Fact]
    public async Task a_server_that_is_stopped_twice_says_once_that_it_leaves()
    {
        var leaving = new Leaving(TimeSpan.FromHours(1));
        await leaving.StoppingAsync(new CancellationToken(canceled: true));

        leaving.IsLeaving.ShouldBeTrue();
        await leaving.StoppingAsync(TestContext.Current.CancellationToken).WaitAsync(
            TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void what_is_right_is_not_told_of()
    {
        Settings.Faults(new ConfigurationBuilder().AddEnvironmentVariables().Build()).ShouldBeEmpty();
        Settings.Faults(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("database:ownerconnection", "Host=db;Database=x"),
            new("Database:AppConnection", "Host=db;Database=x;Username=app"),
            new("Database:NewTenants", "second"),
            new("Database:Shards:second:OwnerConnection", "Host=other"),
            new("Nodes:Address", "http://10.0.0.5:8080"),
            new("Nodes:HealthCheckSeconds", "2"),
            new("Webhooks:AllowLoopback", "true"),
            new("Oidc:Authority", "https://issuer.example.com"),
            new("Oidc:Audience", "ledger"),
            new("Anchors:Every", "01:00:00"),
            new("Anchors:ObjectStore:Bucket", "anchors"),
        ]).Build()).ShouldBeEmpty();
    }

    [Fact]
    public async Task the_program_does_not_start_with_settings_that_are_wrong()
    {
        var run = await ProgramRun.WithAsync(
            Wrong.Select(setting => KeyValuePair.Create(
                setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value!)),
            "serve");

        run.ExitCode.ShouldBe(1);
        run.Error.ShouldStartWith("settings_invalid: ");
        run.Error.ShouldContain("Database:OwnerConection is no setting");
        run.Error.ShouldContain("Webhooks:AllowLoopback");
        run.Output.ShouldBeEmpty();
    }
}
