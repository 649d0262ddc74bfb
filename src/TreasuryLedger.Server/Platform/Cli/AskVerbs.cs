using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform.OpenApi;
using Command = System.CommandLine.Command;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>A verb for every question that treasuries answer: the rows of HTTP, asked here.</summary>
public static class AskVerbs
{
    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Make() => AnswerRoute.All.Select(Make);

    private static Command Make(AnswerRoute question)
    {
        var verb = new Command(question.Verb, $"{question.Summary}. {question.Description}")
        {
            CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json,
        };
        var subject = question.Subject is null ? null : new Argument<string>(question.Subject.Name)
        {
            Description = question.Subject.Description,
        };
        if (subject is not null)
        {
            verb.Add(subject);
        }

        var options = OptionsOf(question.Parameters);
        options.ForEach(option => verb.Add(option.Option));
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                var treasury = JournalAddress.KeyOf(
                    JournalKind.Treasury,
                    arguments.GetRequiredValue(CliOptions.Tenant),
                    arguments.GetRequiredValue(CliOptions.Treasury));
                using var host = session.Host();
                var asking = new Asking(
                    host.Services.GetRequiredService<AnswerDesk>(),
                    treasury,
                    subject is null ? "" : arguments.GetRequiredValue(subject),
                    QueryOf(arguments, options),
                    ListFormat.Json);
                var pending = await question.AskAsync(asking, stop);
                if (pending is { Format: not ListFormat.Json, StreamAsync: { } stream })
                {
                    await session.PrintAsync(stream(stop));
                    return;
                }

                await session.PrintAsync(await pending.MakeAsync(stop));
                await arguments.InvocationConfiguration.Error.WriteLineAsync(
                    $"{pending.Cost.Folded} entries folded, {pending.Cost.Saved} saved by checkpoints.");
            },
            cancellation));
        return verb;
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
