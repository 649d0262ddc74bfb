using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>Schemas of values that cross the wire as text: their pattern, their words, what they mean.</summary>
public static class WireSchemas
{
    private const string Id = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";
    private const string Reference = "^[A-Za-z0-9][A-Za-z0-9._:/#@+-]{0,199}$";
    private const string Decimal = @"^-?(0|[1-9][0-9]*)(\.[0-9]{1,36})?$";
    private const string Digits =
        "Commands take at most 78 digits before the point; figures have as many as they need.";

    private static readonly Dictionary<Type, (string Pattern, string Meaning, string Example)> Texts = new()
    {
        [typeof(ExactDecimal)] = (Decimal, "A decimal number as a string: exact, no exponent, never a JSON number. "
            + $"Quantities are whole tokens. {Digits}", "12.5"),
        [typeof(Amount)] = (Decimal.Replace("36", "18", StringComparison.Ordinal),
            $"Money as a decimal string with at most 18 digits after the point. {Digits}", "2500.10"),
        [typeof(Quantity)] = ("^-?(0|[1-9][0-9]*)$", "A whole number of the asset's smallest units as a string.",
            "1500000000000000000"),
        [typeof(Instant)] = (
            @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",
            "An RFC 3339 instant with an offset and at most six fractional digits. Answers are in UTC.",
            "2026-02-06T23:59:59Z"),
        [typeof(AsOf)] = (
            @"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))?$",
            "An RFC 3339 instant, or a date: the end of that day in the treasury's time zone.", "2026-02-06"),
        [typeof(AccountId)] = (Id, "An account of the treasury.", "wallet"),
        [typeof(AssetId)] = (Id, "An asset as the treasury registered it; case matters.", "ETH"),
        [typeof(FactId)] = (Reference, "What happened: the source, its own reference and, if it has several, the leg.",
            "kraken:trade-1001"),
        [typeof(LotId)] = (@"^[A-Za-z0-9][A-Za-z0-9._:/#@+-]{0,199}:[0-9]+$", "A lot: the fact that brought it and "
            + "the leg of that fact.", "kraken:trade-1001:0"),
        [typeof(SourceOrder)] = (@"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){0,3}$",
            "Where the source puts the fact among its others: one to four numbers, e.g. block and log index.",
            "24170000.17"),
    };

    /// <summary>The types with a text form that the document describes; a test holds that none is missing.</summary>
    public static IReadOnlyCollection<Type> Described => Texts.Keys;

    /// <summary>Says what values mean to a caller; their doc comments speak to programmers.</summary>
    public static void Describe(IDictionary<string, IOpenApiSchema> schemas)
    {
        foreach (var (type, text) in Texts.Where(text => schemas.ContainsKey(text.Key.Name)))
        {
            schemas[type.Name].Description = text.Meaning;
        }
    }

    /// <summary>Completes the schema of a value.</summary>
    public static async Task TransformAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (Texts.TryGetValue(type, out var text))
        {
            schema.Type = JsonSchemaType.String;
            schema.Pattern = text.Pattern;
            schema.Examples ??= [text.Example];
        }
        else if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. WordConverterFactory.WordsOf(type).Select(word => (JsonNode)word)];
        }
        else if (type == typeof(string))
        {
            schema.Type = JsonSchemaType.String;
            schema.MaxLength = PlainTextConverter.LengthMax;
        }

        if (schema.Items is null && context.JsonTypeInfo is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } of })
        {
            // Of values that our converters read, the generator of schemas knows nothing and says nothing. A list that
            // may be absent says that its element is the list.
            var item = type == context.JsonTypeInfo.Type ? of : Wire.Options.GetTypeInfo(of).ElementType!;
            schema.Items = await context.GetOrCreateSchemaAsync(item, null, cancellation);
        }

        if (type == typeof(ImmutableSortedDictionary<string, string>))
        {
            schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String };
        }

        if (context.JsonTypeInfo is { Kind: JsonTypeInfoKind.Object, PolymorphismOptions: null } members
            && schema.Properties is { Count: > 0 })
        {
            // Members that may be null are left out when they are, in bodies and in answers.
            schema.Required = members.Properties.Where(member => member.IsRequired).Select(member => member.Name)
                .ToHashSet(StringComparer.Ordinal);
        }
    }
}
