using Shouldly;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>Narrow rows beyond the head, as a database that was restored in parts has them, stop nobody.</summary>
public sealed class LeftoverRowsTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_writer_that_starts_drops_them_and_every_commit_passes()
    {
        var login = await databases.NewAsync();
        await using (var before = new TestLedger(login))
        {
            await before.OpenAsync();
            await before.OpenAsync(JournalKey.Treasury(Tenant, "other"));
        }

        await Database.AskAsync(
            login,
            """
            insert into ledger.narrow
            select tenant, journal, last + 1, last + n, body
            from ledger.narrow, generate_series(2, 4) n where last = 5
            """);

        await using var ledger = new TestLedger(login);
        for (var position = 6; position <= 10; position++)
        {
            (await ledger.RecordAsync($"k{position}", Buy())).ShouldBeOfType<Outcome.Recorded>()
                .Entry.Position.ShouldBe(position);
        }

        (await ledger.ReadAsync()).Entries.Select(entry => entry.Position).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        (await Database.AskAsync(
            login, "select count(*) from ledger.narrow where journal = 'treasury/other' and last > 5")).ShouldBe("3");
        await ledger.ShouldVerifyAsync();
    }

    [Fact]
    public async Task only_the_application_can_drop_them_and_where_there_are_none_nothing_goes()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await using var drop = ledger.Pool.CreateCommand("select ledger.drop_narrow_beyond('acme', 'treasury/main')");
        (await drop.ExecuteScalarAsync(Cancellation)).ShouldBe(0L);

        (await Database.AskAsync(
            login,
            """
            select has_function_privilege('treasury_reader', 'ledger.drop_narrow_beyond(text, text)', 'execute')
            """)).ShouldBe("False");
    }
}
