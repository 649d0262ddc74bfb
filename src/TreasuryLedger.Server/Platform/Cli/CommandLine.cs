using System.CommandLine;
using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Exports;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Loans;
using TreasuryLedger.Server.Reconciliation;

namespace TreasuryLedger.Server.Platform.Cli;

/// <summary>The program's verbs. They do what HTTP does, through the same handlers, in this process.</summary>
public static class CommandLine
{
    /// <summary>Runs the verb that the arguments name; without one the server.</summary>
    /// <returns>0, or 1 if it was refused, failed or not understood.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand(
            "Treasury Ledger: what did we hold, owe, earn and risk as of one instant, as known at another?")
        {
            CliOptions.DataDirectory,
            ServeVerb.Make(),
            CaseVerb.Make(),
            KeyVerbs.Make(),
            TenantVerbs.Make(),
            RecordVerb.Make(),
            AaveImportVerb.Make(),
            ImportVerb.Make(),
            ExportVerbs.Make(),
            ExportVerbs.MakeImport(),
        };
        foreach (var verb in AskVerbs.Make().Concat(ListVerbs.Make()).Concat(JournalVerbs.Make())
            .Concat(ProofVerbs.Make()).Concat(BreakVerbs.Make()))
        {
            root.Add(verb);
        }

        root.SetAction(ServeVerb.RunAsync);
        return root.Parse(args).InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            // A server finishes what it has taken before it ends; its host waits 30 s for requests in flight.
            ProcessTerminationTimeout = TimeSpan.FromMinutes(6),
        });
    }
}
