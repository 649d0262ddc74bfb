using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// Every value with one text form (quantities, amounts, instants, ids) is that text in JSON, a string and nothing else:
/// a JSON number would have passed through floating point somewhere.
/// </summary>
public sealed class TextConverterFactory : JsonConverterFactory
{
    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => Known.GetOrAdd(typeToConvert, static type =>
        !type.IsGenericTypeDefinition && type.GetInterfaces().Any(contract =>
            contract.IsGenericType
            && contract.GetGenericTypeDefinition() == typeof(IText<>)
            && contract.GenericTypeArguments[0] == type));

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(TextConverter<>).MakeGenericType(typeToConvert))!;
}

/// <summary>The converter of one such type.</summary>
/// <typeparam name="T">The type.</typeparam>
public sealed class TextConverter<T> : JsonConverter<T>
    where T : IText<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && T.TryParse(reader.GetString(), out var value)
            ? value
            : throw new JsonException($"Expected {T.Expected}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
