using System.CommandLine;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Forms;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform.Cli;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Reconciliation;

/// <summary>Reconciles a statement from a file, and lists breaks.</summary>
public static class BreakVerbs
{
    private static readonly Option<FileInfo> Statement = new("--statement")
    {
        Description = "The file with the JSON that HTTP would take.",
        Required = true,
    };

    private static readonly Option<bool> Open = new("--open") { Description = BreakDesk.OpenFlag.Description };

    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Make()
    {
        yield return Verb(
            "reconcile", "Hold a statement of a source against the ledger.", [Statement, CliOptions.Actor],
            async (arguments, desk, asking, stop) =>
            {
                var body = await CliOptions.ReadAsync(arguments.GetRequiredValue(Statement), stop);
                return await desk.ReconcileAsync(
                    asking, JsonBody.Read<SourceStatement>(body), arguments.GetRequiredValue(CliOptions.Actor), stop);
            });
        yield return Verb(
            "breaks", "List breaks with their age, owner and steps.", [Open],
            (arguments, desk, asking, stop) => desk.ListAsync(asking, arguments.GetValue(Open), stop));
    }

    private static Command Verb(
        string name,
        string description,
        Option[] own,
        Func<ParseResult, BreakDesk, Asking, CancellationToken, Task<PendingAnswer>> ask)
    {
        var forms = AskVerbs.OptionsOf(AnswerForm.Parameters);
        var verb = new Command(name, description)
        {
            CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json, AskVerbs.Out,
        };
        foreach (var option in own.Concat(forms.Select(form => form.Option)))
        {
            verb.Add(option);
        }

        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                using var host = session.Host();
                var asking = new Asking(
                    host.Services.GetRequiredService<AnswerDesk>(), CliOptions.TreasuryOf(arguments), "",
                    AskVerbs.QueryOf(arguments, forms), ListFormat.Json);
                var desk = host.Services.GetRequiredService<BreakDesk>();
                await AskVerbs.TellAsync(session, await ask(arguments, desk, asking, stop), stop);
            },
            cancellation));
        return verb;
    }
}
