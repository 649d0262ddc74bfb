using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>
/// A large submission is stored in parts while the rest of it is decided, and is all or nothing like any other.
/// </summary>
public sealed class StoreAheadTests(Databases databases)
{
    private const int Count = (3 * Append.PartLength) + 7;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_batch_that_was_stored_in_parts_is_one_commit_that_verifies()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();

        var decided = await ledger.RecordAsync(Batch("b", Buys(Count)));

        decided.Head.Position.ShouldBe(5 + Count);
        decided.Hashes.ShouldAllBe(hash => hash != null);
        (await Database.AskAsync(login, "select count(distinct xmin::text) from ledger.entries where position > 5"))
            .ShouldBe("1");
        (await Database.AskAsync(login, "select count(*) from ledger.narrow where first > 5")).ShouldBe("4");
        (await Database.AskAsync(login, "select count(*) from ledger.texts")).ShouldBe($"{Count}");
        await ledger.ShouldVerifyAsync();
        (await ledger.ReadAsync()).Entries.Count.ShouldBe(5 + Count);
        await using var session = ledger.Documents.QuerySession(Tenant);
        var stored = await session.Events.FetchStreamAsync(Main.Journal, token: Cancellation);
        stored.Select(one => one.Version).ShouldBe(Enumerable.Range(1, 5 + Count).Select(position => (long)position));
        stored.Select(one => one.Sequence).ShouldBeInOrder(SortDirection.Ascending);
        foreach (var (one, entry) in stored.Zip(await ledger.StoredAsync()))
        {
            (one.TenantId, one.StreamKey, one.IsArchived).ShouldBe((Tenant, Main.Journal, false));
            (one.EventTypeName, one.Timestamp)
                .ShouldBe((EventNames.Of(entry.Event).Name, (DateTimeOffset)entry.RecordedAt.ToUtc()));
            Text(one.Data.ShouldBeAssignableTo<IStored>()!.Entry).ShouldBe(Text(entry));
        }

        (await session.Events.FetchStreamStateAsync(Main.Journal, Cancellation)).ShouldNotBeNull()
            .Version.ShouldBe(5 + Count);
        (await ledger.RecordAsync(Batch("b", Buys(Count)))).Items
            .ShouldAllBe(item => ((Outcome.Recorded)item).Replayed);
    }

    [Theory]
    [InlineData(Append.PartLength)]
    [InlineData(Count - 1)]
    public async Task one_refused_command_takes_back_what_was_stored_before_it(int index)
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var before = await Database.AskAsync(login, TableDigest);
        var commands = Buys(Count).ToArray();
        commands[index] = commands[index] with { Account = AccountId.Parse("nowhere") };

        var decided = await ledger.RecordAsync(Batch("b", commands));

        decided.Items[index].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.AccountUnknown);
        decided.Items[0].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.BatchRefused);
        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
        (await ledger.RecordAsync(Batch("b", Buys(Count)))).Head.Position.ShouldBe(5 + Count);
        await ledger.ShouldVerifyAsync();
    }

    [Fact]
    public async Task of_a_large_submission_that_is_not_atomic_the_refused_ones_are_left_out()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var commands = Buys(Count).Select((buy, i) =>
            i % 3 == 0 ? buy with { Account = AccountId.Parse("nowhere") } : buy);

        var decided = await ledger.RecordAsync(Batch("b", commands) with { Atomic = false });

        var recorded = decided.Items.OfType<Outcome.Recorded>().Select(item => item.Entry.Position).ToList();
        recorded.ShouldBe(Enumerable.Range(6, Count - ((Count + 2) / 3)).Select(position => (long)position));
        decided.Items.Index().ShouldAllBe(item => item.Index % 3 == 0 == (item.Item is Outcome.Refused));
        await ledger.ShouldVerifyAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_connection_that_breaks_at_its_commit_leaves_all_of_it_or_nothing(bool isRecorded)
    {
        var login = await databases.NewAsync();
        using var proxy = new Proxy(login);
        await using var ledger = new TestLedger(login, through: proxy.Through);
        await ledger.OpenAsync();

        proxy.Next = isRecorded ? Fault.AfterCommit : Fault.BeforeCommit;
        var outcome = await ledger.SubmitAsync(Batch("b", Buys(Count)));

        (outcome is SubmissionOutcome.Decided).ShouldBe(isRecorded);
        (await Database.AskAsync(login, "select count(*) from ledger.entries"))
            .ShouldBe(isRecorded ? $"{5 + Count}" : "5");
        var again = await ledger.RecordAsync(Batch("b", Buys(Count)));
        again.Items.ShouldAllBe(item => ((Outcome.Recorded)item).Replayed == isRecorded);
        again.Head.Position.ShouldBe(5 + Count);
        await ledger.ShouldVerifyAsync();
    }

    [Fact]
    public async Task a_connection_that_breaks_in_the_middle_leaves_nothing()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var before = await Database.AskAsync(login, TableDigest);
        await using var other = new NpgsqlConnection(login);
        await other.OpenAsync(Cancellation);
        await using var blocking = await other.BeginTransactionAsync(Cancellation);
        const int inSecondPart = Append.PartLength + 9;
        await other.AskAsync(
            $"insert into ledger.texts values ('acme', 'treasury/main', {inSecondPart}, 'reason', '', '', null)");

        var answer = ledger.SubmitAsync(Batch("b", Buys(Count)));
        while (await Database.AskAsync(
            login,
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where wait_event_type = 'Lock' and datname = current_database()
            """) != "True")
        {
            await Task.Delay(10, Cancellation);
        }

        (await answer.WaitAsync(TimeSpan.FromSeconds(20), Cancellation))
            .ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        await blocking.RollbackAsync(Cancellation);
        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
        (await ledger.RecordAsync(Batch("b", Buys(Count)))).Items
            .ShouldAllBe(item => !((Outcome.Recorded)item).Replayed);
        await ledger.ShouldVerifyAsync();
    }

    [Theory]
    [InlineData("update journal.mt_streams set version = 4")]
    [InlineData("update journal.mt_streams set is_archived = true")]
    [InlineData("delete from journal.mt_streams")]
    public async Task a_stream_that_does_not_end_where_the_head_stands_takes_nothing_of_a_batch(string change)
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await Database.AskAsync(login, change);
        var before = await Database.AskAsync(login, TableDigest);

        (await ledger.SubmitAsync(Batch("b", Buys(Count)))).ShouldBeOfType<SubmissionOutcome.NotRecorded>();

        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
    }

    [Fact]
    public async Task a_part_that_the_database_refuses_refuses_all_of_it()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await Database.AskAsync(
            login, "insert into ledger.texts values ('acme', 'treasury/main', 10, 'reason', '', '', null)");
        var before = await Database.AskAsync(login, TableDigest);

        (await ledger.SubmitAsync(Batch("b", Buys(Count)))).ShouldBeOfType<SubmissionOutcome.NotRecorded>();

        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
        (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(6);
    }

    private static IEnumerable<AcquireAsset> Buys(int count) =>
        Enumerable.Range(0, count).Select(i => Buy(fact: $"binance:{i}", reason: "why"));
}
