using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// Reads a request's body. The fast path is one pass of the serializer; only a body that it refuses is walked again, to
/// say what exactly is wrong and where, in the words of the wire and never in those of the code.
/// </summary>
public static class JsonBody
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Wire.DepthMax };

    /// <summary>Reads a body as a type of the wire.</summary>
    /// <exception cref="ProblemException">It is not one.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> body) => (T)Read(body, typeof(T));

    /// <inheritdoc cref="Read{T}"/>
    public static object Read(ReadOnlyMemory<byte> body, Type type)
    {
        try
        {
            var read = JsonSerializer.Deserialize(body.Span, Wire.Options.GetTypeInfo(type))
                ?? throw Invalid("$", "must not be null");
            // The serializer takes null for an item of any list.
            return body.Span.IndexOf("null"u8) >= 0 && FindIn(body, type) is { } found ? throw found : read;
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException or InvalidOperationException)
        {
            // The last one: half of a surrogate pair passes the parser, but no string can hold it.
            throw Diagnose(body, type, fault);
        }
    }

    private static ProblemException? FindIn(ReadOnlyMemory<byte> body, Type type)
    {
        using var document = JsonDocument.Parse(body, Options);
        return Find(document.RootElement, Wire.Options.GetTypeInfo(type), "$");
    }

    private static ProblemException Diagnose(ReadOnlyMemory<byte> body, Type type, Exception fault)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Options);
        }
        catch (JsonException syntax)
        {
            return ProblemException.Of(
                ErrorRegistry.JsonMalformed,
                $"Not JSON, or nested deeper than {Wire.DepthMax}: line {syntax.LineNumber + 1}, "
                + $"byte {syntax.BytePositionInLine + 1}.",
                ("line", syntax.LineNumber + 1 ?? 0),
                ("byte", syntax.BytePositionInLine + 1 ?? 0));
        }

        using (document)
        {
            try
            {
                return HasBrokenNames(document.RootElement)
                    ? Invalid("$", "has a member whose name is no text")
                    : Find(document.RootElement, Wire.Options.GetTypeInfo(type), "$")
                    ?? Invalid((fault as JsonException)?.Path ?? "$", "cannot be read");
            }
            catch (InvalidOperationException)
            {
                return Invalid("$", "has a text that is none");
            }
        }
    }

    /// <summary>Half of a surrogate pair passes the parser as a name, but no string can hold it.</summary>
    private static bool HasBrokenNames(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject()
            .Any(member => IsBroken(member) || HasBrokenNames(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(HasBrokenNames),
        _ => false,
    };

    private static bool IsBroken(JsonProperty member)
    {
        try
        {
            return member.Name is null;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static ProblemException? Find(JsonElement element, JsonTypeInfo type, string path) => type.Kind switch
    {
        JsonTypeInfoKind.Object when element.ValueKind != JsonValueKind.Object => Invalid(path, "must be an object"),
        JsonTypeInfoKind.Object => FindInObject(element, type, path),
        JsonTypeInfoKind.Enumerable when element.ValueKind != JsonValueKind.Array => Invalid(path, "must be a list"),
        // Of a list that may be absent the type says that its element is the list.
        JsonTypeInfoKind.Enumerable when Nullable.GetUnderlyingType(type.Type) is { } list =>
            Find(element, Wire.Options.GetTypeInfo(list), path),
        JsonTypeInfoKind.Enumerable => FindInList(element, Wire.Options.GetTypeInfo(type.ElementType!), path),
        _ => FindInValue(element, type, path),
    };

    private static ProblemException? FindInList(JsonElement list, JsonTypeInfo type, string path)
    {
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            var place = $"{path}[{index++}]";
            if ((item.ValueKind == JsonValueKind.Null ? Invalid(place, "must not be null") : Find(item, type, place))
                is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static ProblemException? FindInObject(JsonElement element, JsonTypeInfo type, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            if (!seen.Add(member.Name))
            {
                return ProblemException.Of(
                    ErrorRegistry.MemberDuplicate, $"{path} has '{Shown(member.Name)}' twice.", ("path", path));
            }
        }

        if (type.PolymorphismOptions is { } family)
        {
            var name = family.TypeDiscriminatorPropertyName;
            if (!element.TryGetProperty(name, out var chosen))
            {
                return Missing(path, name);
            }

            var member = chosen.ValueKind == JsonValueKind.String
                ? family.DerivedTypes.FirstOrDefault(known => chosen.ValueEquals(known.TypeDiscriminator as string))
                : default;
            return member.DerivedType is null
                ? Invalid($"{path}.{name}", "must be one of " + Names(CommandNames.All.Select(known => known.Name)))
                : FindInMembers(element, Wire.Options.GetTypeInfo(member.DerivedType), path, name);
        }

        return FindInMembers(element, type, path, discriminator: null);
    }

    private static ProblemException? FindInMembers(
        JsonElement element, JsonTypeInfo type, string path, string? discriminator)
    {
        var known = type.Properties.ToDictionary(property => property.Name, StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject().Where(member => member.Name != discriminator))
        {
            var inner = $"{path}.{Shown(member.Name)}";
            if (!known.TryGetValue(member.Name, out var property))
            {
                return ProblemException.Of(
                    ErrorRegistry.MemberUnknown,
                    $"{path} has no member '{Shown(member.Name)}'; it has {Names(known.Keys)}.",
                    ("path", inner));
            }

            var found = member.Value.ValueKind == JsonValueKind.Null
                ? property.IsSetNullable ? null : Invalid(inner, "must not be null")
                : Find(member.Value, Wire.Options.GetTypeInfo(property.PropertyType), inner);
            if (found is not null)
            {
                return found;
            }
        }

        var missing = type.Properties.FirstOrDefault(p => p.IsRequired && !element.TryGetProperty(p.Name, out _));
        return missing is null ? null : Missing(path, missing.Name);
    }

    private static ProblemException? FindInValue(JsonElement element, JsonTypeInfo type, string path)
    {
        try
        {
            element.Deserialize(type);
            return null;
        }
        catch (JsonException fault)
        {
            return Invalid(path, "must be " + (Wire.ExpectedOf(type.Type) ?? fault.Message));
        }
    }

    private static ProblemException Missing(string path, string name) => ProblemException.Of(
        ErrorRegistry.MemberMissing, $"{path} lacks the member '{name}'.", ("path", $"{path}.{name}"));

    private static ProblemException Invalid(string path, string why) =>
        ProblemException.Of(ErrorRegistry.ValueInvalid, $"{path} {why}.", ("path", path));

    private static string Names(IEnumerable<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal));

    // A caller's text is echoed only so far that it can be recognized.
    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
