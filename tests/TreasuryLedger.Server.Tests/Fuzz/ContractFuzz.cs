using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using TreasuryLedger.Server.Tests.Api;

namespace TreasuryLedger.Server.Tests.Fuzz;

/// <summary>
/// Holds every answer to requests made by chance against what the OpenAPI document says: a documented status, its
/// schema, a problem of the registry, never a 500. Runs small in the tests and large behind a command.
/// </summary>
/// <param name="openApi">The document.</param>
/// <param name="http">A caller who may do everything.</param>
internal sealed class ContractFuzz(string openApi, HttpClient http)
{
    private readonly DocumentedSchemas _schemas = DocumentedSchemas.Of(openApi);
    private readonly ConcurrentDictionary<int, int> _statuses = new();
    private readonly ConcurrentQueue<string> _faults = new();

    /// <summary>How many answers had each status.</summary>
    public IReadOnlyDictionary<int, int> Statuses => _statuses;

    /// <summary>How long the slowest answer took, and what was asked.</summary>
    public (TimeSpan Took, string Request) Slowest { get; private set; }

    /// <summary>Records what the document's own examples record, so that what is asked finds something.</summary>
    public async Task BeginAsync()
    {
        foreach (var request in new RequestMaker(JsonNode.Parse(openApi)!, new Random(0)).Story())
        {
            using var message = request.Message();
            using var answer = await http.SendAsync(message);
        }
    }

    /// <summary>Sends so many requests.</summary>
    /// <returns>What was wrong, with the request that shows it.</returns>
    public async Task<IReadOnlyCollection<string>> RunAsync(int count, int seed, CancellationToken cancellation)
    {
        using var codes = JsonDocument.Parse(await http.GetStringAsync("/v1/errors", cancellation));
        var registry = codes.RootElement.GetProperty("errors").EnumerateArray()
            .ToDictionary(one => one.GetProperty("code").GetString()!, one => one.GetProperty("status").GetInt32());
        var maker = new RequestMaker(JsonNode.Parse(openApi)!, new Random(seed));
        var requests = Enumerable.Range(0, count).Select(_ => maker.Next()).ToList();
        await Parallel.ForEachAsync(
            requests,
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation },
            async (request, stop) =>
            {
                foreach (var fault in await FaultsAsync(request, registry, stop))
                {
                    _faults.Enqueue($"{fault}\n{request}");
                }
            });
        return _faults;
    }

    private async Task<List<string>> FaultsAsync(
        FuzzedRequest request, Dictionary<string, int> registry, CancellationToken cancellation)
    {
        using var message = request.Message();
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.SendAsync(message, cancellation);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation);
        var took = Stopwatch.GetElapsedTime(began);
        if (took > Slowest.Took)
        {
            Slowest = (took, $"{request.Method} {request.Address}");
        }

        var status = (int)answer.StatusCode;
        _statuses.AddOrUpdate(status, 1, (_, before) => before + 1);
        var media = answer.Content.Headers.ContentType?.MediaType;
        var asked = answer.RequestMessage!.RequestUri!.PathAndQuery;
        if (status is 500 or > 503)
        {
            return [$"{status}: {System.Text.Encoding.UTF8.GetString(bytes)}"];
        }

        if (request.Method == "HEAD" && bytes.Length == 0)
        {
            return []; // the header says what a body would be, and there is none
        }

        if (bytes.Length == 0 || media is not ("application/json" or "application/problem+json"))
        {
            return _schemas.Allows(message.Method, asked, status, media)
                ? []
                : [$"{status} {media} is not documented"];
        }

        var text = System.Text.Encoding.UTF8.GetString(bytes);
        var faults = _schemas.Faults(message.Method, asked, status, text).ToList();
        if (status >= 400)
        {
            using var problem = JsonDocument.Parse(text);
            var code = problem.RootElement.GetProperty("code").GetString()!;
            if (media != "application/problem+json" || registry.GetValueOrDefault(code) != status)
            {
                faults.Add($"{status} {media} {code} is not of the registry");
            }

            if (problem.RootElement.GetProperty("retryable").GetBoolean() != (answer.Headers.RetryAfter is not null))
            {
                faults.Add($"{status} {code}: Retry-After belongs to what may be repeated");
            }
        }

        return faults;
    }
}
