using System.Globalization;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>What is derived is held against the journal and made anew from it.</summary>
public sealed class DerivedTests(Databases databases)
{
    private const string Rows =
        "select string_agg(journal || ' ' || first || '-' || last, ', ' order by journal, last) from ledger.narrow";

    private static readonly JournalKey Other = JournalKey.Treasury(Tenant, "other");

    /// <summary>Changes of the rows 1-5, 6-6, 7-16 and 17-17, and the first position that each makes wrong.</summary>
    public static TheoryData<string, string, long> Corruptions { get; } = new()
    {
        { "a bit in the middle", "set body = set_byte(body, 300, get_byte(body, 300) # 1) where last = 16", 7 },
        { "a bit of the digest", "set body = set_byte(body, length(body) - 1, 255 - get_byte(body, length(body) - 1))"
            + " where last = 6", 6 },
        { "a cut", "set body = substr(body, 1, 100) where last = 16", 7 },
        { "nothing left", "set body = '' where last = 6", 6 },
        { "more at the end", "set body = body || '\\x00' where last = 17", 17 },
        { "an older form", "set body = set_byte(body, 0, 0) where last = 5", 1 },
        { "a newer form", "set body = set_byte(body, 0, 2) where last = 5", 1 },
        { "the body of another row", "set body = (select body from ledger.narrow where journal = 'treasury/main' and "
            + "last = 6) where last = 17", 17 },
        { "swapped bodies", "set body = (select body from ledger.narrow o where o.journal = 'treasury/main' and "
            + "o.last = 23 - n.last) where last in (6, 17)", 6 },
        { "the body of another journal", "set body = (select body from ledger.narrow where journal = 'treasury/other' "
            + "and last = 5) where last = 5", 1 },
        { "a first that is too early", "set first = 6 where last = 16", 6 },
        { "a first that is too late", "set first = 9 where last = 16", 7 },
        { "a last beyond the head", "set last = 20 where last = 17", 18 },
        { "a last that is too early", "set last = 15 where last = 16", 7 },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task a_changed_row_is_found_named_by_its_first_bad_position_and_made_anew(
        string what, string damage, long position)
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordAsync(login);
        (await Database.AskAsync(login, $"update ledger.narrow n {damage} and journal = 'treasury/main'"))
            .ShouldNotBe("0", what);

        (await FaultAsync(ledger, Main)).ShouldNotBeNull(what).Position.ShouldBe(position, what);

        await ShouldBeMadeAnewAsync(login, ledger);
    }

    [Theory]
    [InlineData("delete from ledger.narrow where last = 6", 6)]
    [InlineData("delete from ledger.narrow where last = 17", 17)]
    [InlineData("delete from ledger.narrow where last <= 16 and journal like '%main'", 1)]
    [InlineData("insert into ledger.narrow select tenant, journal, first, 12, body from {0} where last = 16", 7)]
    [InlineData("insert into ledger.narrow select tenant, journal, 18, 18, body from {0} where last = 17", 18)]
    public async Task a_missing_or_added_row_is_found(string damage, long position)
    {
        damage = damage.Replace("{0}", "ledger.narrow", StringComparison.Ordinal);
        var login = await databases.NewAsync();
        await using var ledger = await RecordAsync(login);
        (await Database.AskAsync(login, damage)).ShouldNotBe("0");

        (await FaultAsync(ledger, Main)).ShouldNotBeNull().Position.ShouldBe(position);

        await ShouldBeMadeAnewAsync(login, ledger);
    }

    [Fact]
    public async Task a_row_that_is_well_formed_and_says_something_else_is_found_at_the_entry_that_differs()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordAsync(login);
        var entries = (await ledger.StoredAsync()).GetRange(6, 10);
        var sold = (AssetAcquired)entries[4].Event;
        entries[4] = entries[4] with
        {
            Event = sold with { Received = sold.Received with { Quantity = sold.Received.Quantity + new Quantity(1) } },
        };
        await ReplaceAsync(login, entries);

        (await FaultAsync(ledger, Main)).ShouldNotBeNull().Position.ShouldBe(11);

        await ShouldBeMadeAnewAsync(login, ledger);
    }

    [Fact]
    public async Task rows_of_a_journal_that_is_not_there_are_found_and_dropped()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordAsync(login);
        await Database.AskAsync(
            login,
            "insert into ledger.narrow select tenant, 'treasury/gone', first, last, body from ledger.narrow "
            + "where journal = 'treasury/other'");

        (await FaultAsync(ledger, JournalKey.Treasury(Tenant, "gone"))).ShouldNotBeNull().Position.ShouldBe(1);

        await ShouldBeMadeAnewAsync(login, ledger);
    }

    [Fact]
    public async Task of_a_damaged_journal_nothing_is_derived_and_the_journal_itself_is_named()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordAsync(login);
        await Database.AskAsync(
            login,
            """update journal.mt_events set data = jsonb_set(data, '{actor}', '"else"') where version = 9""");

        var verdicts = await CheckAsync(ledger);

        verdicts.Where(verdict => verdict.Journal == Main).ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(
                verdict => verdict.Part.ShouldBe(Derived.Journal),
                verdict => verdict.Fault.ShouldNotBeNull().Position.ShouldBe(9));
        verdicts.Where(verdict => verdict.Journal == Other).ShouldAllBe(verdict => verdict.Fault == null);
    }

    [Fact]
    public async Task a_rebuild_beside_writers_and_readers_shows_nobody_a_mixture_and_loses_nothing()
    {
        var login = await databases.NewAsync();
        await using var ledger = await RecordAsync(login);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(
            async () =>
            {
                var written = 0;
                for (; !stop.IsCancellationRequested; written++)
                {
                    await ledger.RecordAsync($"w-{written}", Buy());
                }

                return written;
            },
            Cancellation);
        var reading = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await using var fresh = new TestLedger(login);
                    await fresh.StoredAsync(); // compares every entry
                }
            },
            Cancellation);

        for (var round = 0; round < 5; round++)
        {
            await RebuildAsync(login);
        }

        await stop.CancelAsync();
        var count = await writing;
        await reading;
        (await ledger.StoredAsync()).Count.ShouldBe(17 + count);
        (await CheckAsync(ledger)).ShouldAllBe(verdict => verdict.Fault == null);
        (await Database.AskAsync(login, "select count(*) from ledger.narrow_rebuilt")).ShouldBe("0");
    }

    private static async Task<TestLedger> RecordAsync(string login)
    {
        var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.OpenAsync(Other);
        await ledger.RecordAsync("one", Buy());
        await ledger.RecordAsync(Batch("many", Enumerable.Range(1, 10).Select(
            i => Buy(i.ToString(CultureInfo.InvariantCulture)))));
        await ledger.RecordAsync("last", Buy());
        return ledger;
    }

    private static async Task ShouldBeMadeAnewAsync(string login, TestLedger ledger)
    {
        await RebuildAsync(login);

        (await CheckAsync(ledger)).ShouldAllBe(verdict => verdict.Fault == null);
        (await Database.AskAsync(login, Rows)).ShouldBe("treasury/main 1-17, treasury/other 1-5");
        await using var fresh = new TestLedger(login);
        (await fresh.StoredAsync()).Count.ShouldBe(17);
    }

    private static async Task RebuildAsync(string login)
    {
        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        var rebuilt = new List<string>();
        await foreach (var part in Derived.RebuildAsync(owner, null, Cancellation))
        {
            rebuilt.Add(part.Part);
        }

        rebuilt.Distinct().ShouldBe(Derived.Parts.Select(part => part.Name), ignoreOrder: true);
    }

    private static async Task<List<DerivedVerdict>> CheckAsync(TestLedger ledger)
    {
        var verdicts = new List<DerivedVerdict>();
        await foreach (var verdict in Derived.CheckAsync(ledger.Pool, null, Cancellation))
        {
            verdicts.Add(verdict);
        }

        return verdicts;
    }

    /// <summary>The one fault that is found.</summary>
    private static async Task<DerivedFault?> FaultAsync(TestLedger ledger, JournalKey expected)
    {
        var wrong = (await CheckAsync(ledger)).Where(verdict => verdict.Fault is not null).ToList();
        wrong.ShouldAllBe(verdict => verdict.Journal == expected && verdict.Part == "narrow");
        return wrong.Count == 1 ? wrong[0].Fault : null;
    }

    private static async Task ReplaceAsync(string login, List<Entry> entries)
    {
        await Database.AskAsync(login, $"delete from ledger.narrow where last = {entries[^1].Position}");
        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        await using var connection = await owner.OpenConnectionAsync(Cancellation);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { NarrowRows.Insert(Main, entries) } };
        await batch.ExecuteNonQueryAsync(Cancellation);
    }
}
