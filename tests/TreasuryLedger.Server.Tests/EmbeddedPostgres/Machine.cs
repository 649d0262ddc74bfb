using System.Globalization;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

/// <summary>What the tests ask the operating system.</summary>
internal static class Machine
{
    /// <summary>Processes, other than this one, whose command line holds a text.</summary>
    public static async Task<IReadOnlyList<int>> ProcessesNamingAsync(string text)
    {
        var found = new List<int>();
        foreach (var (id, commandLine) in await ProcessesAsync())
        {
            if (id != Environment.ProcessId && commandLine.Contains(text, StringComparison.Ordinal))
                found.Add(id);
        }

        return found;
    }

    /// <summary>
    /// Waits until no process names a folder; those that still do after a time long enough for any stop.
    /// </summary>
    public static async Task<IReadOnlyList<int>> LeftInAsync(string directory)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var left = await ProcessesNamingAsync(directory);
            if (left.Count == 0 || DateTime.UtcNow > deadline)
                return left;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends a signal to processes, all in one go.</summary>
    public static Task SignalAsync(string signal, params IEnumerable<int> processes) => Command.RunAsync(
        Command.Prepare("/bin/sh", ["-c", $"kill -{signal} {string.Join(' ', processes)}"]),
        Command.Brief,
        TestContext.Current.CancellationToken);

    /// <summary>The group a process belongs to, which is what Ctrl+C in a terminal reaches.</summary>
    public static async Task<int> ProcessGroupAsync(int process)
    {
        var stat = $"/proc/{process}/stat";
        if (File.Exists(stat))
        {
            var fields = await File.ReadAllTextAsync(stat, TestContext.Current.CancellationToken);
            return int.Parse(fields[(fields.LastIndexOf(')') + 2)..].Split(' ')[2], CultureInfo.InvariantCulture);
        }

        var group = await RunAsync("ps", "-o", "pgid=", "-p", $"{process}");
        return int.Parse(group.Output.Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a program of the system.</summary>
    public static Task<CommandResult> RunAsync(string program, params string[] arguments) =>
        Command.RunAsync(
            Command.Prepare(program, arguments), TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

    private static async Task<IEnumerable<(int Id, string CommandLine)>> ProcessesAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            var listing = await RunAsync("ps", "-axww", "-o", "pid=,args=");
            return listing.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.TrimStart().Split(' ', 2))
                .Select(line => (int.Parse(line[0], CultureInfo.InvariantCulture), line[^1]));
        }

        var processes = new List<(int, string)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id))
                    processes.Add((id, File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ')));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended while the list was read.
            }
        }

        return processes;
    }
}

/// <summary>A folder for one test, deleted afterwards; open to the user that PostgreSQL runs as.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        Root = Directory.CreateTempSubdirectory("tl-test-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Root, Folders.EnterOnly);
    }

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Makes a folder in it, as open as itself whoever runs the tests.</summary>
    public string Make(string name)
    {
        var path = Root;
        foreach (var part in name.Split('/'))
        {
            path = Path.Combine(path, part);
            Directory.CreateDirectory(path);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, Folders.EnterOnly);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
