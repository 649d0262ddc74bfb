using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Journal;
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
        StoredMembers.Begin(ref reader);
        Span<char> room = stackalloc char[StoredMembers.NameMax];
        for (int length; (length = StoredMembers.Next(ref reader, room)) >= 0;)
        {
            var name = room[..length];
            if (!members.Take(name, ref reader, options) && !header.Take(name, ref reader))
            {
                throw StoredMembers.Unknown(name);
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
        private static readonly StoredEvidenceConverter Evidences = new();

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

        public bool Take(scoped ReadOnlySpan<char> name, ref Utf8JsonReader reader)
        {
            switch (name)
            {
                case "position": _position = reader.GetInt64(); break;
                case "effectiveAt": _effectiveAt = StoredMembers.Text<Instant>(ref reader); break;
                case "recordedAt": _recordedAt = StoredMembers.Text<Instant>(ref reader); break;
                case "fact": _fact = StoredMembers.Text<FactId>(ref reader); break;
                case "factIsGiven": _factIsGiven = reader.GetBoolean(); break;
                case "sourceOrder": _sourceOrder = StoredMembers.Text<SourceOrder>(ref reader); break;
                case "sourceTimestamp": _sourceTimestamp = StoredMembers.Text<Instant>(ref reader); break;
                case "sourceRecordedAt": _sourceRecordedAt = StoredMembers.Text<Instant>(ref reader); break;
                case "actor": _actor = reader.GetString(); break;
                case "idempotencyKey": _idempotencyKey = reader.GetString(); break;
                case "payloadHash": _payloadHash = reader.GetString(); break;
                case "mode": _mode = ModeOf(reader.GetString()); break;
                case "voids": _voids = reader.GetInt64(); break;
                case "fulfils": _fulfils = StoredMembers.Text<FactId>(ref reader); break;
                case "evidence": _evidence = Evidences.Read(ref reader, typeof(Evidence), StoredJson.Options); break;
                case "reasonSha256": _reason = reader.GetString(); break;
                default: return false;
            }

            return true;
        }

        public readonly Entry Entry(LedgerEvent happened) => new()
        {
            Position = _position ?? throw StoredMembers.Missing("position"),
            EffectiveAt = _effectiveAt ?? throw StoredMembers.Missing("effectiveAt"),
            RecordedAt = _recordedAt ?? throw StoredMembers.Missing("recordedAt"),
            Fact = _fact ?? throw StoredMembers.Missing("fact"),
            FactIsGiven = _factIsGiven ?? throw StoredMembers.Missing("factIsGiven"),
            SourceOrder = _sourceOrder,
            SourceTimestamp = _sourceTimestamp,
            SourceRecordedAt = _sourceRecordedAt,
            Actor = _actor ?? throw StoredMembers.Missing("actor"),
            IdempotencyKey = _idempotencyKey ?? throw StoredMembers.Missing("idempotencyKey"),
            PayloadHash = _payloadHash ?? throw StoredMembers.Missing("payloadHash"),
            Mode = _mode ?? throw StoredMembers.Missing("mode"),
            Voids = _voids,
            Fulfils = _fulfils,
            Evidence = _evidence ?? throw StoredMembers.Missing("evidence"),
            Reason = _reason is null ? null : new TextDigest(_reason),
            Event = happened,
        };

        private static EntryMode ModeOf(string? text) => text switch
        {
            "observation" => EntryMode.Observation,
            "instruction" => EntryMode.Instruction,
            _ => throw new JsonException($"'{text}' is no mode."),
        };
    }
}
