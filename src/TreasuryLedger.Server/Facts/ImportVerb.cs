using System.CommandLine;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Cli;
using TreasuryLedger.Server.Platform.Json;
using Command = System.CommandLine.Command;

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

    private static readonly Option<string> Actor = new("--actor")
    {
        Description = "Who is written into the entries.",
        DefaultValueFactory = _ => "command-line",
    };

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command("import", "Record what a file tells; started again, it goes on where it stopped.")
        {
            Payload, Source, Terms, Actor, CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            async (session, stop) =>
            {
                using var host = session.Host();
                await host.StartAsync(stop);
                try
                {
                    await session.PrintAsync(await ImportAsync(session, host.Services, stop));
                }
                finally
                {
                    await host.StopAsync(CancellationToken.None);
                }
            },
            cancellation));
        return verb;
    }

    private static async Task<ImportReport> ImportAsync(
        CliSession session, IServiceProvider services, CancellationToken cancellation)
    {
        var arguments = session.Arguments;
        var (tenant, source) = (arguments.GetRequiredValue(CliOptions.Tenant), arguments.GetRequiredValue(Source));
        var treasury = JournalAddress.KeyOf(
            JournalKind.Treasury, tenant, arguments.GetRequiredValue(CliOptions.Treasury));
        var actor = arguments.GetRequiredValue(Actor);
        if (arguments.GetValue(Terms) is { } file)
        {
            var terms = JsonBody.Read<SourceTerms>(await File.ReadAllBytesAsync(Existing(file).FullName, cancellation));
            terms.Check();
            await services.GetRequiredService<FactStore>()
                .RegisterAsync(treasury, source, terms, actor, cancellation);
        }

        var payload = Existing(arguments.GetRequiredValue(Payload));
        await using var content = payload.OpenRead();
        var import = services.GetRequiredService<FactImporter>()
            .ImportAsync(treasury, source, content, payload.Name, actor, null, cancellation);
        return await CliProgress.ShowAsync(
            arguments.InvocationConfiguration.Error,
            () => services.GetRequiredService<RunningImports>().Of(tenant) is [var one, ..]
                ? $"{one.Rows} rows of {one.Bytes} bytes"
                : "receiving",
            import);
    }

    private static FileInfo Existing(FileInfo file) =>
        file.Exists ? file : throw new CliException($"There is no file {file.FullName}.");
}
