using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>A verb for every question that treasuries answer: the rows of HTTP, asked here.</summary>
public static class AskVerbs
{
    /// <summary>Where rows are written.</summary>
    internal static readonly Option<FileInfo?> Out = new("--out")
    {
        Description = "The file to write rows to (ndjson, csv, xlsx). Without it they are printed.",
    };

    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Make() => AnswerRoute.All.Select(Make);

    private static Command Make(AnswerRoute question)
    {
        var verb = new Command(question.Verb, $"{question.Summary}. {question.Description}")
        {
            CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json, Out,
        };
        var subject = question.Subject is null ? null : new Argument<string>(question.Subject.Name)
        {
            Description = question.Subject.Description,
        };
        if (subject is not null)
        {
            verb.Add(subject);
        }

        var options = OptionsOf(question.Takes);
        options.ForEach(option => verb.Add(option.Option));
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var treasury = CliOptions.TreasuryOf(arguments);
                using var host = session.Host();
                var asking = new Asking(
                    host.Services.GetRequiredService<AnswerDesk>(),
                    treasury,
                    subject is null ? "" : arguments.GetRequiredValue(subject),
                    QueryOf(arguments, options),
                    ListFormat.Json);
                var pending = await question.AskInFormAsync(asking, stop);
                await TellAsync(session, pending, stop);
                if (pending.Format == ListFormat.Json)
                {
                    await arguments.InvocationConfiguration.Error.WriteLineAsync(
                        $"{pending.Cost.Folded} entries folded, {pending.Cost.Saved} saved by checkpoints.");
                }
            },
            cancellation));
        return verb;
    }

    /// <summary>Prints an answer in its form or writes it to a file, and says meanwhile how far it is.</summary>
    internal static Task TellAsync(CliSession session, PendingAnswer pending, CancellationToken stop) =>
        CliProgress.ShowAsync(
            session.Arguments.InvocationConfiguration.Error, pending.Cost, pending.Standpoint,
            () => TellAsync(session, pending, session.Arguments.GetValue(Out), stop));

    private static async Task TellAsync(
        CliSession session, PendingAnswer pending, FileInfo? file, CancellationToken stop)
    {
        if (pending is not { Format: not ListFormat.Json, StreamAsync: { } stream })
        {
            await session.PrintAsync(await pending.MakeAsync(stop));
        }
        else if (file is not null)
        {
            await using var output = CliProgress.Create(file);
            await foreach (var part in stream(stop))
            {
                await output.WriteAsync(part, stop);
            }
        }
        else if (pending.Format == ListFormat.Xlsx)
        {
            throw new CliException("A workbook is no text: say with --out which file to write.");
        }
        else
        {
            await session.PrintAsync(stream(stop));
        }
    }

    /// <summary>An option for each parameter of a query.</summary>
    internal static List<(string Name, Option<string?> Option)> OptionsOf(IEnumerable<ParameterText> parameters) =>
        [.. parameters.Select(parameter => (parameter.Name, OptionOf(parameter)))];

    /// <summary>The query that the options say.</summary>
    internal static QueryReader QueryOf(
        ParseResult arguments, IEnumerable<(string Name, Option<string?> Option)> options) =>
        new(new QueryCollection(options
            .Where(option => arguments.GetValue(option.Option) is not null)
            .ToDictionary(option => option.Name, option => new StringValues(arguments.GetValue(option.Option)))));

    private static Option<string?> OptionOf(ParameterText parameter) =>
        new("--" + JsonNamingPolicy.KebabCaseLower.ConvertName(parameter.Name))
        {
            Description = parameter.Description,
            Required = parameter.Required,
        };
}
