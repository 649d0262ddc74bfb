using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>
/// The schemas of what is stored: an entry's header with the pinned name of its event and the event's members.
/// Quantities in it are smallest units, because that is what was hashed.
/// </summary>
public static class StoredSchemas
{
    private static readonly (string Name, Type Type, bool Required)[] Header =
    [
        ("position", typeof(long), true),
        ("effectiveAt", typeof(Instant), true),
        ("recordedAt", typeof(Instant), true),
        ("fact", typeof(FactId), true),
        ("factIsGiven", typeof(bool), true),
        ("sourceOrder", typeof(SourceOrder), false),
        ("sourceTimestamp", typeof(Instant), false),
        ("sourceRecordedAt", typeof(Instant), false),
        ("actor", typeof(string), true),
        ("idempotencyKey", typeof(string), true),
        ("payloadHash", typeof(string), true),
        ("mode", typeof(EntryMode), true),
        ("voids", typeof(long), false),
        ("fulfils", typeof(FactId), false),
        ("evidence", typeof(Evidence), true),
        ("reasonSha256", typeof(string), false),
    ];

    /// <summary>Puts the schemas of entries and events into the document.</summary>
    public static async Task TransformAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        var events = new List<IOpenApiSchema>();
        foreach (var pinned in EventNames.All)
        {
            var schema = await SchemaAsync(pinned.Type);
            SayWhatIsStored(schema, Wire.Options.GetTypeInfo(pinned.Type), document);
            document.Components!.Schemas![pinned.Type.Name] = schema;
            events.Add(new OpenApiSchemaReference(pinned.Type.Name, document));
        }

        var type = new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = "The pinned name of the event's shape.",
            Enum = [.. EventNames.All.Select(pinned => (JsonNode)pinned.Name)],
        };
        Replace(nameof(LedgerEvent), "What an entry says, with the pinned name of its shape.", []);
        var members = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        foreach (var (name, member, _) in Header)
        {
            members[name] = Known(member, document) is { } known ? known : await SchemaAsync(member);
        }

        Replace(nameof(Entry), "An entry exactly as it is stored and hashed.", members);
        // Records within records: what is absent is null in the store, and left out elsewhere.
        foreach (var inner in new[] { nameof(Evidence), nameof(InstructionLimits) })
        {
            var schema = document.Components!.Schemas![inner];
            foreach (var (name, member) in schema.Properties!.ToList())
            {
                if (schema.Required?.Contains(name) != true && member is OpenApiSchema { OneOf: null or [] } plain)
                {
                    plain.Type |= JsonSchemaType.Null;
                }
                else if (schema.Required?.Contains(name) != true && member is OpenApiSchemaReference)
                {
                    schema.Properties![name] =
                        new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, member] };
                }
            }
        }

        return;

        Task<OpenApiSchema> SchemaAsync(Type member) => context.GetOrCreateSchemaAsync(member, null, cancellation);

        void Replace(string name, string meaning, Dictionary<string, IOpenApiSchema> header)
        {
            document.Components!.Schemas![name] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = meaning,
                AdditionalPropertiesAllowed = false,
                Properties = new Dictionary<string, IOpenApiSchema>(header, StringComparer.Ordinal)
                {
                    ["type"] = type,
                    ["event"] = new OpenApiSchema { AnyOf = events },
                },
                Required = new HashSet<string>(
                    Header.Where(member => member.Required && header.ContainsKey(member.Name))
                        .Select(member => member.Name).Concat(["type", "event"])),
            };
        }
    }

    /// <summary>
    /// The store writes every member of an event, also one that is null; answers that show the record leave those out.
    /// </summary>
    private static void SayWhatIsStored(OpenApiSchema schema, JsonTypeInfo type, OpenApiDocument document)
    {
        foreach (var member in type.Properties)
        {
            var inner = Nullable.GetUnderlyingType(member.PropertyType);
            var stored = member.PropertyType == typeof(LedgerEvent)
                ? new OpenApiSchemaReference(nameof(LedgerEvent), document)
                : Known(inner ?? member.PropertyType, document) ?? schema.Properties![member.Name];
            if (member.PropertyType == typeof(ImmutableArray<LedgerEvent>))
            {
                ((OpenApiSchema)stored).Items = new OpenApiSchemaReference(nameof(LedgerEvent), document);
            }

            if (member.PropertyType == typeof(ImmutableArray<OpeningLot>)
                || member.PropertyType == typeof(ImmutableArray<TakenOverLot>))
            {
                var lot = (OpenApiSchema)((OpenApiSchema)stored).Items!;
                SayWhatIsStored(lot, Wire.Options.GetTypeInfo(member.PropertyType.GetGenericArguments()[0]), document);
            }

            if (stored is OpenApiSchema plain)
            {
                plain.Type &= ~JsonSchemaType.Null; // said once, below
                SayWhatIsAbsent(plain);
            }

            schema.Properties![member.Name] = inner is null && !member.IsGetNullable
                ? stored
                : new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, stored] };
        }

        schema.Required = type.Properties.Where(member => member.IsRequired).Select(member => member.Name)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Records within events: what is absent is null in the store.</summary>
    private static void SayWhatIsAbsent(OpenApiSchema schema)
    {
        if (schema.Items is OpenApiSchema item)
        {
            SayWhatIsAbsent(item);
        }

        foreach (var (name, member) in schema.Properties?.ToList() ?? [])
        {
            if (member is OpenApiSchema inner)
            {
                SayWhatIsAbsent(inner);
            }

            if (schema.Required?.Contains(name) != true)
            {
                schema.Properties![name] = member is OpenApiSchema { OneOf: null or [] } plain ? OrNull(plain)
                    : member is OpenApiSchemaReference
                        ? new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, member] }
                        : member;
            }
        }
    }

    private static OpenApiSchema OrNull(OpenApiSchema schema)
    {
        schema.Type |= JsonSchemaType.Null;
        return schema;
    }

    private static OpenApiSchemaReference? Known(Type type, OpenApiDocument document) =>
        document.Components!.Schemas!.ContainsKey(type.Name) && type != typeof(string) && !type.IsPrimitive
            ? new OpenApiSchemaReference(type.Name, document)
            : null;
}
