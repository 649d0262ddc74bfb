using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace TreasuryLedger.Client;

/// <summary>
/// A decimal number as the ledger writes it: exact, with up to 36 digits after the point and as many before it as there
/// are. It is kept as text, because no number type of the framework holds all of them.
/// </summary>
[JsonConverter(typeof(Converter))]
public readonly partial record struct DecimalText
{
    private readonly string? _text;

    private DecimalText(string text) => _text = text;

    /// <summary>A whole number.</summary>
    public static implicit operator DecimalText(long number) => Of(new BigInteger(number));

    /// <summary>A number that <see cref="decimal"/> holds: at most 28 or 29 digits.</summary>
    public static implicit operator DecimalText(decimal number) => Of(number);

    /// <summary>A whole number, however long.</summary>
    public static DecimalText Of(BigInteger number) => new(number.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="op_Implicit(decimal)"/>
    public static DecimalText Of(decimal number) => Parse(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Reads digits with at most one point and one leading minus; no exponent, no other sign, no blanks.
    /// </summary>
    /// <exception cref="FormatException">It is written otherwise.</exception>
    public static DecimalText Parse(string text) => TryParse(text, out var number)
        ? number
        : throw new FormatException("A decimal number is digits with at most one point and 36 digits behind it.");

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse([NotNullWhen(true)] string? text, out DecimalText number)
    {
        number = default;
        if (text is null || !Form().IsMatch(text))
        {
            return false;
        }

        // 1.50 and 1.5 are one number, and equal.
        var plain = text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
        number = new DecimalText(plain is "-0" ? "0" : plain);
        return true;
    }

    /// <summary>The number as a <see cref="decimal"/>.</summary>
    /// <exception cref="OverflowException">That type does not hold it to its last digit.</exception>
    public decimal ToDecimal() =>
        decimal.TryParse(
            ToString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var number)
        && Of(number) == this
            ? number
            : throw new OverflowException($"{this} has more digits than a decimal holds.");

    /// <summary>The digits, without zeros at the end of what is behind the point.</summary>
    public override string ToString() => _text ?? "0";

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]{1,36})?\z")]
    private static partial Regex Form();

    private sealed class Converter : JsonConverter<DecimalText>
    {
        public override DecimalText Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && TryParse(reader.GetString(), out var number)
                ? number
                : throw new JsonException("Not a decimal number in a string.");

        public override void Write(Utf8JsonWriter writer, DecimalText value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
