namespace TreasuryLedger.Core.Tests.House;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Folders = ["src", "tests", "ops", ".ci"];

    private static readonly string[] Built = ["bin", "obj", "TestResults", "Generated"];

    /// <summary>The folder of the solution, found upwards from the test's own assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Relative paths, with forward slashes, of everything that people wrote.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [
        .. Directory.EnumerateFiles(Root)
            .Concat(Folders.Select(name => Path.Combine(Root, name)).Where(Directory.Exists).SelectMany(Written))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.EndsWith(".env", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    public static IEnumerable<string> CodeUnder(params string[] folders) =>
        Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal)
            && folders.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal)));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    private static IEnumerable<string> Written(string folder) =>
        Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
            .Where(child => !Built.Contains(Path.GetFileName(child), StringComparer.Ordinal))
            .SelectMany(Written));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TreasuryLedger.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not stand in the source tree.");
    }
}
