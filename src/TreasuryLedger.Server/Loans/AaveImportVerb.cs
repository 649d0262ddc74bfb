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

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var verb = new Command(
            "import-aave",
            "Record what the logs of an Aave pool say of a lending position; a second time adds nothing.")
        {
            LogFile, TermFile, BlockFile, CliOptions.Actor, CliOptions.Treasury, CliOptions.Tenant, CliOptions.Json,
        };
        verb.SetAction((arguments, cancellation) => CliSession.RunAsync(
            arguments,
            (session, stop) => session.WithHostAsync(
                async services => await session.PrintAsync(await ImportAsync(session, services, stop)), stop),
            cancellation));
        return verb;
    }

    private static async Task<AaveImported> ImportAsync(
        CliSession session, IServiceProvider services, CancellationToken cancellation)
    {
        var arguments = session.Arguments;
        var given = new AaveImportRequest(
            await ReadAsync(arguments.GetRequiredValue(TermFile)),
            await ReadAsync(arguments.GetRequiredValue(LogFile)),
            arguments.GetValue(BlockFile) is { } blocks ? await ReadAsync(blocks) : null);
        try
        {
            return await AaveImporter.ImportAsync(
                services, CliOptions.TreasuryOf(arguments), arguments.GetRequiredValue(CliOptions.Actor), given, null,
                cancellation);
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
                using var document = JsonDocument.Parse(await CliOptions.ReadAsync(file, cancellation));
                return document.RootElement.Clone();
            }
            catch (JsonException wrong)
            {
                throw new CliException($"{file.FullName} is no JSON: {wrong.Message}");
            }
        }
    }
}
