using Alba;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Api;
using Wolverine;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Platform.Shards;

/// <summary>A server over a main database and further ones.</summary>
internal sealed class ShardedServer : IAsyncDisposable
{
    /// <summary>The name of the further database of most tests.</summary>
    public const string Second = "second";

    private readonly string _main;
    private readonly OpenDatabase _database;

    private ShardedServer(string main, OpenDatabase database, IAlbaHost host)
    {
        _main = main;
        _database = database;
        Host = host;
    }

    public IAlbaHost Host { get; }

    public TenantDatabases Tenants => _database.Tenants;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a server.</summary>
    /// <param name="main">The operator's login to the main database.</param>
    /// <param name="shards">The operator's logins to further ones, by name.</param>
    public static async Task<ShardedServer> StartAsync(string main, params (string Name, string Login)[] shards)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(shards.Select(shard => KeyValuePair.Create(
                $"Database:Shards:{shard.Name}:OwnerConnection", (string?)shard.Login)))
            .Build();
        var database = OpenDatabase.Of(Logins.Of(main), settings);
        var builder = ServerHost.Web(
            new WebApplicationOptions { Args = ["--Logging:LogLevel:Default=None"] }, database);
        builder.Services.AddSingleton(new WriterOptions { ResolveWithin = TimeSpan.FromSeconds(1) });
        return new ShardedServer(main, database, await AlbaHost.For(builder, ServerHost.Serve));
    }

    /// <summary>A caller of a tenant, assigned to a database if one is named.</summary>
    public async Task<ApiClient> CallerAsync(string tenant, string? database = null)
    {
        if (database is not null)
        {
            (await Tenants.AssignAsync(tenant, database, Cancellation)).ShouldBe(database);
        }

        var key = await new KeyAdministration(Logins.Of(_main).Owner)
            .CreateAsync(tenant, "tester", Grant.Everything, Cancellation);
        return new ApiClient(Host, tenant, key.ToString());
    }

    /// <summary>Records the case of a replayed clock for a tenant, as the command line does.</summary>
    public async Task RecordCaseAsync(string tenant)
    {
        var runner = new CaseRunner(SubmitAsync, Host.Services.GetRequiredService<JournalReader>());
        await runner.RunAsync(
            CaseFolder.Read(Path.Combine(AppContext.BaseDirectory, "cases", "trend-research")),
            tenant, "tester", (_, _) => { }, close: false, Cancellation);

        async Task<SubmissionOutcome> SubmitAsync(Submission submission, CancellationToken stop)
        {
            await using var scope = Host.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<IMessageBus>()
                .InvokeAsync<SubmissionOutcome>(new RecordCommands(submission), stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _database.DisposeAsync();
    }
}
