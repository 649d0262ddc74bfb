using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>Where objects are kept: a bucket of a store that speaks S3.</summary>
/// <param name="Endpoint">Its address, such as <c>https://s3.eu-central-1.amazonaws.com</c>.</param>
/// <param name="Bucket">The bucket; the first part of each path, which every such store understands.</param>
/// <param name="Region">The region that signatures name.</param>
/// <param name="Prefix">What the names of all objects begin with; may be empty.</param>
/// <param name="AccessKey">Who signs.</param>
/// <param name="SecretKey">With what.</param>
public sealed record ObjectStoreTerms(
    Uri Endpoint, string Bucket, string Region, string Prefix, string AccessKey, string SecretKey);

/// <summary>
/// Puts and gets small objects, with requests signed by AWS Signature Version 4: two methods do not earn a client
/// library. An object is made once and never replaced by this program; that nobody else can either is the bucket's
/// task (object lock).
/// </summary>
/// <param name="http">Sends the requests.</param>
/// <param name="terms">Where and as whom.</param>
/// <param name="time">Dates the signatures.</param>
public sealed class ObjectStore(HttpClient http, ObjectStoreTerms terms, TimeProvider time)
{
    /// <summary>An object, or <c>null</c> if there is none of this name.</summary>
    /// <exception cref="HttpRequestException">The store refused, or cannot be reached.</exception>
    public async Task<byte[]?> GetAsync(string name, CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, name, [], cancellation);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancellation);
    }

    /// <summary>Makes an object, unless one of this name is there.</summary>
    /// <exception cref="HttpRequestException">The store refused, holds one already, or cannot be reached.</exception>
    public async Task PutAsync(string name, byte[] content, CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Put, name, content, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string name, byte[] content, CancellationToken cancellation)
    {
        var path = string.Join('/', $"{terms.Bucket}/{terms.Prefix}{name}".Split('/').Select(Uri.EscapeDataString));
        using var request = new HttpRequestMessage(method, new Uri(terms.Endpoint, "/" + path));
        if (method == HttpMethod.Put)
        {
            request.Content = new ByteArrayContent(content);
            request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        }

        Sign(request, content, terms, time.GetUtcNow());
        return await http.SendAsync(request, cancellation);
    }

    /// <summary>Signs a request over its address, its headers and its content (AWS Signature Version 4).</summary>
    internal static void Sign(HttpRequestMessage request, byte[] content, ObjectStoreTerms terms, DateTimeOffset now)
    {
        var instant = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var (day, digest) = (instant[..8], Hex(SHA256.HashData(content)));
        request.Headers.Host = request.RequestUri!.Authority;
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", digest);
        request.Headers.TryAddWithoutValidation("x-amz-date", instant);
        var headers = request.Headers
            .Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(',', header.Value).Trim()))
            .OrderBy(header => header.Name, StringComparer.Ordinal)
            .ToList();
        var names = string.Join(';', headers.Select(header => header.Name));
        var canonical = string.Join(
            '\n',
            request.Method.Method,
            request.RequestUri.AbsolutePath,
            request.RequestUri.Query.TrimStart('?'),
            string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n")),
            names,
            digest);
        var scope = $"{day}/{terms.Region}/s3/aws4_request";
        var signed = $"AWS4-HMAC-SHA256\n{instant}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = new[] { day, terms.Region, "s3", "aws4_request" }.Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + terms.SecretKey), (made, part) => Mac(made, part));
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={terms.AccessKey}/{scope},SignedHeaders={names},"
            + $"Signature={Hex(Mac(key, signed))}");
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
