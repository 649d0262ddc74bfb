using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>JSON as callers see it, over HTTP and on the command line: money as strings, nothing tolerated.</summary>
public static class Wire
{
    /// <summary>Deepest nesting of a body (inclusive); a correction in a batch needs 8.</summary>
    public const int DepthMax = 16;

    /// <summary>The member that names the command in a batch or a replacement.</summary>
    public const string CommandMember = "command";

    /// <summary>The options of everything that callers send and get.</summary>
    public static JsonSerializerOptions Options { get; } = Make(indented: false);

    /// <summary>The same for a person's eyes.</summary>
    public static JsonSerializerOptions Indented { get; } = Make(indented: true);

    /// <summary>What a value of a type must look like; <c>null</c> if the type is not a plain value.</summary>
    public static string? ExpectedOf(Type type) => Nullable.GetUnderlyingType(type) is { } inner
        ? ExpectedOf(inner)
        : type switch
        {
            _ when IsText(type) => (string)type.GetProperty(nameof(IText<>.Expected))!.GetValue(null)!,
            { IsEnum: true } => "one of " + string.Join(", ", WordConverterFactory.WordsOf(type)),
            _ when type == typeof(string) => PlainTextConverter.Expected,
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ => null,
        };

    /// <summary>Whether values of a type have one text form, and cross the wire as it.</summary>
    public static bool IsText(Type type) => type.GetInterfaces().Any(face =>
        face.IsGenericType
        && face.GetGenericTypeDefinition() == typeof(IText<>)
        && face.GenericTypeArguments[0] == type);

    /// <summary>Makes options those of the wire.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.AllowOutOfOrderMetadataProperties = true;
        options.MaxDepth = DepthMax;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        // Answers are application/json and never sniffed, so only JSON's own escapes are needed.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new TextConverterFactory());
        options.Converters.Add(new WordConverterFactory());
        options.Converters.Add(new PlainTextConverter());
        options.Converters.Add(new StoredEntryConverter());
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers = { RequireWhatCannotBeNull, NameCommands },
        };
    }

    private static JsonSerializerOptions Make(bool indented)
    {
        var options = new JsonSerializerOptions { WriteIndented = indented };
        Apply(options);
        options.MakeReadOnly();
        return options;
    }

    /// <summary>A member of a positional record may be left out if and only if it may be null.</summary>
    private static void RequireWhatCannotBeNull(JsonTypeInfo type)
    {
        // What cannot be set (a pair of a dictionary, as a table writes it) is only ever written.
        foreach (var property in type.Properties.Where(
            property => property is { AssociatedParameter: not null, Set: not null }))
        {
            property.IsRequired = !property.IsSetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null;
        }
    }

    private static void NameCommands(JsonTypeInfo type)
    {
        if (type.Type != typeof(Command))
        {
            return;
        }

        type.PolymorphismOptions = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = CommandMember,
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
        };
        foreach (var (name, command) in CommandNames.All)
        {
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(command, name));
        }
    }
}
