using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

public sealed class BatchTests(Databases databases)
{
    [Fact]
    public async Task a_batch_of_ten_thousand_is_one_commit_and_its_replay_records_nothing()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var batch = Batch("b", Enumerable.Range(0, 10_000).Select(i => Buy(fact: $"binance:{i}")));

        var first = await ledger.RecordAsync(batch);
        var again = await ledger.RecordAsync(batch);

        first.Items.Length.ShouldBe(10_000);
        first.Items.Select((item, i) => ((Outcome.Recorded)item).Entry).ShouldAllBe(entry =>
            entry.IdempotencyKey == $"b#{entry.Position - 6}"
            && entry.Fact.ToString() == $"binance:{entry.Position - 6}");
        first.Head.Position.ShouldBe(10_005);
        again.Head.ShouldBe(first.Head);
        again.Items.ShouldAllBe(item => ((Outcome.Recorded)item).Replayed);
        (await ledger.ReadAsync()).Entries.Count.ShouldBe(10_005);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_001)]
    public async Task a_batch_of_a_wrong_size_is_refused(int size)
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();

        var decided = await ledger.RecordAsync(Batch("b", Enumerable.Repeat<Command>(Buy(), size)));

        var refused = decided.Items.ShouldHaveSingleItem().ShouldBeOfType<Outcome.Refused>();
        refused.Refusal.Code.ShouldBe(RefusalCode.BatchSizeOutOfRange);
        refused.Refusal.Numbers["commandsMax"].ShouldBe("10000");
        decided.Head.Position.ShouldBe(5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task one_refused_command_stops_an_atomic_batch_and_is_named(int index)
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var before = await Database.AskAsync(login, TableDigest);
        var commands = Enumerable.Range(0, 4).Select(i => Buy(fact: $"binance:{i}", reason: "why")).ToArray();
        commands[index] = commands[index] with { Account = AccountId.Parse("nowhere") };

        var refused = await ledger.RecordAsync(Batch("b", commands));

        refused.Items.Length.ShouldBe(4);
        for (var i = 0; i < 4; i++)
        {
            var refusal = refused.Items[i].ShouldBeOfType<Outcome.Refused>().Refusal;
            refusal.Code.ShouldBe(i == index ? RefusalCode.AccountUnknown : RefusalCode.BatchRefused);
            refusal.Numbers["index"].ShouldBe($"{index}");
        }

        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
        commands[index] = Buy(fact: "binance:right");
        (await ledger.RecordAsync(Batch("b", commands))).Head.Position.ShouldBe(9);
    }

    [Fact]
    public async Task commands_of_a_batch_see_those_before_them()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var account = new RegisterAccount
        {
            EffectiveAt = Day,
            Account = AccountId.Parse("second"),
            Kind = AccountKind.Wallet,
            Venue = "own",
        };

        var decided = await ledger.RecordAsync(Batch("b", [account, Buy() with { Account = account.Account }]));

        decided.Items.ShouldAllBe(item => item is Outcome.Recorded);
    }

    [Fact]
    public async Task a_longer_batch_under_the_key_of_a_shorter_one_is_another_request()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        await ledger.RecordAsync(Batch("b", [Buy("1"), Buy("2")]));

        var longer = await ledger.RecordAsync(Batch("b", [Buy("1"), Buy("2"), Buy("3")]));
        var shorter = await ledger.RecordAsync(Batch("b", [Buy("1")]));

        longer.Items[0].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.IdempotencyKeyReused);
        shorter.Items[0].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.IdempotencyKeyReused);
        shorter.Head.Position.ShouldBe(7);
    }

    [Fact]
    public async Task without_atomic_each_command_of_a_submission_is_decided_alone()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var unknown = Buy() with { Account = AccountId.Parse("nowhere") };

        var decided = await ledger.RecordAsync(Batch("b", [Buy(), unknown, Buy()]) with { Atomic = false });

        decided.Items[0].ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(6);
        decided.Items[1].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.AccountUnknown);
        decided.Items[2].ShouldBeOfType<Outcome.Recorded>().Entry.IdempotencyKey.ShouldBe("b#2");
    }

    [Fact]
    public async Task a_refused_submission_in_a_group_does_not_hurt_the_others()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        var unknown = Buy() with { Account = AccountId.Parse("nowhere") };

        var outcomes = await ledger.InOneCommitAsync(
            login, Alone("a", Buy()), Alone("b", unknown), Batch("c", [Buy(), unknown]), Alone("d", Buy()));

        outcomes[0].ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(6);
        outcomes[1].ShouldBeOfType<Outcome.Refused>();
        outcomes[2].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.BatchRefused);
        outcomes[3].ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(7);
    }

    [Fact]
    public async Task what_the_database_refuses_to_store_does_not_hurt_the_others_of_its_group()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await Database.AskAsync(
            login, "alter table ledger.texts add constraint broken_on_purpose check (text <> 'poison')");

        var answers = await ledger.InOneCommitOutcomesAsync(
            login, Alone("a", Buy()), Alone("b", Buy(reason: "poison")), Alone("c", Buy(reason: "fine")));

        answers[0].ShouldBeOfType<SubmissionOutcome.Decided>();
        answers[1].ShouldBeOfType<SubmissionOutcome.NotRecorded>();
        answers[2].ShouldBeOfType<SubmissionOutcome.Decided>();
        (await ledger.StoredAsync()).Select(entry => entry.IdempotencyKey).Skip(5).ShouldBe(["a", "c"]);
    }

    [Fact]
    public async Task a_dry_run_says_what_would_be_and_leaves_no_trace()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("before", Buy());
        var before = await Database.AskAsync(login, TableDigest);

        var alone = await ledger.RecordAsync(Alone("k", Buy(reason: "why")) with { DryRun = true });
        var batch = await ledger.RecordAsync(Batch("b", [Buy(), Buy()]) with { DryRun = true });
        var refused = await ledger.RecordAsync(
            Alone("r", Buy() with { Account = AccountId.Parse("nowhere") }) with { DryRun = true });
        var replay = await ledger.RecordAsync(Alone("before", Buy()) with { DryRun = true });

        alone.Items[0].ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(7);
        alone.Head.Position.ShouldBe(6);
        batch.Items[1].ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(8);
        refused.Items[0].ShouldBeOfType<Outcome.Refused>();
        replay.Items[0].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        (await Database.AskAsync(login, TableDigest)).ShouldBe(before);
        (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(7);
    }

    [Fact]
    public async Task a_dry_run_beside_others_in_one_commit_leaves_no_trace_between_them()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();

        var outcomes = await ledger.InOneCommitAsync(
            login,
            Alone("a", Buy()),
            Alone("b", Buy()) with { DryRun = true },
            Alone("b", Buy("2")),
            Alone("c", Buy()));

        outcomes.Select(outcome => ((Outcome.Recorded)outcome).Entry.Position).ShouldBe([6, 7, 7, 8]);
        (await ledger.StoredAsync()).Select(entry => entry.IdempotencyKey).Skip(5).ShouldBe(["a", "b", "c"]);
    }
}
