using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// Enumerations cross the wire as camelCase words (<c>perAccount</c>), as the store has them, and exactly: no numbers,
/// no other case, no lists.
/// </summary>
public sealed class WordConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(WordConverter<>).MakeGenericType(typeToConvert))!;

    /// <summary>The words of an enumeration, in the order of its values.</summary>
    public static IEnumerable<string> WordsOf(Type type) =>
        Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName);

    private sealed class WordConverter<T> : JsonConverter<T>
        where T : struct, Enum
    {
        private static readonly FrozenDictionary<string, T> Values = Enum.GetValues<T>().ToFrozenDictionary(
            value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), StringComparer.Ordinal);

        private static readonly FrozenDictionary<T, string> Words =
            Values.ToFrozenDictionary(word => word.Value, word => word.Key);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value)
                ? value
                : throw new JsonException($"Needs one of {string.Join(", ", WordsOf(typeof(T)))}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Words[value]);
    }
}
