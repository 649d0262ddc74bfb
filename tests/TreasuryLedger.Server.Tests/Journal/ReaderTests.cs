using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

public sealed class ReaderTests(Databases databases)
{
    private static readonly Instant Script = Instant.Parse("2026-02-04T10:00:00Z");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task an_omitted_known_at_is_the_newest_settled_instant()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var head = (await ledger.RecordAsync(Alone("k", Buy()))).Head;

        var view = await ledger.ReadAsync();

        view.Head.ShouldBe(head);
        view.KnownAt.ShouldBe(head.RecordedAt);
    }

    [Fact]
    public async Task known_at_an_instant_are_the_entries_recorded_at_or_before_it_with_the_hash_of_then()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var then = (await ledger.RecordAsync(Alone("a", Buy()))).Head;
        await ledger.RecordAsync("b", Buy());

        var at = await ledger.ReadAsync(knownAt: then.RecordedAt);
        var justBefore = await ledger.ReadAsync(knownAt: then.RecordedAt.Plus(-1));
        var beforeAll = await ledger.ReadAsync(knownAt: Day);

        at.Head.ShouldBe(then);
        at.Entries.Count.ShouldBe(6);
        justBefore.Head.Position.ShouldBe(5);
        beforeAll.Head.Position.ShouldBe(0);
        beforeAll.Head.Hash.ShouldBe(Convert.ToHexStringLower(HashChain.Origin(Tenant, "treasury/main")));
    }

    [Fact]
    public async Task a_known_at_in_the_future_is_refused_with_the_latest_that_can_be_asked()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();

        var future = await ledger.Reader.ReadAsync(Main, Instant.Parse("2090-01-01T00:00:00Z"), 0, Cancellation);

        var latest = future.ShouldBeOfType<ReadOutcome<JournalView>.KnownAtInFuture>().Latest;
        (await ledger.ReadAsync(knownAt: latest)).Head.Position.ShouldBe(5);
    }

    [Fact]
    public async Task after_an_answer_nothing_is_recorded_at_or_before_its_instant()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var answered = (await ledger.ReadAsync()).Head.RecordedAt.Plus(1_000);
        await Task.Delay(5, Cancellation);
        (await ledger.ReadAsync(knownAt: answered)).Head.Position.ShouldBe(5);

        // The worst clock that is still taken: 500 ms behind the instant of the answer.
        await Database.AskAsync(login, "update ledger.heads set settled_at = clock_timestamp() + interval '400 ms'");
        var settled = Instant.Parse((await Database.AskAsync(login,
            """select to_char(settled_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') from ledger.heads"""))!);
        var later = (await ledger.RecordAsync(Alone("k", Buy()))).Head;

        later.RecordedAt.ShouldBeGreaterThan(settled);
        (await ledger.ReadAsync(knownAt: settled)).Head.Position.ShouldBe(5);
    }

    [Fact]
    public async Task a_read_waits_for_the_commit_that_could_still_change_its_answer()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await using var holder = new Npgsql.NpgsqlConnection(login);
        await holder.OpenAsync(Cancellation);
        await using var commit = await holder.BeginTransactionAsync(Cancellation);
        await holder.AskAsync("select count(*) from (select from ledger.heads for update) held");
        await Task.Delay(5, Cancellation);

        var settled = (await ledger.ReadAsync()).Head.RecordedAt;
        var atNow = ledger.ReadAsync(knownAt: settled.Plus(2_000));
        await Task.Delay(200, Cancellation);
        atNow.IsCompleted.ShouldBeFalse();
        await commit.RollbackAsync(Cancellation);

        (await atNow).Head.Position.ShouldBe(5);
    }

    [Fact]
    public async Task a_reader_sees_what_another_process_recorded_and_can_ask_for_a_position()
    {
        var login = await databases.NewAsync();
        await using var writing = new TestLedger(login);
        await using var reading = new TestLedger(login);
        await writing.OpenAsync();
        (await reading.ReadAsync()).Entries.Count.ShouldBe(5);

        var head = (await writing.RecordAsync(Batch("b", Enumerable.Range(0, 100).Select(_ => Buy())))).Head;

        var view = (await reading.Reader.ReadAsync(Main, null, head.Position, Cancellation))
            .ShouldBeOfType<ReadOutcome<JournalView>.Found>().View;
        view.Entries.Count.ShouldBe(105);
        (await reading.Reader.ReadAsync(Main, null, 106, Cancellation))
            .ShouldBeOfType<ReadOutcome<JournalView>.PositionNotReached>().Position.ShouldBe(105);
    }

    [Fact]
    public async Task an_earlier_view_does_not_change_when_the_journal_grows()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var before = await ledger.ReadAsync();
        var bytes = NarrowBlock.Write(Main, before.Entries);

        await ledger.RecordAsync(Batch("b", Enumerable.Range(0, 500).Select(_ => Buy())));
        await ledger.ReadAsync();

        before.Entries.Count.ShouldBe(5);
        NarrowBlock.Write(Main, before.Entries).ShouldBe(bytes);
    }

    [Fact]
    public async Task a_journal_that_was_not_opened_is_not_found()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.RecordAsync("k", Buy());

        (await ledger.Reader.ReadAsync(Main, null, 0, Cancellation))
            .ShouldBeOfType<ReadOutcome<JournalView>.NotOpened>();
        (await ledger.Reader.ReadTreasuryAsync(Tenant, "main", null, 0, Cancellation))
            .ShouldBeOfType<ReadOutcome<TreasuryView>.NotOpened>();
    }

    [Fact]
    public async Task a_treasury_and_its_books_are_known_at_one_instant()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var book = JournalKey.Prices(Tenant, "main");
        await ledger.RecordAsync(Alone("open", new OpenBook { EffectiveAt = Day, Name = "Prices" }, book));
        await ledger.OpenAsync();
        var then = (await ledger.ReadAsync()).Head.RecordedAt;
        var price = (await ledger.RecordAsync(Alone("price", Price("3000"), book))).Head;

        var newest = await TreasuryAsync(ledger, null);
        var before = await TreasuryAsync(ledger, then);
        await ledger.RecordAsync("later", Buy());
        await ledger.RecordAsync(Alone("later", Price("3001"), book));

        newest.KnownAt.ShouldBe(price.RecordedAt);
        newest.Prices.Head.ShouldBe(price);
        newest.Treasury.Head.Position.ShouldBe(5);
        newest.Markets.Head.Position.ShouldBe(0);
        newest.Prices.KnownAt.ShouldBe(newest.Treasury.KnownAt);
        before.Prices.Head.Position.ShouldBe(1);
        foreach (var (view, knownAt) in new[] { (newest, newest.KnownAt), (before, then) })
        {
            var again = await TreasuryAsync(ledger, knownAt);
            again.Treasury.Head.ShouldBe(view.Treasury.Head);
            again.Prices.Head.ShouldBe(view.Prices.Head);
        }
    }

    [Fact]
    public async Task books_stay_in_memory_while_journals_grow_and_follow_them_before_anybody_asks()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var books = (await TreasuryAsync(ledger, null)).Books;
        await ledger.Reader.RefreshBooksAsync(Cancellation);
        var book = JournalKey.Prices(Tenant, "main");
        await ledger.RecordAsync(Alone("open", new OpenBook { EffectiveAt = Day, Name = "Prices" }, book));
        await ledger.RecordAsync(Alone("price", Price("3000"), book));
        await ledger.RecordAsync("buy", Buy());

        await ledger.Reader.RefreshBooksAsync(Cancellation);

        (books.Log.Count, books.Prices.Position).ShouldBe((6, 2));
        books.CheckpointCount.ShouldBeGreaterThan(0);
        var after = await TreasuryAsync(ledger, null);
        after.Books.ShouldBeSameAs(books);
        after.At(Day).State.Balances().Length.ShouldBe(2);
    }

    [Fact]
    public async Task a_book_that_was_read_beside_a_treasury_takes_no_script_before_that_instant_any_more()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var book = JournalKey.Prices(Tenant, "main");
        Command opening = TestLedger.Opening(replayedClock: true);
        var openBook = new OpenBook { EffectiveAt = Day, Name = "Prices", ReplayedClock = true };
        await ledger.RecordAsync(Batch("open", [opening, .. Registrations()]) with { ScriptedRecordedAt = Script });
        await ledger.RecordAsync(
            Alone("open", openBook, book) with { ScriptedRecordedAt = Script.Plus(-60_000_000) });
        (await TreasuryAsync(ledger, null)).Prices.Head.Position.ShouldBe(1);

        var before = await ledger.RecordAsync(
            Alone("price", Price("3000"), book) with { ScriptedRecordedAt = Script.Plus(-1_000_000) });
        var after = await ledger.RecordAsync(
            Alone("price", Price("3000"), book) with { ScriptedRecordedAt = Script.Plus(1_000_000) });

        before.Items[0].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.ScriptedClockWrong);
        after.Items[0].ShouldBeOfType<Outcome.Recorded>();
        (await TreasuryAsync(ledger, null)).Prices.Head.Position.ShouldBe(1);
    }

    [Fact]
    public async Task of_a_replayed_journal_nothing_can_be_asked_beyond_its_script()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        Command opening = TestLedger.Opening(replayedClock: true);
        await ledger.RecordAsync(Batch("open", [opening, .. Registrations()]) with { ScriptedRecordedAt = Script });

        var beyond = await ledger.Reader.ReadAsync(Main, Script.Plus(5), 0, Cancellation);

        beyond.ShouldBeOfType<ReadOutcome<JournalView>.KnownAtInFuture>().Latest.ShouldBe(Script.Plus(4));
    }

    private static RecordPrice Price(string price) => new()
    {
        EffectiveAt = Day,
        Asset = AssetId.Parse("ETH"),
        Currency = AssetId.Parse("USD"),
        Price = ExactDecimal.Parse(price),
    };

    private static async Task<TreasuryView> TreasuryAsync(TestLedger ledger, Instant? knownAt) =>
        (await ledger.Reader.ReadTreasuryAsync(Tenant, "main", knownAt, 0, Cancellation))
        .ShouldBeOfType<ReadOutcome<TreasuryView>.Found>().View;
}
