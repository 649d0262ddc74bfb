using System.CommandLine;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Cli;
using TreasuryLedger.Server.Platform.Json;
using Command = System.CommandLine.Command;

namespace TreasuryLedger.Server.Reconciliation;

/// <summary>Reconciles a statement from a file, and lists breaks.</summary>
public static class BreakVerbs
{
    private static readonly Option<FileInfo> Statement = new("--statement")
    {
        Description = "The file with the JSON that HTTP would take.",
        Required = true,
    };

    private static readonly Option<string> Actor = new("--actor")
    {
        Description = "Who is written into the steps of breaks.",
        DefaultValueFactory = _ => "command-line",
    };

    private static readonly Option<bool> Open = new("--open")
    {
        Description = "Only those that somebody has to look at.",
    };

    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Make()
    {
        yield return Verb(
            "reconcile", "Hold a statement of a source against the ledger.", [Statement, Actor],
            async (arguments, desk, stop) =>
            {
                var file = arguments.GetRequiredValue(Statement);
                var body = file.Exists
                    ? await File.ReadAllBytesAsync(file.FullName, stop)
                    : throw new CliException($"There is no file {file.FullName}.");
                return await desk.ReconcileAsync(
                    KeyOf(arguments), JsonBody.Read<SourceStatement>(body), arguments.GetRequiredValue(Actor), stop);
            });
        yield return Verb(
            "breaks", "List breaks with their age, owner and steps.", [Open],
            async (arguments, desk, stop) => new BreaksAnswer(
            [
                .. (await desk.ListAsync(KeyOf(arguments), stop))
                    .Where(one => !arguments.GetValue(Open) || one.IsOpen()),
            ]));
    }

    private static Journal.JournalKey KeyOf(ParseResult arguments) => JournalAddress.KeyOf(
        JournalKind.Treasury,
        arguments.GetRequiredValue(CliOptions.Tenant),
        arguments.GetRequiredValue(CliOptions.Treasury));

    private static Command Verb(
        string name,
        string description,
        Option[] options,
        Func<ParseResult, BreakDesk, CancellationToken, Task<object>> ask)
    {
        var verb = new Command(name, description) { CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json };
        foreach (var option in options)
        {
            verb.Add(option);
        }

        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                using var host = session.Host();
                await session.PrintAsync(
                    await ask(arguments, host.Services.GetRequiredService<BreakDesk>(), stop));
            },
            cancellation));
        return verb;
    }
}
