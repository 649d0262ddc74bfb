using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

public sealed class ClockTests(Databases databases)
{
    private static readonly Instant Script = Instant.Parse("2026-02-04T10:00:00Z");

    [Fact]
    public async Task entries_are_recorded_at_the_clock_of_the_database()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var before = await NowAsync(login);

        var entry = (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>().Entry;

        entry.RecordedAt.ShouldBeGreaterThanOrEqualTo(before);
        entry.RecordedAt.ShouldBeLessThanOrEqualTo(await NowAsync(login));
    }

    [Fact]
    public async Task the_clock_is_read_after_the_lock_and_not_before_the_wait_for_it()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var before = await NowAsync(login);

        var outcome = (await ledger.InOneCommitAsync(login, Alone("k", Buy()))).ShouldHaveSingleItem();

        // InOneCommit holds the lock for at least 200 ms while the writer waits.
        var entry = outcome.ShouldBeOfType<Outcome.Recorded>().Entry;
        (entry.RecordedAt.Microseconds - before.Microseconds).ShouldBeGreaterThan(200_000);
    }

    [Fact]
    public async Task a_small_step_back_of_the_clock_is_bridged_by_microseconds()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var floor = await AheadAsync(login, "300 ms");

        var first = (await ledger.RecordAsync("a", Buy())).ShouldBeOfType<Outcome.Recorded>().Entry;
        var second = (await ledger.RecordAsync("b", Buy())).ShouldBeOfType<Outcome.Recorded>().Entry;

        first.RecordedAt.ShouldBe(floor.Plus(1));
        second.RecordedAt.ShouldBeGreaterThan(first.RecordedAt);
    }

    [Fact]
    public async Task a_clock_far_behind_stops_writing_and_says_so_until_it_is_right()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("before", Buy());
        var floor = await AheadAsync(login, "2 s");

        var stopped = (await ledger.SubmitAsync(Alone("k", Buy()))).ShouldBeOfType<SubmissionOutcome.ClockBehind>();
        var batch = await ledger.SubmitAsync(Batch("b", [Buy(), Buy()]));
        var replay = await ledger.RecordAsync("before", Buy());
        var refused = await ledger.RecordAsync("r", Buy() with { Asset = AssetId.Parse("BTC") });

        stopped.Newest.ShouldBe(floor);
        stopped.Clock.ShouldBeLessThan(floor);
        batch.ShouldBeOfType<SubmissionOutcome.ClockBehind>();
        replay.ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        refused.ShouldBeOfType<Outcome.Refused>();
        (await ledger.ReadAsync()).Head.Position.ShouldBe(6);
        await Task.Delay(2_000, TestContext.Current.CancellationToken);
        (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>();
    }

    [Fact]
    public async Task a_replayed_journal_takes_its_instants_from_the_script_strictly_increasing()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        Command opening = TestLedger.Opening(replayedClock: true);

        var opened = await ledger.RecordAsync(At(Batch("open", [opening, .. Registrations()]), Script));
        var next = await ledger.RecordAsync(At(Alone("next", Buy()), Script.Plus(5)));
        var later = await ledger.RecordAsync(At(Alone("later", Buy()), Script.Plus(60_000_000)));

        opened.Head.ReplayedClock.ShouldBeTrue();
        opened.Items.Select(item => ((Outcome.Recorded)item).Entry.RecordedAt).ShouldBe(
            Enumerable.Range(0, 5).Select(i => Script.Plus(i)));
        next.Head.RecordedAt.ShouldBe(Script.Plus(5));
        later.Head.RecordedAt.ShouldBe(Script.Plus(60_000_000));
        (await ledger.ReadAsync()).Head.ShouldBe(later.Head);
    }

    [Fact]
    public async Task a_replayed_journal_refuses_a_missing_or_repeated_script_but_knows_its_requests()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        Command opening = TestLedger.Opening(replayedClock: true);
        var open = At(Batch("open", [opening, .. Registrations()]), Script);
        await ledger.RecordAsync(open);

        var missing = await ledger.RecordAsync("k", Buy());
        var repeated = (await ledger.RecordAsync(At(Alone("k", Buy()), Script.Plus(4)))).Items[0];
        var inGroup = await Task.WhenAll(
            ledger.SubmitAsync(At(Alone("one", Buy()), Script.Plus(9))),
            ledger.SubmitAsync(At(Alone("two", Buy()), Script.Plus(9))));

        missing.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.ScriptedClockWrong);
        var refusal = repeated.ShouldBeOfType<Outcome.Refused>().Refusal;
        refusal.Code.ShouldBe(RefusalCode.ScriptedClockWrong);
        refusal.Numbers["newest"].ShouldBe(Script.Plus(4).ToString());
        inGroup.Select(outcome => ((SubmissionOutcome.Decided)outcome).Items[0]).OfType<Outcome.Recorded>()
            .ShouldHaveSingleItem().Entry.RecordedAt.ShouldBe(Script.Plus(9));
        (await ledger.RecordAsync(open)).Items.ShouldAllBe(item => ((Outcome.Recorded)item).Replayed);
        (await ledger.RecordAsync(open with { ScriptedRecordedAt = null })).Items.ShouldAllBe(
            item => ((Outcome.Recorded)item).Replayed);
    }

    [Fact]
    public async Task a_script_is_refused_by_a_journal_with_a_real_clock_from_its_first_entry_on()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());

        var opening = await ledger.RecordAsync(At(Alone("open", TestLedger.Opening()), Script));
        await ledger.OpenAsync();
        var later = await ledger.RecordAsync(At(Alone("k", Buy()), Script));

        opening.Items[0].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.ScriptedClockWrong);
        later.Items[0].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.ScriptedClockWrong);
    }

    [Fact]
    public async Task a_time_zone_that_does_not_exist_is_refused()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());

        var refused = await ledger.RecordAsync("open", TestLedger.Opening() with { TimeZone = "Mars/Olympus" });

        refused.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.TermsInvalid);
    }

    private static Submission At(Submission submission, Instant script) =>
        submission with { ScriptedRecordedAt = script };

    /// <summary>As if the newest entry had been recorded that much later than the database's clock says now.</summary>
    private static async Task<Instant> AheadAsync(string login, string interval) => Instant.Parse((
        await Database.AskAsync(login, $"""
        update ledger.heads set settled_at = clock_timestamp() + interval '{interval}'
        returning to_char(settled_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        """))!);

    private static async Task<Instant> NowAsync(string login) => Instant.Parse((await Database.AskAsync(
        login, """select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""))!);
}
