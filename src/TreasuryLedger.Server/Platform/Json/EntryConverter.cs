using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// The stored JSON of an entry: its header, then <c>type</c> and <c>event</c>. Members of the header that are absent in
/// the entry are absent in the JSON. Written by hand, so that renaming a property in the code renames nothing stored.
/// </summary>
public sealed class EntryConverter : JsonConverter<Entry>
{
    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Entry value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("position", value.Position);
        writer.WriteString("effectiveAt", value.EffectiveAt.ToString());
        writer.WriteString("recordedAt", value.RecordedAt.ToString());
        writer.WriteString("fact", value.Fact.ToString());
        writer.WriteBoolean("factIsGiven", value.FactIsGiven);
        WriteOptional(writer, "sourceOrder", value.SourceOrder?.ToString());
        WriteOptional(writer, "sourceTimestamp", value.SourceTimestamp?.ToString());
        WriteOptional(writer, "sourceRecordedAt", value.SourceRecordedAt?.ToString());
        writer.WriteString("actor", value.Actor);
        writer.WriteString("idempotencyKey", value.IdempotencyKey);
        writer.WriteString("payloadHash", value.PayloadHash);
        writer.WriteString("mode", value.Mode switch
        {
            EntryMode.Observation => "observation",
            EntryMode.Instruction => "instruction",
            _ => throw new JsonException($"The mode {value.Mode} has no stored name."),
        });
        if (value.Voids is { } voids)
        {
            writer.WriteNumber("voids", voids);
        }

        WriteOptional(writer, "fulfils", value.Fulfils?.ToString());
        writer.WritePropertyName("evidence");
        JsonSerializer.Serialize(writer, value.Evidence, options);
        WriteOptional(writer, "reasonSha256", value.Reason?.Sha256);
        LedgerEventConverter.WriteMembers(writer, value.Event, options);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public override Entry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var header = default(Header);
        var members = new EventMembers();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An entry is an object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!members.Take(name, ref reader) && !header.Take(name, ref reader, options))
            {
                throw new JsonException($"An entry has no member '{name}'.");
            }
        }

        return header.Entry(members.Event(options));
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private struct Header
    {
        private long? _position;
        private Instant? _effectiveAt;
        private Instant? _recordedAt;
        private FactId? _fact;
        private bool? _factIsGiven;
        private SourceOrder? _sourceOrder;
        private Instant? _sourceTimestamp;
        private Instant? _sourceRecordedAt;
        private string? _actor;
        private string? _idempotencyKey;
        private string? _payloadHash;
        private EntryMode? _mode;
        private long? _voids;
        private FactId? _fulfils;
        private Evidence? _evidence;
        private string? _reason;

        public bool Take(string name, ref Utf8JsonReader reader, JsonSerializerOptions options)
        {
            switch (name)
            {
                case "position": _position = reader.GetInt64(); break;
                case "effectiveAt": _effectiveAt = Text<Instant>(ref reader); break;
                case "recordedAt": _recordedAt = Text<Instant>(ref reader); break;
                case "fact": _fact = Text<FactId>(ref reader); break;
                case "factIsGiven": _factIsGiven = reader.GetBoolean(); break;
                case "sourceOrder": _sourceOrder = Text<SourceOrder>(ref reader); break;
                case "sourceTimestamp": _sourceTimestamp = Text<Instant>(ref reader); break;
                case "sourceRecordedAt": _sourceRecordedAt = Text<Instant>(ref reader); break;
                case "actor": _actor = reader.GetString(); break;
                case "idempotencyKey": _idempotencyKey = reader.GetString(); break;
                case "payloadHash": _payloadHash = reader.GetString(); break;
                case "mode": _mode = ModeOf(reader.GetString()); break;
                case "voids": _voids = reader.GetInt64(); break;
                case "fulfils": _fulfils = Text<FactId>(ref reader); break;
                case "evidence": _evidence = JsonSerializer.Deserialize<Evidence>(ref reader, options); break;
                case "reasonSha256": _reason = reader.GetString(); break;
                default: return false;
            }

            return true;
        }

        public readonly Entry Entry(LedgerEvent happened) => new()
        {
            Position = _position ?? throw Missing("position"),
            EffectiveAt = _effectiveAt ?? throw Missing("effectiveAt"),
            RecordedAt = _recordedAt ?? throw Missing("recordedAt"),
            Fact = _fact ?? throw Missing("fact"),
            FactIsGiven = _factIsGiven ?? throw Missing("factIsGiven"),
            SourceOrder = _sourceOrder,
            SourceTimestamp = _sourceTimestamp,
            SourceRecordedAt = _sourceRecordedAt,
            Actor = _actor ?? throw Missing("actor"),
            IdempotencyKey = _idempotencyKey ?? throw Missing("idempotencyKey"),
            PayloadHash = _payloadHash ?? throw Missing("payloadHash"),
            Mode = _mode ?? throw Missing("mode"),
            Voids = _voids,
            Fulfils = _fulfils,
            Evidence = _evidence ?? throw Missing("evidence"),
            Reason = _reason is null ? null : new TextDigest(_reason),
            Event = happened,
        };

        private static EntryMode ModeOf(string? text) => text switch
        {
            "observation" => EntryMode.Observation,
            "instruction" => EntryMode.Instruction,
            _ => throw new JsonException($"'{text}' is no mode."),
        };

        private static JsonException Missing(string name) => new($"The entry lacks the member '{name}'.");

        private static T Text<T>(ref Utf8JsonReader reader)
            where T : IText<T> =>
            T.TryParse(reader.GetString(), out var value) ? value : throw new JsonException($"Expected {T.Expected}.");
    }
}
