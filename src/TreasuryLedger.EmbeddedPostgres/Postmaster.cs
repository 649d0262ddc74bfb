using System.Globalization;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// What PostgreSQL itself says in <c>postmaster.pid</c>, and the processes a killed program left behind.
/// </summary>
internal static class Postmaster
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a server may take for a fast shutdown, which writes what memory holds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The lines of <c>postmaster.pid</c>; none when it is not there.</summary>
    public static string[] Read(string cluster) => ReadLines(Path.Combine(cluster, "postmaster.pid"));

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
    /// <param name="home">The server's folder, as a path without links.</param>
    /// <param name="progress">Told of what is waited for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="EmbeddedPostgresException">Something of it still runs after all patience.</exception>
    public static async Task StopLeftoversAsync(string home, Action<string>? progress, CancellationToken cancellation)
    {
        if (!Directory.Exists(home))
        {
            // The folder of a throwaway server, deleted by its watchdog.
            return;
        }

        if (ProcessIn(ReadLines(Path.Combine(home, "watchdog.pid"))) is { } watchdog
            && await NamesAsync(watchdog, home, cancellation))
        {
            progress?.Invoke($"Waiting for the PostgreSQL of an earlier run in {home} to stop.");
            await EndsAsync(watchdog, home, Patience, cancellation);
        }

        var cluster = Path.Combine(home, "data");
        if (ProcessIn(Read(cluster)) is { } server)
        {
            await StopServerAsync(server, cluster, progress, cancellation);
        }

        // Left by a killed server. PostgreSQL asks only whether the process in it exists, whoever that is by now.
        File.Delete(Path.Combine(home, ".s.PGSQL.5432.lock"));
    }

    private static async Task StopServerAsync(
        int server, string cluster, Action<string>? progress, CancellationToken cancellation)
    {
        if (!await NamesAsync(server, cluster, cancellation))
        {
            if (OperatingSystem.IsLinux() && Directory.Exists($"/proc/{server}"))
            {
                // The id is another process's by now, or a dead one's that nobody has collected; as with the socket,
                // PostgreSQL would refuse to start for as long as it exists. (Only then: otherwise the file also
                // guards against sessions that are still ending.)
                File.Delete(Path.Combine(cluster, "postmaster.pid"));
            }

            return;
        }

        progress?.Invoke($"Stopping the PostgreSQL (process {server}) that an earlier run left in {cluster}.");
        await SignalAsync("INT", server, cancellation);
        if (await EndsAsync(server, cluster, Patience, cancellation))
        {
            return;
        }

        await SignalAsync("QUIT", server, cancellation);
        if (!await EndsAsync(server, cluster, Patience, cancellation))
        {
            throw new EmbeddedPostgresException(
                $"The PostgreSQL of an earlier run (process {server}) in {cluster} does not stop.");
        }
    }

    /// <summary>Sends a signal to a process.</summary>
    public static Task SignalAsync(string signal, int process, CancellationToken cancellation) =>
        Command.RunAsync(Command.Prepare("/bin/sh", ["-c", $"kill -{signal} {process}"]), Command.Brief, cancellation);

    /// <summary>
    /// Whether a process is alive and is one of ours, not another that got its id: ours name their folder.
    /// </summary>
    internal static async Task<bool> NamesAsync(int process, string directory, CancellationToken cancellation)
    {
        if (OperatingSystem.IsLinux())
        {
            // Readable for everyone, unlike where a process works; empty for one that is dead but not collected.
            try
            {
                var commandLine = await File.ReadAllTextAsync($"/proc/{process}/cmdline", cancellation);
                return commandLine.Split('\0').Contains(directory, StringComparer.Ordinal);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }

        var listing = await Command.RunAsync(
            Command.Prepare("ps", ["-ww", "-o", "args=", "-p", $"{process}"]), Command.Brief, cancellation);
        return listing.Output.Contains(directory, StringComparison.Ordinal);
    }

    private static async Task<bool> EndsAsync(
        int process, string directory, TimeSpan patience, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + patience;
        while (await NamesAsync(process, directory, cancellation))
        {
            if (DateTime.UtcNow > deadline)
                return false;
            await Task.Delay(Pause, cancellation);
        }

        return true;
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Not there, or just being replaced.
            return [];
        }
    }
}
