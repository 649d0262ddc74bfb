using System.Diagnostics;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// On Unix, a shell (<c>watchdog.sh</c>) holds one end of a pipe and the server; this process holds the other end.
/// </summary>
internal sealed class GuardedServerProcess : IServerProcess
{
    private static readonly string Script = ReadScript();

    private readonly Process _watchdog;

    public GuardedServerProcess(ServerPlan plan)
    {
        string[] arguments =
        [
            "-c", Script, "treasury-ledger-postgres", plan.Binaries.Directory, plan.Home, plan.Host,
            plan.Throwaway ?? "", .. plan.InitdbOptions, "--", .. plan.ServerOptions,
        ];
        var start = Command.Prepare("/bin/sh", arguments, plan.User).ForPostgres();
        start.RedirectStandardInput = true;
        _watchdog = Command.Start(start);
        Ended = EndedAsync();
        try
        {
            _watchdog.StandardInput.Write(plan.Password + "\n");
        }
        catch (IOException)
        {
            // The shell has ended already; whoever awaits its end reports why.
        }
    }

    public Task<int> Ended { get; }

    public void RequestStop() => _watchdog.StandardInput.Close();

    public void Dispose()
    {
        RequestStop();
        _watchdog.Dispose();
    }

    private async Task<int> EndedAsync()
    {
        await _watchdog.WaitForExitAsync();
        return _watchdog.ExitCode;
    }

    private static string ReadScript()
    {
        using var reader = new StreamReader(
            typeof(GuardedServerProcess).Assembly.GetManifestResourceStream("watchdog.sh")!);
        return reader.ReadToEnd();
    }
}
