using JasperFx;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Nodes;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform.Access;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;
using TreasuryLedger.Server.Policies;
using TreasuryLedger.Server.Reconciliation;
using TreasuryLedger.Server.Webhooks;

namespace TreasuryLedger.Server.Platform;

/// <summary>What a running server is made of: the same for the program, its command line and its tests.</summary>
public static class ServerHost
{
    /// <summary>Services of whatever records and reads: web server and command line alike.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="database">The database, which the caller disposes after the host.</param>
    /// <param name="node">How this process is one of several; <c>null</c> if it is alone.</param>
    public static void AddTreasuryLedger(
        this IHostApplicationBuilder builder, Database database, NodeOptions? node = null)
    {
        builder.AddStore(database.App, AutoCreate.None, node);
        builder.Services.AddJournal(database.Tenants);
        builder.Services.AddNodes(node);
        builder.Services
            .AddSingleton<KeyStore>()
            .AddSingleton<Lookout>()
            .AddSingleton<AnswerDesk>()
            .AddSingleton<RunningAnswers>()
            .AddSingleton<FactStore>()
            .AddSingleton<FillSpans>()
            .AddSingleton<BreakStore>()
            .AddSingleton<BreakDesk>()
            .AddSingleton<FactImporter>()
            .AddSingleton<RunningImports>()
            .AddSingleton<EntryLookout>();
        builder.Services.AddLists();
    }

    /// <summary>A web server, not yet built.</summary>
    /// <param name="options">Arguments and folders.</param>
    /// <param name="database">The database, which the caller disposes after the server.</param>
    public static WebApplicationBuilder Web(WebApplicationOptions options, Database database)
    {
        var builder = WebApplication.CreateBuilder(options);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Http.BatchBytesMax + 1;
        });
        builder.AddTreasuryLedger(database, NodeOptions.From(builder.Configuration));
        var leaving = Leaving.From(builder.Configuration);
        builder.Services.AddSingleton(leaving).AddHostedService(_ => leaving)
            .Configure<HostOptions>(host => host.ShutdownTimeout = leaving.Longest);
        builder.Services.AddHostedService<BookRefresh>();
        builder.Services.AddHostedService<WaitingPayloads>();
        builder.Services.AddSingleton(database)
            .AddSingleton(SecretKeys.From(builder.Configuration)).AddHostedService<SecretSealing>()
            .AddSingleton(WebhookOptions.From(builder.Configuration)).AddHostedService<WebhookWorker>();
        builder.Services.AddAnchoring(builder.Configuration);
        builder.Services.AddSingleton(WatchOptions.Of(builder.Configuration)).AddHostedService<LimitWatch>();
        builder.Services.AddDocumentation();
        builder.Services
            .AddSingleton<RateLimits>()
            .AddSingleton<AccessLog>()
            .AddHostedService(services => services.GetRequiredService<AccessLog>());
        builder.Services.AddSingleton(DiskGate.From(builder.Configuration, database.DataDirectory));
        builder.AddTelemetry();
        if (TokenOptions.From(builder.Configuration) is { } tokens)
        {
            builder.Services.AddSingleton(new IssuedTokens(tokens));
        }

        return builder;
    }

    /// <summary>Everything that a web server answers, in the order in which a request passes it.</summary>
    public static void Serve(WebApplication app)
    {
        app.UseTraces();
        app.UseAccessLog();
        app.UseProblems();
        app.Use((http, next) =>
        {
            http.Response.Headers.XContentTypeOptions = "nosniff";
            if (http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
            {
                http.Response.Headers.CacheControl = "no-store"; // figures belong to the caller alone
            }

            return next(http);
        });
        app.UseLeaving();
        var isNode = app.Services.GetService<NodeOptions>() is not null;
        if (isNode)
        {
            app.UseNodeGate();
        }

        app.UseKeyGate();
        DiskGate.Use(app);
        app.UseRouting();
        app.UseGrantGate();
        MapHealth(app);
        app.MapTelemetry();
        if (isNode)
        {
            app.MapNodes();
        }

        app.MapTreasuryLedger();
        app.MapDocumentation();
    }

    private static void MapHealth(WebApplication app)
    {
        app.MapGet("/health", () => Results.Ok(new Health("ok"))).ExcludeFromDescription();
        var leaving = app.Services.GetRequiredService<Leaving>();
        app.MapGet("/health/ready", async (TenantDatabases databases, CancellationToken cancellation) =>
        {
            if (leaving.IsLeaving)
            {
                return Results.Json(new Health("leaving"), statusCode: StatusCodes.Status503ServiceUnavailable);
            }

            await using var ask = databases.Main.CreateCommand("select 1");
            await ask.ExecuteScalarAsync(cancellation);
            return Results.Ok(new Health("ready"));
        }).ExcludeFromDescription();
        app.MapGet("/health/databases", async (TenantDatabases databases, CancellationToken cancellation) =>
        {
            var away = await databases.EachAsync(
                async database =>
                {
                    await using var ask = database.CreateCommand("select 1");
                    await ask.ExecuteScalarAsync(cancellation);
                },
                cancellation);
            return Results.Ok(new DatabasesHealth(
                away.Count == 0 ? "ok" : "away", [.. databases.All.Select(database => database.Name)], away));
        }).ExcludeFromDescription();
        app.MapGet("/health/nodes", (HttpContext http) => Results.Ok(NodesHealth.Of(http.RequestServices)))
            .ExcludeFromDescription();
    }

    private sealed record Health(string Status);

    private sealed record DatabasesHealth(string Status, IReadOnlyList<string> Databases, IReadOnlyList<string> Away);
}
