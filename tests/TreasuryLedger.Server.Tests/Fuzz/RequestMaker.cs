using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace TreasuryLedger.Server.Tests.Fuzz;

/// <summary>
/// Makes requests by chance: right ones from the document's examples, most of them then spoilt somewhere.
/// </summary>
/// <param name="document">The OpenAPI document.</param>
/// <param name="random">The chance; the same seed makes the same requests.</param>
internal sealed class RequestMaker(JsonNode document, Random random)
{
    private const string Writes = "Idempotency-Key";

    /// <summary>What no value should be, each in place of one that is right.</summary>
    private static readonly string[] Odd =
    [
        "", " ", "0", "-1", "1", "1e5", "1.0", "1.5", "NaN", "null", "true", "٣", "漢字", "é", "a b", "a/b", "../x",
        "%00",
        "\u202e", "'; drop table ledger.heads; --", "<b>", "${x}", "[]", "{}", "\"", "\\", ",", "*", "2026-02-30",
        "2026-02-06T23:59:59Z", "2026-02-06T23:59:59.1234567Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0.0000000000000000000000000000000000001",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936", "🏦", "x\ty", "a,b,a",
        new('9', 79), new('a', 63), new('a', 64), new('z', 300),
    ];

    private static readonly string[] Types =
    [
        "application/json; charset=utf-16", "text/plain", "application/xml", "application/x-www-form-urlencoded",
        "json", "multipart/form-data; boundary=x", "application/json; charset=\"UTF-8\"", "application/JSON", "",
        "application/vnd.api+json",
    ];

    private readonly (string Path, string Method, JsonNode Operation)[] _operations =
    [
        .. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
            .Select(operation => (path.Key, operation.Key.ToUpperInvariant(), operation.Value!))),
    ];

    private int _made;

    /// <summary>What the examples of all writes record, in the order of the document.</summary>
    public IEnumerable<FuzzedRequest> Story()
    {
        var number = 0;
        foreach (var (path, _, operation) in _operations.Where(one => one.Operation["requestBody"] is not null)
            .DistinctBy(one => one.Path))
        {
            var address = path;
            foreach (var parameter in (operation["parameters"]?.AsArray() ?? [])
                .Where(one => one!["in"]!.ToString() == "path"))
            {
                address = address.Replace($"{{{parameter!["name"]}}}", Value(parameter, 0), StringComparison.Ordinal);
            }

            var examples = operation["requestBody"]!["content"]!["application/json"]!["examples"]!.AsObject();
            foreach (var (_, example) in examples)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"story-{++number}");
                yield return new FuzzedRequest(
                    "POST", address, [(Writes, key)], "application/json",
                    Encoding.UTF8.GetBytes(Inside(example!["value"]!.DeepClone()).ToJsonString()));
            }
        }
    }

    /// <summary>Another request.</summary>
    public FuzzedRequest Next()
    {
        _made++;
        var (path, method, operation) = _operations[random.Next(_operations.Length)];
        var spoils = random.Next(4); // every fourth request is right, as far as its example is
        var headers = new List<(string, string)>();
        var query = new List<string>();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            var name = parameter!["name"]!.GetValue<string>();
            var isRequired = parameter["required"]?.GetValue<bool>() == true;
            var value = name == Writes && spoils == 0
                ? string.Create(CultureInfo.InvariantCulture, $"fuzz-{_made}")
                : Value(parameter, isRequired ? 0.1 * spoils : 0.35);
            switch (parameter["in"]!.GetValue<string>())
            {
                case "path":
                    path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
                    break;
                case "query" when isRequired ? spoils < 3 || random.Next(4) > 0 : random.Next(8) == 0:
                    query.Add($"{name}={Uri.EscapeDataString(value)}");
                    break;
                case "header" when isRequired ? spoils < 2 || random.Next(5) > 0 : random.Next(8) == 0:
                    headers.Add((name, value.Any(char.IsControl) || value.Any(c => c > 127) ? "odd" : value));
                    break;
            }
        }

        if (spoils == 3 && random.Next(3) == 0)
        {
            query.Add(Pick(
                "unknown=1", "asOf=2026-01-01&asOf=2026-01-02", "cursor=zzz", "limit=0", "format=xml", "=", "&&"));
        }

        var (type, body) = operation["requestBody"] is { } sent ? Body(sent, spoils) : (null, null);
        method = spoils > 0 && random.Next(40) == 0 ? Pick("PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "GET") : method;
        return new FuzzedRequest(
            method, path + (query.Count == 0 ? "" : "?" + string.Join('&', query)), headers, type,
            method is "GET" or "HEAD" ? null : body);
    }

    private (string? Type, byte[]? Body) Body(JsonNode sent, int spoils)
    {
        var examples = sent["content"]!["application/json"]!["examples"]!.AsObject();
        var tree = Inside(examples.ElementAt(random.Next(examples.Count)).Value!["value"]!.DeepClone());
        for (var i = 0; i < spoils; i++)
        {
            Spoil(ref tree);
        }

        var text = tree.ToJsonString();
        var body = Encoding.UTF8.GetBytes(text);
        if (spoils == 0 || random.Next(5) > 0)
        {
            return ("application/json", body);
        }

        return random.Next(7) switch
        {
            0 => ("application/json", body[..random.Next(body.Length)]),
            1 => ("application/json", [0xEF, 0xBB, 0xBF, .. body]),
            2 => ("application/json", [.. body, 0xFF, 0xFE]),
            3 => ("application/json", Encoding.UTF8.GetBytes(new string('[', 500) + text + new string(']', 500))),
            4 => ("application/json",
                Encoding.UTF8.GetBytes(text.Replace(":\"", ":\"\\ud800", StringComparison.Ordinal))),
            5 => (Pick(Types), body),
            _ => (null, body),
        };
    }

    /// <summary>A webhook leads to this machine: nobody outside is asked by a test.</summary>
    private static JsonNode Inside(JsonNode body)
    {
        if (body["url"] is not null)
        {
            body["url"] = "http://127.0.0.1:9/";
        }

        return body;
    }

    /// <summary>Changes one place of a body.</summary>
    private void Spoil(ref JsonNode tree)
    {
        var places = Places(tree).ToList();
        if (places.Count == 0)
        {
            return;
        }

        var (parent, at) = places[random.Next(places.Count)];
        switch (parent)
        {
            case JsonObject members when random.Next(5) == 0:
                members.Remove((string)at);
                break;
            case JsonObject members when random.Next(6) == 0:
                members[Pick("extra", "__proto__", "$type", "command", "Effectiveat", "", "漢")] = OddNode();
                break;
            case JsonObject members:
                members[(string)at] = OddNode();
                break;
            case JsonArray items when random.Next(3) == 0:
                items.Add(OddNode());
                break;
            case JsonArray items:
                items[(int)at] = OddNode();
                break;
        }
    }

    private static IEnumerable<(JsonNode Parent, object At)> Places(JsonNode node)
    {
        IEnumerable<(JsonNode Parent, object At, JsonNode? Child)> children = node switch
        {
            JsonObject members => members.Select(member => (node, (object)member.Key, member.Value)),
            JsonArray items => items.Select((item, i) => (node, (object)i, item)),
            _ => [],
        };
        foreach (var (parent, at, child) in children.ToList())
        {
            yield return (parent, at);
            foreach (var inner in child is null ? [] : Places(child))
            {
                yield return inner;
            }
        }
    }

    private JsonNode? OddNode() => random.Next(9) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonNode.Parse(Pick("0", "-1", "1.5", "1e400", "12345678901234567890123", "1e-400", "-0.0", "2")),
        3 => new JsonObject(),
        4 => new JsonArray(),
        5 => new JsonObject { ["a"] = new JsonArray(new JsonObject { ["b"] = 1 }) },
        _ => JsonValue.Create(Pick(Odd)),
    };

    private string Value(JsonNode parameter, double odds)
    {
        if (random.NextDouble() < odds)
        {
            // The answer to a position that is far away is waited for, and this is about forms.
            return parameter["name"]!.ToString() == "minPosition" ? Pick("x", "-1", "1", "1.0", "") : Pick(Odd);
        }

        if (parameter["schema"]!["enum"] is JsonArray words)
        {
            return words[random.Next(words.Count)]!.ToString();
        }

        var example = parameter["examples"]!["example"]!["value"]!;
        return example.GetValueKind() == System.Text.Json.JsonValueKind.String
            ? example.GetValue<string>()
            : example.ToJsonString();
    }

    private T Pick<T>(params T[] from) => from[random.Next(from.Length)];
}
