using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Cli;
using TreasuryLedger.Server.Platform.OpenApi;
using Command = System.CommandLine.Command;

namespace TreasuryLedger.Server.Lists;

/// <summary>A verb for every list: the rows of HTTP, asked here; and how their tables stand.</summary>
public static class ListVerbs
{
    private static readonly (JournalKind Kind, string Option)[] Journals =
    [
        (JournalKind.Treasury, "--treasury"), (JournalKind.PriceBook, "--price-book"),
        (JournalKind.MarketBook, "--market-book"),
    ];

    /// <summary>The verbs.</summary>
    public static IEnumerable<Command> Make() =>
    [
        .. ListRoute.All.Select(route => Make(
            route.Verb, $"{route.Summary}. {route.Description}", route.Kinds,
            [.. ListQuestion.Parameters, .. route.Filters],
            (session, lookout, key, query, stop) => PrintAsync(session, lookout, route, key, query, stop))),
        Make(
            "sums", "What a filtered list of entries adds up to.", JournalAddress.Kinds,
            [.. Answers.Question.Times, .. ListFilter.MovementParameters, .. ListFilter.EntryParameters],
            async (session, lookout, key, query, stop) => await session.PrintAsync(await lookout.SumsAsync(
                await lookout.StandAsync(key, ListRoute.SumsQuestion(query), stop), stop))),
    ];

    private static Command Make(
        string name,
        string description,
        JournalKind[] kinds,
        ParameterText[] parameters,
        Func<CliSession, ListLookout, JournalKey, QueryCollection, CancellationToken, Task> ask)
    {
        var verb = new Command(name, description) { CliOptions.Tenant, CliOptions.Json };
        var journals = Journals.Where(journal => kinds.Contains(journal.Kind)).Select(journal =>
            (journal.Kind, Option: new Option<string?>(journal.Option) { Description = "The journal, by its id." }))
            .ToList();
        var options = parameters.Select(parameter => (parameter.Name, Option: new Option<string?>(
            "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(parameter.Name))
        {
            Description = parameter.Description,
        })).ToList();
        journals.ForEach(journal => verb.Add(journal.Option));
        options.ForEach(option => verb.Add(option.Option));
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                if (journals.Where(journal => arguments.GetValue(journal.Option) is not null).ToList()
                    is not [var (kind, option)])
                {
                    throw new CliException(
                        $"Name one journal: {string.Join(" or ", journals.Select(journal => journal.Option.Name))}.");
                }

                var key = JournalAddress.KeyOf(
                    kind, arguments.GetRequiredValue(CliOptions.Tenant), arguments.GetValue(option)!);
                var query = options.Where(given => arguments.GetValue(given.Option) is not null)
                    .ToDictionary(given => given.Name, given => new StringValues(arguments.GetValue(given.Option)));
                using var host = session.Host();
                var lookout = host.Services.GetRequiredService<ListLookout>();
                await ask(session, lookout, key, new QueryCollection(query), stop);
            },
            cancellation));
        return verb;
    }

    private static async Task PrintAsync(
        CliSession session,
        ListLookout lookout,
        ListRoute route,
        JournalKey key,
        QueryCollection query,
        CancellationToken stop)
    {
        var question = ListQuestion.Read(route.Id, new QueryReader(query), route.ReadFilter, ListFormat.Json);
        var stand = await lookout.StandAsync(key, question, stop);
        if (question.Format == ListFormat.Json)
        {
            await session.PrintAsync(await route.Rows.PageAsync(lookout, stand, stop));
            return;
        }

        await session.PrintAsync(route.Rows.StreamAsync(lookout, stand, stop));
    }
}
