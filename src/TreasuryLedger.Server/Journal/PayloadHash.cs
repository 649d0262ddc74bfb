using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// Tells a repeated request from another one under the same key: SHA-256 over the canonical bytes of the command with
/// its name. Equal values hash alike (1.0 and 1.00, an instant in two offsets, a default said or left out), so members
/// that a later version adds leave the hashes of older requests as they are.
/// </summary>
/// <remarks>
/// The reason is not in it: a plain digest of a short text that names a person could be guessed after the text was
/// erased. It is compared by its salted digest instead.
/// </remarks>
public static class PayloadHash
{
    private static readonly JsonSerializerOptions Options = Make();

    /// <summary>The hash of a command, lower-case hex.</summary>
    /// <param name="command">The command.</param>
    /// <param name="batchSize">
    /// If it is part of a batch, how many commands that has: a batch is one request, so the same command in a longer
    /// one is another. 0 for a command alone.
    /// </param>
    public static string Of(Command command, int batchSize) => HashChain.DigestOf(batchSize == 0
        ? JsonSerializer.SerializeToUtf8Bytes(command, Options)
        : JsonSerializer.SerializeToUtf8Bytes(new BatchItem(batchSize, command), Options));

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Converters =
            {
                new TextConverterFactory(),
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OnlyWhatWasSaid, NameCommands } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void OnlyWhatWasSaid(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            var unsaid = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
            var isReason = property.PropertyType == typeof(string) && property.Name == "reason";
            property.ShouldSerialize = isReason && type.Type.IsAssignableTo(typeof(Command))
                ? static (_, _) => false
                : (_, value) => !Equals(value, unsaid) && value is not ICollection { Count: 0 };
        }
    }

    private static void NameCommands(JsonTypeInfo type)
    {
        if (type.Type == typeof(Command))
        {
            type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "command" };
            foreach (var (name, command) in CommandNames.All)
            {
                type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(command, name));
            }
        }
    }

    private sealed record BatchItem(int BatchSize, Command Command);
}
