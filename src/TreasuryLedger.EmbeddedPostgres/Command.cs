using System.ComponentModel;
using System.Diagnostics;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>What a finished program said.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>Runs other programs: PostgreSQL's, npm and a few of the operating system.</summary>
internal static class Command
{
    /// <summary>How long a program that only asks or tells the system something may take.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromSeconds(30);

    /// <summary>Prepares a program, run as <paramref name="user"/> or as the caller when that is null.</summary>
    public static ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, ServerUser? user = null)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            // A folder that every user may enter; PostgreSQL's programs complain about others.
            WorkingDirectory = Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } root ? root : "/",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (user is not null)
            start.UserName = user.Name;
        return start;
    }

    /// <summary>
    /// Takes what could change the behaviour of PostgreSQL's programs out of their environment and makes their
    /// messages English, because errors quote them.
    /// </summary>
    public static ProcessStartInfo ForPostgres(this ProcessStartInfo start)
    {
        var inherited = start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList();
        foreach (var name in inherited)
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="EmbeddedPostgresException">It could not be started, or ran longer than allowed.</exception>
    public static async Task<CommandResult> RunAsync(
        ProcessStartInfo start, TimeSpan limit, CancellationToken cancellation)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Start(start);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new EmbeddedPostgresException($"{start.FileName} did not finish within {limit.TotalSeconds:0} s.");
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="EmbeddedPostgresException">It could not be started.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception failure) when (failure is Win32Exception or PlatformNotSupportedException)
        {
            var who = OperatingSystem.IsWindows() || start.UserName.Length == 0 ? "" : $" as user {start.UserName}";
            throw new EmbeddedPostgresException($"{start.FileName} can't be run{who}: {failure.Message}", failure);
        }
    }
}
