using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>
/// A writer holds no entries: what a command names is looked up before it is decided, in the database and among what
/// the same commit accepted before.
/// </summary>
public sealed class RecollectionTests(Databases databases)
{
    private static readonly AssetId Btc = AssetId.Parse("BTC");

    [Fact]
    public async Task a_fact_told_again_is_met_by_its_newest_correction_also_after_a_restart()
    {
        var login = await databases.NewAsync();
        await using (var before = new TestLedger(login))
        {
            await before.OpenAsync();
            await before.RecordAsync("buy", Buy("1", fact: "binance:1"));
            await before.RecordAsync("first", Correct(6, Buy("2")));
            await before.RecordAsync("second", Correct(7, Buy("3")));
        }

        await using var after = new TestLedger(login);
        (await after.RecordAsync("again", Buy("3", fact: "binance:1"))).ShouldBeOfType<Outcome.EvidenceAdded>()
            .Fact.ShouldBe(8);
        (await after.RecordAsync("old", Buy("1", fact: "binance:1"))).ShouldBeOfType<Outcome.BreakOpened>()
            .Fact.ShouldBe(8);
        (await after.RecordAsync("late", Correct(6, Buy("4")))).ShouldBeOfType<Outcome.Refused>()
            .Refusal.Numbers["voidedBy"].ShouldBe("7");
        await after.ShouldVerifyAsync();
    }

    [Fact]
    public async Task what_a_commit_accepted_is_named_by_what_comes_later_in_it()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();

        var outcomes = await ledger.InOneCommitAsync(
            login,
            Alone("buy", Buy("1", fact: "binance:1")),
            Alone("buy", Buy("1", fact: "binance:1")),
            Alone("again", Buy("1", fact: "binance:1")),
            Alone("correct", Correct(6, Buy("2"))),
            Alone("corrected", Buy("2", fact: "binance:1")),
            Alone("twice", Correct(6, null)),
            Alone("beyond", Correct(99, null)));

        outcomes[0].ShouldBeOfType<Outcome.Recorded>().Entry.Position.ShouldBe(6);
        outcomes[1].ShouldBeOfType<Outcome.Recorded>().Replayed.ShouldBeTrue();
        outcomes[2].ShouldBeOfType<Outcome.EvidenceAdded>().Fact.ShouldBe(6);
        outcomes[3].ShouldBeOfType<Outcome.Recorded>().Entry.Fact.ShouldBe(FactId.Parse("binance:1"));
        outcomes[4].ShouldBeOfType<Outcome.EvidenceAdded>().Fact.ShouldBe(8);
        Code(outcomes[5]).ShouldBe(RefusalCode.EntryAlreadyVoided);
        Code(outcomes[6]).ShouldBe(RefusalCode.EntryUnknown);
    }

    [Fact]
    public async Task a_registration_rests_on_the_first_use_that_stands_wherever_that_is()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("btc", new RegisterAsset
        {
            EffectiveAt = Day,
            Asset = Btc,
            Kind = AssetKind.Token,
            Decimals = 8,
        });
        await ledger.RecordAsync("one", BuyBtc());
        await ledger.RecordAsync("two", BuyBtc());
        await ledger.RecordAsync("void-one", Correct(7, null));

        (await ledger.RecordAsync("rests", Correct(6, null))).ShouldBeOfType<Outcome.Refused>()
            .Refusal.Numbers["restingEntry"].ShouldBe("8");

        var outcomes = await ledger.InOneCommitAsync(
            login,
            Alone("three", BuyBtc()),
            Alone("void-two", Correct(8, null)),
            Alone("still-rests", Correct(6, null)),
            Alone("void-three", Correct(10, null)),
            Alone("void", Correct(6, null)),
            Alone("gone", BuyBtc()));

        outcomes[2].ShouldBeOfType<Outcome.Refused>().Refusal.Numbers["restingEntry"].ShouldBe("10");
        outcomes[4].ShouldBeOfType<Outcome.Recorded>().Entry.Voids.ShouldBe(6);
        Code(outcomes[5]).ShouldBe(RefusalCode.AssetUnknown);
    }

    [Theory]
    [InlineData("")]
    [InlineData("delete from ledger.narrow where last > 100")]
    [InlineData("update ledger.narrow set body = set_byte(body, 9, get_byte(body, 9) # 1) where last > 100")]
    public async Task what_a_long_tail_voids_is_looked_up_before_the_tail(string damage)
    {
        var login = await databases.NewAsync();
        await using var one = new TestLedger(login);
        await using var two = new TestLedger(login);
        await one.OpenAsync();
        await one.RecordAsync("early", Buy("5"));
        await two.RecordAsync("knows", Buy("1"));
        await one.RecordAsync(Batch("tail", Enumerable.Range(0, 1_500).Select(_ => Buy("0.001"))));
        await one.RecordAsync("void", Correct(6, null));
        if (damage.Length > 0)
        {
            (await Database.AskAsync(login, damage + " returning last")).ShouldNotBeEmpty();
        }

        var sell = new SellToExchange
        {
            EffectiveAt = Day,
            Mode = EntryMode.Instruction,
            Account = AccountId.Parse("exchange"),
            Asset = AssetId.Parse("ETH"),
            Quantity = ExactDecimal.Parse("3"),
            ProceedsAsset = AssetId.Parse("USD"),
            ProceedsQuantity = ExactDecimal.Parse("1"),
        };

        (await two.RecordAsync("sell", sell)).ShouldBeOfType<Outcome.Refused>()
            .Refusal.Numbers["available"].ShouldBe("2.5");
        (await two.RecordAsync(Batch("tail", Enumerable.Range(0, 1_500).Select(_ => Buy("0.001"))))).Items
            .ShouldAllBe(item => ((Outcome.Recorded)item).Replayed);
    }

    private static AcquireAsset BuyBtc() => Buy("1") with { Asset = Btc };

    private static CorrectEntry Correct(long entry, Command? replacement) =>
        new() { EffectiveAt = Day, Entry = entry, Replacement = replacement };

    private static RefusalCode Code(Outcome outcome) => outcome.ShouldBeOfType<Outcome.Refused>().Refusal.Code;
}
