using System.Globalization;
using Npgsql;
using Shouldly;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

/// <summary>
/// What happens when a process is killed: PostgreSQL, its watchdog, the program that owns it, or all.
/// </summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<string> _progress = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Ledger => _folder["ledger"];

    private int Watchdog =>
        int.Parse(File.ReadAllText(Path.Combine(Ledger, "server/watchdog.pid")), CultureInfo.InvariantCulture);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task a_killed_postgres_starts_again_with_every_acknowledged_row()
    {
        await using var server = await StartAsync();
        await server.AskAsync("CREATE TABLE facts (id int PRIMARY KEY)");
        var killed = server.ProcessId;
        var acknowledged = 0;
        await using (var connection = new NpgsqlConnection(server.OwnerConnectionString))
        {
            await connection.OpenAsync(Cancellation);
            await using var insert = new NpgsqlCommand("INSERT INTO facts VALUES ($1)", connection);
            insert.Parameters.Add(new NpgsqlParameter<int>());
            await Should.ThrowAsync<NpgsqlException>(async () =>
            {
                while (true)
                {
                    ((NpgsqlParameter<int>)insert.Parameters[0]).TypedValue = acknowledged + 1;
                    await insert.ExecuteNonQueryAsync(Cancellation);
                    acknowledged++;
                    if (acknowledged == 300)
                        await Machine.SignalAsync("KILL", killed);
                }
            });
        }

        var rows = await server.AskOnceRecoveredAsync("SELECT count(*) FROM facts");

        acknowledged.ShouldBeGreaterThanOrEqualTo(300);
        // One more may have been written without an answer: the third outcome of a write.
        int.Parse(rows, CultureInfo.InvariantCulture).ShouldBeInRange(acknowledged, acknowledged + 1);
        server.ProcessId.ShouldNotBe(killed);
        _progress.ShouldContain(line => line.Contains("ended by itself (exit code 137)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_killed_program_leaves_no_server_and_the_next_start_has_every_acknowledged_row()
    {
        await using var owner = OwnerProgram.Start(Ledger);
        await owner.ReadyAsync(rows: 300);

        await owner.KillAsync();
        await using var server = await StartAsync();

        var rows = await server.AskAsync("SELECT count(*) FROM facts");
        int.Parse(rows, CultureInfo.InvariantCulture)
            .ShouldBeInRange(owner.AcknowledgedRows, owner.AcknowledgedRows + 1);
        server.ProcessId.ShouldNotBe(owner.ServerId);
        await server.StopAsync();
        (await Machine.LeftInAsync(Ledger)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_killed_program_leaves_nothing_of_a_throwaway_server()
    {
        await using var owner = OwnerProgram.Start("");
        await owner.ReadyAsync();
        Directory.Exists(owner.DataDirectory).ShouldBeTrue();

        await owner.KillAsync();

        (await Machine.LeftInAsync(owner.DataDirectory)).ShouldBeEmpty();
        Directory.Exists(owner.DataDirectory).ShouldBeFalse();
    }

    [Fact]
    public async Task killed_at_any_moment_of_its_first_start_a_program_leaves_nothing_running()
    {
        foreach (var milliseconds in new[] { 0, 100, 200, 300, 400, 500, 600, 800, 1000, 1200 })
        {
            await using var owner = OwnerProgram.Start(Ledger);
            await Task.Delay(milliseconds, Cancellation);
            await owner.KillAsync();

            (await Machine.LeftInAsync(Ledger)).ShouldBeEmpty($"killed after {milliseconds} ms");
        }

        await using var server = await StartAsync();
        (await server.AskAsync("SHOW data_checksums")).ShouldBe("on");
    }

    [Fact]
    public async Task a_server_orphaned_together_with_its_watchdog_is_stopped_by_the_next_start()
    {
        await using var owner = OwnerProgram.Start(Ledger);
        await owner.ReadyAsync(rows: 300);
        var guards = await Machine.ProcessesNamingAsync("treasury-ledger-postgres");
        var mine = (await Machine.ProcessesNamingAsync(Ledger)).Intersect(guards).ToList();
        mine.ShouldContain(Watchdog);
        await Machine.SignalAsync("KILL", [owner.Id, .. mine]);
        await owner.DrainAsync();
        (await Machine.ProcessesNamingAsync(Ledger)).ShouldContain(owner.ServerId);

        await using var server = await StartAsync();

        _progress.ShouldContain(line => line.Contains($"(process {owner.ServerId})", StringComparison.Ordinal));
        (await Machine.ProcessesNamingAsync(Ledger)).ShouldNotContain(owner.ServerId);
        var rows = await server.AskAsync("SELECT count(*) FROM facts");
        int.Parse(rows, CultureInfo.InvariantCulture)
            .ShouldBeInRange(owner.AcknowledgedRows, owner.AcknowledgedRows + 1);
    }

    [Fact]
    public async Task everything_killed_at_once_as_by_a_power_cut_recovers_at_the_next_start()
    {
        await using var owner = OwnerProgram.Start(Ledger);
        await owner.ReadyAsync(rows: 300);
        await Machine.SignalAsync("KILL", [owner.Id, .. await Machine.ProcessesNamingAsync(Ledger)]);
        await owner.DrainAsync();
        File.Exists(Path.Combine(Ledger, "server/data/postmaster.pid")).ShouldBeTrue();

        await using var server = await StartAsync();

        var rows = await server.AskAsync("SELECT count(*) FROM facts");
        int.Parse(rows, CultureInfo.InvariantCulture)
            .ShouldBeInRange(owner.AcknowledgedRows, owner.AcknowledgedRows + 1);
    }

    [Fact]
    public async Task a_killed_watchdog_is_replaced_with_its_server()
    {
        await using var server = await StartAsync();
        await server.AskAsync("CREATE TABLE facts AS SELECT 42 AS id");
        var (watchdog, postgres) = (Watchdog, server.ProcessId);

        await Machine.SignalAsync("KILL", watchdog);
        while (server.ProcessId == postgres)
            await Task.Delay(20, Cancellation);

        (await server.AskOnceRecoveredAsync("SELECT id FROM facts")).ShouldBe("42");
        Watchdog.ShouldNotBe(watchdog);
        await server.StopAsync();
        (await Machine.LeftInAsync(Ledger)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_postgres_that_cannot_start_again_is_given_up_with_its_log_and_can_still_be_stopped()
    {
        await using var server = await StartAsync();
        var control = Path.Combine(Ledger, "server/data/global/pg_control");
        File.Move(control, control + ".kept");

        await Machine.SignalAsync("KILL", server.ProcessId);
        var failure = await Should.ThrowAsync<EmbeddedPostgresException>(
            () => server.Completion.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));

        failure.Message.ShouldContain("could not find the database system");
        await server.StopAsync();
        File.Move(control + ".kept", control);
        await using var again = await StartAsync();
        (await again.AskAsync("SELECT 1")).ShouldBe("1");
    }

    [Fact]
    public async Task a_process_id_that_now_belongs_to_another_does_not_stop_the_start()
    {
        await (await StartAsync()).StopAsync();
        var user = await ServerUser.ForCallerAsync(Path.Combine(Ledger, "server/data"), Cancellation);
        using var stranger = Command.Start(Command.Prepare("sleep", ["600"], user));
        var cluster = Path.Combine(Ledger, "server/data");
        await File.WriteAllLinesAsync(
            Path.Combine(cluster, "postmaster.pid"),
            [$"{stranger.Id}", cluster, "1700000000", "5432", Path.Combine(Ledger, "server"), "", "", "ready   "],
            Cancellation);
        await File.WriteAllTextAsync(
            Path.Combine(Ledger, "server/.s.PGSQL.5432.lock"), $"{stranger.Id}\n{cluster}\n", Cancellation);

        await using var server = await StartAsync();

        (await server.AskAsync("SELECT 1")).ShouldBe("1");
        stranger.HasExited.ShouldBeFalse();
        stranger.Kill();
    }

    [Fact]
    public async Task control_c_reaches_the_program_and_not_its_server()
    {
        await using var server = await StartAsync();

        (await Machine.ProcessGroupAsync(server.ProcessId)).ShouldNotBe(await Machine.ProcessGroupAsync(Watchdog));
        await Machine.SignalAsync("INT", Watchdog);
        await Machine.SignalAsync("HUP", Watchdog);
        await Machine.SignalAsync("TERM", Watchdog);

        (await server.AskAsync("SELECT 1")).ShouldBe("1");
        (await Machine.ProcessesNamingAsync(Ledger)).ShouldContain(Watchdog);
    }

    private Task<EmbeddedPostgresServer> StartAsync() => EmbeddedPostgresServer.StartAsync(
        new EmbeddedPostgresOptions
        {
            DataDirectory = Ledger,
            Progress = line => { lock (_progress) _progress.Add(line); },
        },
        Cancellation);
}
