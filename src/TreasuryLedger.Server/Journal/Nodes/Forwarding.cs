using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>A submission that came to another node. Whoever gets it decides it and never passes it on.</summary>
/// <param name="Json">A <see cref="Submission"/>.</param>
public sealed record ForwardedSubmission(JsonElement Json)
{
    /// <summary>The message for another node.</summary>
    public static ForwardedSubmission Of(Submission submission) => new(NodeJson.Write(submission));

    /// <summary>What logs may show: none of what was submitted.</summary>
    public override string ToString() => nameof(ForwardedSubmission);
}

/// <summary>What became of it: exactly what this node would have told its own caller.</summary>
/// <param name="Json">A <see cref="SubmissionOutcome"/>.</param>
public sealed record ForwardedOutcome(JsonElement Json)
{
    /// <summary>The message for the node that asked.</summary>
    public static ForwardedOutcome Of(SubmissionOutcome outcome) => new(NodeJson.Write(outcome));

    /// <summary>What logs may show.</summary>
    public override string ToString() => nameof(ForwardedOutcome);
}

/// <summary>Decides what another node sends.</summary>
public static class ForwardedSubmissionHandler
{
    /// <summary>Records what the message asks for, here, whoever has the slot by now.</summary>
    public static async Task<ForwardedOutcome> Handle(
        ForwardedSubmission message, JournalWriters writers, CancellationToken cancellation)
    {
        var submission = NodeJson.Read<Submission>(message.Json);
        try
        {
            return ForwardedOutcome.Of(await writers.SubmitAsync(submission, cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Nobody is there to read it: the other node gave up and decides itself.
            return ForwardedOutcome.Of(new SubmissionOutcome.Unknown(submission.Journal, submission.IdempotencyKey));
        }
    }
}

/// <summary>
/// The JSON between nodes: the wire's, with entries as the store has them and refusals word for word, so that a caller
/// cannot tell from an answer which node decided. Nothing of it is stored.
/// </summary>
internal static class NodeJson
{
    private static readonly JsonSerializerOptions Options = Make();

    /// <summary>The JSON of a value.</summary>
    public static JsonElement Write<T>(T value) => JsonSerializer.SerializeToElement(value, Options);

    /// <summary>The value of a JSON.</summary>
    /// <exception cref="JsonException">Another version wrote it.</exception>
    public static T Read<T>(JsonElement json) =>
        json.Deserialize<T>(Options) ?? throw new JsonException("Nodes send no nulls.");

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions();
        Wire.Apply(options);
        options.MaxDepth = 64;
        options.IgnoreReadOnlyProperties = true;
        options.Converters.Remove(options.Converters.OfType<StoredEntryConverter>().Single());
        options.Converters.Remove(options.Converters.OfType<PlainTextConverter>().Single()); // checked where it came in
        options.Converters.Add(new WholeEntryConverter());
        options.Converters.Add(new NumbersConverter());
        options.MakeReadOnly();
        return options;
    }

    private sealed class WholeEntryConverter : JsonConverter<Entry>
    {
        public override Entry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Entry>(ref reader, StoredJson.Options)
            ?? throw new JsonException("An entry is never null.");

        public override void Write(Utf8JsonWriter writer, Entry value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, StoredJson.Options);
    }

    /// <summary>Numbers of refusals stay in the order in which they are shown.</summary>
    private sealed class NumbersConverter : JsonConverter<ImmutableSortedDictionary<string, string>>
    {
        public override ImmutableSortedDictionary<string, string> Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Dictionary<string, string>>(ref reader, options)!
                .ToImmutableSortedDictionary(StringComparer.Ordinal);

        public override void Write(
            Utf8JsonWriter writer, ImmutableSortedDictionary<string, string> value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, number) in value)
            {
                writer.WriteString(name, number);
            }

            writer.WriteEndObject();
        }
    }
}
