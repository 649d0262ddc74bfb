using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>
/// One batch stores a commit; what it stores is the event store's own, and its fences are in the database.
/// </summary>
public sealed class AppendTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task what_the_writer_appends_is_read_by_a_session_of_the_event_store()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        await ledger.RecordAsync("k", Buy(reason: "a reason"));

        await using var session = ledger.Documents.QuerySession(Tenant);
        var events = await session.Events.FetchStreamAsync(Main.Journal, token: Cancellation);
        var stream = await session.Events.FetchStreamStateAsync(Main.Journal, Cancellation);

        var entries = await ledger.StoredAsync();
        events.Count.ShouldBe(6);
        stream.ShouldNotBeNull().Version.ShouldBe(6);
        stream.IsArchived.ShouldBeFalse();
        events.Select(one => one.Version).ShouldBe([1, 2, 3, 4, 5, 6]);
        events.Select(one => one.Sequence).ShouldBeInOrder(SortDirection.Ascending);
        events.Select(one => one.Id).ShouldBeUnique();
        foreach (var (one, entry) in events.Zip(entries))
        {
            one.EventTypeName.ShouldBe(EventNames.Of(entry.Event).Name);
            one.Timestamp.ShouldBe(entry.RecordedAt.ToUtc());
            one.TenantId.ShouldBe(Tenant);
            one.StreamKey.ShouldBe(Main.Journal);
            Text(one.Data.ShouldBeAssignableTo<IStored>()!.Entry).ShouldBe(Text(entry));
        }

        await using var others = ledger.Documents.QuerySession("somebody-else");
        (await others.Events.FetchStreamAsync(Main.Journal, token: Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task a_stream_that_does_not_end_where_the_head_stands_takes_nothing_more()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await Database.AskAsync(login, "update journal.mt_streams set version = 4");
        var before = await Database.AskAsync(login, TableDigest);

        (await ledger.SubmitAsync(Alone("k", Buy()))).ShouldBeOfType<SubmissionOutcome.NotRecorded>();

        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
    }

    [Fact]
    public async Task a_commit_on_a_head_that_has_moved_is_refused_whole()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var before = await Database.AskAsync(login, TableDigest);
        await using var connection = await ledger.Pool.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var head = (await HeadLock.TakeAsync(connection, Main)).Head;
        await connection.AskAsync("update ledger.heads set position = 7");
        var accepted = new AcceptedEntry(Samples.FullEntry(Samples.Events[0], 6), Reason: null);

        var refused = await Should.ThrowAsync<PostgresException>(
            () => new Append(Main, head, [accepted]).CommitAsync(transaction, replayedClock: false));

        Append.IsSurelyNotCommitted(refused).ShouldBeTrue();
        await transaction.RollbackAsync(Cancellation);
        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
    }

    [Fact]
    public async Task a_commit_that_the_database_is_told_to_cancel_is_looked_for_and_found_absent_at_once()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await using var other = new NpgsqlConnection(login);
        await other.OpenAsync(Cancellation);
        await using var blocking = await other.BeginTransactionAsync(Cancellation);
        await other.AskAsync("insert into ledger.texts values ('acme', 'treasury/main', 6, 'reason', '', '', null)");

        var answer = ledger.SubmitAsync(Alone("k", Buy(reason: "waits for the row of the other")));
        var cancelled = "f";
        while (cancelled != "True")
        {
            cancelled = await Database.AskAsync(
                login,
                """
                select pg_cancel_backend(pid) from pg_stat_activity
                where wait_event_type = 'Lock' and datname = current_database()
                """);
        }

        (await answer.WaitAsync(TimeSpan.FromSeconds(5), Cancellation))
            .ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        await blocking.RollbackAsync(Cancellation);
        (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
        await ledger.ShouldVerifyAsync();
    }

    [Fact]
    public async Task each_answer_of_a_commit_has_the_hash_that_its_entry_has_in_the_chain()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("before", Buy());

        var batch = Batch("batch", [Buy("1"), Buy("2")]);
        var outcomes = await ledger.InOneCommitOutcomesAsync(
            login, Alone("k", Buy()), Alone("before", Buy()), batch, batch, batch with
            {
                IdempotencyKey = "only-asked",
                DryRun = true,
            });

        var hashes = await JournalRows.HashesAsync(ledger.Pool, Main, [7, 8, 9], Cancellation);
        outcomes.Select(outcome => outcome.ShouldBeOfType<SubmissionOutcome.Decided>().Hashes.ToArray()).ShouldBe(
            [[hashes[7]], [null], [hashes[8], hashes[9]], [hashes[8], hashes[9]], []]);
    }
}
