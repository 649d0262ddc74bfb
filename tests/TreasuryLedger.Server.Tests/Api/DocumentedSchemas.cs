using System.Text.Json;
using System.Text.RegularExpressions;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>
/// What the OpenAPI document promises, held against what is sent. Knows the keywords that the document uses and fails
/// on others. Stricter than JSON Schema in one thing: a member that is not documented is a fault.
/// </summary>
internal sealed partial class DocumentedSchemas
{
    private static readonly string[] Known =
    [
        "$ref", "additionalProperties", "anyOf", "default", "description", "discriminator", "enum", "examples",
        "format", "items", "maxLength", "oneOf", "pattern", "properties", "required", "type",
    ];

    private readonly JsonElement _root;
    private readonly List<(Regex Address, JsonElement Operations)> _paths;

    private DocumentedSchemas(JsonElement root)
    {
        _root = root;
        // As in routing, an address without a placeholder goes before one with it.
        _paths =
        [
            .. root.GetProperty("paths").EnumerateObject().OrderBy(path => path.Name.Count(c => c == '{'))
                .Select(path => (Address(path.Name), path.Value)),
        ];
    }

    /// <summary>What a document promises.</summary>
    public static DocumentedSchemas Of(string openApi) => new(JsonDocument.Parse(openApi).RootElement);

    /// <summary>All operations: their addresses, methods and what is said of them.</summary>
    public IEnumerable<(string Name, JsonElement Operation)> Operations =>
        from path in _root.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name} {path.Name}", operation.Value);

    /// <summary>What is wrong with an answer.</summary>
    public IEnumerable<string> Faults(HttpMethod method, string address, int status, string text)
    {
        using var body = JsonDocument.Parse(text);
        var name = $"{method} {address} {status}";
        if (OperationOf(method, address) is not { } known)
        {
            return Faults(_root.GetProperty("components").GetProperty("schemas").GetProperty("Problem"), body, name);
        }

        return known.GetProperty("responses").TryGetProperty($"{status}", out var response)
            ? Faults(Content(Resolved(response)).GetProperty("schema"), body, name)
            : [$"{name}: the status is not documented"];
    }

    /// <summary>Whether an answer may have a status without JSON: a file, or nothing at all.</summary>
    public bool Allows(HttpMethod method, string address, int status, string? media) =>
        OperationOf(method, address) is { } known
        && known.GetProperty("responses").TryGetProperty($"{status}", out var response)
        && (Resolved(response).TryGetProperty("content", out var content)
            ? content.EnumerateObject().Any(one => one.Name == media)
            : media is null);

    private JsonElement? OperationOf(HttpMethod method, string address)
    {
        var found = _paths.FirstOrDefault(path => path.Address.IsMatch(address.Split('?')[0].TrimEnd('/')));
        return found.Address is not null
            && found.Operations.TryGetProperty(method.Method.ToLowerInvariant(), out var known) ? known : null;
    }

    /// <summary>What is wrong with a value.</summary>
    public IReadOnlyList<string> Faults(JsonElement schema, JsonDocument value, string name) =>
        [.. Check(schema, value.RootElement, name)];

    /// <summary>What is said of a body as JSON; fails if it is none.</summary>
    public static JsonElement Content(JsonElement body) => body.GetProperty("content").EnumerateObject()
        .Single(media => IsJson(media.Name)).Value;

    /// <summary>Whether a body is documented, as JSON; files are no JSON.</summary>
    public static bool HasContent(JsonElement body) => body.TryGetProperty("content", out var content)
        && content.EnumerateObject().Any(media => IsJson(media.Name));

    private static bool IsJson(string media) => media is "application/json" or "application/problem+json";

    /// <summary>What a reference leads to; everything else is itself.</summary>
    public JsonElement Resolved(JsonElement element) => element.TryGetProperty("$ref", out var reference)
        ? Resolved(reference.GetString()!.Split('/').Skip(1).Aggregate(_root, (at, step) => at.GetProperty(step)))
        : element;

    private static Regex Address(string path) => new(
        "^" + Regex.Replace(
            path, @"\{[^}]*\}", it => it.Value is "{idempotencyKey}" or "{disposal}" or "{lot}" ? ".+" : "[^/]+")
            + "$",
        RegexOptions.CultureInvariant);

    private IEnumerable<string> Check(JsonElement schema, JsonElement value, string at)
    {
        schema = Resolved(schema);
        foreach (var unknown in schema.EnumerateObject().Where(word => !Known.Contains(word.Name)))
        {
            yield return $"{at}: this check does not know the keyword {unknown.Name}";
        }

        foreach (var (word, allows) in new (string, Func<int, bool>)[]
        {
            ("oneOf", count => count == 1), ("anyOf", count => count > 0),
        })
        {
            if (schema.TryGetProperty(word, out var choices))
            {
                var faults = choices.EnumerateArray().Select(choice => Check(choice, value, at).ToList()).ToList();
                if (!allows(faults.Count(list => list.Count == 0)))
                {
                    yield return $"{at}: {faults.Count(list => list.Count == 0)} of {word} match; "
                        + string.Join("; ", faults.MinBy(list => list.Count == 0 ? int.MaxValue : list.Count)!);
                }
            }
        }

        if (schema.TryGetProperty("type", out var type)
            && !(type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToList() : [type])
                .Exists(one => IsOf(one.GetString()!, value)))
        {
            yield return $"{at}: {value.ValueKind} is not of type {type}";
            yield break;
        }

        foreach (var fault in value.ValueKind switch
        {
            JsonValueKind.String => CheckText(schema, value.GetString()!, at),
            JsonValueKind.Object => CheckMembers(schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                value.EnumerateArray().SelectMany((item, index) => Check(items, item, $"{at}[{index}]")),
            _ => [],
        })
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> CheckText(JsonElement schema, string text, string at)
    {
        if (schema.TryGetProperty("enum", out var words)
            && !words.EnumerateArray().Any(word => word.GetString() == text))
        {
            yield return $"{at}: '{text}' is none of {words}";
        }

        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!))
        {
            yield return $"{at}: '{text}' does not match {pattern}";
        }

        if (schema.TryGetProperty("maxLength", out var longest) && text.Length > longest.GetInt32())
        {
            yield return $"{at}: {text.Length} characters";
        }
    }

    private IEnumerable<string> CheckMembers(JsonElement schema, JsonElement value, string at)
    {
        foreach (var name in schema.TryGetProperty("required", out var required) ? required.EnumerateArray() : default)
        {
            if (!value.TryGetProperty(name.GetString()!, out _))
            {
                yield return $"{at}: the member {name} is missing";
            }
        }

        var isOpen = schema.TryGetProperty("additionalProperties", out var others)
            && others.ValueKind == JsonValueKind.Object;
        foreach (var member in value.EnumerateObject())
        {
            var isDocumented = schema.TryGetProperty("properties", out var members)
                && members.TryGetProperty(member.Name, out _);
            if (isDocumented || isOpen)
            {
                var itsSchema = isDocumented ? members.GetProperty(member.Name) : others;
                foreach (var fault in Check(itsSchema, member.Value, $"{at}.{member.Name}"))
                {
                    yield return fault;
                }
            }
            else if (members.ValueKind == JsonValueKind.Object || others.ValueKind == JsonValueKind.False)
            {
                yield return $"{at}: the member {member.Name} is not documented";
            }
        }
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => false,
    };
}
