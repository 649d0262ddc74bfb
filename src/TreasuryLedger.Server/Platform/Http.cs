using System.Globalization;
using Microsoft.Net.Http.Headers;
using Npgsql;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform;

/// <summary>The edge of every request: whatever goes wrong leaves as problem details with a registered code.</summary>
public static class Http
{
    /// <summary>Largest body of one command (bytes, inclusive).</summary>
    public const int CommandBytesMax = 256 * 1024;

    /// <summary>Largest body of a batch (bytes, inclusive).</summary>
    public const int BatchBytesMax = 32 * 1024 * 1024;

    /// <summary>When to come back after a passing fault (seconds).</summary>
    private const int RetryAfterSeconds = 1;

    /// <summary>Turns exceptions and bare statuses into problem details.</summary>
    public static void UseProblems(this WebApplication app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            {
                await WriteAsync(http, OfStatus(http));
            }
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            var problem = OfFault(fault, http);
            if (problem is not null)
            {
                await WriteAsync(http, problem);
            }
        }
    });

    /// <summary>Writes an answer as the whole of it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="answer">What is answered.</param>
    /// <param name="status">With which status.</param>
    public static Task AnswerAsync<T>(HttpContext http, T answer, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(answer, Wire.Options, http.RequestAborted);
    }

    /// <summary>Writes a problem as the whole answer.</summary>
    public static Task WriteAsync(HttpContext http, Problem problem)
    {
        http.Features.Set(problem);
        http.Response.StatusCode = problem.Status;
        if (problem.Retryable && http.Response.Headers.RetryAfter.Count == 0)
        {
            http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return http.Response.WriteAsJsonAsync(
            problem, Wire.Options, Problem.MediaType, CancellationToken.None);
    }

    /// <summary>Reads a whole body that is JSON and not larger than the limit.</summary>
    /// <exception cref="ProblemException">It is neither.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadJsonAsync(HttpRequest request, int bytesMax)
    {
        if (!request.HasJsonContentType() || !IsUtf8(request) || request.Headers.ContentEncoding.Count > 0)
        {
            throw ProblemException.Of(
                ErrorRegistry.ContentTypeUnsupported,
                $"The content type is {request.ContentType ?? "missing"}; it must be application/json in UTF-8, not "
                + "compressed.");
        }

        // Refused by its announced length before a byte is read; an unannounced one as soon as it is too long.
        if (request.ContentLength > bytesMax)
        {
            throw TooLarge(bytesMax);
        }

        var body = new MemoryStream((int)(request.ContentLength ?? 4096));
        var buffer = new byte[Math.Min(bytesMax, 64 * 1024)];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
        {
            if (body.Length + read > bytesMax)
            {
                throw TooLarge(bytesMax);
            }

            body.Write(buffer, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>JSON is UTF-8 (RFC 8259) and names no charset; one that says so by name is believed.</summary>
    private static bool IsUtf8(HttpRequest request) =>
        request.GetTypedHeaders().ContentType is { } type
        && (!type.Charset.HasValue
            || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static ProblemException TooLarge(int bytesMax) => ProblemException.Of(
        ErrorRegistry.BodyTooLarge, $"The body has more than {bytesMax} bytes.", ("bytesMax", bytesMax));

    private static Problem OfStatus(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problem.Of(ErrorRegistry.RouteUnknown, "Nothing is served at this address."),
        StatusCodes.Status405MethodNotAllowed => Problem.Of(
            ErrorRegistry.MethodNotAllowed, $"This address does not serve {http.Request.Method}."),
        StatusCodes.Status413PayloadTooLarge => TooLarge(BatchBytesMax).Problem,
        StatusCodes.Status415UnsupportedMediaType => Problem.Of(
            ErrorRegistry.ContentTypeUnsupported, "The content type must be application/json."),
        >= 500 => Internal,
        _ => Problem.Of(ErrorRegistry.RequestMalformed, "The request cannot be read."),
    };

    private static Problem? OfFault(Exception fault, HttpContext http)
    {
        switch (fault)
        {
            case ProblemException known:
                return known.Problem;
            case OperationCanceledException when http.RequestAborted.IsCancellationRequested:
                return null; // nobody is there to read an answer
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return Problem.Of(ErrorRegistry.RequestTooSlow, "The body arrived too slowly.");
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return TooLarge(BatchBytesMax).Problem;
            case BadHttpRequestException:
                return Problem.Of(ErrorRegistry.RequestMalformed, "The body ended early or is not well framed.");
            case NpgsqlException { IsTransient: true }:
                Log(http).LogWarning(fault, "The database does not answer");
                return DatabaseUnavailable(http);
            default:
                Log(http).LogError(fault, "A request failed inside the server");
                return Internal;
        }
    }

    /// <summary>Says which one, if the journals of who asks do not lie in the main database.</summary>
    private static Problem DatabaseUnavailable(HttpContext http)
    {
        var which = http.RequestServices.GetRequiredService<TenantDatabases>()
            .NumbersOf(http.Features.Get<Caller>()?.Tenant);
        var detail = which is [var (_, name)] ? $"Database {name} does not answer." : "The database does not answer.";
        return Problem.Of(ErrorRegistry.DatabaseUnavailable, detail, which);
    }

    // The text is fixed: whatever happened inside is for the log, never for the caller.
    private static Problem Internal =>
        Problem.Of(ErrorRegistry.InternalError, "The request was stopped by a fault inside the server.");

    private static ILogger Log(HttpContext http) =>
        http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Http));
}
