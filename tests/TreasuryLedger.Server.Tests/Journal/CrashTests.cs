using System.Diagnostics;
using Shouldly;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

public sealed class CrashTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Callers record and repeat with the same key what was not surely recorded, while PostgreSQL is killed (SIGKILL,
    /// all of it) three times and recovers. Every answer that was given must be true at the end.
    /// </summary>
    [Fact]
    public async Task with_postgresql_killed_during_appends_nothing_told_is_lost_and_nothing_is_doubled()
    {
        await using var server = await EmbeddedPostgresServer.StartThrowawayAsync(cancellation: Cancellation);
        await Schema.PrepareAsync(server.OwnerConnectionString, Cancellation);
        var options = new WriterOptions { ResolveWithin = TimeSpan.FromSeconds(3) };
        await using var ledger = new TestLedger(server.OwnerConnectionString, options);
        await ledger.OpenAsync();
        using var killing = new CancellationTokenSource();

        var callers = Enumerable.Range(0, 32)
            .Select(caller => Task.Run(() => RecordAsync(ledger, caller, killing.Token)))
            .ToList();
        for (var kill = 0; kill < 3; kill++)
        {
            await Task.Delay(1_000, Cancellation);
            Kill(server.ProcessId);
            await WaitForRecoveryAsync(server);
        }

        await Task.Delay(500, Cancellation);
        await killing.CancelAsync();
        var told = (await Task.WhenAll(callers)).SelectMany(list => list).ToList();

        told.Count.ShouldBeGreaterThan(100);
        await using var fresh = new TestLedger(server.OwnerConnectionString);
        var entries = await fresh.StoredAsync();
        entries.Skip(5).Select(entry => entry.IdempotencyKey).Order(StringComparer.Ordinal)
            .ShouldBe(told.Select(recorded => recorded.Entry.IdempotencyKey).Order(StringComparer.Ordinal));
        told.ShouldAllBe(recorded => Text(entries[(int)recorded.Entry.Position - 1]) == Text(recorded.Entry));
        await fresh.ShouldVerifyAsync();
    }

    private static async Task<List<Outcome.Recorded>> RecordAsync(
        TestLedger ledger, int caller, CancellationToken until)
    {
        var recorded = new List<Outcome.Recorded>();
        for (var i = 0; !until.IsCancellationRequested; i++)
        {
            SubmissionOutcome answer;
            while ((answer = await ledger.SubmitAsync(Alone($"{caller}-{i}", Buy()))) is not SubmissionOutcome.Decided)
            {
                (answer is SubmissionOutcome.NotRecorded or SubmissionOutcome.Unknown).ShouldBeTrue();
                await Task.Delay(50, Cancellation);
            }

            recorded.Add(((SubmissionOutcome.Decided)answer).Items[0].ShouldBeOfType<Outcome.Recorded>());
        }

        return recorded;
    }

    private static void Kill(int process)
    {
        using var postmaster = Process.GetProcessById(process);
        postmaster.Kill(entireProcessTree: true);
    }

    private static async Task WaitForRecoveryAsync(EmbeddedPostgresServer server)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await Database.AskAsync(server.OwnerConnectionString + ";Pooling=false", "select 1");
                return;
            }
            catch (Npgsql.NpgsqlException) when (waiting.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50, Cancellation);
            }
        }
    }
}
