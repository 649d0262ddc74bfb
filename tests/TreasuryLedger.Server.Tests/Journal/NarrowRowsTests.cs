using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>Narrow rows: written with each commit, made where they are missing, never changed.</summary>
public sealed class NarrowRowsTests(Databases databases)
{
    private const string Rows =
        "select string_agg(first || '-' || last, ' ' order by last) from ledger.narrow";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task each_commit_writes_its_rows_and_a_refused_one_none()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("one", Buy());
        await ledger.RecordAsync("refused", Buy() with { Account = AccountId.Parse("nowhere") });
        await ledger.RecordAsync(Batch("many", Enumerable.Range(0, 1_500).Select(_ => Buy())));

        // A large batch is stored in parts while the rest of it is decided.
        var rows = $"{await Database.AskAsync(login, Rows)}";
        rows.ShouldStartWith("1-5 6-6 7-134 135-262 ");
        rows.ShouldEndWith(" 1415-1506");
        (await ledger.StoredAsync()).Count.ShouldBe(1_506);
    }

    [Fact]
    public async Task a_database_from_before_the_table_is_read_and_its_rows_are_made_once()
    {
        var login = await databases.NewAsync();
        await using (var before = new TestLedger(login))
        {
            await before.OpenAsync();
            await before.RecordAsync(Batch("many", Enumerable.Range(0, 2_500).Select(_ => Buy())));
        }

        await Database.AskAsync(login, "truncate ledger.narrow");
        await using var one = new TestLedger(login);
        await using var two = new TestLedger(login);
        await one.RecordAsync("after", Buy());

        var views = await Task.WhenAll(one.ReadAsync(), two.ReadAsync(), two.ReadAsync());

        views.ShouldAllBe(view => view.Entries.Count == 2_506);
        (await Database.AskAsync(login, Rows)).ShouldBe("1-1000 1001-2000 2001-2505 2506-2506");
        (await one.StoredAsync()).Count.ShouldBe(2_506);
        (await two.StoredAsync()).Count.ShouldBe(2_506);
    }

    [Fact]
    public async Task a_gap_is_filled_and_rows_that_overlap_are_read_once()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            await ledger.RecordAsync($"k-{i}", Buy($"{i + 1}"));
        }

        var all = await ledger.StoredAsync();
        await Database.AskAsync(login, "delete from ledger.narrow where last in (7, 8, 10)");
        await using (var connection = await ledger.Pool.OpenConnectionAsync(Cancellation))
        await using (var overlap = new NpgsqlBatch(connection))
        {
            overlap.BatchCommands.Add(TenantCommand.Says(Main.Tenant));
            overlap.BatchCommands.Add(NarrowRows.Insert(Main, all.GetRange(3, 4)));
            await overlap.ExecuteNonQueryAsync(Cancellation);
        }

        await using var fresh = new TestLedger(login);
        (await fresh.StoredAsync()).Count.ShouldBe(11);
        (await Database.AskAsync(login, Rows)).ShouldBe("1-5 6-6 4-7 8-8 9-9 10-10 11-11");
    }

    [Theory]
    [InlineData("update ledger.narrow set body = set_byte(body, 40, get_byte(body, 40) # 4) where last = 5")]
    [InlineData("update ledger.narrow set body = substr(body, 1, length(body) - 9) where last = 5")]
    [InlineData("update ledger.narrow set body = set_byte(body, 0, 9) where last = 5")]
    [InlineData("update ledger.narrow set first = 2 where last = 5")]
    [InlineData("update ledger.narrow set body = (select body from ledger.narrow where last = 6) where last = 5")]
    public async Task a_row_that_is_not_what_was_written_stops_the_reader_and_never_makes_another_figure(string damage)
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("one", Buy());
        await Database.AskAsync(login, damage);

        await using var fresh = new TestLedger(login);
        var fault = await Should.ThrowAsync<InvalidDataException>(
            () => fresh.Reader.ReadAsync(Main, null, 0, Cancellation));

        fault.Message.ShouldContain(damage.Contains("first", StringComparison.Ordinal) ? "2 to 5" : "1 to 5");
        await ledger.ShouldVerifyAsync();
    }

    [Fact]
    public async Task the_application_can_add_rows_and_change_none()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();

        foreach (var change in new[]
            { "update ledger.narrow set body = ''", "delete from ledger.narrow", "truncate ledger.narrow" })
        {
            await using var command = ledger.Pool.CreateCommand(change);
            (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation)))
                .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }
    }
}
