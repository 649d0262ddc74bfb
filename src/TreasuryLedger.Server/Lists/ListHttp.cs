using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Lists;

/// <summary>How lists are given over HTTP.</summary>
internal static class ListHttp
{
    /// <summary>The media type of JSON lines.</summary>
    public const string Ndjson = "application/x-ndjson";

    /// <summary>The media type of comma-separated values.</summary>
    public const string Csv = "text/csv";

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
                case "application/json" or "application/*" or "*/*":
                    return ListFormat.Json;
            }
        }

        return ListFormat.Json;
    }

    /// <summary>Writes the headers of an answer.</summary>
    /// <returns><c>false</c> if the caller has the answer already: then all is said.</returns>
    public static bool Begin(HttpContext http, ListStand stand)
    {
        var (request, response) = (http.Request, http.Response);
        var tag = new EntityTagHeaderValue($"\"{TagOf(stand)}\"");
        response.Headers.ETag = tag.ToString();
        response.Headers.Vary = "Accept";
        response.Headers.CacheControl = "private, no-cache"; // kept by the caller alone, and asked for each time
        var has = request.GetTypedHeaders().IfNoneMatch;
        if (has.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return false;
        }

        if (stand.Question.Format != ListFormat.Json)
        {
            response.ContentType = stand.Question.Format == ListFormat.Csv ? $"{Csv}; charset=utf-8" : Ndjson;
            response.Headers["Ledger-As-Of"] = stand.Viewpoint.AsOf?.ToString();
            response.Headers["Ledger-Known-At"] = stand.Viewpoint.KnownAt.ToString();
            response.Headers["Ledger-Position"] =
                stand.Viewpoint.Position.ToString(CultureInfo.InvariantCulture);
        }

        return true;
    }

    /// <summary>Names everything that an answer's bytes follow from.</summary>
    public static string TagOf(ListStand stand)
    {
        var (question, viewpoint) = (stand.Question, stand.Viewpoint);
        var text = string.Create(
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
            {Standpoint.Version}
            """);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
