using System.Globalization;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>What PostgreSQL itself says in <c>postmaster.pid</c>, and the processes a killed program left behind.</summary>
internal static class Postmaster
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The lines of <c>postmaster.pid</c>; none when it is not there.</summary>
    public static string[] Read(string cluster)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(cluster, "postmaster.pid"));
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Whether the lines are those of a server that accepts connections.</summary>
    public static bool IsReady(string[] lines) => lines.Length > 7 && lines[7].Trim() == "ready";

    /// <summary>The process in a file whose first line is a process id, or null.</summary>
    public static int? ProcessIn(string[] lines) =>
        int.TryParse(lines.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>
    /// Waits until nothing of an earlier run works in this folder. Its watchdog stops the server by itself, since the
    /// program it belonged to is gone; a server whose watchdog was killed too is told to stop. Leftovers are stopped
    /// and not adopted: their settings and their socket were another program's.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">Something of it still runs after all patience.</exception>
    public static async Task StopLeftoversAsync(string home, Action<string>? progress, CancellationToken cancellation)
    {
        var watchdogFile = Path.Combine(home, "watchdog.pid");
        var watchdog = File.Exists(watchdogFile) ? ProcessIn(await File.ReadAllLinesAsync(watchdogFile, cancellation)) : null;
        if (watchdog is { } shell && await WorksInAsync(shell, home, cancellation))
        {
            progress?.Invoke($"Waiting for the PostgreSQL of an earlier run in {home} to stop.");
            await EndsAsync(shell, home, 2 * Limit, cancellation);
        }

        var cluster = Path.Combine(home, "data");
        if (ProcessIn(Read(cluster)) is not { } server)
            return;
        if (await WorksInAsync(server, cluster, cancellation))
        {
            progress?.Invoke($"Stopping the PostgreSQL (process {server}) that an earlier run left in {home}.");
            await SignalAsync("INT", server, cancellation);
            if (!await EndsAsync(server, cluster, 2 * Limit, cancellation))
            {
                await SignalAsync("QUIT", server, cancellation);
                if (!await EndsAsync(server, cluster, Limit, cancellation))
                {
                    throw new EmbeddedPostgresException(
                        $"The PostgreSQL of an earlier run (process {server}) in {home} does not stop.");
                }
            }
        }
        else if (OperatingSystem.IsLinux() && Directory.Exists($"/proc/{server}"))
        {
            // The id was given to another process since (or belongs to a dead one nobody has collected): PostgreSQL
            // only asks whether the id exists, and would refuse to start for ever.
            File.Delete(Path.Combine(cluster, "postmaster.pid"));
        }
    }

    /// <summary>Sends a signal to a process.</summary>
    public static Task SignalAsync(string signal, int process, CancellationToken cancellation) =>
        Command.RunAsync(Command.Prepare("/bin/sh", ["-c", $"kill -{signal} {process}"]), Limit, cancellation);

    /// <summary>Whether a process is alive and is one of ours, not another that got its id.</summary>
    internal static async Task<bool> WorksInAsync(int process, string directory, CancellationToken cancellation)
    {
        if (OperatingSystem.IsLinux())
        {
            // PostgreSQL and the watchdog work in their folder; a dead process has none.
            try
            {
                return new DirectoryInfo($"/proc/{process}/cwd").LinkTarget == directory;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }

        var listing = await Command.RunAsync(
            Command.Prepare("ps", ["-ww", "-o", "args=", "-p", $"{process}"]), Limit, cancellation);
        return listing.Output.Contains(directory, StringComparison.Ordinal);
    }

    private static async Task<bool> EndsAsync(
        int process, string directory, TimeSpan patience, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + patience;
        while (await WorksInAsync(process, directory, cancellation))
        {
            if (DateTime.UtcNow > deadline)
                return false;
            await Task.Delay(Pause, cancellation);
        }

        return true;
    }
}
