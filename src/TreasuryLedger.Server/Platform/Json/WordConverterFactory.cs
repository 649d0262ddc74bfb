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

    /// <summary>The word of a value.</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => Words<T>.Texts[value];

    /// <summary>Reads a word of an enumeration.</summary>
    public static bool TryRead<T>(string text, out T value)
        where T : struct, Enum => Words<T>.Values.TryGetValue(text, out value);

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<string, T> Values = Enum.GetValues<T>().ToFrozenDictionary(
            value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), StringComparer.Ordinal);

        public static readonly FrozenDictionary<T, string> Texts =
            Values.ToFrozenDictionary(word => word.Value, word => word.Key);
    }

    private sealed class WordConverter<T> : JsonConverter<T>
        where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && TryRead<T>(reader.GetString()!, out var value)
                ? value
                : throw new JsonException($"Needs one of {string.Join(", ", WordsOf(typeof(T)))}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Words<T>.Texts[value]);
    }
}
