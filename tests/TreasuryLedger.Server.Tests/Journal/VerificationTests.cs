using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>Whoever may change everything (the owner) cannot change anything unseen.</summary>
public sealed class VerificationTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task what_was_recorded_verifies_in_all_journals()
    {
        await using var ledger = await RecordedAsync(await databases.NewAsync());
        var other = JournalKey.Treasury("zenith", "main");
        await ledger.OpenAsync(other);

        var verdicts = await ledger.VerifyAsync();

        verdicts.Select(verdict => (verdict.Journal, verdict.Position, verdict.Fault)).ShouldBe(
            [(Main, 10, null), (other, 5, null)]);
        verdicts[0].Hash.ShouldBe((await ledger.ReadAsync()).Head.Hash);
        (await ledger.VerifyAsync([.. await HeadExport.ReadAsync(ledger.Pool, null, Cancellation)]))
            .ShouldAllBe(verdict => verdict.Fault == null);
    }

    /// <summary>Entries 1 to 5 open; 6, 7, 9 and 10 buy (7 with a reason), 8 corrects 6.</summary>
    [Theory]
    [InlineData(7, FaultKind.HashWrong,
        """
        update journal.mt_events set data = jsonb_set(data, '{event,received,quantity}', '"1"') where version = 7
        """)]
    [InlineData(7, FaultKind.HashWrong,
        """
        update journal.mt_events set data = jsonb_set(data, '{effectiveAt}', '"2026-01-31T00:00:00Z"') where version = 7
        """)]
    [InlineData(7, FaultKind.HashWrong,
        """update journal.mt_events set data = jsonb_set(data, '{actor}', '"mallory"') where version = 7""")]
    [InlineData(7, FaultKind.RecordedAtNotLater,
        """
        update journal.mt_events set data = jsonb_set(data, '{recordedAt}', '"2020-01-01T00:00:00Z"') where version = 7
        """)]
    [InlineData(7, FaultKind.ContentUnreadable,
        """
        update journal.mt_events set data = jsonb_set(data, '{type}', '"asset_acquired_v9"') where version = 7
        """)]
    [InlineData(7, FaultKind.ContentUnreadable,
        """
        update journal.mt_events set data = jsonb_set(data, '{event,received,quantity}', '1.5') where version = 7
        """)]
    [InlineData(7, FaultKind.ContentUnreadable,
        """update journal.mt_events set data = data || '{"note":"x"}' where version = 7""")]
    [InlineData(7, FaultKind.ContentUnreadable, "update journal.mt_events set data = '[]' where version = 7")]
    [InlineData(7, FaultKind.PositionWrong,
        "update journal.mt_events a set data = b.data from journal.mt_events b where a.version = 7 and b.version = 9")]
    [InlineData(7, FaultKind.IndexWrong, "update journal.mt_events set type = 'asset_sold_v1' where version = 7")]
    [InlineData(7, FaultKind.IndexWrong,
        "update journal.mt_events set timestamp = timestamp - interval '1 us' where version = 7")]
    [InlineData(7, FaultKind.EntryMissing, "delete from journal.mt_events where version = 7")]
    [InlineData(7, FaultKind.IndexMissing, "delete from ledger.entries where position = 7")]
    [InlineData(7, FaultKind.EntryMissing,
        "delete from journal.mt_events where version = 7; delete from ledger.entries where position = 7")]
    [InlineData(7, FaultKind.HashWrong, "update ledger.entries set hash = sha256('') where position = 7")]
    [InlineData(7, FaultKind.IndexWrong, "update ledger.entries set idempotency_key = 'x' where position = 7")]
    [InlineData(7, FaultKind.IndexWrong, "update ledger.entries set payload_hash = sha256('') where position = 7")]
    [InlineData(7, FaultKind.IndexWrong, "update ledger.entries set fact_id = 'x' where position = 7")]
    [InlineData(7, FaultKind.IndexWrong, "update ledger.entries set event_type = 'asset_sold_v1' where position = 7")]
    [InlineData(7, FaultKind.IndexWrong,
        "update ledger.entries set effective_at = effective_at + interval '1 us' where position = 7")]
    [InlineData(7, FaultKind.IndexWrong,
        "update ledger.entries set recorded_at = recorded_at - interval '1 us' where position = 7")]
    [InlineData(8, FaultKind.IndexWrong, "update ledger.entries set voids = 2 where position = 8")]
    [InlineData(7, FaultKind.TextWrong, "update ledger.texts set text = 'another' where position = 7")]
    [InlineData(7, FaultKind.TextWrong, "update ledger.texts set salt = '\\x00' where position = 7")]
    [InlineData(7, FaultKind.TextWrong, "delete from ledger.texts")]
    [InlineData(6, FaultKind.TextUnasked,
        "insert into ledger.texts select tenant, journal, 6, field, salt, text from ledger.texts")]
    [InlineData(99, FaultKind.TextUnasked,
        "insert into ledger.texts select tenant, journal, 99, field, salt, text from ledger.texts")]
    [InlineData(10, FaultKind.HeadWrong, "update ledger.heads set hash = sha256('')")]
    [InlineData(10, FaultKind.HeadWrong, "update ledger.heads set recorded_at = recorded_at + interval '1 us'")]
    [InlineData(10, FaultKind.HeadWrong, "update ledger.heads set replayed = true")]
    [InlineData(1, FaultKind.EntryBeyondHead, "delete from ledger.heads")]
    [InlineData(11, FaultKind.EntryMissing, "update ledger.heads set position = 11")]
    [InlineData(10, FaultKind.EntryBeyondHead, "update ledger.heads set position = 9")]
    [InlineData(10, FaultKind.HeadWrong, "update ledger.heads set settled_at = now() + interval '1 day'")]
    [InlineData(10, FaultKind.IndexWrong, "update journal.mt_streams set version = 9")]
    [InlineData(10, FaultKind.IndexWrong, "update journal.mt_streams set is_archived = true")]
    [InlineData(7, FaultKind.IndexWrong, "update journal.mt_events set is_archived = true where version = 7")]
    [InlineData(10, FaultKind.EntryMissing,
        "delete from journal.mt_events where version = 10; delete from ledger.entries where position = 10")]
    [InlineData(11, FaultKind.PositionWrong,
        """
        insert into journal.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, is_archived)
        select seq_id + 1, gen_random_uuid(), stream_id, 11, data, type, timestamp, tenant_id, false
        from journal.mt_events where version = 10
        """)]
    public async Task a_change_behind_the_programs_back_is_found_and_named(long position, FaultKind kind, string change)
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordedAsync(login);

        await Database.AskAsync(Logins.Of(login).Owner, change);

        var fault = (await ledger.VerifyAsync()).ShouldHaveSingleItem().Fault.ShouldNotBeNull();
        fault.Kind.ShouldBe(kind, fault.Detail);
        fault.Position.ShouldBe(position, fault.Detail);
    }

    [Fact]
    public async Task a_rewritten_hash_only_moves_the_fault_to_the_next_entry()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordedAsync(login);
        await Database.AskAsync(
            login,
            """update journal.mt_events set data = jsonb_set(data, '{actor}', '"mallory"') where version = 7""");
        var wanted = (await ledger.VerifyAsync())[0].Fault!.Detail.Split(' ')[^1].TrimEnd('.');

        await Database.AskAsync(login, $"update ledger.entries set hash = '\\x{wanted}' where position = 7");

        var fault = (await ledger.VerifyAsync())[0].Fault.ShouldNotBeNull();
        (fault.Position, fault.Kind).ShouldBe((8, FaultKind.HashWrong));
    }

    [Fact]
    public async Task a_cut_off_end_is_found_against_an_exported_head()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordedAsync(login);
        var export = HeadExport.Parse(HeadExport.Write(await HeadExport.ReadAsync(ledger.Pool, Tenant, Cancellation)));

        await Database.AskAsync(
            login,
            """
            delete from journal.mt_events where version > 8; delete from ledger.entries where position > 8;
            update journal.mt_streams set version = 8;
            update ledger.heads set position = 8, hash = e.hash, recorded_at = e.recorded_at
            from ledger.entries e where e.position = 8
            """);

        (await ledger.VerifyAsync()).ShouldHaveSingleItem().Fault.ShouldBeNull(); // by itself it is a right journal
        var fault = (await ledger.VerifyAsync([.. export])).ShouldHaveSingleItem().Fault.ShouldNotBeNull();
        (fault.Position, fault.Kind).ShouldBe((10, FaultKind.ExportedHeadMissing));
    }

    [Fact]
    public async Task a_journal_that_was_recorded_anew_is_found_against_an_exported_head()
    {
        await using var first = await RecordedAsync(await databases.NewAsync());
        await using var second = await RecordedAsync(await databases.NewAsync());
        var export = await HeadExport.ReadAsync(first.Pool, null, Cancellation);

        var fault = (await second.VerifyAsync([.. export])).ShouldHaveSingleItem().Fault.ShouldNotBeNull();

        (fault.Position, fault.Kind).ShouldBe((10, FaultKind.ExportedHeadMissing));
    }

    [Fact]
    public async Task a_journal_that_is_gone_is_found_against_an_exported_head()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordedAsync(login);
        var export = await HeadExport.ReadAsync(ledger.Pool, null, Cancellation);

        await Database.AskAsync(
            login,
            """
            delete from journal.mt_events; delete from journal.mt_streams; delete from ledger.entries;
            delete from ledger.texts; delete from ledger.heads
            """);

        var gone = (await ledger.VerifyAsync([.. export])).ShouldHaveSingleItem();
        gone.Journal.ShouldBe(Main);
        gone.Fault.ShouldNotBeNull().Kind.ShouldBe(FaultKind.ExportedHeadMissing);
    }

    [Fact]
    public async Task an_older_export_still_holds_after_the_journal_grew_and_a_text_was_erased()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordedAsync(login);
        var export = await HeadExport.ReadAsync(ledger.Pool, null, Cancellation);
        await ledger.RecordAsync("later", Buy());
        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        await Texts.EraseAsync(owner, Main, 7, Cancellation);

        var verdict = (await ledger.VerifyAsync([.. export])).ShouldHaveSingleItem();

        verdict.Fault.ShouldBeNull();
        verdict.Position.ShouldBe(11);
        verdict.Erased.ShouldBe(1);
    }

    [Fact]
    public async Task a_journal_of_several_pages_verifies_and_its_fault_is_found_on_the_last()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        for (var batch = 0; batch < 3; batch++)
        {
            await ledger.RecordAsync(Batch($"b{batch}", Enumerable.Repeat<Command>(Buy(), 10_000)));
        }

        (await ledger.VerifyAsync()).ShouldHaveSingleItem().Position.ShouldBe(30_005);
        await Database.AskAsync(login, "update ledger.entries set fact_id = 'x' where position = 29999");

        (await ledger.VerifyAsync()).ShouldHaveSingleItem().Fault.ShouldNotBeNull().Position.ShouldBe(29_999);
    }

    private static async Task<TestLedger> RecordedAsync(string login)
    {
        var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("six", Buy(fact: "binance:6"));
        await ledger.RecordAsync("seven", Buy(reason: "why"));
        await ledger.RecordAsync(
            "eight", new CorrectEntry { EffectiveAt = Day, Entry = 6, Replacement = Buy("7", fact: "binance:6") });
        await ledger.RecordAsync("nine", Buy());
        await ledger.RecordAsync("ten", Buy());
        (await ledger.ReadAsync()).Head.Position.ShouldBe(10);
        return ledger;
    }
}
