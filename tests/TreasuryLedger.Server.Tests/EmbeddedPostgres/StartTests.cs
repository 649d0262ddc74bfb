using Npgsql;
using Shouldly;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

public sealed class StartTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task a_server_is_durable_checked_and_closed_to_the_network()
    {
        await using var server = await StartAsync("ledger");

        (await server.AskAsync("SHOW data_checksums")).ShouldBe("on");
        (await server.AskAsync("SHOW fsync")).ShouldBe("on");
        (await server.AskAsync("SHOW full_page_writes")).ShouldBe("on");
        (await server.AskAsync("SHOW synchronous_commit")).ShouldBe("on");
        (await server.AskAsync("SHOW listen_addresses")).ShouldBe(OperatingSystem.IsWindows() ? "127.0.0.1" : "");
        (await server.AskAsync("SELECT current_database()")).ShouldBe("treasury");
        (await server.AskAsync("SHOW server_version")).ShouldStartWith(server.Version);
    }

    [Fact]
    public async Task nobody_gets_in_without_the_password()
    {
        await using var server = await StartAsync("ledger");

        foreach (var database in new[] { "treasury", "postgres", "template1" })
        {
            foreach (var password in new[] { null, "", "treasury_owner" })
            {
                var guess = new NpgsqlConnectionStringBuilder(server.OwnerConnectionString)
                {
                    Database = database,
                    Password = password,
                };
                await Should.ThrowAsync<NpgsqlException>(() => Sql.AskAsync(guess.ConnectionString, "SELECT 1"));
            }
        }

        (await server.AskAsync("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'"))
            .ShouldBe("0");
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            File.GetUnixFileMode(_folder["ledger/owner-password"]).ShouldBe(owner);
            File.GetUnixFileMode(_folder["ledger/server"]).ShouldBe(owner | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task data_survives_a_stop_and_a_start_and_the_connection_string_stays()
    {
        string connection;
        await using (var server = await StartAsync("ledger"))
        {
            connection = server.OwnerConnectionString;
            await server.AskAsync("CREATE TABLE facts AS SELECT 42 AS id");
        }

        (await Machine.LeftInAsync(_folder.Root)).ShouldBeEmpty();
        await using var again = await StartAsync("ledger");

        (await again.AskAsync("SELECT id FROM facts")).ShouldBe("42");
        if (!OperatingSystem.IsWindows())
            again.OwnerConnectionString.ShouldBe(connection);
    }

    [Fact]
    public async Task a_second_server_runs_beside_the_first()
    {
        await using var first = await StartAsync("first");
        await using var second = await StartAsync("second");
        await first.AskAsync("CREATE TABLE facts AS SELECT 1 AS id");
        await second.AskAsync("CREATE TABLE facts AS SELECT 2 AS id");

        (await first.AskAsync("SELECT id FROM facts")).ShouldBe("1");
        (await second.AskAsync("SELECT id FROM facts")).ShouldBe("2");
        await first.StopAsync();
        (await second.AskAsync("SELECT id FROM facts")).ShouldBe("2");
    }

    [Fact]
    public async Task a_second_program_on_the_same_folder_is_refused_by_name_and_does_no_harm()
    {
        await using var owner = OwnerProgram.Start(_folder["ledger"]);
        await owner.ReadyAsync();

        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync("ledger"));

        refusal.Message.ShouldContain($"in use by process {owner.Id}");
        await owner.ReadyAsync(owner.AcknowledgedRows + 10);
        (await owner.StopAsync()).ShouldBe(0);
        await using var server = await StartAsync("ledger");
        (await server.AskAsync("SELECT max(id) FROM facts")).ShouldBe($"{owner.AcknowledgedRows}");
    }

    [Fact]
    public async Task a_folder_is_free_again_after_the_stop_and_stopping_twice_is_one_stop()
    {
        var server = await StartAsync("ledger");
        (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync("ledger")))
            .Message.ShouldContain($"process {Environment.ProcessId}");

        await Task.WhenAll(server.StopAsync(), server.StopAsync(), server.DisposeAsync().AsTask());

        server.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        await using var again = await StartAsync("ledger");
        (await again.AskAsync("SELECT 1")).ShouldBe("1");
    }

    [Fact]
    public async Task a_path_too_long_for_a_socket_or_reached_through_a_link_works()
    {
        var real = _folder.Make("a folder with spaces, a comma and " + new string('x', 100));
        Directory.CreateSymbolicLink(_folder["link"], real);

        await using (var server = await StartAsync("link/ledger"))
        {
            await server.AskAsync("CREATE TABLE facts AS SELECT 42 AS id");
        }

        await using var again = await StartAsync("link/ledger");
        (await again.AskAsync("SELECT id FROM facts")).ShouldBe("42");
        var socket = new NpgsqlConnectionStringBuilder(again.OwnerConnectionString).Host!;
        await again.StopAsync();
        Directory.Exists(socket).ShouldBeFalse();
    }

    [Fact]
    public async Task what_keeps_data_safe_and_private_is_not_a_setting()
    {
        foreach (var name in new[] { "fsync", "full_page_writes", "synchronous_commit", "listen_addresses", "PORT" })
        {
            var refusal = await Should.ThrowAsync<ArgumentException>(() => EmbeddedPostgresServer.StartAsync(
                new EmbeddedPostgresOptions
                {
                    DataDirectory = _folder["ledger"],
                    Settings = new Dictionary<string, string> { [name] = "off" },
                },
                Cancellation));
            refusal.Message.ShouldContain(name);
        }

        Directory.Exists(_folder["ledger"]).ShouldBeFalse();
    }

    [Fact]
    public async Task a_throwaway_server_takes_the_settings_of_a_test_and_leaves_nothing()
    {
        var settings = new Dictionary<string, string> { ["fsync"] = "off", ["max_connections"] = "17" };
        var server = await EmbeddedPostgresServer.StartThrowawayAsync(settings, Cancellation);
        var home = new NpgsqlConnectionStringBuilder(server.OwnerConnectionString).Host!;
        (await server.AskAsync("SHOW fsync")).ShouldBe("off");
        (await server.AskAsync("SHOW max_connections")).ShouldBe("17");

        await server.DisposeAsync();

        (await Machine.LeftInAsync(home)).ShouldBeEmpty();
        if (!OperatingSystem.IsWindows())
            Directory.Exists(Path.GetDirectoryName(home)).ShouldBeFalse();
    }

    [Fact]
    public async Task a_start_that_fails_shows_the_log_and_leaves_nothing_running()
    {
        var failure = await Should.ThrowAsync<EmbeddedPostgresException>(() => EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataDirectory = _folder["ledger"],
                Settings = new Dictionary<string, string> { ["shared_buffers"] = "a lot" },
            },
            Cancellation));

        failure.Message.ShouldContain("invalid value for parameter \"shared_buffers\": \"a lot\"");
        (await Machine.LeftInAsync(_folder.Root)).ShouldBeEmpty();
        await using var server = await StartAsync("ledger");
        (await server.AskAsync("SHOW shared_buffers")).ShouldBe("256MB");
    }

    [Fact]
    public async Task a_lost_password_is_named_and_nothing_is_overwritten()
    {
        await (await StartAsync("ledger")).StopAsync();
        File.Move(_folder["ledger/owner-password"], _folder["kept"]);

        (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync("ledger")))
            .Message.ShouldContain(_folder["ledger/owner-password"]);

        File.Move(_folder["kept"], _folder["ledger/owner-password"]);
        await using var server = await StartAsync("ledger");
        (await server.AskAsync("SELECT 1")).ShouldBe("1");
    }

    [Fact]
    public async Task a_folder_that_the_servers_user_cannot_reach_is_named()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Folders are closed by access lists there.");
        _folder.Make("closed");
        var open = File.GetUnixFileMode(_folder["closed"]);
        // Root enters it nevertheless and its server's user does not; anybody else can't even begin.
        File.SetUnixFileMode(_folder["closed"], Environment.IsPrivilegedProcess ? UnixFileMode.UserExecute : 0);

        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync("closed/ledger"));

        refusal.Message.ShouldContain(_folder["closed"]);
        refusal.Message.ShouldContain("Choose another");
        File.SetUnixFileMode(_folder["closed"], open);
    }

    private Task<EmbeddedPostgresServer> StartAsync(string name) => EmbeddedPostgresServer.StartAsync(
        new EmbeddedPostgresOptions { DataDirectory = _folder[name] }, Cancellation);
}
