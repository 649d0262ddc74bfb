using System.Diagnostics;
using System.Threading.Channels;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform.Access;

/// <summary>
/// Notes every request once it is answered or refused, behind the answer: rows wait in a bounded queue and are written
/// many at a time. If it is full, or the database is away for long, rows are lost rather than answers; how many is
/// noted with the next row that is written, and told to the log of the server.
/// </summary>
/// <param name="databases">A tenant's rows lie where its journals do; those of nobody in the main one.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of what could not be written.</param>
public sealed class AccessLog(TenantDatabases databases, TimeProvider time, ILogger<AccessLog> log)
    : BackgroundService
{
    /// <summary>The tenant of requests of whom nothing is known; no tenant can be called so.</summary>
    public const string Nobody = "-";

    /// <summary>Rows that wait at most.</summary>
    public const int QueueMax = 16_384;

    /// <summary>Rows of one statement at most.</summary>
    private const int RowsMax = 1_000;

    private const int TextMax = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Channel<(string Tenant, AccessRow Row)> _queue =
        Channel.CreateBounded<(string, AccessRow)>(new BoundedChannelOptions(QueueMax) { SingleReader = true });

    private long _missed;

    /// <summary>Rows that wait to be written.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Notes how a request ended.</summary>
    /// <param name="http">The request.</param>
    /// <param name="since">When it began.</param>
    public void Note(HttpContext http, long since)
    {
        var caller = http.Features.Get<Caller>();
        var values = http.Request.RouteValues;
        var row = new AccessRow(
            0,
            Instant.FromUtc(Microseconds(time.GetUtcNow().UtcDateTime)),
            http.TraceIdentifier,
            caller?.Actor,
            caller?.KeyId,
            http.Request.Method,
            (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText,
            Short((values["treasury"] ?? values["book"]) as string),
            Short(http.Request.Query["asOf"]),
            Short(http.Request.Query["knownAt"]),
            http.RequestAborted.IsCancellationRequested
                ? StatusCodes.Status499ClientClosedRequest
                : http.Response.StatusCode,
            http.Features.Get<Problem>()?.Code,
            (long)time.GetElapsedTime(since).TotalMilliseconds,
            0);
        if (!_queue.Writer.TryWrite((caller?.Tenant ?? Nobody, row)))
        {
            Interlocked.Increment(ref _missed);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete(); // what is asked from here on is missed; what waits is still written
        if (ExecuteTask is { } writing)
        {
            await writing.WaitAsync(TimeSpan.FromSeconds(5), cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            var rows = new List<(string Tenant, AccessRow Row)>();
            while (rows.Count < RowsMax && _queue.Reader.TryRead(out var next))
            {
                rows.Add(next);
            }

            if (Interlocked.Exchange(ref _missed, 0) is > 0 and var missed)
            {
                rows[0] = (rows[0].Tenant, rows[0].Row with { Missed = missed });
                log.LogError("{Missed} requests are not in the access log: it could not be written in time.", missed);
            }

            foreach (var tenant in rows.GroupBy(row => row.Tenant, row => row.Row))
            {
                await WriteAsync(tenant.Key, [.. tenant], stoppingToken);
            }

            if (rows.Count < RowsMax)
            {
                await Task.Delay(Pause, time, CancellationToken.None); // so that few come together
            }
        }
    }

    /// <summary>Writes rows; while it cannot, others wait in the queue, up to its end.</summary>
    private async Task WriteAsync(string tenant, IReadOnlyList<AccessRow> rows, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AccessTable.InsertAsync(databases, tenant, rows, cancellation);
                return;
            }
            catch (Exception fault) when (fault is Npgsql.NpgsqlException or ProblemException or TimeoutException)
            {
                if (attempt == 1)
                {
                    log.LogWarning(fault, "The access log cannot be written; trying again.");
                }

                if (attempt == AttemptsMax)
                {
                    // One tenant's database must not hold up the rows of all others for ever.
                    Interlocked.Add(ref _missed, rows.Count + rows.Sum(row => row.Missed));
                    return;
                }

                await Task.Delay(Pause * 10, time, cancellation);
            }
        }
    }

    private const int AttemptsMax = 30;

    private static string? Short(string? text) => text is null or { Length: <= TextMax } ? text : text[..TextMax];

    private static DateTime Microseconds(DateTime now) =>
        now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
}

/// <summary>Where requests are noted.</summary>
public static class AccessLogging
{
    /// <summary>The id by which an answer, the log of the server and the access log name a request.</summary>
    public const string RequestIdHeader = "Request-Id";

    /// <summary>Notes every request but those of health and between nodes. Outside of everything else.</summary>
    public static void UseAccessLog(this WebApplication app)
    {
        var access = app.Services.GetRequiredService<AccessLog>();
        app.Use(async (http, next) =>
        {
            var since = Stopwatch.GetTimestamp();
            http.Response.Headers[RequestIdHeader] = http.TraceIdentifier;
            try
            {
                await next(http);
            }
            finally
            {
                if (!http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                    && http.Features.Get<Journal.Nodes.FromNode>() is null)
                {
                    access.Note(http, since);
                }
            }
        });
    }
}
