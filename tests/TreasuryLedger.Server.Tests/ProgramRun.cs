using System.Diagnostics;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests;

/// <summary>The program as a person starts it, run to its end.</summary>
internal static class ProgramRun
{
    /// <summary>Runs a verb over a database.</summary>
    public static Task<(int ExitCode, string Output, string Error)> OverAsync(
        string login, params IEnumerable<string> arguments) =>
        WithAsync([new("Database__OwnerConnection", login)], arguments);

    /// <summary>Runs a verb with an embedded PostgreSQL in a folder.</summary>
    public static Task<(int ExitCode, string Output, string Error)> InAsync(
        string folder, params IEnumerable<string> arguments) =>
        WithAsync([new("Database__DataDirectory", folder)], arguments);

    /// <summary>Runs a verb with settings in the environment.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> WithAsync(
        IEnumerable<KeyValuePair<string, string>> settings, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (setting, value) in settings)
        {
            start.Environment[setting] = value;
        }

        start.ArgumentList.Add(typeof(ServerHost).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
