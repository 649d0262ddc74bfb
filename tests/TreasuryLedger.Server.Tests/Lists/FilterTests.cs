using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>Lists against the model; the benchmarks' <c>lists --full</c> asks 100,000 questions.</summary>
public sealed class FilterTests(Databases databases)
{
    private const int Entries = 600;
    private const int Questions = 100;

    private static readonly JournalKey Prices = JournalKey.Prices(TestLedger.Tenant, "main");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task random_filters_find_what_the_model_finds_and_add_up_to_the_same()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await RecordAsync(ledger, random);
        var lookout = new ListLookout(
            ledger.Tenants,
            new ListTables("", ledger.Pool).Projector,
            new CursorKey(ledger.Tenants),
            TimeProvider.System);
        foreach (var (journal, questions) in new[] { (TestLedger.Main, Questions), (Prices, Questions / 5) })
        {
            var proof = new ListProof(lookout, journal, await EntriesAsync(ledger, journal));
            for (var number = 0; number < questions; number++)
            {
                (await proof.AskAsync(random, Cancellation)).ShouldBeNull($"seed {seed}, question {number}");
            }

            proof.Found.ShouldBeGreaterThan(questions / 10);
        }
    }

    private static async Task<List<Entry>> EntriesAsync(TestLedger ledger, JournalKey journal)
    {
        var head = (await ledger.ReadAsync(journal)).Head.Position;
        await using var connection = await ledger.Pool.OpenConnectionAsync(Cancellation);
        return await JournalRows.EntriesAsync(connection, journal, 0, head, Cancellation).ToListAsync(Cancellation);
    }

    private static async Task RecordAsync(TestLedger ledger, Random random)
    {
        await ledger.RecordAsync(TestLedger.Batch("opening", ListHistory.Opening()));
        await ledger.RecordAsync(TestLedger.Batch("prices", ListHistory.Prices(random, 150), Prices));
        for (var number = 0; number < Entries; number += 20)
        {
            // Each alone: a correction that aims at a voided entry is refused, and the rest of them is not.
            var commands = Enumerable.Range(number, 20).Select(n => ListHistory.At(random, n, 11 + (n / 2)));
            await ledger.RecordAsync(new Submission(
                TestLedger.Main, $"load-{number}", ListHistory.Actors[number / 20 % 3], [.. commands], Atomic: false,
                DryRun: false, ScriptedRecordedAt: null));
        }
    }
}
