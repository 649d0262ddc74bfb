using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace TreasuryLedger.Benchmarks;

/// <summary>
/// What every result is printed with: ratios travel between machines, absolutes do not. The load says how noisy it was.
/// </summary>
public static class Machine
{
    private static readonly string[] Settings =
    [
        "fsync", "synchronous_commit", "full_page_writes", "data_checksums", "wal_sync_method", "wal_compression",
        "shared_buffers", "max_wal_size", "max_connections",
    ];

    /// <summary>Hardware, system and runtime.</summary>
    public static string Describe() => string.Join(", ",
        Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        $"{Environment.ProcessorCount} processors",
        $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30)} GiB memory",
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}",
        RuntimeInformation.FrameworkDescription);

    /// <summary>The server and the settings that decide what a commit costs.</summary>
    public static async Task<string> DescribeAsync(NpgsqlDataSource database)
    {
        var said = new List<string>();
        foreach (var setting in Settings.Prepend("server_version"))
        {
            await using var show = database.CreateCommand("select current_setting($1)");
            show.Parameters.Add(new NpgsqlParameter<string> { TypedValue = setting });
            said.Add($"{setting} {await show.ExecuteScalarAsync()}");
        }

        return "PostgreSQL " + string.Join(", ", said).Replace("server_version ", "", StringComparison.Ordinal);
    }

    /// <summary>The load of the whole machine over the last minute; empty where the system does not say.</summary>
    public static string Load()
    {
        const string file = "/proc/loadavg";
        return File.Exists(file) ? File.ReadAllText(file).Split(' ')[0] : "";
    }

    /// <summary>The commit that was measured.</summary>
    public static string Commit()
    {
        var id = Git("rev-parse --short=12 HEAD");
        return id.Length == 0 ? "unknown" : Git("status --porcelain -- src").Length == 0 ? id : id + " with changes";
    }

    private static string Git(string arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var said = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? said : "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return ""; // no git here: a copy without history can be measured too
        }
    }

    private static string? Field(string file, string name) => File.Exists(file)
        ? File.ReadLines(file)
            .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;

    /// <summary>The processor's time that was used so far, in microseconds.</summary>
    /// <param name="postmaster">The process of PostgreSQL, whose children do its work.</param>
    /// <returns>
    /// By this program and, as far as the system says (Linux), by PostgreSQL, in steps of 10 ms for each process.
    /// </returns>
    public static (double Program, double Database) Processor(int postmaster)
    {
        const double tick = 10_000;
        using var self = Process.GetCurrentProcess();
        var database = !Directory.Exists("/proc") ? 0 : Directory.EnumerateDirectories("/proc")
            .Where(directory => int.TryParse(Path.GetFileName(directory), out _))
            .Select(StatOf)
            .Where(stat => stat.Length > 14 && stat[1] == postmaster.ToString(CultureInfo.InvariantCulture))
            .Sum(stat => Ticks(stat, 11) + Ticks(stat, 12));
        // Of those that have ended since, their parent keeps the sum.
        var parent = StatOf($"/proc/{postmaster.ToString(CultureInfo.InvariantCulture)}");
        database += parent.Length > 14 ? Ticks(parent, 13) + Ticks(parent, 14) : 0;
        return (self.TotalProcessorTime.TotalMicroseconds, database * tick);
    }

    private static long Ticks(string[] stat, int field) => long.Parse(stat[field], CultureInfo.InvariantCulture);

    /// <summary>What the kernel says of a process, from its state on; nothing if it has just ended.</summary>
    private static string[] StatOf(string directory)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Most memory that this process ever had resident, in MiB.</summary>
    public static double PeakMemoryMiB()
    {
        // .NET's own figure is 0 on Linux; the kernel's is exact.
        var kernel = Field("/proc/self/status", "VmHWM");
        using var self = Process.GetCurrentProcess();
        return kernel is null
            ? self.PeakWorkingSet64 / 1048576.0
            : long.Parse(kernel.Split(' ')[0], CultureInfo.InvariantCulture) / 1024.0;
    }
}
