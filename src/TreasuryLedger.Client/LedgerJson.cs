using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TreasuryLedger.Client;

/// <summary>JSON as the ledger reads and writes it.</summary>
internal static class LedgerJson
{
    /// <summary>What is absent is left out; what this version does not know in an answer is passed over.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        RespectRequiredConstructorParameters = true,
        Converters = { new InstantConverter() },
    };

    /// <summary>An instant as text, in UTC, to the microsecond.</summary>
    /// <exception cref="ArgumentException">It is finer than a microsecond: nothing is ever cut off.</exception>
    public static string Text(DateTimeOffset instant) => instant.Ticks % TimeSpan.TicksPerMicrosecond == 0
        ? instant.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
        : throw new ArgumentException("The ledger's instants have whole microseconds; round it yourself.");

    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Text(value));
    }
}
