using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Webhooks;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// What a running server tells of itself: metrics for whoever scrapes them, and metrics and traces to a collector if
/// one is named by the usual variable of the environment, OTEL_EXPORTER_OTLP_ENDPOINT.
/// </summary>
public static class Telemetry
{
    /// <summary>Where metrics are scraped: like all of health without a key. They name no tenant.</summary>
    public const string Path = "/health/metrics";

    /// <summary>
    /// Its pools are named by where they connect to, which is nobody's business: only times are told, of all pools.
    /// </summary>
    private const string Database = "Npgsql";

    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Service = "treasury-ledger";

    /// <summary>Bounds of the histogram of commits, in seconds: the limit that matters is 0.05.</summary>
    private static readonly double[] CommitTimes = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5];

    /// <summary>Bounds of the histogram of folds, in entries: from a checkpoint a few hundred.</summary>
    private static readonly double[] FoldedEntries = [0, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

    private static readonly string[] Meters =
    [
        JournalMeter.Name, ListMeter.Name, WebhookMeter.Name, FactMeter.Name, DiskGate.MeterName, Database,
        "System.Runtime",
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
    ];

    /// <summary>Collects metrics, and traces if there is a collector.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var hasCollector = !string.IsNullOrEmpty(builder.Configuration[Collector]);
        // Who sets OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES is followed.
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService(Service).AddEnvironmentVariableDetector()).WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters)
                .AddView(JournalMeter.CommitTime, new ExplicitBucketHistogramConfiguration { Boundaries = CommitTimes })
                .AddView(JournalMeter.BooksFolded, new ExplicitBucketHistogramConfiguration
                {
                    Boundaries = FoldedEntries,
                })
                .AddView(instrument => instrument.Meter.Name != Database ? null
                    : instrument is Histogram<double> ? new MetricStreamConfiguration { TagKeys = [] }
                    : MetricStreamConfiguration.Drop)
                .AddPrometheusExporter();
            if (hasCollector)
            {
                metrics.AddOtlpExporter();
            }
        });
        if (hasCollector)
        {
            // Without this a span of a request does not say what was asked.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            telemetry.WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", Database, "Wolverine")
                .AddOtlpExporter());
        }
    }

    /// <summary>Names the span of each request by its route, and says how it was answered.</summary>
    public static void UseTraces(this WebApplication app) => app.Use(async (http, next) =>
    {
        await next(http);
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { } span)
        {
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            span.DisplayName = $"{http.Request.Method} {route}".TrimEnd();
            span.SetTag("http.route", route).SetTag("http.response.status_code", http.Response.StatusCode);
        }
    });

    /// <summary>Answers those who scrape.</summary>
    public static void MapTelemetry(this WebApplication app) =>
        app.MapPrometheusScrapingEndpoint(Path).ExcludeFromDescription();
}
