using System.Text.Json;
using System.Text.Json.Serialization;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// Free text on the wire: no control characters but line feed and tab (PostgreSQL cannot store a NUL, terminals obey
/// others), no halves of characters, at most <see cref="LengthMax"/> UTF-16 units. Rules may allow less.
/// </summary>
public sealed class PlainTextConverter : JsonConverter<string>
{
    /// <summary>Longest text (UTF-16 units, inclusive).</summary>
    public const int LengthMax = 4_000;

    /// <summary>What a text must be.</summary>
    public static string Expected => $"a text of at most {LengthMax} characters without control characters";

    /// <inheritdoc/>
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: <= LengthMax } text
        && !text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))
            ? text
            : throw new JsonException($"Needs {Expected}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
