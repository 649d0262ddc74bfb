using System.Collections.Immutable;
using System.CommandLine;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;
using Wolverine;
using Command = System.CommandLine.Command;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>Records a command or a batch from a file, as HTTP would.</summary>
public static class RecordVerb
{
    private const string Batch = "batch";

    private static readonly Argument<string> Name = new("command")
    {
        Description = "The command's name on the wire, such as acquire-asset; or 'batch'.",
    };

    private static readonly Option<FileInfo> Body = new("--file")
    {
        Description = "The file with the JSON that HTTP would take as body.",
        Required = true,
    };

    private static readonly Option<string> Journal = new("--journal")
    {
        Description = "The journal: treasury/<id>, prices/<id> or markets/<id>.",
        Required = true,
    };

    private static readonly Option<string> Key = new("--idempotency-key")
    {
        Description = "Names this request in its journal for ever.",
        Required = true,
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Decide as if, record nothing." };

    private static readonly Option<string?> RecordedAt = new("--recorded-at")
    {
        Description = "The recorded instant, for journals with a replayed clock: later than the newest entry's.",
    };

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command("record", "Record a command, or a batch of them, from a file.")
        {
            Name, Body, Journal, Key, DryRun, RecordedAt, CliOptions.Actor, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var submission = await ReadAsync(arguments, stop);
                await session.WithHostAsync(
                    async services =>
                    {
                        await using var scope = services.CreateAsyncScope();
                        var bus = scope.ServiceProvider.GetRequiredService<IMessageBus>();
                        await session.PrintAsync(await bus.RecordAsync(session.Database.Tenants, submission, stop));
                    },
                    stop);
            },
            cancellation));
        return verb;
    }

    private static async Task<Submission> ReadAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var type = CommandNames.Find(arguments.GetRequiredValue(Name));
        Require(
            type is not null || arguments.GetRequiredValue(Name) == Batch,
            $"No command is called {arguments.GetRequiredValue(Name)}.");
        var journal = new JournalKey(
            arguments.GetRequiredValue(CliOptions.Tenant), arguments.GetRequiredValue(Journal));
        Require(journal.IsValid, "--journal must be treasury/<id>, prices/<id> or markets/<id>.");
        var key = arguments.GetRequiredValue(Key);
        Require(
            WriteEndpoints.IsIdempotencyKey(key),
            $"'{key}' cannot be the key of a request, which is {WriteEndpoints.IdempotencyKeyForm}.");
        var script = arguments.GetValue(RecordedAt);
        var isInstant = Instant.TryParse(script, out var recordedAt);
        Require(isInstant || script is null, $"--recorded-at must be {Instant.Expected}.");

        var body = await CliOptions.ReadAsync(arguments.GetRequiredValue(Body), cancellation);
        ImmutableArray<Core.Commands.Command> commands = type is null
            ? Platform.Batch.Read(body)
            : [(Core.Commands.Command)JsonBody.Read(body, type)];
        return new Submission(
            journal,
            key,
            arguments.GetRequiredValue(CliOptions.Actor),
            commands,
            Atomic: type is null,
            arguments.GetValue(DryRun),
            script is null ? null : recordedAt);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new CliException(otherwise);
        }
    }
}
