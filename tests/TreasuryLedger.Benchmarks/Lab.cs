using System.Diagnostics;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using Wolverine;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// A throwaway PostgreSQL as durable as in production, and the program as it is served: the rows use the writers and
/// readers of a running web server, in process.
/// </summary>
public sealed class Lab : IAsyncDisposable
{
    /// <summary>Whose journals are measured.</summary>
    public const string Tenant = "measured";

    private const int LoadBatch = 1_000;

    private readonly WebApplication _web;
    private readonly Database _database;
    private readonly Dictionary<int, JournalKey> _histories = [];

    private Lab(EmbeddedPostgresServer postgres, Database database, WebApplication web, BenchOptions options)
    {
        (Postgres, _database, _web, Options) = (postgres, database, web, options);
        Writers = web.Services.GetRequiredService<JournalWriters>();
        Reader = web.Services.GetRequiredService<JournalReader>();
    }

    /// <summary>What is asked for.</summary>
    public BenchOptions Options { get; }

    /// <summary>The database server.</summary>
    public EmbeddedPostgresServer Postgres { get; }

    /// <summary>The two ways in.</summary>
    public Logins Logins => _database.Logins;

    /// <summary>The application's connections.</summary>
    public NpgsqlDataSource App => _database.App;

    /// <summary>In which database journals lie: this one.</summary>
    public TenantDatabases Tenants => _database.Tenants;

    /// <summary>Everything else that the program has.</summary>
    public IServiceProvider Services => _web.Services;

    /// <summary>Records.</summary>
    public JournalWriters Writers { get; }

    /// <summary>Reads.</summary>
    public JournalReader Reader { get; }

    /// <summary>Where the web server listens, on loopback.</summary>
    public Uri Address => new(_web.Urls.First());

    /// <summary>Starts everything.</summary>
    public static async Task<Lab> StartAsync(BenchOptions options)
    {
        var postgres = await EmbeddedPostgresServer.StartThrowawayAsync();
        try
        {
            var logins = await Schema.PrepareOwnAsync(postgres.OwnerConnectionString, CancellationToken.None);
            var database = Database.Of(logins);
            var builder = ServerHost.Web(new WebApplicationOptions
            {
                Args = ["--Webhooks:AllowLoopback=true", $"--Webhooks:Keys:lab={Convert.ToBase64String(new byte[32])}"],
                EnvironmentName = "Production",
                ContentRootPath = AppContext.BaseDirectory, // generated handlers are written below it
            }, database);
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var web = builder.Build();
            ServerHost.Serve(web);
            await web.StartAsync();
            var lab = new Lab(postgres, database, web, options);
            await lab.RecordAsync(JournalKey.Prices(Tenant, "main"), "prices", History.Prices());
            return lab;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>A treasury of a size, loaded once a run through the writers; rows share it.</summary>
    public async Task<JournalKey> HistoryAsync(int entries)
    {
        if (!_histories.TryGetValue(entries, out var key))
        {
            key = JournalKey.Treasury(Tenant, $"history-{entries}");
            var watch = Stopwatch.StartNew();
            await RecordAsync(key, "load", History.Opening().Concat(
                History.Commands(entries - History.OpeningEntries)));
            Progress($"a history of {Text.Whole(entries)} entries recorded in {watch.Elapsed.TotalSeconds:N1} s");
            _histories.Add(entries, key);
        }

        return key;
    }

    /// <summary>An opened treasury without history.</summary>
    public async Task<JournalKey> NewTreasuryAsync(string id)
    {
        var key = JournalKey.Treasury(Tenant, id);
        await RecordAsync(key, "opening", History.Opening());
        return key;
    }

    /// <summary>Records commands in atomic batches. Every one must be accepted.</summary>
    public async Task RecordAsync(JournalKey journal, string key, IEnumerable<Command> commands)
    {
        foreach (var (number, chunk) in commands.Chunk(LoadBatch).Index())
        {
            await SubmitAsync(new Submission(
                journal, $"{key}-{number}", "bench", [.. chunk], Atomic: true, DryRun: false,
                ScriptedRecordedAt: null));
        }
    }

    /// <summary>Submits, and fails unless all of it was recorded for the first time.</summary>
    public async Task<Instant> SubmitAsync(Submission submission, JournalWriters? writers = null) =>
        Recorded(await (writers ?? Writers).SubmitAsync(submission, CancellationToken.None));

    /// <summary>The same over the bus, as every request goes.</summary>
    public async Task<Instant> HandleAsync(Submission submission)
    {
        await using var scope = _web.Services.CreateAsyncScope();
        var bus = scope.ServiceProvider.GetRequiredService<IMessageBus>();
        return Recorded(await bus.InvokeAsync<SubmissionOutcome>(new RecordCommands(submission)));
    }

    private static Instant Recorded(SubmissionOutcome outcome)
    {
        if (outcome is SubmissionOutcome.Decided decided
            && decided.Items.All(item => item is Outcome.Recorded { Replayed: false }))
        {
            return decided.Head.RecordedAt;
        }

        var why = outcome is SubmissionOutcome.Decided { Items: var items }
            ? items.OfType<Outcome.Refused>().FirstOrDefault()?.Refusal.Message
            : null;
        throw new InvalidOperationException($"A command was not recorded: {why ?? outcome.ToString()}");
    }

    /// <summary>A caller over HTTP, with a key.</summary>
    /// <param name="name">Whose key it is.</param>
    public async Task<HttpClient> CallerAsync(string name)
    {
        var key = await new KeyAdministration(Logins.Owner)
            .CreateAsync(Tenant, name, Grant.Everything, CancellationToken.None);
        var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        return http;
    }

    /// <summary>Writers that hold nothing in memory yet, as after a start.</summary>
    public JournalWriters NewWriters(WriterOptions? options = null) => new(
        Tenants, new JournalReader(Tenants, TimeProvider.System),
        options ?? new WriterOptions(), TimeProvider.System, NullLogger<JournalWriters>.Instance);

    /// <summary>Tells whoever waits.</summary>
    public static void Progress(string text) => Console.Error.WriteLine($"  {text}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _database.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
