using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

public sealed class TwoWritersTests(Databases databases)
{
    [Fact]
    public async Task two_processes_on_one_treasury_lose_and_double_nothing()
    {
        var login = await databases.NewAsync();
        await using var one = new TestLedger(login);
        await using var two = new TestLedger(login);
        await one.OpenAsync();

        var recorded = await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            var entries = new List<Entry>();
            for (var i = 0; i < 20; i++)
            {
                var outcome = await (caller % 2 == 0 ? one : two).RecordAsync($"{caller}-{i}", Buy());
                entries.Add(outcome.ShouldBeOfType<Outcome.Recorded>().Entry);
            }

            return entries;
        })));

        var told = recorded.SelectMany(list => list).OrderBy(entry => entry.Position).ToList();
        told.Select(entry => entry.Position).ShouldBe(Enumerable.Range(6, 640).Select(n => (long)n));
        foreach (var ledger in new[] { one, two })
        {
            (await ledger.StoredAsync()).Skip(5).Select(Text).ShouldBe(told.Select(Text));
            await ledger.ShouldVerifyAsync();
        }
    }

    [Fact]
    public async Task what_one_process_recorded_decides_in_the_other_at_once()
    {
        var login = await databases.NewAsync();
        await using var one = new TestLedger(login);
        await using var two = new TestLedger(login);
        await one.OpenAsync();
        await two.RecordAsync("first", Buy());
        var btc = new RegisterAsset
        {
            EffectiveAt = Day,
            Asset = AssetId.Parse("BTC"),
            Kind = AssetKind.Token,
            Decimals = 8,
        };
        var buy = Buy() with { Asset = AssetId.Parse("BTC") };
        (await two.RecordAsync("early", buy)).ShouldBeOfType<Outcome.Refused>();

        await one.RecordAsync("btc", btc);

        (await two.RecordAsync("early", buy)).ShouldBeOfType<Outcome.Recorded>();
        (await two.RecordAsync("again", btc)).ShouldBeOfType<Outcome.Refused>()
            .Refusal.Code.ShouldBe(RefusalCode.AssetAlreadyRegistered);
    }

    [Fact]
    public async Task the_last_units_are_instructed_once_whoever_asks_how_often_at_the_same_time()
    {
        var login = await databases.NewAsync();
        await using var one = new TestLedger(login);
        await using var two = new TestLedger(login);
        await one.OpenAsync();
        await one.RecordAsync("buy", Buy("10"));
        var sell = new SellToExchange
        {
            EffectiveAt = Day.Plus(1),
            Mode = EntryMode.Instruction,
            Reserves = true,
            Account = AccountId.Parse("exchange"),
            Asset = AssetId.Parse("ETH"),
            Quantity = ExactDecimal.Parse("10"),
            ProceedsAsset = AssetId.Parse("USD"),
            ProceedsQuantity = ExactDecimal.Parse("20000"),
        };

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(caller =>
            Task.Run(() => (caller % 2 == 0 ? one : two).RecordAsync($"sell-{caller}", sell))));

        outcomes.OfType<Outcome.Recorded>().Count().ShouldBe(1);
        outcomes.OfType<Outcome.Refused>().ShouldAllBe(refused => refused.Refusal.Code == RefusalCode.UnitsMissing);
    }

    [Fact]
    public async Task an_idle_writer_leaves_memory_and_comes_back_with_its_state()
    {
        var options = new WriterOptions { IdleAfter = TimeSpan.FromMilliseconds(100) };
        await using var ledger = new TestLedger(await databases.NewAsync(), options);
        await ledger.OpenAsync();
        ledger.Writers.Active.ShouldBe(1);

        for (var round = 0; round < 3; round++)
        {
            while (ledger.Writers.Active > 0)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            (await ledger.RecordAsync($"k{round}", Buy())).ShouldBeOfType<Outcome.Recorded>()
                .Entry.Position.ShouldBe(6 + round);
        }
    }

    [Fact]
    public async Task submissions_race_with_the_writer_that_leaves_and_none_is_lost()
    {
        var options = new WriterOptions { IdleAfter = TimeSpan.FromMilliseconds(1) };
        await using var ledger = new TestLedger(await databases.NewAsync(), options);
        await ledger.OpenAsync();

        for (var i = 0; i < 200; i++)
        {
            var pair = await Task.WhenAll(ledger.RecordAsync($"a{i}", Buy()), ledger.RecordAsync($"b{i}", Buy()));
            pair.ShouldAllBe(outcome => outcome is Outcome.Recorded);
            await Task.Delay(i % 3, TestContext.Current.CancellationToken);
        }

        (await ledger.ReadAsync()).Entries.Count.ShouldBe(405);
    }

    [Fact]
    public async Task closing_finishes_what_is_queued()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();

        var pending = Enumerable.Range(0, 100).Select(i => ledger.RecordAsync($"k{i}", Buy())).ToList();
        await ledger.Writers.DisposeAsync();

        (await Task.WhenAll(pending)).ShouldAllBe(outcome => outcome is Outcome.Recorded);
        await Should.ThrowAsync<ObjectDisposedException>(() => ledger.RecordAsync("late", Buy()));
    }

    [Fact]
    public async Task a_caller_who_gave_up_before_his_turn_records_nothing()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        using var gone = new CancellationTokenSource();
        Task? abandoned = null;

        await ledger.InOneCommitOutcomesAsync(login, () =>
        {
            abandoned = ledger.Writers.SubmitAsync(Alone("gone", Buy()), gone.Token);
            gone.Cancel();
        });

        await Should.ThrowAsync<OperationCanceledException>(() => abandoned!);
        await ledger.RecordAsync("next", Buy());
        (await ledger.StoredAsync()).Select(entry => entry.IdempotencyKey).ShouldNotContain("gone");
    }
}
