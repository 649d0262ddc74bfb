using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

public sealed class GroupCommitTests(Databases databases)
{
    [Fact]
    public async Task what_is_recorded_can_be_read_and_the_head_says_where_it_stands()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();

        var decided = await ledger.RecordAsync(Alone("buy-1", Buy()));

        var recorded = decided.Items.ShouldHaveSingleItem().ShouldBeOfType<Outcome.Recorded>();
        recorded.Replayed.ShouldBeFalse();
        recorded.Entry.Position.ShouldBe(6);
        var view = await ledger.ReadAsync();
        view.Head.ShouldBe(decided.Head);
        view.Entries.Count.ShouldBe(6);
        Text((await ledger.StoredAsync())[5]).ShouldBe(Text(recorded.Entry));
    }

    [Fact]
    public async Task sixty_four_callers_get_positions_without_gaps_or_doubles()
    {
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();

        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                (await ledger.RecordAsync($"{caller}-{i}", Buy())).ShouldBeOfType<Outcome.Recorded>();
            }
        })));

        var view = await ledger.ReadAsync();
        view.Entries.Select(entry => entry.Position).ShouldBe(Enumerable.Range(1, 5 + (64 * 20)).Select(n => (long)n));
        view.Entries.Zip(view.Entries.Skip(1)).ShouldAllBe(pair => pair.First.RecordedAt < pair.Second.RecordedAt);
    }

    [Fact]
    public async Task what_an_instruction_is_held_against_is_read_and_folded_before_the_head_is_locked()
    {
        var login = await databases.NewAsync();
        await using var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("limits", new SetLimits
        {
            EffectiveAt = Day,
            HealthFactorMin = ExactDecimal.One,
        });
        await using var holder = new NpgsqlConnection(login);
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using var holds = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        // Whoever reads the journal waits here.
        await holder.AskAsync("lock table ledger.narrow in access exclusive mode");
        var instructed = ledger.RecordAsync("instruction", new Borrow
        {
            EffectiveAt = Day,
            Mode = EntryMode.Instruction,
            Position = AccountId.Parse("exchange"),
            Asset = AssetId.Parse("USD"),
            Quantity = ExactDecimal.One,
            To = AccountId.Parse("bank"),
        });
        await WaitForLockAsync(login);

        (await Database.AskAsync(login, "select position from ledger.heads for update nowait")).ShouldBe("6");

        await holds.RollbackAsync(TestContext.Current.CancellationToken);
        (await instructed).ShouldBeOfType<Outcome.Refused>();
    }
}
