using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

public sealed class IdempotencyTests(Databases databases)
{
    private const string NamesJane =
        """
        select count(*) from (
            select e::text as line from journal.mt_events e union all select e::text from ledger.entries e
            union all select t::text from ledger.texts t union all select h::text from ledger.heads h
            union all select s::text from journal.mt_streams s) stored
        where line like '%Jane%'
        """;

    [Fact]
    public async Task the_same_request_gets_the_first_answer_again_marked_as_a_replay()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var first = (await ledger.RecordAsync("k", Buy("1.50"))).ShouldBeOfType<Outcome.Recorded>();
        await ledger.RecordAsync("other", Buy());

        var again = await ledger.RecordAsync("k", Buy("1.5") with
        {
            EffectiveAt = Instant.Parse("2026-02-01T01:00:00+01:00"),
            Mode = EntryMode.Observation,
            Fees = [],
        });

        var replayed = again.ShouldBeOfType<Outcome.Recorded>();
        replayed.Replayed.ShouldBeTrue();
        Text(replayed.Entry).ShouldBe(Text(first.Entry));
        (await ledger.ReadAsync()).Head.Position.ShouldBe(7);
    }

    [Fact]
    public async Task a_replay_is_known_to_another_process_and_after_a_restart()
    {
        var login = await databases.NewAsync();
        await using var one = new TestLedger(login);
        await using var two = new TestLedger(login);
        await one.OpenAsync();
        var first = (await one.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>();

        var again = (await two.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>();

        again.Replayed.ShouldBeTrue();
        Text(again.Entry).ShouldBe(Text(first.Entry));
    }

    [Theory]
    [InlineData("quantity")]
    [InlineData("instant")]
    [InlineData("command")]
    [InlineData("reason")]
    [InlineData("reason removed")]
    public async Task another_payload_under_the_same_key_is_refused_with_the_first_position(string change)
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        await ledger.RecordAsync("k", Buy(reason: "because"));
        Command other = change switch
        {
            "quantity" => Buy("1.51", reason: "because"),
            "instant" => Buy(reason: "because") with { EffectiveAt = Day.Plus(1) },
            "reason" => Buy(reason: "because of Jane"),
            "reason removed" => Buy(),
            _ => new ReceiveYield
            {
                EffectiveAt = Day,
                Account = AccountId.Parse("exchange"),
                Asset = AssetId.Parse("ETH"),
                Quantity = ExactDecimal.Parse("1.5"),
                Reason = "because",
            },
        };

        var refused = (await ledger.RecordAsync("k", other)).ShouldBeOfType<Outcome.Refused>();

        refused.Refusal.Code.ShouldBe(RefusalCode.IdempotencyKeyReused);
        refused.Refusal.Numbers["position"].ShouldBe("6");
        (await ledger.ReadAsync()).Head.Position.ShouldBe(6);
    }

    [Fact]
    public async Task a_request_is_recognized_after_its_text_was_erased_and_nothing_of_the_text_is_left()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("k", Buy(reason: "bought for Jane Doe"));
        (await Database.AskAsync(login, NamesJane)).ShouldBe("1");

        await using var owner = Npgsql.NpgsqlDataSource.Create(Logins.Of(login).Owner);
        (await Texts.EraseAsync(owner, Main, 6, TestContext.Current.CancellationToken)).ShouldBeTrue();

        (await Database.AskAsync(login, NamesJane)).ShouldBe("0");
        (await ledger.RecordAsync("k", Buy(reason: "bought for Jane Doe")))
            .ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        (await Texts.EraseAsync(owner, Main, 6, TestContext.Current.CancellationToken)).ShouldBeFalse();
    }

    [Fact]
    public async Task added_evidence_and_opened_breaks_are_first_answers_too()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        await ledger.RecordAsync("webhook", Buy(fact: "binance:1"));

        var alike = Buy(fact: "binance:1");
        var different = Buy("2", fact: "binance:1");
        var evidence = (await ledger.RecordAsync("file", alike)).ShouldBeOfType<Outcome.EvidenceAdded>();
        var opened = (await ledger.RecordAsync("chain", different)).ShouldBeOfType<Outcome.BreakOpened>();

        evidence.Fact.ShouldBe(6);
        opened.Fact.ShouldBe(6);
        (await ledger.RecordAsync("file", alike)).ShouldBe(evidence with { Replayed = true });
        var again = (await ledger.RecordAsync("chain", different)).ShouldBeOfType<Outcome.BreakOpened>();
        (again.Fact, again.Replayed, Text(again.Entry)).ShouldBe((6, true, Text(opened.Entry)));
        (await ledger.ReadAsync()).Head.Position.ShouldBe(8);
    }

    [Fact]
    public async Task a_refusal_and_a_dry_run_leave_the_key_free()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        var unknown = Buy() with { Asset = AssetId.Parse("BTC") };

        (await ledger.RecordAsync("k", unknown)).ShouldBeOfType<Outcome.Refused>();
        (await ledger.RecordAsync(Alone("k", Buy("2")) with { DryRun = true }))
            .Items[0].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();

        (await ledger.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
    }

    [Fact]
    public async Task a_thousand_times_the_same_request_at_once_is_one_entry()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => ledger.RecordAsync("k", Buy())));
        var others = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => ledger.RecordAsync("k", Buy("2"))));

        outcomes.Cast<Outcome.Recorded>().Count(outcome => !outcome.Replayed).ShouldBe(1);
        var first = outcomes.Cast<Outcome.Recorded>().Select(outcome => Text(outcome.Entry)).Distinct()
            .ShouldHaveSingleItem();
        others.Cast<Outcome.Refused>().Select(other => other.Refusal.Code).Distinct()
            .ShouldBe([RefusalCode.IdempotencyKeyReused]);
        await using var restarted = new TestLedger(login);
        var again = (await restarted.RecordAsync("k", Buy())).ShouldBeOfType<Outcome.Recorded>();
        (again.Replayed, Text(again.Entry)).ShouldBe((true, first));
        (await restarted.ReadAsync()).Head.Position.ShouldBe(6);
    }

    [Fact]
    public async Task a_request_is_known_again_when_the_clock_is_thirty_days_on()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var (first, later) = (Day, Day.Plus(30L * 24 * 60 * 60 * 1_000_000));
        await ledger.RecordAsync(At("opening", first, [TestLedger.Opening(replayedClock: true), .. Registrations()]));
        var told = await ledger.RecordAsync(At("k", first.Plus(1_000), [Buy()]));
        await ledger.RecordAsync(At("month-later", later, [Buy()]));

        await using var restarted = new TestLedger(login);
        var again = await restarted.RecordAsync(At("k", later.Plus(1_000), [Buy()]));
        var other = await restarted.RecordAsync(At("k", later.Plus(1_000), [Buy("2")]));

        again.Items[0].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        Text(((Outcome.Recorded)again.Items[0]).Entry).ShouldBe(Text(((Outcome.Recorded)told.Items[0]).Entry));
        other.Items[0].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.IdempotencyKeyReused);
        (await restarted.ReadAsync()).Head.Position.ShouldBe(7);
        static Submission At(string key, Instant recordedAt, IEnumerable<Command> commands) =>
            Batch(key, commands) with { ScriptedRecordedAt = recordedAt };
    }

    [Fact]
    public async Task one_key_with_two_payloads_in_one_commit_records_the_first_and_refuses_the_second()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();

        var outcomes = await ledger.InOneCommitAsync(
            login, Alone("k", Buy()), Alone("k", Buy("2")), Alone("k", Buy()), Alone("l", Buy()));

        outcomes[0].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
        outcomes[1].ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe(RefusalCode.IdempotencyKeyReused);
        outcomes[2].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        outcomes[3].ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(7);
    }

    [Fact]
    public async Task the_same_key_in_another_journal_or_tenant_is_another_request()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var journals = new[] { Main, JournalKey.Treasury(Tenant, "other"), JournalKey.Treasury("zenith", "main") };

        foreach (var journal in journals)
        {
            await ledger.OpenAsync(journal);
            var decided = await ledger.RecordAsync(Alone("k", Buy(), journal));
            decided.Items[0].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeFalse();
            decided.Head.Position.ShouldBe(6);
        }

        foreach (var journal in journals)
        {
            (await ledger.ReadAsync(journal)).Entries.Count.ShouldBe(6);
        }
    }

    /// <summary>Payload hashes are stored for ever: a command must have the same one in every later version.</summary>
    [Fact]
    public void the_hash_of_a_known_payload_never_changes()
    {
        PayloadHash.Of(Buy(fact: "binance:1", reason: "not in it"), 0).ShouldBe(
            HashOf(
                """
                {"command":"acquire-asset","effectiveAt":"2026-02-01T00:00:00Z","fact":"binance:1","account":"exchange",
                "asset":"ETH","quantity":"1.5","paidAccount":"bank","paidAsset":"USD","paidQuantity":"3000"}
                """));
        PayloadHash.Of(new CorrectEntry { EffectiveAt = Day, Entry = 6, Replacement = Buy("2") }, 3).ShouldBe(
            HashOf(
                """
                {"batchSize":3,"command":{"command":"correct-entry","effectiveAt":"2026-02-01T00:00:00Z","entry":6,
                "replacement":{"command":"acquire-asset","effectiveAt":"2026-02-01T00:00:00Z","account":"exchange",
                "asset":"ETH","quantity":"2","paidAccount":"bank","paidAsset":"USD","paidQuantity":"3000"}}}
                """));
        PayloadHash.Of(TestLedger.Opening(), 0).ShouldBe(
            HashOf(
                """
                {"command":"open-treasury","effectiveAt":"2026-02-01T00:00:00Z","name":"Acme Treasury",
                "timeZone":"Asia/Singapore","fiscalYearStart":"01-01","reportingCurrency":"USD","priceBook":"main",
                "marketBook":"main","policy":{"priceAgeMaxSeconds":172800},"limits":{}}
                """));
    }

    private static string HashOf(string json) => HashChain.DigestOf(System.Text.Encoding.UTF8.GetBytes(json));
}
