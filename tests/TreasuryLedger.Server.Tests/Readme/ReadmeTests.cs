using System.Diagnostics;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Readme;

/// <summary>
/// The README's commands are run as it says, one after another on a fresh data directory, and must print what it shows:
/// each shown line in its order, where "…" stands for lines left out.
/// </summary>
public sealed class ReadmeTests
{
    private const string Prompt = "$ ";
    private const string Program = "dotnet run --project src/TreasuryLedger.Server -- ";
    private const string LeftOut = "…";

    private static readonly string Root = FindRoot();

    [Fact]
    public async Task the_commands_print_what_the_readme_shows()
    {
        var directory = Directory.CreateTempSubdirectory("treasury-readme-");
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL may run as another user than the tests.
            directory.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.GroupExecute;
        }

        try
        {
            foreach (var (command, shown) in Blocks()
                .Where(block => block.Command.StartsWith(Program, StringComparison.Ordinal)))
            {
                var printed = await RunAsync(command[Program.Length..], Path.Combine(directory.FullName, "data"));

                var line = 0;
                foreach (var expected in shown.Where(expected => expected != LeftOut))
                {
                    line = printed.FindIndex(line, actual => actual == expected) + 1;
                    line.ShouldBeGreaterThan(0, $"'{expected}' in the output of '{command}'");
                }
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void the_test_command_is_the_one_that_ci_runs()
    {
        var command = Blocks()
            .Single(block => block.Command.StartsWith("dotnet test", StringComparison.Ordinal)).Command;

        File.ReadLines(Path.Combine(Root, ".ci", "run")).ShouldContain(
            line => line.Contains($" {command} 2>&1", StringComparison.Ordinal));
    }

    private static IEnumerable<(string Command, string[] Shown)> Blocks() =>
        File.ReadAllText(Path.Combine(Root, "README.md"))
            .Split("```console\n")[1..]
            .Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)].TrimEnd('\n').Split('\n'))
            .Select(lines => (lines[0][Prompt.Length..], lines[1..]));

    private static async Task<List<string>> RunAsync(string arguments, string dataDirectory)
    {
        var exit = arguments.StartsWith("case ", StringComparison.Ordinal) ? " --exit" : "";
        var program = Path.Combine(AppContext.BaseDirectory, "TreasuryLedger.Server.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", $"\"{program}\" {arguments}{exit}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["Database__DataDirectory"] = dataDirectory },
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, await error);
        return [.. output.Split('\n').Select(line => line.TrimEnd('\r'))];
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "TreasuryLedger.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
