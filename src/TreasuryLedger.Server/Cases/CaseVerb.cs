using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Cli;
using Wolverine;

namespace TreasuryLedger.Server.Cases;

/// <summary>Records a case through the handlers that the API uses, prints its audit, and serves it.</summary>
public static class CaseVerb
{
    private const string Actor = "case-importer";

    private static readonly Argument<string> Case = new("case")
    {
        Description = "The id of a case that comes with the program, such as trend-research; or a case's folder.",
    };

    private static readonly Option<bool> Exit = new("--exit") { Description = "Stop after the audit; do not serve." };

    private static readonly Option<bool> Close = new("--close")
    {
        Description = "Close the case's periods when its accountant does, and seal them in the end.",
    };

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command("case", "Record a case, print its audit, then serve it.")
        {
            Case, Exit, Close, ServeVerb.Url, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                await RunAsync(session, stop);
                if (!arguments.GetValue(Exit))
                {
                    await ServeVerb.ServeAsync(session, ServeVerb.UrlOf(arguments), stop);
                }
            },
            cancellation,
            alone: true));
        return verb;
    }

    private static async Task RunAsync(CliSession session, CancellationToken cancellation)
    {
        try
        {
            await session.WithHostAsync(
                services => RecordAndAuditAsync(session, services, cancellation), cancellation);
        }
        catch (CaseFolderException wrong)
        {
            throw new CliException(wrong.Message);
        }
    }

    private static async Task RecordAndAuditAsync(
        CliSession session, IServiceProvider services, CancellationToken cancellation)
    {
        async Task<SubmissionOutcome> SubmitAsync(Submission submission, CancellationToken stop)
        {
            await using var scope = services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<IMessageBus>()
                .InvokeAsync<SubmissionOutcome>(new RecordCommands(submission), stop);
        }

        // Progress is for the person, the audit for whoever reads the output: they do not share a stream.
        var messages = session.Arguments.InvocationConfiguration.Error;
        var started = Stopwatch.GetTimestamp();
        var folder = CaseFolder.Read(FolderOf(session.Arguments.GetRequiredValue(Case)));
        await messages.WriteLineAsync($"Recording {folder.File.Title}");
        var runner = new CaseRunner(SubmitAsync, services.GetRequiredService<JournalReader>());
        var (recording, audit) = await runner.RunAsync(
            folder,
            session.Arguments.GetRequiredValue(CliOptions.Tenant),
            Actor,
            (done, all) => Show(messages, done, all),
            session.Arguments.GetValue(Close),
            cancellation);
        await messages.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{recording.Recorded} entries recorded, {recording.Found} found from an earlier run, "
            + $"in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s."));
        if (session.Arguments.GetValue(CliOptions.Json))
        {
            await session.PrintAsync(audit);
        }
        else
        {
            CaseAuditText.Write(audit, session.Output);
        }
    }

    private static void Show(TextWriter messages, int done, int all)
    {
        if (done == all || done % 100 == 0)
        {
            messages.WriteLine($"  {done} of {all}");
        }
    }

    private static string FolderOf(string name) =>
        Directory.Exists(name) ? name : Path.Combine(AppContext.BaseDirectory, "cases", name);
}
