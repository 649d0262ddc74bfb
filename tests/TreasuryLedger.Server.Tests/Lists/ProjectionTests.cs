using System.Diagnostics;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>What the tables of lists have, whatever writers, nodes and events do.</summary>
public sealed class ProjectionTests(Databases databases)
{
    private static readonly JournalKey Other = JournalKey.Treasury("other", "side");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task an_append_held_open_while_ten_thousand_later_ones_commit_skips_nothing()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login, through: WithPatience);
        var tables = new ListTables(login, ledger.Pool);
        await ledger.OpenAsync();
        await ledger.OpenAsync(Other);
        using var worker = tables.NewWorker();
        await worker.StartAsync(Cancellation);

        // The writer has appended its event, numbers of the store included, and waits for the key of its index row.
        await using var holder = new NpgsqlConnection(login);
        await holder.OpenAsync(Cancellation);
        await using var held = await holder.BeginTransactionAsync(Cancellation);
        await holder.AskAsync(
            $"""
            insert into ledger.entries select tenant, journal, 6, 'held', payload_hash, 'held', event_type,
                effective_at, recorded_at, null, hash
            from ledger.entries where tenant = '{TestLedger.Tenant}' and position = 5
            """);
        var late = ledger.RecordAsync("late", TestLedger.Buy());
        await Task.Delay(500, Cancellation);
        foreach (var batch in Enumerable.Range(0, 10))
        {
            await ledger.RecordAsync(TestLedger.Batch($"many-{batch}", ListTables.Deposits(1_000), Other));
        }

        await tables.ReachAsync(Other, 10_005, TimeSpan.FromSeconds(30));
        (await tables.ProgressAsync(TestLedger.Main)).Position.ShouldBe(5);
        late.IsCompleted.ShouldBeFalse();
        await held.RollbackAsync(Cancellation);
        await late;
        await tables.ReachAsync(TestLedger.Main, 6, TimeSpan.FromSeconds(5));
        await worker.StopAsync(Cancellation);

        // Whoever followed the store's numbers would have passed it by.
        (await Database.AskAsync(
            login,
            $"""
            select seq_id < (select max(seq_id) - 9000 from journal.mt_events) from journal.mt_events
            where tenant_id = '{TestLedger.Tenant}' and version = 6
            """)).ShouldBe("True");
        await tables.ShouldHoldAsync(TestLedger.Main, await ledger.StoredAsync());
        await tables.ShouldHoldAsync(Other, await ledger.StoredAsync(Other));
    }

    [Fact]
    public async Task appends_that_are_rolled_back_every_tenth_time_stall_nothing()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var tables = new ListTables(login, ledger.Pool);
        await ledger.OpenAsync();
        using var worker = tables.NewWorker();
        await worker.StartAsync(Cancellation);
        var slowest = TimeSpan.Zero;
        for (var number = 0; number < 100; number++)
        {
            if (number % 10 == 0)
            {
                // Numbers that the store gave to events of a transaction that was rolled back.
                await Database.AskAsync(login, "begin; select nextval('journal.mt_events_sequence'); rollback");
            }

            await ledger.RecordAsync($"one-{number}", TestLedger.Buy());
            if (number % 10 == 0)
            {
                var took = await tables.ReachAsync(TestLedger.Main, 6 + number, TimeSpan.FromSeconds(5));
                slowest = took > slowest ? took : slowest;
            }
        }

        await tables.ReachAsync(TestLedger.Main, 105, TimeSpan.FromSeconds(5));
        await worker.StopAsync(Cancellation);
        await tables.ShouldHoldAsync(TestLedger.Main, await ledger.StoredAsync());
        slowest.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("data = jsonb_set(data, '{type}', '\"asset_teleported_v1\"')")]
    [InlineData("data = data - 'fact'")]
    [InlineData("data = jsonb_set(data, '{position}', '99')")]
    public async Task a_poison_event_stops_its_journal_within_five_seconds_and_nothing_else(string poison)
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var tables = new ListTables(login, ledger.Pool);
        await ledger.OpenAsync();
        await ledger.OpenAsync(Other);
        await ledger.RecordAsync(TestLedger.Batch("good", ListTables.Deposits(20)));
        await Database.AskAsync(
            Logins.Of(login).Owner,
            $"update journal.mt_events set {poison} where tenant_id = '{TestLedger.Tenant}' and version = 15");
        using var worker = tables.NewWorker();
        var watch = Stopwatch.StartNew();
        await worker.StartAsync(Cancellation);
        while ((await tables.ProgressAsync(TestLedger.Main)).StoppedAt is null)
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
            await Task.Delay(10, Cancellation);
        }

        var progress = await tables.ProgressAsync(TestLedger.Main);
        progress.Position.ShouldBe(14);
        progress.StoppedAt.ShouldBe(15);
        progress.Reason.ShouldNotBeNullOrEmpty();
        await ledger.RecordAsync(TestLedger.Batch("more", ListTables.Deposits(20), Other));
        await tables.ReachAsync(Other, 25, TimeSpan.FromSeconds(5));
        await worker.StopAsync(Cancellation);
        var behind = await ListWorker.BehindAsync(ledger.Pool, TestLedger.Tenant, Cancellation);
        ListWorker.StateOf(behind, TimeSpan.Zero).ShouldBe(new ListState(1, 11, 1, TimeSpan.Zero));
        (await ListWorker.BehindAsync(ledger.Pool, "other", Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_journal_that_stopped_goes_on_when_its_entry_can_be_applied()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var tables = new ListTables(login, ledger.Pool);
        await ledger.OpenAsync();
        await ledger.RecordAsync("one", TestLedger.Buy());
        // A row that is in the way: the database refuses the entry's own.
        await Database.AskAsync(
            login,
            $"insert into lists.movements values ('{TestLedger.Tenant}', 'treasury/main', 4, 0, 'held', 'x', 'y', 1)");

        var stopped = await tables.Projector.ApplyAsync(TestLedger.Main, 6, true, false, Cancellation);
        stopped!.Position.ShouldBe(3);
        stopped.StoppedAt.ShouldBe(4);
        (await tables.Projector.ApplyAsync(TestLedger.Main, 6, true, false, Cancellation))!.Position.ShouldBe(3);
        await Database.AskAsync(login, "delete from lists.movements where asset = 'y'");
        (await tables.Projector.ApplyAsync(TestLedger.Main, 6, true, retries: true, Cancellation))!.StoppedAt
            .ShouldBeNull();

        await tables.ShouldHoldAsync(TestLedger.Main, await ledger.StoredAsync());
    }

    [Fact]
    public async Task two_nodes_share_the_journals_and_one_that_dies_leaves_nothing_half_done()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await using var second = new TestLedger(login);
        var journals = Enumerable.Range(0, 4).Select(number => JournalKey.Treasury("acme", $"t{number}")).ToList();
        foreach (var journal in journals)
        {
            await ledger.OpenAsync(journal);
            await ledger.RecordAsync(TestLedger.Batch("load", ListTables.Deposits(3_000), journal));
        }

        var (here, there) = (new ListTables(login, ledger.Pool), new ListTables(login, second.Pool));
        using var one = here.NewWorker();
        using var two = there.NewWorker();
        await one.StartAsync(Cancellation);
        await two.StartAsync(Cancellation);
        // The first node's connections end without a word, while it is at work.
        await Task.Delay(150, Cancellation);
        using (var dead = new CancellationTokenSource())
        {
            await dead.CancelAsync();
            await one.StopAsync(dead.Token);
        }

        await Database.AskAsync(
            login,
            """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """);

        foreach (var journal in journals)
        {
            await there.ReachAsync(journal, 3_005, TimeSpan.FromSeconds(20));
        }

        await two.StopAsync(Cancellation);
        foreach (var journal in journals)
        {
            await there.ShouldHoldAsync(journal, await second.StoredAsync(journal));
        }
    }

    [Fact]
    public void every_event_has_its_movements()
    {
        foreach (var happened in Samples.Events)
        {
            var listed = ListRows.MovementsOf(happened).ToList();
            listed.Where(moved => moved.Side == MovementSide.Held)
                .Select(moved => new Movement(moved.Account!.Value, moved.Asset!.Value, moved.Units!.Value))
                .ShouldBe(Movements.Held(happened));
            listed.Count(moved => moved.Side == MovementSide.Owed).ShouldBe(Movements.Owed(happened).Length);
            listed.ShouldAllBe(moved => moved.Units != null || moved.Side != MovementSide.Held);
        }
    }

    /// <summary>Connections that wait for a lock as long as a test may last.</summary>
    private static string WithPatience(string app)
    {
        var patient = new NpgsqlConnectionStringBuilder(app);
        patient.Options += " -c lock_timeout=120s -c statement_timeout=120s";
        patient.CommandTimeout = 120;
        return patient.ConnectionString;
    }
}
