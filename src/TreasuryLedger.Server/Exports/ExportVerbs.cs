using System.Collections.Immutable;
using System.CommandLine;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform.Cli;
using Command = System.CommandLine.Command;

namespace TreasuryLedger.Server.Exports;

/// <summary>A verb for every export: the rows of HTTP, written to a file here.</summary>
public static class ExportVerbs
{
    private static readonly Option<FileInfo?> Out = new("--out")
    {
        Description = "The file to write. Without it: one in the current folder, named by treasury and day.",
    };

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command("export", "Write a treasury at a viewpoint to a file.");
        foreach (var route in ExportRoute.All)
        {
            verb.Add(Make(route));
        }

        return verb;
    }

    /// <summary>The verb that reads an auditor's pack.</summary>
    public static Command MakeImport()
    {
        var file = new Argument<FileInfo>("file") { Description = "The pack." };
        var verb = new Command(
            "import-pack",
            "Read the journals of an auditor's pack into a ledger that does not have them. Their heads are then equal "
            + "to those of the pack. Everything is checked first; an import that was cut goes on where it stopped.")
        {
            file, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var pack = arguments.GetRequiredValue(file);
                if (!pack.Exists)
                {
                    throw new CliException($"{pack.FullName} is not there.", CliException.NotFound);
                }

                try
                {
                    await using var stream = pack.OpenRead();
                    var imported = await new PackImport(session.Database.Tenants).ReadAsync(stream, stop);
                    await session.PrintAsync(new Imported(imported));
                }
                catch (PackException wrong)
                {
                    throw new CliException(wrong.Message, CliException.PackInvalid);
                }
            },
            cancellation));
        return verb;
    }

    private static Command Make(ExportRoute route)
    {
        var verb = new Command(route.Name, $"{route.Summary}. {route.Description}")
        {
            CliOptions.Treasury, CliOptions.Tenant, Out,
        };
        var options = AskVerbs.OptionsOf(route.Parameters);
        options.ForEach(option => verb.Add(option.Option));
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                using var host = session.Host();
                var pending = await route.AskAsync(
                    new Asking(
                        host.Services.GetRequiredService<AnswerDesk>(),
                        CliOptions.TreasuryOf(arguments),
                        "",
                        AskVerbs.QueryOf(arguments, options),
                        ListFormat.Json),
                    stop);
                var file = arguments.GetValue(Out) ?? new FileInfo(route.FileNameOf(pending.Standpoint));
                await using (var stream = CliProgress.Create(file))
                {
                    await CliProgress.ShowAsync(
                        arguments.InvocationConfiguration.Error, pending.Cost, pending.Standpoint,
                        () => pending.WriteAsync(stream, stop));
                }

                file.Refresh();
                await session.Output.WriteLineAsync(
                    $"{file.FullName}: {file.Length} bytes, as of {pending.Standpoint.AsOf}, known at "
                    + $"{pending.Standpoint.KnownAt}.");
            },
            cancellation));
        return verb;
    }

    private sealed record Imported(ImmutableArray<ImportedJournal> Journals);
}
