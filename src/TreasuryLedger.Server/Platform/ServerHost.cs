using JasperFx;
using Npgsql;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform;

/// <summary>What a running server is made of: the same for the program, its command line and its tests.</summary>
public static class ServerHost
{
    /// <summary>Services of whatever records and reads: web server and command line alike.</summary>
    public static void AddTreasuryLedger(this IHostApplicationBuilder builder, Database database)
    {
        builder.AddStore(database.App, AutoCreate.None);
        builder.Services.AddJournal(database.App);
        builder.Services
            .AddSingleton<KeyStore>()
            .AddSingleton<Lookout>()
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
        builder.AddTreasuryLedger(database);
        builder.Services.AddAnchoring(builder.Configuration);
        builder.Services.AddDocumentation();
        return builder;
    }

    /// <summary>Everything that a web server answers, in the order in which a request passes it.</summary>
    public static void Serve(WebApplication app)
    {
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
        app.UseKeyGate();
        app.UseRouting();
        MapHealth(app);
        app.MapTreasuryLedger();
        app.MapDocumentation();
    }

    private static void MapHealth(WebApplication app)
    {
        app.MapGet("/health", () => Results.Ok(new Health("ok"))).ExcludeFromDescription();
        app.MapGet("/health/ready", async (NpgsqlDataSource database, CancellationToken cancellation) =>
        {
            await using var ask = database.CreateCommand("select 1");
            await ask.ExecuteScalarAsync(cancellation);
            return Results.Ok(new Health("ready"));
        }).ExcludeFromDescription();
    }

    private sealed record Health(string Status);
}
