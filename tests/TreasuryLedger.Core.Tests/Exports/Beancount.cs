using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace TreasuryLedger.Core.Tests.Exports;

/// <summary>What beancount says of a file.</summary>
/// <param name="Errors">What it refuses.</param>
/// <param name="Cost">The cost of what left, by disposal.</param>
internal sealed record BeancountVerdict(string[] Errors, Dictionary<string, string> Cost);

/// <summary>The real beancount, where a machine has it; CI installs it.</summary>
internal static class Beancount
{
    private const string Check = "/usr/bin/bean-check";

    public static bool IsInstalled => File.Exists(Check);

    public static BeancountVerdict[] Read(IEnumerable<IEnumerable<string>> files)
    {
        var folder = Directory.CreateTempSubdirectory("beancount");
        try
        {
            var paths = files.Select((lines, i) =>
            {
                var path = Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{i}.beancount"));
                File.WriteAllLines(path, lines);
                return path;
            });
            // The interpreter that beancount was installed for stands in the first line of its programs.
            var python = File.ReadLines(Check).First()[2..].Trim();
            var start = new ProcessStartInfo(python)
            {
                ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Exports", "read.py") },
                RedirectStandardOutput = true,
                Environment = { ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1" },
            };
            foreach (var path in paths)
            {
                start.ArgumentList.Add(path);
            }

            using var process = Process.Start(start)!;
            var json = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            process.ExitCode.ShouldBe(0);
            return JsonSerializer.Deserialize<BeancountVerdict[]>(json, JsonSerializerOptions.Web)!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
