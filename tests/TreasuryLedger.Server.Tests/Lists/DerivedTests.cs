using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Lists;

/// <summary>Derived lists against a model that folds everything and filters by sentences.</summary>
public sealed class DerivedTests(Databases databases)
{
    private const int Entries = 400;
    private const int Questions = 200;

    private static readonly JournalKey Prices = JournalKey.Prices(TestLedger.Tenant, "main");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task random_filters_at_random_viewpoints_find_what_the_model_finds_page_by_page_and_add_up_alike()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await RecordAsync(ledger, random);
        var where = TenantDatabases.Of(ledger.Pool);
        var desk = new AnswerDesk(new Lookout(ledger.Reader, TimeProvider.System), where, new CursorKey(where));
        var proof = new DerivedProof(
            desk, await EntriesAsync(ledger, TestLedger.Main), await EntriesAsync(ledger, Prices));
        for (var number = 0; number < Questions; number++)
        {
            (await proof.AskAsync(random, Cancellation)).ShouldBeNull($"seed {seed}, question {number}");
        }

        proof.Found.Keys.ShouldBe(DerivedProof.Lists, ignoreOrder: true);
        proof.Found.Values.ShouldAllBe(found => found > 5);
        proof.Turned.ShouldBeGreaterThan(Questions / 10);
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
        await ledger.RecordAsync(TestLedger.Batch("prices", ListHistory.Prices(random, 60), Prices));
        for (var number = 0; number < Entries; number += 20)
        {
            var commands = Enumerable.Range(number, 20)
                .Select(n => ListHistory.At(random, n, 11 + (n / 2)))
                .Concat([Sell(random, number), Send(random, number), Arrive(random, number)]);
            await ledger.RecordAsync(new Submission(
                TestLedger.Main, $"load-{number}", ListHistory.Actors[number / 20 % 3], [.. commands], Atomic: false,
                DryRun: false, ScriptedRecordedAt: null));
        }
    }

    private static SellToExchange Sell(Random random, int number) => new()
    {
        EffectiveAt = ListHistory.Start.Plus(random.NextInt64(10 * 86_400L) * 1_000_000),
        Fact = FactId.Parse($"sale:{number}"),
        Account = AccountId.Parse("exchange"),
        Asset = AssetId.Parse(random.Next(2) == 0 ? "ETH" : "BTC"),
        Quantity = new ExactDecimal(random.Next(1, 900), 2),
        ProceedsAsset = AssetId.Parse("USD"),
        ProceedsQuantity = new ExactDecimal(random.Next(1, 900), 2),
    };

    private static TransferAsset Send(Random random, int number) => new()
    {
        EffectiveAt = ListHistory.Start.Plus(random.NextInt64(10 * 86_400L) * 1_000_000),
        Fact = FactId.Parse($"sent:{number}"),
        From = AccountId.Parse("cold"),
        To = AccountId.Parse("exchange"),
        Asset = AssetId.Parse("ETH"),
        Quantity = new ExactDecimal(random.Next(1, 400), 2),
        InTransit = true,
        ExpectedBy = random.Next(2) == 0 ? null : ListHistory.Start.Plus(10 * 86_400_000_000L),
    };

    /// <summary>Of a transfer that was dispatched, or that nobody knows.</summary>
    private static ConfirmArrival Arrive(Random random, int number) => new()
    {
        EffectiveAt = ListHistory.Start.Plus(random.NextInt64(10 * 86_400L) * 1_000_000),
        Fact = FactId.Parse($"arrival:{number}"),
        Transfer = FactId.Parse(
            random.Next(3) == 0 ? $"lost:{random.Next(4)}" : $"sent:{20 * random.Next((number / 20) + 1)}"),
        Account = AccountId.Parse("exchange"),
        Asset = AssetId.Parse("ETH"),
        Quantity = new ExactDecimal(random.Next(1, 400), 2),
    };
}
