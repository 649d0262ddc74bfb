using System.Diagnostics;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>What a server process needs to know.</summary>
/// <param name="Binaries">Its programs.</param>
/// <param name="User">Who runs it; null for the caller.</param>
/// <param name="Home">Folder with the cluster (<c>data</c>) and the log, owned by that user.</param>
/// <param name="Socket">Folder of the Unix socket.</param>
/// <param name="Throwaway">Folder deleted when the caller is done or gone; null for a server that keeps its data.</param>
/// <param name="Password">The owner's password, used when the cluster is made.</param>
/// <param name="Settings">PostgreSQL settings by name.</param>
internal sealed record ServerPlan(
    Binaries Binaries, ServerUser? User, string Home, string Socket, string? Throwaway, string Password,
    IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Options of initdb: checksums, passwords everywhere, and an order of text that no locale changes.</summary>
    public IEnumerable<string> InitdbOptions =>
    [
        "--username=" + EmbeddedPostgresServer.Owner, "--data-checksums", "--auth=scram-sha-256", "--encoding=UTF8",
        "--locale=C",
        // Making the files durable pays off only when they outlive this run.
        .. Throwaway is null ? Array.Empty<string>() : ["--no-sync"],
    ];

    /// <summary>Settings as options of postgres.</summary>
    public IEnumerable<string> ServerOptions =>
        Settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" });
}

/// <summary>A running server and the process that guards it.</summary>
internal interface IServerProcess : IDisposable
{
    /// <summary>Completes when the server has ended, with the exit code.</summary>
    Task<int> Ended { get; }

    /// <summary>Asks for a clean stop: sessions end, everything is written, then <see cref="Ended"/> completes.</summary>
    void RequestStop();
}

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
            "-c", Script, "treasury-ledger-postgres", plan.Binaries.Directory, plan.Home, plan.Socket,
            plan.Throwaway ?? "", .. plan.InitdbOptions, "--", .. plan.ServerOptions,
        ];
        var start = Command.Prepare("/bin/sh", arguments, plan.User).ForPostgres();
        start.RedirectStandardInput = true;
        _watchdog = Command.Start(start);
        Ended = EndedAsync();
        _watchdog.StandardInput.Write(plan.Password + "\n");
        _watchdog.StandardInput.Flush();
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
