using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform.OpenApi;
using TreasuryLedger.Server.Platform.Sheets;

namespace TreasuryLedger.Server.Lists;

/// <summary>How lists are given over HTTP.</summary>
internal static class ListHttp
{
    /// <summary>The media type of JSON lines.</summary>
    public const string Ndjson = "application/x-ndjson";

    /// <summary>The media type of comma-separated values.</summary>
    public const string Csv = "text/csv";

    /// <summary>The media types of streams.</summary>
    public static string[] Streams => [Ndjson, Csv, WorkbookStream.MediaType];

    /// <summary>The header by which a caller asks only for what it does not have.</summary>
    public static ParameterText IfNoneMatch { get; } = new(
        HeaderNames.IfNoneMatch, "header", typeof(string),
        "The ETag of an answer that the caller has: 304 if it would get the same again.", "\"5f0c41\"");

    /// <summary>The form that a caller accepts: the first that it names and that there is.</summary>
    public static ListFormat Accepted(HttpRequest request)
    {
        foreach (var accepted in request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1))
        {
            switch (accepted.MediaType.Value)
            {
                case Ndjson:
                    return ListFormat.Ndjson;
                case Csv:
                    return ListFormat.Csv;
                case WorkbookStream.MediaType:
                    return ListFormat.Xlsx;
                case "application/json" or "application/*" or "*/*":
                    return ListFormat.Json;
            }
        }

        return ListFormat.Json;
    }

    /// <summary>Writes the headers of a list.</summary>
    /// <returns><c>false</c> if the caller has the answer already: then all is said.</returns>
    public static bool Begin(HttpContext http, ListStand stand)
    {
        if (!Begin(http, TextOf(stand)))
        {
            return false;
        }

        BeginStream(
            http, stand.Question.Format, stand.Viewpoint.AsOf, stand.Viewpoint.KnownAt, stand.Viewpoint.Position);
        return true;
    }

    /// <summary>Writes the headers by which callers keep an answer.</summary>
    /// <param name="http">The request.</param>
    /// <param name="text">Everything that the bytes of the answer follow from.</param>
    /// <returns><c>false</c> if the caller has the answer already: then all is said.</returns>
    public static bool Begin(HttpContext http, string text)
    {
        var (request, response) = (http.Request, http.Response);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\n{Standpoint.Version}"));
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(hash.AsSpan(0, 16))}\"");
        response.Headers.ETag = tag.ToString();
        response.Headers.Vary = "Accept";
        response.Headers.CacheControl = "private, no-cache"; // kept by the caller alone, and asked for each time
        var has = request.GetTypedHeaders().IfNoneMatch;
        if (has.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return false;
        }

        return true;
    }

    /// <summary>Writes the headers of a stream, which says where it stands in them; none for JSON.</summary>
    public static void BeginStream(
        HttpContext http, ListFormat format, Instant? asOf, Instant knownAt, long position)
    {
        if (format != ListFormat.Json)
        {
            var response = http.Response;
            response.ContentType = format switch
            {
                ListFormat.Csv => $"{Csv}; charset=utf-8",
                ListFormat.Xlsx => WorkbookStream.MediaType,
                _ => Ndjson,
            };
            BeginFile(response, asOf, knownAt, position);
        }
    }

    /// <summary>Writes the headers that tell where something stands that is no JSON.</summary>
    public static void BeginFile(HttpResponse response, Instant? asOf, Instant knownAt, long position)
    {
        response.Headers["Ledger-As-Of"] = asOf?.ToString();
        response.Headers["Ledger-Known-At"] = knownAt.ToString();
        response.Headers["Ledger-Position"] = position.ToString(CultureInfo.InvariantCulture);
    }

    private static string TextOf(ListStand stand)
    {
        var (question, viewpoint) = (stand.Question, stand.Viewpoint);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {question.Text(stand.Key)}
            {question.Format}
            {question.Limit}
            {question.Cursor}
            {viewpoint.AsOf}
            {viewpoint.KnownAt}
            {viewpoint.Position}
            {stand.Erased}
            """);
    }
}
