using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>The tables of lists over the journals of a test.</summary>
internal sealed class ListTables(string login, NpgsqlDataSource pool)
{
    public ListProjector Projector { get; } = new(TenantDatabases.Of(pool), NullLogger<ListProjector>.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A worker that runs until it is stopped.</summary>
    public ListWorker NewWorker() =>
        new(TenantDatabases.Of(pool), Projector, TimeProvider.System, NullLogger<ListWorker>.Instance);

    /// <summary>How far a journal's rows reach.</summary>
    public async Task<ListProgress> ProgressAsync(JournalKey journal)
    {
        await using var connection = await pool.OpenConnectionAsync(Cancellation);
        return await ListProgress.ReadAsync(connection, journal, Cancellation) ?? ListProgress.None;
    }

    /// <summary>Waits until a journal's rows reach a position.</summary>
    public async Task<TimeSpan> ReachAsync(JournalKey journal, long position, TimeSpan within)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while ((await ProgressAsync(journal)).Position < position)
        {
            watch.Elapsed.ShouldBeLessThan(within, $"{await ProgressAsync(journal)}");
            await Task.Delay(10, Cancellation);
        }

        return watch.Elapsed;
    }

    /// <summary>Every row is there, once and for the right entry, up to where the progress says.</summary>
    public async Task ShouldHoldAsync(JournalKey journal, IReadOnlyList<NarrowEntry> entries)
    {
        (await ProgressAsync(journal)).Position.ShouldBe(entries.Count);
        var movements = entries.Sum(entry => ListRows.MovementsOf(entry.Event).Count());
        var key = $"tenant = '{journal.Tenant}' and journal = '{journal.Journal}'";
        (await Database.AskAsync(login, $"select count(*) || ' ' || max(position) from lists.entries where {key}"))
            .ShouldBe($"{entries.Count} {entries.Count}");
        (await Database.AskAsync(login, $"select count(*) from lists.movements where {key}"))
            .ShouldBe($"{movements}");
    }

    /// <summary>Deposits, the cheapest entries.</summary>
    public static IEnumerable<Command> Deposits(int count) => Enumerable.Range(0, count).Select(number =>
        new ReceiveYield
        {
            EffectiveAt = TestLedger.Day.Plus(number),
            Account = AccountId.Parse("exchange"),
            Asset = AssetId.Parse("ETH"),
            Quantity = ExactDecimal.Parse("0.001"),
        });
}
