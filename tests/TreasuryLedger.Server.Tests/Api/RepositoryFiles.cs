using System.Text.RegularExpressions;
using Shouldly;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Files of the repository that show what the server answers.</summary>
public static partial class RepositoryFiles
{
    /// <summary>With this set to 1, files are written instead of compared; look at what changed.</summary>
    private const string Update = "UPDATE_OPENAPI";

    /// <summary>Whether files are written instead of compared.</summary>
    public static bool IsUpdating => Environment.GetEnvironmentVariable(Update) == "1";

    /// <summary>
    /// Holds a file against what the server answers now; where hashes hold a salt of chance, all but the hashes.
    /// </summary>
    public static async Task ShouldHoldAsync(
        string path, string content, CancellationToken cancellation, bool saltedHashes = false)
    {
        var file = PathOf(path);
        var stored = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : "";
        if (saltedHashes ? Hash().Replace(stored, "") == Hash().Replace(content, "") : stored == content)
        {
            return;
        }

        IsUpdating.ShouldBeTrue($"{path} differs. Run the tests with {Update}=1 and look at what changed.");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, content, cancellation);
    }

    [GeneratedRegex("(?<=\"hash\": \")[0-9a-f]{64}(?=\")")]
    private static partial Regex Hash();

    /// <summary>Where a file of the repository is.</summary>
    public static string PathOf(string path) => Path.Combine(Root(), path);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TreasuryLedger.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests lie outside the repository.");
        }

        return folder.FullName;
    }
}
