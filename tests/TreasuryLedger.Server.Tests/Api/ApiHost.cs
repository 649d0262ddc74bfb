using System.Globalization;
using Alba;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Tests of the API share a server.</summary>
[CollectionDefinition(Name)]
public sealed class ApiTests : ICollectionFixture<ApiHost>
{
    /// <summary>Of the collection.</summary>
    public const string Name = "api";
}

/// <summary>
/// Tests of the program, and of the files that it writes, have another server: they wait for processes, while those of
/// the API go on.
/// </summary>
[CollectionDefinition(Name)]
public sealed class ProgramTests : ICollectionFixture<ApiHost>
{
    /// <summary>Of the collection.</summary>
    public const string Name = "program";
}

/// <summary>
/// One server over one real database for all tests of a collection; each test asks as a tenant of its own.
/// </summary>
public sealed class ApiHost(Databases databases) : IAsyncLifetime
{
    /// <summary>A tenant that may ask three times at once, and then once a second.</summary>
    public const string Limited = "limited";

    private readonly SemaphoreSlim _listening = new(1);
    private OpenDatabase? _database;
    private WebApplication? _wire;
    private readonly SemaphoreSlim _opening = new(1);

    /// <summary>The setting of the key under which secrets of webhooks lie in its database.</summary>
    public static readonly string WebhookKey = $"--Webhooks:Keys:test={Convert.ToBase64String(new byte[32])}";

    private ApiClient? _shared;
    private int _tenants;

    /// <summary>The server.</summary>
    public IAlbaHost Host { get; private set; } = null!;

    /// <summary>The operator's connection string.</summary>
    public string Login { get; private set; } = "";

    /// <summary>The owner's connection string.</summary>
    public string Owner => _database!.Logins.Owner;

    public async ValueTask InitializeAsync()
    {
        Login = await databases.NewAsync();
        _database = OpenDatabase.Of(Logins.Of(Login));
        Host = await AlbaHost.For(NewBuilder(), ServerHost.Serve);
    }

    /// <summary>
    /// Another server over the same database, at an address that other processes reach: its streams take nothing that a
    /// web server's do not.
    /// </summary>
    public async Task<Uri> ListenAsync()
    {
        await _listening.WaitAsync();
        try
        {
            if (_wire is null)
            {
                var builder = NewBuilder();
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                var wire = builder.Build();
                ServerHost.Serve(wire);
                await wire.StartAsync();
                _wire = wire;
            }

            return new Uri(_wire.Urls.Single());
        }
        finally
        {
            _listening.Release();
        }
    }

    /// <summary>A caller of a new tenant.</summary>
    public Task<ApiClient> NewTenantAsync() =>
        NewCallerAsync(string.Create(CultureInfo.InvariantCulture, $"tenant-{Interlocked.Increment(ref _tenants)}"));

    /// <summary>Another caller of a tenant.</summary>
    public async Task<ApiClient> NewCallerAsync(string tenant, string actor = "tester", Grant? grant = null)
    {
        var key = await new KeyAdministration(Owner)
            .CreateAsync(tenant, actor, grant ?? Grant.Everything, CancellationToken.None);
        return new ApiClient(Host, tenant, key.ToString());
    }

    /// <summary>One opened treasury for tests that record nothing.</summary>
    public async Task<ApiClient> SharedAsync()
    {
        await _opening.WaitAsync();
        try
        {
            return _shared ??= await (await NewTenantAsync()).OpenAsync();
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _opening.Dispose();
        _listening.Dispose();
        if (_wire is not null)
        {
            await _wire.StopAsync();
            await _wire.DisposeAsync();
        }

        await Host.DisposeAsync();
        await _database!.DisposeAsync();
    }

    private WebApplicationBuilder NewBuilder()
    {
        string[] settings =
        [
            "--Webhooks:AllowLoopback=true",
            WebhookKey,
            $"--Disk:Directory={Path.GetTempPath()}",
            $"--RateLimits:Tenants:{Limited}:PerSecond=1",
            $"--RateLimits:Tenants:{Limited}:Burst=3",
        ];
        return ServerHost.Web(new WebApplicationOptions { Args = settings }, _database!);
    }
}
