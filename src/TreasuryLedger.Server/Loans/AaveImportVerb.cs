using System.CommandLine;
using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Cli;
using Command = System.CommandLine.Command;

namespace TreasuryLedger.Server.Loans;

/// <summary>Records what the logs of an Aave pool say of a lending position.</summary>
public static class AaveImportVerb
{
    private static readonly Option<FileInfo> LogFile = new("--logs")
    {
        Description = "The logs, as eth_getLogs gives them, from the position's first one on.",
        Required = true,
    };

    private static readonly Option<FileInfo> TermFile = new("--terms")
    {
        Description = "Who is who: chainId, pool, user, position, market, accounts by address; chain, if assets of "
            + "several chains are registered.",
        Required = true,
    };

    private static readonly Option<FileInfo?> BlockFile = new("--blocks")
    {
        Description = "Blocks with hash and timestamp, where the logs do not tell the time.",
    };

    private static readonly Option<string> Actor = new("--actor")
    {
        Description = "Who is written into the entries.",
        DefaultValueFactory = _ => "command-line",
    };

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command(
            "import-aave",
            "Record what the logs of an Aave pool say of a lending position; a second time adds nothing.")
        {
            LogFile, TermFile, BlockFile, Actor, CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json,
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

    private static async Task<AaveImported> ImportAsync(
        CliSession session, IServiceProvider services, CancellationToken cancellation)
    {
        var arguments = session.Arguments;
        var treasury = JournalAddress.KeyOf(
            JournalKind.Treasury,
            arguments.GetRequiredValue(CliOptions.Tenant),
            arguments.GetRequiredValue(CliOptions.Treasury));
        var given = new AaveImportRequest(
            await ReadAsync(arguments.GetRequiredValue(TermFile)),
            await ReadAsync(arguments.GetRequiredValue(LogFile)),
            arguments.GetValue(BlockFile) is { } blocks ? await ReadAsync(blocks) : null);
        try
        {
            return await AaveImporter.ImportAsync(
                services, treasury, arguments.GetRequiredValue(Actor), given, null, cancellation);
        }
        catch (AaveImportException wrong)
        {
            throw new CliException(wrong.Message);
        }
        catch (ProblemException refused)
        {
            throw new CliException($"{refused.Problem.Code}: {refused.Problem.Detail} What came before stands.");
        }

        async Task<JsonElement> ReadAsync(FileInfo file)
        {
            try
            {
                using var document = JsonDocument.Parse(file.Exists
                    ? await File.ReadAllBytesAsync(file.FullName, cancellation)
                    : throw new CliException($"There is no file {file.FullName}."));
                return document.RootElement.Clone();
            }
            catch (JsonException wrong)
            {
                throw new CliException($"{file.FullName} is no JSON: {wrong.Message}");
            }
        }
    }
}
