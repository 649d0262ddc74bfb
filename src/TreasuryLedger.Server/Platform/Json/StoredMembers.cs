using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Server.Platform.Json;

/// <summary>
/// Members of stored objects, read by hand: every entry of a journal is read again whenever it is checked or made anew,
/// and looking shapes up by reflection takes three times as long.
/// </summary>
internal static class StoredMembers
{
    /// <summary>Room for the longest name of a member.</summary>
    public const int NameMax = 32;

    /// <summary>Goes to the next member of an object: to its value.</summary>
    /// <param name="reader">Stands on the object's beginning, or on the end of a value.</param>
    /// <param name="name">Room for <see cref="NameMax"/> characters.</param>
    /// <returns>
    /// How long the name is, 0 if it is longer than any that is known; negative if the object ends here.
    /// </returns>
    public static int Next(ref Utf8JsonReader reader, scoped Span<char> name)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            return -1;
        }

        var length = reader.ValueSpan.Length > NameMax ? 0 : reader.CopyString(name);
        reader.Read();
        return length;
    }

    /// <summary>A value that has one text form.</summary>
    public static T Text<T>(ref Utf8JsonReader reader)
        where T : IText<T> =>
        reader.TokenType == JsonTokenType.String && T.TryParse(reader.GetString(), out var value)
            ? value
            : throw new JsonException($"Expected {T.Expected}.");

    /// <summary>A text that may be absent.</summary>
    public static string? TextOrNot(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.String or JsonTokenType.Null
            ? reader.GetString()
            : throw new JsonException("Expected a text.");

    /// <summary>That a member is not there.</summary>
    public static JsonException Missing(string name) => new($"The member '{name}' is missing.");

    /// <summary>That a member is not known.</summary>
    public static JsonException Unknown(scoped ReadOnlySpan<char> name) => new($"There is no member '{name}'.");

    /// <summary>That an object begins here.</summary>
    public static void Begin(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Expected an object.");
        }
    }
}

/// <summary>Units of an asset in an account, as they are stored.</summary>
internal sealed class StoredLegConverter : JsonConverter<Leg>
{
    /// <inheritdoc/>
    public override Leg Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        StoredMembers.Begin(ref reader);
        Span<char> room = stackalloc char[StoredMembers.NameMax];
        (AccountId? account, AssetId? asset, Quantity? quantity) = (null, null, null);
        for (int length; (length = StoredMembers.Next(ref reader, room)) >= 0;)
        {
            var name = room[..length];
            switch (name)
            {
                case "account": account = StoredMembers.Text<AccountId>(ref reader); break;
                case "asset": asset = StoredMembers.Text<AssetId>(ref reader); break;
                case "quantity": quantity = StoredMembers.Text<Quantity>(ref reader); break;
                default: throw StoredMembers.Unknown(name);
            }
        }

        return new Leg(
            account ?? throw StoredMembers.Missing("account"),
            asset ?? throw StoredMembers.Missing("asset"),
            quantity ?? throw StoredMembers.Missing("quantity"));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Leg value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("account", value.Account.ToString());
        writer.WriteString("asset", value.Asset.ToString());
        writer.WriteString("quantity", value.Quantity.ToString());
        writer.WriteEndObject();
    }
}

/// <summary>Why an entry is believed, as it is stored: all members are there, also those that say nothing.</summary>
internal sealed class StoredEvidenceConverter : JsonConverter<Evidence>
{
    /// <inheritdoc/>
    public override Evidence Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        StoredMembers.Begin(ref reader);
        Span<char> room = stackalloc char[StoredMembers.NameMax];
        (string? source, string? reference, EvidenceQuality? quality, string? payloadHash) = (null, null, null, null);
        var (hasReference, hasPayloadHash) = (false, false);
        for (int length; (length = StoredMembers.Next(ref reader, room)) >= 0;)
        {
            var name = room[..length];
            switch (name)
            {
                case "source": source = StoredMembers.TextOrNot(ref reader); break;
                case "reference": (reference, hasReference) = (StoredMembers.TextOrNot(ref reader), true); break;
                case "quality": quality = QualityOf(StoredMembers.TextOrNot(ref reader)); break;
                case "payloadHash": (payloadHash, hasPayloadHash) = (StoredMembers.TextOrNot(ref reader), true); break;
                default: throw StoredMembers.Unknown(name);
            }
        }

        return new Evidence(
            source ?? throw StoredMembers.Missing("source"),
            hasReference ? reference : throw StoredMembers.Missing("reference"),
            quality ?? throw StoredMembers.Missing("quality"),
            hasPayloadHash ? payloadHash : throw StoredMembers.Missing("payloadHash"));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Evidence value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("source", value.Source);
        writer.WriteString("reference", value.Reference);
        writer.WriteString("quality", value.Quality switch
        {
            EvidenceQuality.Fact => "fact",
            EvidenceQuality.Derived => "derived",
            EvidenceQuality.Assumed => "assumed",
            _ => throw new JsonException($"The quality {value.Quality} has no stored name."),
        });
        writer.WriteString("payloadHash", value.PayloadHash);
        writer.WriteEndObject();
    }

    private static EvidenceQuality QualityOf(string? text) => text switch
    {
        "fact" => EvidenceQuality.Fact,
        "derived" => EvidenceQuality.Derived,
        "assumed" => EvidenceQuality.Assumed,
        _ => throw new JsonException($"'{text}' is no quality."),
    };
}
