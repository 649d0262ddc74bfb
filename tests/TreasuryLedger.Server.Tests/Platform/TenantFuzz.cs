using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Api;
using TreasuryLedger.Server.Tests.Webhooks;

namespace TreasuryLedger.Server.Tests.Platform;

/// <summary>
/// Two tenants with journals of the same names; one calls at random with whatever it could have learned or guessed of
/// the other. No answer may have a word that only the other's answers have, and nothing of the other's may move.
/// </summary>
internal sealed partial class TenantFuzz
{
    private const string Caller = "mango";
    private const string Other = "papaya";

    /// <summary>Digits at the end of the other's balances, and of what is derived from them.</summary>
    private const string Digits = "773131337";

    private static readonly string[] Heads =
        ["/v1/treasuries/acme", "/v1/treasuries/grove", "/v1/price-books/reference", "/v1/market-books/lenders"];

    private static readonly string[] Kinds =
        ["path", "header", "token", "body", "filter", "cursor", "export", "webhook", "job"];

    private static readonly (HttpMethod Method, string Path)[] WebhookCalls =
    [
        (HttpMethod.Delete, ""), (HttpMethod.Post, "/rotation"), (HttpMethod.Post, "/resumption?from=1"),
        (HttpMethod.Get, "/deliveries"),
    ];

    /// <summary>Calls that are under way together.</summary>
    private const int AtOnce = 4;

    private readonly HttpClient _http;
    private readonly List<Operation> _questions = [];
    private readonly ApiKey _key;
    private readonly ApiKey _others;
    private readonly List<string> _hidden = ["hidden." + Other, "feed." + Other, Digits];
    private readonly Dictionary<string, string> _tags = new(StringComparer.Ordinal);
    private readonly List<(string Address, string Cursor)> _cursors = [];
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly Receiver _receiver;
    private SearchValues<string> _words = SearchValues.Create([], StringComparison.Ordinal);
    private string _webhook = "";
    private string _before = "";
    private int _posted;

    private TenantFuzz(HttpClient http, ApiKey key, ApiKey others, Receiver receiver) =>
        (_http, _key, _others, _receiver) = (http, key, others, receiver);

    /// <summary>How many calls were made, by what they tried.</summary>
    public IReadOnlyDictionary<string, int> Calls => _calls;

    /// <summary>How much the caller was told by its own webhook.</summary>
    public int Delivered => _receiver.All.Count;

    /// <summary>The key of the one that is called upon, for whoever plants a leak.</summary>
    public ApiKey Others => _others;

    /// <summary>How many words would show a leak.</summary>
    public int Hidden => _hidden.Count;

    /// <summary>Records the documentation's story for both, and learns what the other one is told.</summary>
    /// <param name="http">A server.</param>
    /// <param name="keys">Makes keys.</param>
    /// <param name="receiver">Of the caller's webhook.</param>
    public static async Task<TenantFuzz> PrepareAsync(HttpClient http, KeyAdministration keys, Receiver receiver)
    {
        var key = await keys.CreateAsync(Caller, "feed." + Caller, Grant.Everything, CancellationToken.None);
        var others = await keys.CreateAsync(Other, "feed." + Other, Grant.Everything, CancellationToken.None);
        var fuzz = new TenantFuzz(http, key, others, receiver);
        using var document = JsonDocument.Parse((await fuzz.AskAsync(key, "/openapi/v1.json")).Text);
        fuzz._questions.AddRange(Operation.Of(document.RootElement));
        await fuzz.TellAsync(key, Caller);
        await fuzz.TellAsync(others, Other);
        for (var number = 0; number < 5; number++)
        {
            await fuzz.PostAsync(others, "/v1/treasuries/acme/yields", $"extra-{number}", $$"""
                {"effectiveAt":"2026-01-05T08:00:0{{number}}Z","account":"exchange","asset":"ETH",
                 "quantity":"31{{number}}.000000{{Digits}}","reason":"hidden.{{Other}}"}
                """);
        }

        // Nothing is ever told of this kind, so that the other's webhook stands as it was made.
        var made = await fuzz.AddWebhookAsync(others, """{"url":"http://127.0.0.1:9/","kinds":["book_opened"]}""");
        fuzz._webhook = made.GetProperty("id").GetString()!;
        fuzz._hidden.Add(made.GetProperty("secret").GetString()!["whsec_".Length..]);
        await fuzz.AddWebhookAsync(key, $$"""{"url":"{{receiver.Url}}","from":1}""");
        await fuzz.LearnAsync();
        fuzz._words = SearchValues.Create([.. fuzz._hidden], StringComparison.Ordinal);
        fuzz._before = await fuzz.StandAsync();
        return fuzz;
    }

    /// <summary>Makes calls, some at once, until something leaks.</summary>
    /// <param name="seed">The same seed makes the same calls.</param>
    /// <param name="calls">How many.</param>
    /// <param name="progress">Told how many were begun.</param>
    /// <returns>What leaked, for a person; <c>null</c> if nothing did.</returns>
    public async Task<string?> RunAsync(int seed, int calls, Action<int> progress)
    {
        string? leaked = null;
        using var enough = new CancellationTokenSource();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, calls).TakeWhile(_ => !enough.IsCancellationRequested),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, _) =>
            {
                progress(number);
                if (await CallAsync(new Random(seed ^ (number << 1)), number) is { } leak)
                {
                    leaked = $"seed {seed}, call {number}: {leak}";
                    await enough.CancelAsync();
                }
            });
        return leaked
            ?? (await IsUntouchedAsync() ? null : $"seed {seed}: something of the other's moved")
            ?? _receiver.All.Select(one => LeakIn(Encoding.UTF8.GetString(one.Body), "")).FirstOrDefault(
                word => word is not null);
    }

    /// <summary>Makes one call, of each kind in turn.</summary>
    /// <returns>What leaked, for a person; <c>null</c> if nothing did.</returns>
    public async Task<string?> CallAsync(Random random, int number)
    {
        var kind = Kinds[number % Kinds.Length];
        _calls.AddOrUpdate(kind, 1, (_, before) => before + 1);
        using var request = kind switch
        {
            "body" => Body(random),
            "webhook" => WebhookCalls[random.Next(WebhookCalls.Length)] is var (method, path)
                ? new HttpRequestMessage(method, $"{Heads[0]}/webhooks/{_webhook}{path}") : null!,
            _ => Question(random, kind),
        };
        request.Headers.Authorization ??= new AuthenticationHeaderValue("Bearer", _key.ToString());
        var sent = Uri.UnescapeDataString(request.RequestUri!.OriginalString) + request.Headers
            + (request.Content is null ? "" : await request.Content.ReadAsStringAsync());
        using var answer = await _http.SendAsync(request);
        var told = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()) + answer.Headers;
        return LeakIn(told, sent) is { } word ? $"{request.Method} {request.RequestUri}: the answer has {word}"
            : kind == "token" && answer.StatusCode != HttpStatusCode.Unauthorized
                ? $"{request.Headers.Authorization} was let in to {request.RequestUri}"
            : kind == "header" && answer.StatusCode == HttpStatusCode.NotModified
                ? $"{request.RequestUri}: the other's answer counts as the caller's"
            : kind == "webhook" && answer.IsSuccessStatusCode
                ? $"{request.Method} {request.RequestUri}: the other's webhook is the caller's"
            : null;
    }

    /// <summary>A word of the other's that was told and not sent.</summary>
    private string? LeakIn(string told, string sent)
    {
        for (int from = 0, at; (at = told.AsSpan(from).IndexOfAny(_words)) >= 0; from += at + 1)
        {
            var begins = from + at;
            if (_hidden.Find(word => string.CompareOrdinal(told, begins, word, 0, word.Length) == 0
                && !sent.Contains(word, StringComparison.Ordinal)) is { } word)
            {
                return word;
            }
        }

        return null;
    }

    private async Task<bool> IsUntouchedAsync() => await StandAsync() == _before;

    private async Task<JsonElement> AddWebhookAsync(ApiKey key, string terms)
    {
        using var request = Post(Heads[0] + "/webhooks", "webhook", terms);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        using var answer = await _http.SendAsync(request);
        return JsonElement.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }

    private async Task TellAsync(ApiKey key, string tenant)
    {
        foreach (var (request, index) in Story.Requests.Select((request, index) => (request, index)))
        {
            var body = JsonNode.Parse(request.Example.Json)!.AsObject();
            body["reason"] ??= "hidden." + tenant;
            await PostAsync(key, request.Address, $"story-{index}", body.ToJsonString());
            if (tenant == Other && request.Route.Path is "" && request.Address == "/v1/treasuries/acme")
            {
                await PostAsync(key, "/v1/treasuries/grove", "grove", body.ToJsonString());
            }
        }
    }

    private async Task PostAsync(ApiKey key, string address, string idempotencyKey, string json)
    {
        using var request = Post(address, idempotencyKey, json);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        using var answer = await _http.SendAsync(request);
        if (answer.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity))
        {
            throw new InvalidOperationException(
                $"{address} {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>What the other is told: hashes, tags and cursors that the caller may come by.</summary>
    private async Task LearnAsync()
    {
        foreach (var address in _questions.SelectMany(question => question.Plain()).Distinct()
            .Append("/v1/treasuries/acme/entries?limit=200"))
        {
            var (text, tag) = await AskAsync(_others, address);
            var (own, _) = await AskAsync(_key, address);
            _hidden.AddRange(Hashes().Matches(text).Select(hash => hash.Value)
                .Except(Hashes().Matches(own).Select(hash => hash.Value)).Except(_hidden).Take(50));
            if (tag is not null)
            {
                _tags[address] = tag;
            }

            if (Next().Match(text) is { Success: true } next)
            {
                _cursors.Add((address, next.Groups[1].Value));
            }
        }
    }

    private async Task<(string Text, string? Tag)> AskAsync(ApiKey key, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.ToString());
        using var answer = await _http.SendAsync(request);
        return (Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()), answer.Headers.ETag?.ToString());
    }

    private async Task<string> StandAsync()
    {
        var stand = new StringBuilder();
        foreach (var address in Heads.Select(journal => journal + "/head").Append(Heads[0] + "/webhooks"))
        {
            stand.Append((await AskAsync(_others, address)).Text);
        }

        return stand.ToString();
    }

    private HttpRequestMessage Question(Random random, string kind)
    {
        var some = kind switch
        {
            "export" => _questions.FindAll(question => question.Path.Contains("/exports/", StringComparison.Ordinal)),
            "job" => _questions.FindAll(question => !question.Path.Contains('{', StringComparison.Ordinal)),
            _ => _questions,
        };
        var address = kind switch
        {
            "header" when _tags.Count > 0 => _tags.Keys.ElementAt(random.Next(_tags.Count)),
            "cursor" when _cursors.Count > 0 => _cursors[random.Next(_cursors.Count)] is var (of, cursor)
                ? $"{of}&cursor={Uri.EscapeDataString(cursor)}" : "",
            _ => some[random.Next(some.Count)].Address(random, kind),
        };
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
        if (kind == "header")
        {
            foreach (var name in new[] { "X-Tenant", "Tenant", "X-Tenant-Id", "X-Forwarded-User", "X-Original-URL" })
            {
                request.Headers.Add(name, random.Next(2) == 0 ? Other : $"/v1/{Other}");
            }

            if (random.Next(2) == 0 && _tags.TryGetValue(address, out var tag))
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            }
        }

        if (kind == "token")
        {
            string[] forged =
            [
                new ApiKey(_others.Id, _key.Secret).ToString(), new ApiKey(_key.Id, _others.Secret).ToString(),
                $"tlk_{_others.Id}_", $"{_others.ToString()[..^1]}", _others.Id, $"{Other}:{_key}",
            ];
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", forged[random.Next(forged.Length)]);
        }

        return request;
    }

    /// <summary>A command with the other's keys, facts and positions.</summary>
    private HttpRequestMessage Body(Random random)
    {
        var request = Story.Requests[random.Next(Story.Requests.Count)];
        var body = JsonNode.Parse(request.Example.Json)!.AsObject();
        if (random.Next(3) == 0)
        {
            body["tenant"] = Other;
        }

        if (random.Next(3) == 0)
        {
            body["fact"] = $"{Other}:{random.Next(100)}";
        }

        if (body.ContainsKey("entry"))
        {
            body["entry"] = random.Next(1, 200);
        }

        var key = random.Next(2) == 0
            ? $"story-{random.Next(Story.Requests.Count)}"
            : string.Create(CultureInfo.InvariantCulture, $"fuzz-{Interlocked.Increment(ref _posted)}");
        return Post(request.Address.Replace("acme", random.Next(3) == 0 ? "grove" : "acme", StringComparison.Ordinal),
            key, body.ToJsonString());
    }

    private static HttpRequestMessage Post(string address, string idempotencyKey, string json) =>
        new(HttpMethod.Post, address)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
            Headers = { { "Idempotency-Key", idempotencyKey } },
        };

    /// <summary>Hashes of chains, which begin with the tenant; those of payloads are alike for like commands.</summary>
    [GeneratedRegex("(?<=\"hash\":\")[0-9a-f]{64}")]
    private static partial Regex Hashes();

    [GeneratedRegex("\"(?:next|nextCursor|cursor)\":\"([^\"]+)\"")]
    private static partial Regex Next();

    /// <summary>A question of the document.</summary>
    private sealed record Operation(string Path, ImmutableArray<(string Name, string In, string? Example)> Parameters)
    {
        private static readonly string[] Journals =
            ["acme", "grove", "reference", "lenders", Other, $"{Other}:treasury%2Facme", $"..%2F{Other}", "%2e%2e"];

        private static readonly string[] Values =
        [
            Other, "acme", "grove", "exchange", "ETH", "1", "hidden", $"{Other}' or '1'='1", "%",
            "2026-03-01T00:00:00Z",
        ];

        public static List<Operation> Of(JsonElement document) =>
        [
            .. document.GetProperty("paths").EnumerateObject()
                .Where(path => path.Value.TryGetProperty("get", out _))
                .Select(path => new Operation(
                    path.Name,
                    path.Value.GetProperty("get").TryGetProperty("parameters", out var all)
                        ? [.. all.EnumerateArray().Select(Parameter)]
                        : [])),
        ];

        /// <summary>The question as somebody asks it who has nothing to hide.</summary>
        public IEnumerable<string> Plain()
        {
            foreach (var journal in Path.Contains("{treasury}", StringComparison.Ordinal) ? ["acme", "grove"]
                : Path.Contains("price-books", StringComparison.Ordinal) ? ["reference"] : new[] { "lenders" })
            {
                var address = Parameters.Where(parameter => parameter.In == "path").Aggregate(
                    Path, (path, parameter) => path.Replace(
                        $"{{{parameter.Name}}}",
                        parameter.Name is "treasury" or "book" ? journal : parameter.Example ?? "1",
                        StringComparison.Ordinal));
                yield return address
                    + (Parameters.Any(parameter => parameter.Name == "limit") ? "?limit=1" : "?");
            }
        }

        public string Address(Random random, string kind)
        {
            var address = Parameters.Where(parameter => parameter.In == "path").Aggregate(
                Path, (path, parameter) => path.Replace(
                    $"{{{parameter.Name}}}",
                    parameter.Name is "treasury" or "book"
                        ? Journals[random.Next(kind == "path" ? Journals.Length : 4)]
                        : Uri.EscapeDataString(parameter.Example ?? "1"),
                    StringComparison.Ordinal));
            var query = Parameters.Where(parameter => parameter.In == "query"
                    && parameter.Name is not "cursor" && random.Next(kind == "filter" ? 3 : 8) == 0)
                .Select(parameter => parameter.Name + "=" + Uri.EscapeDataString(
                    random.Next(2) == 0 && parameter.Example is { } given ? given : Values[random.Next(Values.Length)]))
                .Concat(kind == "filter" && random.Next(4) == 0 ? [$"tenant={Other}"] : Array.Empty<string>());
            return $"{address}?{string.Join('&', query)}";
        }

        private static (string Name, string In, string? Example) Parameter(JsonElement parameter) => (
            parameter.GetProperty("name").GetString()!,
            parameter.GetProperty("in").GetString()!,
            parameter.TryGetProperty("examples", out var examples)
                ? examples.EnumerateObject().First().Value.GetProperty("value").ToString()
                : null);
    }
}
