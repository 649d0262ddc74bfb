using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// The JSON of stored entries. It is strict both ways: a member that is missing or unknown stops the reader, because an
/// entry that is understood in part is not understood.
/// </summary>
public static class StoredJson
{
    /// <summary>
    /// How entries and events are written and read. Never changed, only added to: it is stored for ever.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>The JSON of an entry, in UTF-8.</summary>
    public static byte[] Write(Entry entry) => JsonSerializer.SerializeToUtf8Bytes(entry, Options);

    /// <summary>The entry of a stored JSON.</summary>
    /// <exception cref="JsonException">It is not the JSON of an entry that this version knows.</exception>
    public static Entry Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<Entry>(json, Options) ?? throw new JsonException("An entry is never null.");

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectRequiredConstructorParameters = true,
            RespectNullableAnnotations = true,
            NumberHandling = JsonNumberHandling.Strict,
            // The store is no HTML page; names in any script stay readable in the database.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters =
            {
                new EntryConverter(),
                new LedgerEventConverter(),
                new StoredEvidenceConverter(),
                new StoredLegConverter(),
                new StoredConverterFactory(),
                new TextConverterFactory(),
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}

/// <summary>An event inside another one, and inside an entry: <c>{"type": pinned name, "event": members}</c>.</summary>
public sealed class LedgerEventConverter : JsonConverter<LedgerEvent>
{
    /// <inheritdoc/>
    public override LedgerEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var members = new EventMembers();
        Span<char> room = stackalloc char[StoredMembers.NameMax];
        for (int length; (length = StoredMembers.Next(ref reader, room)) >= 0;)
        {
            var name = room[..length];
            if (!members.Take(name, ref reader, options))
            {
                throw StoredMembers.Unknown(name);
            }
        }

        return members.Event(options);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LedgerEvent value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        WriteMembers(writer, value, options);
        writer.WriteEndObject();
    }

    /// <summary>Writes the two members without their braces.</summary>
    internal static void WriteMembers(Utf8JsonWriter writer, LedgerEvent value, JsonSerializerOptions options)
    {
        var pinned = EventNames.Of(value);
        writer.WriteString("type", pinned.Name);
        writer.WritePropertyName("event");
        JsonSerializer.Serialize(writer, value, pinned.Type, options);
    }
}

/// <summary>
/// The members <c>type</c> and <c>event</c> while they are read. An event is read once its type is known; the store
/// gives the type first, others need not.
/// </summary>
internal ref struct EventMembers
{
    private string? _type;
    private Utf8JsonReader _later;
    private bool _isLater;
    private LedgerEvent? _event;

    /// <summary>Takes a member, if it is one of the two; the reader stands on its value and then on its end.</summary>
    public bool Take(scoped ReadOnlySpan<char> name, ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        switch (name)
        {
            case "type" when _type is null:
                _type = reader.GetString();
                return true;
            case "event" when _event is null && !_isLater && _type is null:
                _later = reader;
                _isLater = true;
                reader.Skip();
                return true;
            case "event" when _event is null && !_isLater:
                _event = Read(ref reader, options);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The event.</summary>
    public LedgerEvent Event(JsonSerializerOptions options) => _event ?? Read(ref _later, options);

    private readonly LedgerEvent Read(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        var pinned = _type is null ? null : EventNames.Find(_type);
        if (pinned is null || reader.TokenType == JsonTokenType.None)
        {
            throw new JsonException(
                $"'{_type}' is no event that this version knows. A newer version wrote it, or it was changed.");
        }

        return reader.TokenType == JsonTokenType.Null
            ? throw new JsonException("An event is never null.")
            : pinned.Read(ref reader, options);
    }
}

/// <summary>The stored form is the entry's JSON by our options: the event store changes its copy of them.</summary>
public sealed class StoredConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Stored<>);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(
            typeof(StoredConverter<>).MakeGenericType(typeToConvert.GenericTypeArguments[0]))!;

    private sealed class StoredConverter<TEvent> : JsonConverter<Stored<TEvent>>
        where TEvent : LedgerEvent
    {
        public override Stored<TEvent> Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<Entry>(ref reader, StoredJson.Options)!);

        public override void Write(Utf8JsonWriter writer, Stored<TEvent> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Entry, StoredJson.Options);
    }
}
