using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Server.Tests.Api;

namespace TreasuryLedger.Server.Tests.Facts;

/// <summary>Registers sources and sends files as a caller of the API.</summary>
internal static class FactClient
{
    /// <summary>Registers terms of a source.</summary>
    public static async Task RegisterAsync(this ApiClient client, string source, string terms) =>
        (await client.SendAsync(new HttpRequestMessage(HttpMethod.Put, $"{ApiClient.Treasury}/sources/{source}")
        {
            Content = new StringContent(terms, Encoding.UTF8, "application/json"),
        })).ShouldBe(HttpStatusCode.OK);

    /// <summary>Sends a file.</summary>
    public static Task<ApiAnswer> SendFileAsync(
        this ApiClient client, string source, byte[] content, string type = "text/csv") =>
        client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, $"{ApiClient.Treasury}/sources/{source}/imports?name=file")
            {
                Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(type) } },
            });

    /// <summary>Sends a file and tells what came of it, in short.</summary>
    public static async Task<string> ImportAsync(
        this ApiClient client, string source, string content, string type = "text/csv") =>
        Short(await client.SendFileAsync(source, Encoding.UTF8.GetBytes(content), type));

    /// <summary>The same of an answer that is a report.</summary>
    public static string Short(ApiAnswer answer) => Short(answer.ShouldBe(HttpStatusCode.OK).Json);

    /// <summary>The counts of a report that are not 0, and its problems.</summary>
    public static string Short(JsonElement report)
    {
        var counts = report.EnumerateObject()
            .Where(count => count.Value.ValueKind == JsonValueKind.Number && count.Name is not ("position" or "version")
                && count.Value.GetInt64() > 0)
            .Select(count => $"{count.Name} {count.Value}");
        var problems = report.GetProperty("problems").EnumerateArray().Select(problem =>
            $"row {problem.GetProperty("row")} "
            + $"{(problem.TryGetProperty("column", out var column) ? column + " " : "")}{problem.GetProperty("code")}");
        return string.Join(", ", counts.Concat(problems));
    }

    /// <summary>Every balance that is not 0: account, asset and units held.</summary>
    public static async Task<string> BalancesAsync(this ApiClient client) =>
        (await client.GetAsync(ApiClient.Treasury + "/balances")).ShouldBe(HttpStatusCode.OK).Json
            .GetProperty("balances").GetRawText();

    /// <summary>Realized gains, without where they stand.</summary>
    public static async Task<string> GainsAsync(this ApiClient client) =>
        (await client.GetAsync(ApiClient.Treasury + "/realized-gains?asOf=2026-02-20T00:00:00Z"))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("gains").GetRawText();
}
