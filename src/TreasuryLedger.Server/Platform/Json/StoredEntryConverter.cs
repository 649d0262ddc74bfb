using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// Entries are shown exactly as they are stored, so that whoever reads them can compute their hash. Nobody sends one.
/// </summary>
public sealed class StoredEntryConverter : JsonConverter<Entry>
{
    /// <inheritdoc/>
    public override Entry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new JsonException("Entries are recorded by commands.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Entry value, JsonSerializerOptions options) =>
        writer.WriteRawValue(StoredJson.Write(value), skipInputValidation: true);
}
