using Shouldly;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Files of the repository that show what the server answers.</summary>
public static class RepositoryFiles
{
    /// <summary>With this set to 1, files are written instead of compared; look at what changed.</summary>
    private const string Update = "UPDATE_OPENAPI";

    /// <summary>Whether files are written instead of compared.</summary>
    public static bool IsUpdating => Environment.GetEnvironmentVariable(Update) == "1";

    /// <summary>Holds a file against what the server answers now.</summary>
    public static async Task ShouldHoldAsync(string path, string content, CancellationToken cancellation)
    {
        var file = PathOf(path);
        if (IsUpdating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, content, cancellation);
        }

        var stored = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : "";
        (stored == content).ShouldBeTrue($"{path} differs. Run the tests with {Update}=1 and look at what changed.");
    }

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
