using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Alba;
using Shouldly;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>An answer as it came.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, string? MediaType, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The code of a problem; fails if the answer is no problem.</summary>
    public string Code
    {
        get
        {
            MediaType.ShouldBe(Problem.MediaType, Text);
            Json.GetProperty("status").GetInt32().ShouldBe((int)Status);
            Json.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
            Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
            Json.GetProperty("next").GetString().ShouldNotBeNullOrEmpty();
            Text.ShouldNotContain("   at ");
            Text.ShouldNotContain("TreasuryLedger.");
            Text.ShouldNotContain("System.");
            return Json.GetProperty("code").GetString()!;
        }
    }

    /// <summary>The position of the one entry that was recorded.</summary>
    public long Position => Json.GetProperty("entries")[0].GetProperty("position").GetInt64();

    /// <summary>Itself, if it has the status.</summary>
    public ApiAnswer ShouldBe(HttpStatusCode status)
    {
        Status.ShouldBe(status, Text);
        return this;
    }
}

/// <summary>Talks to the server as one tenant.</summary>
public sealed class ApiClient(HttpClient http, string tenant, string key)
{
    /// <summary>The treasury of most tests.</summary>
    public const string Treasury = "/v1/treasuries/acme";

    /// <summary>The price book of most tests.</summary>
    public const string Prices = "/v1/price-books/reference";

    private int _requests;

    /// <summary>Talks to a server in this process.</summary>
    public ApiClient(IAlbaHost host, string tenant, string key)
        : this(host.Server.CreateClient(), tenant, key)
    {
    }

    /// <summary>The key.</summary>
    public string Key => key;

    /// <summary>The tenant.</summary>
    public string Tenant => tenant;

    /// <summary>Asks.</summary>
    public Task<ApiAnswer> GetAsync(string address) => SendAsync(new HttpRequestMessage(HttpMethod.Get, address));

    /// <summary>Takes away.</summary>
    public Task<ApiAnswer> DeleteAsync(string address) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Delete, address));

    /// <summary>A file, as it comes.</summary>
    public async Task<byte[]> GetFileAsync(string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Records, under a new key if none is given.</summary>
    public Task<ApiAnswer> PostAsync(
        string address, string json, string? idempotencyKey = null, string? recordedAt = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(WriteEndpoints.IdempotencyKeyHeader, idempotencyKey ?? NewKey());
        if (recordedAt is not null)
        {
            request.Headers.Add(WriteEndpoints.RecordedAtHeader, recordedAt);
        }

        return SendAsync(request);
    }

    /// <summary>
    /// Sends a request with this tenant's key, unless it has one. The answer must be of the schema that the document
    /// promises for it.
    /// </summary>
    public async Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        request.Headers.Authorization ??= new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request);
        var answer = new ApiAnswer(
            response.StatusCode,
            response.Headers,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync());
        var address = request.RequestUri!.IsAbsoluteUri
            ? request.RequestUri.PathAndQuery
            : request.RequestUri.OriginalString;
        if (address.StartsWith("/v1", StringComparison.Ordinal)
            && answer.MediaType is "application/json" or Problem.MediaType)
        {
            DocumentedSchemas.Instance.Faults(request.Method, address, (int)answer.Status, answer.Text).ShouldBeEmpty();
        }

        return answer;
    }

    /// <summary>A new idempotency key.</summary>
    public string NewKey() => string.Create(CultureInfo.InvariantCulture, $"r-{Interlocked.Increment(ref _requests)}");

    /// <summary>The position and hash of a journal's head; 404 counts as nothing.</summary>
    public async Task<string> HeadAsync(string journal = Treasury)
    {
        var answer = await GetAsync(journal + "/head");
        return answer.Status == HttpStatusCode.NotFound ? "none" : answer.Json.GetProperty("head").GetRawText();
    }

    /// <summary>
    /// Opens a price book, a market book and a treasury with accounts and assets, by the documented examples.
    /// </summary>
    public async Task<ApiClient> OpenAsync()
    {
        foreach (var request in Story.Requests.TakeWhile(request => request.Route.Path != "opening-balances"))
        {
            (await PostAsync(request.Address, request.Example.Json)).ShouldBe(HttpStatusCode.Created);
        }

        return this;
    }
}
