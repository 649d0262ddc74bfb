using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>
/// A writer asks the database only about keys that it may have; these tests hold that it never misses one.
/// </summary>
public sealed class KnownKeysTests(Databases databases)
{
    [Fact]
    public async Task a_request_that_another_process_recorded_meanwhile_is_answered_again()
    {
        var database = await databases.NewAsync();
        await using var here = new TestLedger(database);
        await using var there = new TestLedger(database);
        await here.OpenAsync();
        await there.RecordAsync("buy-0", Buy());
        var first = (await here.RecordAsync("buy-1", Buy())).ShouldBeOfType<Outcome.Recorded>();

        var again = (await there.RecordAsync("buy-1", Buy())).ShouldBeOfType<Outcome.Recorded>();

        again.Replayed.ShouldBeTrue();
        again.Entry.Position.ShouldBe(first.Entry.Position);
    }

    [Fact]
    public async Task after_a_restart_the_first_request_can_be_a_repetition()
    {
        var database = await databases.NewAsync();
        await using (var before = new TestLedger(database))
        {
            await before.OpenAsync();
            await before.RecordAsync("buy-1", Buy(reason: "rebalancing"));
        }

        await using var after = new TestLedger(database);
        var again = (await after.RecordAsync("buy-1", Buy(reason: "rebalancing"))).ShouldBeOfType<Outcome.Recorded>();

        again.Replayed.ShouldBeTrue();
        (await after.ReadAsync()).Entries.Count.ShouldBe(6);
    }

    [Fact]
    public async Task a_key_stays_known_within_the_process_that_recorded_it()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        await ledger.RecordAsync("buy-1", Buy());

        (await ledger.RecordAsync("buy-1", Buy())).ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        (await ledger.RecordAsync("buy-1", Buy("2"))).ShouldBeOfType<Outcome.Refused>();
    }

    /// <summary>One purchase was once recorded twice: alone, and as a batch of one under the same key.</summary>
    [Fact]
    public async Task a_key_of_a_command_alone_is_not_free_for_a_batch_and_the_other_way_round()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        await ledger.RecordAsync("alone", Buy());
        await ledger.RecordAsync(Batch("batch", [Buy()]));

        var asBatch = (await ledger.RecordAsync(Batch("alone", [Buy()]))).Items.ShouldHaveSingleItem();
        var asOne = await ledger.RecordAsync("batch", Buy());

        asBatch.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.IdempotencyKeyReused);
        asOne.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.IdempotencyKeyReused);
    }

    [Fact]
    public async Task a_script_cannot_lie_in_the_future()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var opening = Alone("open", TestLedger.Opening(replayedClock: true)) with { ScriptedRecordedAt = Instant.Max };

        var refused = (await ledger.RecordAsync(opening)).Items.ShouldHaveSingleItem();

        refused.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.ScriptedClockWrong);
    }
}
