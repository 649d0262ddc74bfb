using System.CommandLine;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Cli;
using Wolverine;
using Command = System.CommandLine.Command;

namespace TreasuryLedger.Server.Loans;

/// <summary>What an import of logs did.</summary>
/// <param name="Logs">Logs in the file.</param>
/// <param name="Recorded">Entries that are new.</param>
/// <param name="Found">Entries that an earlier import had recorded.</param>
/// <param name="Breaks">Facts that stand with other terms: a person decides.</param>
/// <param name="Voided">Entries voided because their block left the chain.</param>
/// <param name="Left">Logs of the position that say nothing that the ledger records.</param>
public sealed record AaveImported(int Logs, int Recorded, int Found, int Breaks, int Voided, int Left);

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
        var view = await services.GetRequiredService<AnswerDesk>().Lookout
            .ReadAsync(treasury, null, 0, cancellation);
        var entries = view.Treasury.Entries;
        var terms = AaveLogFile.Terms(await BytesAsync(arguments.GetRequiredValue(TermFile)), Registers.Of(entries));
        var times = arguments.GetValue(BlockFile) is { } blocks
            ? AaveLogFile.Times(await BytesAsync(blocks))
            : new Dictionary<string, long>(StringComparer.Ordinal);
        var logs = AaveLogFile.Logs(await BytesAsync(arguments.GetRequiredValue(LogFile)), times);
        var read = Read(logs, terms);
        var markets = new JournalKey(treasury.Tenant, $"markets/{((TreasuryOpened)entries[0].Event).MarketBook}");
        var counts = new Counts();
        foreach (var (journal, command, key) in Voids(view, read, treasury)
            .Concat(read.Markets.Select(command => (markets, command, KeyOf(command))))
            .Concat(read.Treasury.Select(command => (treasury, command, KeyOf(command)))))
        {
            await using var scope = services.CreateAsyncScope();
            var submission = Submission.One(journal, key, arguments.GetRequiredValue(Actor), command);
            counts.Add(command, await scope.ServiceProvider.GetRequiredService<IMessageBus>()
                .InvokeAsync<SubmissionOutcome>(new RecordCommands(submission), cancellation));
        }

        return new AaveImported(
            logs.Length, counts.Recorded, counts.Found, counts.Breaks, counts.Voided, read.Left.Length);

        Task<byte[]> BytesAsync(FileInfo file) => file.Exists
            ? File.ReadAllBytesAsync(file.FullName, cancellation)
            : throw new CliException($"There is no file {file.FullName}.");
    }

    private static AaveImportResult Read(IEnumerable<EvmLog> logs, AaveImportTerms terms)
    {
        try
        {
            return AaveImport.Of(logs, terms);
        }
        catch (AaveImportException wrong)
        {
            throw new CliException(wrong.Message);
        }
    }

    /// <summary>Corrections of what stands under facts whose block left the chain, the newest first.</summary>
    private static IEnumerable<(JournalKey Journal, Core.Commands.Command Command, string Key)> Voids(
        TreasuryView view, AaveImportResult read, JournalKey treasury)
    {
        var orphaned = read.Orphaned.Select(fact => fact.ToString()).ToHashSet(StringComparer.Ordinal);
        var voided = view.Treasury.Entries.Select(entry => entry.Voids).ToHashSet();
        return view.Treasury.Entries
            .Where(entry => entry.Event is not (EntryVoided or EvidenceAdded or BreakOpened)
                && !voided.Contains(entry.Position)
                && orphaned.Contains(LogOf(entry.Fact)))
            .Reverse()
            .Select(entry => (treasury, (Core.Commands.Command)new CorrectEntry
            {
                EffectiveAt = entry.EffectiveAt,
                Entry = entry.Position,
                Reason = $"The block of {LogOf(entry.Fact)} is no longer part of the chain.",
            }, $"aave-void:{entry.Fact}"));
    }

    /// <summary>The fact of the log without a leg: chain, block, transaction, number.</summary>
    private static string LogOf(FactId fact) => string.Join(':', fact.ToString().Split(':').Take(4));

    private static string KeyOf(Core.Commands.Command command) => $"aave:{command.Fact}";

    private sealed class Counts
    {
        public int Recorded { get; private set; }

        public int Found { get; private set; }

        public int Breaks { get; private set; }

        public int Voided { get; private set; }

        public void Add(Core.Commands.Command command, SubmissionOutcome outcome)
        {
            switch (outcome)
            {
                case SubmissionOutcome.Decided { Items: [Outcome.Recorded { Replayed: false }] }:
                    Voided += command is CorrectEntry ? 1 : 0;
                    Recorded += command is CorrectEntry ? 0 : 1;
                    break;
                case SubmissionOutcome.Decided { Items: [Outcome.Recorded or Outcome.EvidenceAdded] }:
                    Found++;
                    break;
                case SubmissionOutcome.Decided { Items: [Outcome.BreakOpened] }:
                    Breaks++;
                    break;
                case SubmissionOutcome.Decided { Items: [Outcome.Refused refused] }:
                    throw new CliException(
                        $"{command.Fact}: {refused.Refusal.Code}: {refused.Refusal.Message} What came before stands.");
                default:
                    throw new CliException($"{command.Fact}: {outcome}");
            }
        }
    }
}
