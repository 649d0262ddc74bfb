using System.Text.Json;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>
/// What a version of the API says to programs, a line for each thing that they may rely on: what is promised must stay,
/// and what is asked for must not grow.
/// </summary>
internal sealed class Promises
{
    private readonly JsonElement _root;
    private readonly SortedSet<string> _lines = new(StringComparer.Ordinal);

    private Promises(JsonElement root) => _root = root;

    /// <summary>The lines of an OpenAPI document.</summary>
    public static IReadOnlyCollection<string> Of(string openApi)
    {
        using var document = JsonDocument.Parse(openApi);
        return new Promises(document.RootElement).Read();
    }

    /// <summary>What of an earlier version a later one breaks.</summary>
    public static IEnumerable<string> Broken(
        IReadOnlyCollection<string> released, IReadOnlyCollection<string> now)
    {
        var known = released.Where(line => !line.Contains(" needs ", StringComparison.Ordinal)).ToHashSet();
        var gone = known.Except(now).Where(line => !HasGrown(line, now) && !HasMoreForms(line, now))
            .Select(line => "no more: " + line);
        // What did not exist may need what it likes.
        var asked = now.Except(released).Where(line => line.Contains(" needs ", StringComparison.Ordinal)
            && known.Contains(line[..line.IndexOf(" needs ", StringComparison.Ordinal)]));
        return gone.Concat(asked.Select(line => "new: " + line));
    }

    /// <summary>
    /// Whether what can be one of several can now be one of more, as words can; but not absent, which it could not.
    /// </summary>
    private static bool HasGrown(string line, IReadOnlyCollection<string> now)
    {
        const string either = " or ";
        var member = line[..(line.IndexOf(": ", StringComparison.Ordinal) + 2)];
        var before = line[member.Length..].Split(either);
        return member.Length > 2 && before.Length > 1 && now.Any(other =>
            other.StartsWith(member, StringComparison.Ordinal)
            && other[member.Length..].Split(either) is var after
            && !before.Except(after).Any() && !after.Except(before).Contains("null"));
    }

    /// <summary>Whether an answer can be had in more forms; who asks for none gets the one that there was.</summary>
    private static bool HasMoreForms(string line, IReadOnlyCollection<string> now)
    {
        const string answers = " answers ";
        var status = line.IndexOf(answers, StringComparison.Ordinal) is >= 0 and var at
            ? line[..(line.IndexOf(' ', at + answers.Length) + 1)]
            : "";
        return status.Length > 0 && now.Any(other => other.StartsWith(status, StringComparison.Ordinal)
            && !line[status.Length..].Split(", ").Except(other[status.Length..].Split(", ")).Any());
    }

    private SortedSet<string> Read()
    {
        foreach (var path in _root.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                Operation($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);
            }
        }

        var schemas = _root.GetProperty("components").GetProperty("schemas");
        var (sent, told) = (Reached("requestBody"), Reached("responses"));
        foreach (var name in sent.Union(told))
        {
            Schema(name, schemas.GetProperty(name), sent.Contains(name), told.Contains(name));
        }

        return _lines;
    }

    private void Operation(string name, JsonElement operation)
    {
        _lines.Add(name);
        var takes = operation.TryGetProperty("parameters", out var parameters);
        foreach (var parameter in takes ? parameters.EnumerateArray() : default)
        {
            var one = $"{parameter.GetProperty("in").GetString()} {parameter.GetProperty("name").GetString()}";
            _lines.Add($"{name} takes {one}: {TypeOf(parameter.GetProperty("schema"))}");
            Words($"{name} takes {one}", parameter.GetProperty("schema"));
            if (parameter.TryGetProperty("required", out var required) && required.GetBoolean())
            {
                _lines.Add($"{name} needs {one}");
            }
        }

        if (operation.TryGetProperty("requestBody", out var body))
        {
            _lines.Add($"{name} takes {ContentOf(body)}");
        }

        foreach (var response in operation.GetProperty("responses").EnumerateObject()
            .Where(response => response.Name[0] is '2' or '3'))
        {
            _lines.Add($"{name} answers {response.Name} {ContentOf(response.Value)}");
        }
    }

    private void Schema(string name, JsonElement schema, bool isSent, bool isTold)
    {
        _lines.Add(name);
        Words(name, schema);
        var required = schema.TryGetProperty("required", out var needed)
            ? needed.EnumerateArray().Select(one => one.GetString()).ToHashSet()
            : [];
        var has = schema.TryGetProperty("properties", out var members);
        foreach (var member in has ? members.EnumerateObject() : default)
        {
            _lines.Add($"{name}.{member.Name}: {TypeOf(member.Value)}");
            Words($"{name}.{member.Name}", member.Value);
            if (required.Contains(member.Name) && isSent)
            {
                _lines.Add($"{name} needs {member.Name}");
            }

            if (required.Contains(member.Name) && isTold)
            {
                _lines.Add($"{name} always has {member.Name}");
            }
        }
    }

    private void Words(string name, JsonElement schema)
    {
        foreach (var word in schema.TryGetProperty("enum", out var words) ? words.EnumerateArray() : default)
        {
            _lines.Add($"{name} = {word}");
        }
    }

    private static string ContentOf(JsonElement body) => body.TryGetProperty("content", out var content)
        ? string.Join(", ", content.EnumerateObject().OrderBy(media => media.Name, StringComparer.Ordinal)
            .Select(media => $"{media.Name} {TypeOf(media.Value.GetProperty("schema"))}"))
        : "nothing";

    private static string TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return reference.GetString()!.Split('/')[^1];
        }

        if (schema.TryGetProperty("oneOf", out var either) || schema.TryGetProperty("anyOf", out either))
        {
            return string.Join(" or ", either.EnumerateArray().Select(TypeOf).Order(StringComparer.Ordinal));
        }

        var type = !schema.TryGetProperty("type", out var said) ? "anything"
            : said.ValueKind == JsonValueKind.Array ? string.Join(" or ", said.EnumerateArray()) : said.GetString()!;
        var items = schema.TryGetProperty("items", out var of) ? $" of {TypeOf(of)}" : "";
        return type + items + (schema.TryGetProperty("pattern", out var pattern) ? $" {pattern}" : "");
    }

    /// <summary>Schemas that bodies, or answers, lead to.</summary>
    private HashSet<string> Reached(string from)
    {
        var (reached, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<JsonElement>());
        foreach (var operation in _root.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject()))
        {
            if (operation.Value.TryGetProperty(from, out var part))
            {
                open.Push(part);
            }
        }

        while (open.TryPop(out var element))
        {
            foreach (var inner in element.ValueKind switch
            {
                JsonValueKind.Object => element.EnumerateObject().Select(member => member.Value),
                JsonValueKind.Array => element.EnumerateArray(),
                _ => [],
            })
            {
                open.Push(inner);
            }

            if (element.ValueKind == JsonValueKind.String
                && element.GetString()!.Split('/') is ["#", "components", var kind, var name]
                && reached.Add($"{kind}/{name}")
                && _root.GetProperty("components").GetProperty(kind).TryGetProperty(name, out var named))
            {
                open.Push(named);
            }
        }

        return [.. reached.Where(one => one.StartsWith("schemas/", StringComparison.Ordinal)).Select(one => one[8..])];
    }
}
