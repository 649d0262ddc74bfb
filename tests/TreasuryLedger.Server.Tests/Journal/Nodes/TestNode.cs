using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Nodes;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Api;
using Xunit;
using OpenDatabase = TreasuryLedger.Server.Platform.Database;

namespace TreasuryLedger.Server.Tests.Journal.Nodes;

/// <summary>A whole server as one of several, in this process or in one of its own.</summary>
internal abstract class TestNode : IAsyncDisposable
{
    /// <summary>Of all tenants of these tests.</summary>
    public const string Tenant = "several";

    protected TestNode()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Address = new Uri(string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}"));
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A caller of this node with a key of the database.</summary>
    public ApiClient Caller(string key) => new(Http, Tenant, key);

    /// <summary>A new key.</summary>
    public static async Task<string> KeyAsync(string login) =>
        (await new KeyAdministration(Logins.Of(login).Owner)
            .CreateAsync(Tenant, "tester", Grant.Everything, Cancellation)).ToString();

    /// <summary>Waits until this node has seen how many slots each living node has.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> WaitForSlotsAsync(params int[] slotsByNode)
    {
        var waiting = Stopwatch.StartNew();
        int[] seen = [];
        while (waiting.Elapsed < TimeSpan.FromSeconds(60))
        {
            try
            {
                var health = await Http.GetStringAsync("/health/nodes", Cancellation);
                using var json = System.Text.Json.JsonDocument.Parse(health);
                seen =
                [
                    .. json.RootElement.GetProperty("nodes").EnumerateArray()
                        .Select(node => node.GetProperty("slots").GetArrayLength()),
                ];
                if (seen.SequenceEqual(slotsByNode))
                {
                    return waiting.Elapsed;
                }
            }
            catch (HttpRequestException)
            {
                // not yet there
            }

            await Task.Delay(50, Cancellation);
        }

        seen.ShouldBe(slotsByNode, "slots by node, after a minute");
        return waiting.Elapsed;
    }

    public virtual ValueTask DisposeAsync()
    {
        Http.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A node in this process.</summary>
internal sealed class InnerNode : TestNode
{
    private readonly OpenDatabase _database;

    private InnerNode(Logins logins, Action<IServiceCollection>? change, string interval)
    {
        _database = OpenDatabase.Of(logins);
        var builder = ServerHost.Web(
            new WebApplicationOptions
            {
                Args =
                [
                    $"--Nodes:Address={Address}", $"--Nodes:HealthCheckSeconds={interval}", $"--urls={Address}",
                    "--Watch:Every=00:00:00.5", "--Logging:LogLevel:Default=None",
                ],
            },
            _database);
        change?.Invoke(builder.Services);
        App = builder.Build();
        ServerHost.Serve(App);
    }

    public WebApplication App { get; }

    public NodeWatch Watch => App.Services.GetRequiredService<NodeWatch>();

    public static async Task<InnerNode> StartAsync(
        Logins logins, Action<IServiceCollection>? change = null, string interval = "1")
    {
        var node = new InnerNode(logins, change, interval);
        await node.App.StartAsync(Cancellation);
        return node;
    }

    /// <summary>A treasury whose writer is on the other node, or here.</summary>
    public string Treasury(bool here) => Treasuries(here).First();

    /// <inheritdoc cref="Treasury"/>
    public IEnumerable<string> Treasuries(bool here) => Enumerable.Range(0, 1_000)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"t{i}"))
        .Where(id => Watch.OtherHolderOf(JournalKey.Treasury(Tenant, id)) is null == here);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await App.DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>A node in a process of its own, which can be killed.</summary>
internal sealed class OuterNode : TestNode
{
    private readonly Process _process;

    private OuterNode(string login, string interval)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "TreasuryLedger.Server.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", $"\"{program}\" serve --url {Address}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["Database__OwnerConnection"] = login,
                ["Nodes__Address"] = Address.ToString(),
                ["Nodes__HealthCheckSeconds"] = interval,
                ["Watch__Every"] = "00:00:00.5",
            },
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static OuterNode Start(string login, string interval = "1") => new(login, interval);

    /// <summary>SIGKILL: nothing is finished, nobody is told.</summary>
    public void Kill() => _process.Kill();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
