using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>The tables of lists held against the journals, and made anew.</summary>
public sealed class PartTests(Databases databases)
{
    private const string Mine = "tenant = 'acme' and journal = 'treasury/main'";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, long> Corruptions => new()
    {
        { $"update lists.entries set actor = 'eve' where {Mine} and position = 7", 7 },
        { $"update lists.entries set effective_at = effective_at + interval '1 microsecond' "
            + $"where {Mine} and position = 9", 9 },
        { $"update lists.entries set event_type = 'asset_sold_v1' where {Mine} and position = 8", 8 },
        { $"delete from lists.entries where {Mine} and position = 6", 6 },
        { $"insert into lists.entries select tenant, journal, 100, effective_at, event_type, mode, quality, actor, "
            + $"source, fact_id from lists.entries where {Mine} and position = 6", 100 },
        { $"update lists.movements set units = units + 1 where {Mine} and position = 10 and leg = 0", 10 },
        { $"update lists.movements set account = 'bank' where {Mine} and position = 7 and leg = 0", 7 },
        { $"delete from lists.movements where {Mine} and position = 8", 8 },
        { $"insert into lists.movements values ('acme', 'treasury/main', 9, 7, 'held', 'bank', 'USD', 1)", 9 },
        { $"update lists.progress set position = position + 1 where {Mine}", 16 },
        { $"update lists.progress set position = position - 1 where {Mine}", 15 },
        { $"insert into lists.prices values ('acme', 'treasury/main', 5, 'ETH', 'USD', 1)", 5 },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task what_is_planted_is_found_at_its_position_and_rebuilt(string corruption, long position)
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var tables = new ListTables(login, ledger.Pool);
        await ledger.OpenAsync();
        await ledger.RecordAsync(TestLedger.Batch("load", ListTables.Deposits(10)));
        await tables.Projector.ApplyAsync(TestLedger.Main, 15, true, false, Cancellation);
        (await FaultAsync(ledger)).ShouldBeNull();

        await Database.AskAsync(login, corruption);

        (await FaultAsync(ledger)).ShouldNotBeNull().Position.ShouldBe(position);
        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        (await new ListPart().RebuildAsync(owner, TestLedger.Main, Cancellation)).ShouldBe(15);
        (await FaultAsync(ledger)).ShouldBeNull();
        await tables.ShouldHoldAsync(TestLedger.Main, (await ledger.ReadAsync()).Entries.ToList());
    }

    [Fact]
    public async Task a_reader_sees_the_old_rows_or_the_new_and_never_a_mixture()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var tables = new ListTables(login, ledger.Pool);
        await ledger.OpenAsync();
        await ledger.RecordAsync(TestLedger.Batch("load", ListTables.Deposits(3_000)));
        await tables.Projector.ApplyAsync(TestLedger.Main, 3_005, true, false, Cancellation);
        using var worker = tables.NewWorker();
        await worker.StartAsync(Cancellation);
        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);

        var rebuilding = Task.Run(async () =>
        {
            for (var round = 0; round < 3; round++)
            {
                await new ListPart().RebuildAsync(owner, TestLedger.Main, Cancellation);
            }
        }, Cancellation);
        var (reads, written) = (0, 3_005);
        while (!rebuilding.IsCompleted)
        {
            (await Database.AskAsync(
                login,
                $"""
                select (select position from lists.progress where {Mine}) = count(*) and count(*) = max(position)
                    and count(*) >= 3005
                from lists.entries where {Mine}
                """)).ShouldBe("True");
            reads++;
            await ledger.RecordAsync($"more-{reads}", TestLedger.Buy());
            written++;
        }

        await rebuilding;
        await tables.ReachAsync(TestLedger.Main, written, TimeSpan.FromSeconds(10));
        await worker.StopAsync(Cancellation);
        reads.ShouldBeGreaterThan(0);
        (await FaultAsync(ledger)).ShouldBeNull();
        await tables.ShouldHoldAsync(TestLedger.Main, (await ledger.ReadAsync()).Entries.ToList());
    }

    [Fact]
    public async Task a_rebuild_makes_a_journal_go_on_that_had_stopped()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        var tables = new ListTables(login, ledger.Pool);
        await ledger.OpenAsync();
        await Database.AskAsync(
            login, "insert into lists.movements values ('acme', 'treasury/main', 4, 0, 'held', 'x', 'y', 1)");
        (await tables.Projector.ApplyAsync(TestLedger.Main, 5, true, false, Cancellation))!.StoppedAt.ShouldBe(4);
        (await FaultAsync(ledger)).ShouldNotBeNull().Position.ShouldBe(4);

        await using var owner = NpgsqlDataSource.Create(Logins.Of(login).Owner);
        await new ListPart().RebuildAsync(owner, TestLedger.Main, Cancellation);

        (await FaultAsync(ledger)).ShouldBeNull();
        (await tables.ProgressAsync(TestLedger.Main)).ShouldBe(new ListProgress(5, null, null, null));
    }

    private static async Task<DerivedFault?> FaultAsync(TestLedger ledger)
    {
        var verdicts = await Derived.CheckAsync(ledger.Pool, TestLedger.Main, Cancellation).ToListAsync(Cancellation);
        verdicts.ShouldAllBe(verdict => verdict.Fault == null || verdict.Part == "lists");
        return verdicts.Single(verdict => verdict.Part == "lists").Fault;
    }
}
