using System.CommandLine;
using TreasuryLedger.Server.Platform.Cli;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Facts;

/// <summary>Records what a file of a source tells, without a size limit of HTTP.</summary>
public static class ImportVerb
{
    private static readonly Option<FileInfo> Payload = new("--file")
    {
        Description = "The file: JSON, JSON lines, or values under a line of names.",
        Required = true,
    };

    private static readonly Option<string> Source = new("--source")
    {
        Description = "Who tells it.",
        Required = true,
    };

    private static readonly Option<FileInfo?> Terms = new("--terms")
    {
        Description = "Register these terms of the source first: the JSON that HTTP would take.",
    };

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command("import", "Record what a file tells; started again, it goes on where it stopped.")
        {
            Payload, Source, Terms, CliOptions.Actor, CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            (session, stop) => session.WithHostAsync(
                async services => await session.PrintAsync(await ImportAsync(session, services, stop)), stop),
            cancellation));
        return verb;
    }

    private static async Task<ImportReport> ImportAsync(
        CliSession session, IServiceProvider services, CancellationToken cancellation)
    {
        var arguments = session.Arguments;
        var (treasury, source) = (CliOptions.TreasuryOf(arguments), arguments.GetRequiredValue(Source));
        var actor = arguments.GetRequiredValue(CliOptions.Actor);
        if (arguments.GetValue(Terms) is { } file)
        {
            var terms = JsonBody.Read<SourceTerms>(await CliOptions.ReadAsync(file, cancellation));
            terms.Check();
            await services.GetRequiredService<FactStore>()
                .RegisterAsync(treasury, source, terms, actor, cancellation);
        }

        var payload = CliOptions.Existing(arguments.GetRequiredValue(Payload));
        await using var content = payload.OpenRead();
        var import = services.GetRequiredService<FactImporter>()
            .ImportAsync(treasury, source, content, payload.Name, actor, null, cancellation);
        return await CliProgress.ShowAsync(
            arguments.InvocationConfiguration.Error,
            () => services.GetRequiredService<RunningImports>().Of(treasury.Tenant) is [var one, ..]
                ? $"{one.Rows} rows of {one.Bytes} bytes"
                : "receiving",
            import);
    }
}
