using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Tests.Answers;

/// <summary>
/// Random questions at random instants, of every route that the document says takes them, with the digests of their
/// answers: whoever asks them again must get the same bytes.
/// </summary>
internal sealed partial class SavedAnswers
{
    private static readonly Dictionary<string, string[]> Vocabulary = new(StringComparer.Ordinal)
    {
        ["asset"] = ["ETH", "BTC", "USDT", "USD"],
        ["account"] = ["exchange", "cold", "hot", "bank", "lender"],
        ["currency"] = ["USD", "EUR"],
        ["actor"] = ["ann", "bob", "import"],
        ["source"] = ["kraken", "chain", "desk"],
        ["fact"] = ["kraken:", "chain:1", "desk:"],
        ["type"] = ["asset_acquired", "asset_transferred,fee_paid", "price_recorded"],
        ["quantityMin"] = ["0.5", "2"],
        ["quantityMax"] = ["1", "3.5"],
        ["priceMin"] = ["1", "100"],
        ["priceMax"] = ["500", "4000"],
    };

    /// <summary>What continues another answer, or asks for a position beyond it.</summary>
    private static readonly string[] Unasked = ["minPosition", "cursor"];

    private readonly Dictionary<string, (string Route, string Digest)> _answers = new(StringComparer.Ordinal);

    /// <summary>How many answers there are.</summary>
    public int Count => _answers.Count;

    /// <summary>Routes that were asked, each with its number of answers.</summary>
    public IEnumerable<(string Route, int Answers)> Routes => _answers.Values
        .CountBy(answer => answer.Route).Select(route => (route.Key, route.Value)).Order();

    /// <summary>Saves the answers of a server.</summary>
    /// <param name="http">The server, as a caller whose tenant has the journals.</param>
    /// <param name="random">Decides what is asked.</param>
    /// <param name="count">How many answers to save.</param>
    /// <param name="journals">The id of a journal by the name of its path parameter.</param>
    /// <param name="recorded">Entries of the shorter journal, so that positions exist.</param>
    /// <param name="known">Between which recorded instants knownAt lies.</param>
    public static async Task<SavedAnswers> SaveAsync(
        HttpClient http,
        Random random,
        int count,
        IReadOnlyDictionary<string, string> journals,
        int recorded,
        (Instant From, Instant To) known)
    {
        using var document = JsonDocument.Parse(await http.GetStringAsync("/openapi/v1.json"));
        var routes = document.RootElement.GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("get", out var get) && get.TryGetProperty("parameters", out _)
                && !path.Name.Contains("market", Ordinal))
            .Select(path => new Route(path.Name, Parameters(document.RootElement, path.Value.GetProperty("get"))))
            .Where(route => route.IsOfAnInstant)
            .ToList();
        var ids = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var route in routes.Where(route => route.Named is not null))
        {
            ids[route.Named!] = await IdsAsync(http, route, journals, known.To);
        }

        var saved = new SavedAnswers();
        for (var asked = 0; saved.Count < count; asked++)
        {
            var route = routes[asked % routes.Count];
            var address = route.Address(random, journals, ids, recorded, known);
            if (await DigestAsync(http, address) is (HttpStatusCode.OK, var digest))
            {
                saved._answers[address] = (route.Path, digest);
            }
            else if (asked > 100 + (4 * count))
            {
                throw new InvalidOperationException($"Most questions are refused, the last was {address}.");
            }
        }

        return saved;
    }

    /// <summary>Asks everything again.</summary>
    /// <returns>The questions that got other bytes.</returns>
    public async Task<List<string>> DifferencesAsync(HttpClient http)
    {
        var differences = new List<string>();
        foreach (var (address, (_, digest)) in _answers)
        {
            if (await DigestAsync(http, address) != (HttpStatusCode.OK, digest))
            {
                differences.Add(address);
            }
        }

        return differences;
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    /// <summary>Facts of the history lie in this many microseconds from its start, and a bit before its end.</summary>
    private const long Span = 11 * 86_400_000_000L;

    /// <summary>Of the body, and of the ETag that a caller may have kept instead of it.</summary>
    private static async Task<(HttpStatusCode Status, string Digest)> DigestAsync(HttpClient http, string address)
    {
        using var answer = await http.GetAsync(address);
        var body = SHA256.HashData(await answer.Content.ReadAsByteArrayAsync());
        return (answer.StatusCode, $"{Convert.ToHexStringLower(body)} {answer.Headers.ETag}");
    }

    /// <summary>What a route opens by its name: those names stand in the list before it.</summary>
    private static async Task<string[]> IdsAsync(
        HttpClient http, Route route, IReadOnlyDictionary<string, string> journals, Instant knownAt)
    {
        var list = journals.Aggregate(
            route.Path[..route.Path.LastIndexOf('/')],
            (path, journal) => path.Replace($"{{{journal.Key}}}", journal.Value, Ordinal));
        var answer = await http.GetStringAsync($"{list}?asOf={Lists.ListHistory.Start.Plus(Span)}&knownAt={knownAt}");
        return
        [
            .. Ids().Matches(answer).Select(id => id.Groups[1].Value)
                .Concat(Legs().Matches(answer).Select(leg => $"{leg.Groups[1].Value}:{leg.Groups[2].Value}"))
                .Distinct(),
        ];
    }

    [GeneratedRegex("\"lotId\":\"([^\"]+)\"")]
    private static partial Regex Ids();

    [GeneratedRegex("\"fact\":\"([^\"]+)\",\"entry\":[0-9]+,\"leg\":([0-9]+)")]
    private static partial Regex Legs();

    private static List<Parameter> Parameters(JsonElement document, JsonElement operation) =>
    [
        .. operation.GetProperty("parameters").EnumerateArray().Select(parameter => new Parameter(
            parameter.GetProperty("name").GetString()!,
            parameter.GetProperty("in").GetString()!,
            parameter.TryGetProperty("required", out var required) && required.GetBoolean(),
            Schema(document, parameter.GetProperty("schema")))),
    ];

    private static JsonElement Schema(JsonElement document, JsonElement schema) =>
        schema.TryGetProperty("$ref", out var reference)
            ? document.GetProperty("components").GetProperty("schemas")
                .GetProperty(reference.GetString()!.Split('/')[^1])
            : schema;

    private sealed record Parameter(string Name, string In, bool IsRequired, JsonElement Schema);

    private sealed record Route(string Path, List<Parameter> All)
    {
        /// <summary>Whether its answer is settled once its parameters are: it has an instant, or sizes.</summary>
        public bool IsOfAnInstant => All.Exists(parameter => parameter.Name is "knownAt" or "knownAt1" or "size")
            || (All.Exists(parameter => parameter.Name == "from") && All.Exists(parameter => parameter.Name == "to"));

        /// <summary>The parameter by whose value the route opens one row of a list, if it does.</summary>
        public string? Named => All.Find(parameter => parameter.In == "path"
            && Path.EndsWith($"{{{parameter.Name}}}", Ordinal)
            && parameter.Schema.TryGetProperty("pattern", out var pattern)
            && pattern.ToString().EndsWith("[0-9]+$", Ordinal))?.Name;

        public string Address(
            Random random,
            IReadOnlyDictionary<string, string> journals,
            Dictionary<string, string[]> ids,
            int recorded,
            (Instant From, Instant To) known)
        {
            var address = Path;
            var query = new List<string>();
            var sizes = new[] { random.Next(1, recorded), random.Next(1, recorded) }.Order().ToArray();
            foreach (var parameter in All.Where(parameter => parameter.In is "path" or "query"))
            {
                var value = parameter.In == "path" && journals.TryGetValue(parameter.Name, out var id)
                    ? id
                    : parameter.In == "path" && ids.TryGetValue(parameter.Name, out var named) && named.Length > 0
                        ? Uri.EscapeDataString(named[random.Next(named.Length)])
                        : ValueOf(parameter, random, sizes, known);
                if (parameter.In == "path")
                {
                    address = address.Replace($"{{{parameter.Name}}}", value, Ordinal);
                }
                else if (value is not null)
                {
                    query.Add($"{parameter.Name}={Uri.EscapeDataString(value)}");
                }
            }

            return $"{address}?{string.Join('&', query)}";
        }

        private string? ValueOf(
            Parameter parameter, Random random, int[] sizes, (Instant From, Instant To) known)
        {
            var isSize = parameter.Schema.TryGetProperty("type", out var type) && type.ToString() == "integer";
            var isAlways = parameter.IsRequired || parameter.Name is "asOf" or "to" or "size"
                || parameter.Name.StartsWith("knownAt", Ordinal);
            if (Unasked.Contains(parameter.Name) || (!isAlways && random.Next(6) > 0))
            {
                return null;
            }

            return parameter switch
            {
                { Name: "limit" } => random.Next(1, 60).ToString(CultureInfo.InvariantCulture),
                { Name: "position" or "from" } when isSize => Text(sizes[0]),
                { Name: "size" or "to" } => Text(sizes[1]),
                _ when parameter.Schema.TryGetProperty("enum", out var words) =>
                    words[random.Next(words.GetArrayLength())].GetString(),
                _ when type.ToString() == "boolean" => random.Next(2) == 0 ? "true" : "false",
                _ when Vocabulary.TryGetValue(parameter.Name, out var texts) => texts[random.Next(texts.Length)],
                _ when parameter.Name.StartsWith("knownAt", Ordinal)
                    || parameter.Name.StartsWith("recorded", Ordinal) => Between(random, known.From, known.To),
                _ => Between(random, Lists.ListHistory.Start, Lists.ListHistory.Start.Plus(Span)),
            };
        }

        private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

        private static string Between(Random random, Instant from, Instant to) =>
            from.Plus(random.NextInt64(to.Microseconds - from.Microseconds + 1)).ToString();
    }
}
