using System.Diagnostics;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>The steps of ops/runbooks/backup-and-restore.md.</summary>
public sealed class BackupTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_dump_restores_to_equal_heads_a_chain_that_verifies_and_a_ledger_that_goes_on()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.OpenAsync(JournalKey.Treasury("zenith", "main"));
        var buys = Enumerable.Range(0, 500).Select(i => Buy(fact: $"binance:{i}", reason: "r"));
        await ledger.RecordAsync(Batch("b", buys));
        var exported = await HeadExport.ReadAsync(ledger.Pool, null, Cancellation);
        var dump = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.dump");
        var empty = await databases.NewEmptyAsync();

        try
        {
            await RunAsync("pg_dump", login, "--format=custom", $"--file={dump}");
            await ledger.RecordAsync("after", Buy()); // not in the dump
            await RunAsync("pg_restore", empty, "--exit-on-error", "--single-transaction", dump);
        }
        finally
        {
            File.Delete(dump);
        }

        await Schema.PrepareAsync(empty, Cancellation);
        await using var restored = new TestLedger(empty);
        (await HeadExport.ReadAsync(restored.Pool, null, Cancellation)).ShouldBe(exported);
        (await restored.VerifyAsync([.. exported])).ShouldAllBe(verdict => verdict.Fault == null);
        (await restored.RecordAsync("after", Buy())).ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
        (await restored.RecordAsync(Batch("b", [Buy(fact: "binance:0", reason: "r")]))).Items[0]
            .ShouldBeOfType<Outcome.Refused>();
        var refused = await Should.ThrowAsync<PostgresException>(
            () => Database.AskAsync(Logins.Of(empty).App, "delete from ledger.entries"));
        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task a_process_that_was_writing_goes_on_after_its_database_was_put_back()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var back = (await ledger.RecordAsync(Alone("kept", Buy()))).Head;
        await ledger.RecordAsync("lost-1", Buy());
        await ledger.RecordAsync("lost-2", Buy());
        (await ledger.ReadAsync()).Head.Position.ShouldBe(8);

        await Database.AskAsync(
            login,
            """
            delete from journal.mt_events where version > 6; delete from ledger.entries where position > 6;
            delete from ledger.narrow where last > 6; update journal.mt_streams set version = 6;
            update ledger.heads set position = 6, hash = e.hash, recorded_at = e.recorded_at
            from ledger.entries e where e.position = 6
            """);

        (await ledger.ReadAsync()).Head.ShouldBe(back);
        var entry = (await ledger.RecordAsync("new", Buy("2"))).ShouldBeOfType<Outcome.Recorded>().Entry;
        entry.Position.ShouldBe(7);
        (await ledger.RecordAsync("lost-1", Buy())).ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
        (await ledger.StoredAsync()).Select(e => e.IdempotencyKey).Skip(5).ShouldBe(["kept", "new", "lost-1"]);
        await ledger.ShouldVerifyAsync();
    }

    private async Task RunAsync(string program, string login, params string[] arguments)
    {
        var server = new NpgsqlConnectionStringBuilder(login);
        var start = new ProcessStartInfo(Path.Combine(databases.BinaryDirectory, program))
        {
            RedirectStandardError = true,
            Environment =
            {
                ["PGHOST"] = server.Host,
                ["PGPORT"] = $"{server.Port}",
                ["PGUSER"] = server.Username,
                ["PGPASSWORD"] = server.Password,
            },
        };
        start.ArgumentList.Add($"--dbname={server.Database}");
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        process.ExitCode.ShouldBe(0, error);
    }
}
