using System.Diagnostics;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// On Windows <c>pg_ctl</c> starts and stops the server: it sheds the administrator's rights that postgres refuses,
/// and there are no signals. A server that outlives a killed program is stopped by the next start.
/// </summary>
internal sealed class WindowsServerProcess : IServerProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly ServerPlan _plan;
    private readonly CancellationTokenSource _released = new();

    private WindowsServerProcess(ServerPlan plan)
    {
        _plan = plan;
        Ended = EndedAsync();
    }

    public Task<int> Ended { get; }

    public static async Task<WindowsServerProcess> StartAsync(ServerPlan plan, CancellationToken cancellation)
    {
        Directory.CreateDirectory(plan.Home);
        if (!Directory.Exists(plan.Cluster))
        {
            await InitializeAsync(plan, cancellation);
        }

        // pg_ctl takes the server's options as one text, in which quotes keep each option whole.
        var options = string.Join(' ', plan.ServerOptions.Select(option => $"\"{option}\""));
        string[] arguments = ["start", "-w", "-s", "-D", plan.Cluster, "-l", plan.Log, "-o", options];
        // Nothing redirected: the server would inherit the pipes and keep them open for ever.
        using var start = Command.Start(Command.Prepare(plan.Binaries.Program("pg_ctl"), arguments).ForPostgres());
        await start.WaitForExitAsync(cancellation);
        return new WindowsServerProcess(plan);
    }

    /// <summary>Stops the server of an earlier run, if there is one.</summary>
    public static async Task StopLeftoversAsync(ServerPlan plan, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(plan.Cluster, "postmaster.pid")))
        {
            // Says "not running" for a stale file; PostgreSQL replaces that one itself.
            await StopAsync(plan, cancellation);
        }
    }

    public void RequestStop() => _ = StopAsync(_plan, CancellationToken.None);

    public void Dispose()
    {
        _released.Cancel();
        _released.Dispose();
    }

    private static async Task InitializeAsync(ServerPlan plan, CancellationToken cancellation)
    {
        var unfinished = plan.Cluster + ".new";
        var passwordFile = Path.Combine(plan.Home, "password.new");
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        await File.WriteAllTextAsync(passwordFile, plan.Password + "\n", cancellation);
        try
        {
            string[] arguments = ["-D", unfinished, "--pwfile=" + passwordFile, .. plan.InitdbOptions];
            var start = Command.Prepare(plan.Binaries.Program("initdb"), arguments).ForPostgres();
            var result = await Command.RunAsync(start, Limit, cancellation);
            if (result.ExitCode != 0)
            {
                throw new EmbeddedPostgresException($"initdb in {unfinished} failed: {result.Output}{result.Error}");
            }
        }
        finally
        {
            File.Delete(passwordFile);
        }

        Directory.Move(unfinished, plan.Cluster);
    }

    private static Task<CommandResult> StopAsync(ServerPlan plan, CancellationToken cancellation)
    {
        string[] arguments = ["stop", "-w", "-s", "-m", "fast", "-D", plan.Cluster];
        var stop = Command.Prepare(plan.Binaries.Program("pg_ctl"), arguments).ForPostgres();
        return Command.RunAsync(stop, Limit, cancellation);
    }

    /// <summary>
    /// Waits for the end of the process that <c>postmaster.pid</c> names; its exit code is not ours to see.
    /// </summary>
    private async Task<int> EndedAsync()
    {
        try
        {
            using var server = Process.GetProcessById(Postmaster.ProcessIn(Postmaster.Read(_plan.Cluster)) ?? -1);
            await server.WaitForExitAsync(_released.Token);
        }
        catch (Exception failure) when (failure is ArgumentException or OperationCanceledException)
        {
            // There is no such process, or nobody waits for it any more.
        }

        return -1;
    }
}
