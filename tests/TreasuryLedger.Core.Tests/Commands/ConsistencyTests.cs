using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>What must hold for every command and every event, those of tomorrow too.</summary>
public sealed class ConsistencyTests
{
    [Fact]
    public void the_samples_have_every_event() =>
        SampleEvents.All().Select(happened => happened.GetType()).ShouldBe(
            typeof(LedgerEvent).Assembly.GetTypes().Where(type => type.BaseType == typeof(LedgerEvent)),
            ignoreOrder: true);

    [Fact]
    public void every_event_is_known_to_the_movements_and_to_the_state()
    {
        var state = TreasuryState.Empty(JournalKind.Treasury);
        foreach (var happened in SampleEvents.All())
        {
            state = state.Evolve(SampleEvents.Entry(state.Position + 1, happened));
        }

        state.Position.ShouldBe(SampleEvents.All().Length);
    }

    [Fact]
    public void an_unknown_event_stops_the_fold()
    {
        var entry = SampleEvents.Entry(1, new Unheard());

        Should.Throw<UnreachableEventException>(() => TreasuryState.Empty(JournalKind.Treasury).Evolve(entry));
    }

    [Fact]
    public void an_entry_that_does_not_follow_stops_the_fold()
    {
        var state = TreasuryState.Empty(JournalKind.Treasury).Evolve(SampleEvents.Entry(1, new EntryVoided()));

        Should.Throw<ArgumentException>(() => state.Evolve(SampleEvents.Entry(3, new EntryVoided())));
        Should.Throw<ArgumentException>(() => state.Evolve(SampleEvents.Entry(1, new EntryVoided())));
        Should.Throw<ArgumentException>(() => state.Evolve(
            SampleEvents.Entry(2, new EntryVoided()) with { RecordedAt = new Instant(1) }));
    }

    [Fact]
    public void events_of_the_same_content_are_alike_and_others_are_not()
    {
        var (left, right, other) = (SampleEvents.All(), SampleEvents.All(), SampleEvents.All(units: 7));
        foreach (var (i, happened) in left.Index())
        {
            for (var j = 0; j < right.Length; j++)
            {
                EventContent.Alike(happened, right[j]).ShouldBe(i == j, $"{happened} and {right[j]}");
                EventContent.Alike(happened, other[j]).ShouldBe(
                    Content.Of(happened) == Content.Of(other[j]), $"{happened} and {other[j]}");
            }
        }
    }

    [Fact]
    public void alike_looks_into_every_array_of_an_event()
    {
        var withArrays = typeof(LedgerEvent).Assembly.GetTypes()
            .Where(type => type.BaseType == typeof(LedgerEvent))
            .Where(type => type.GetProperties().Any(property => property.PropertyType.Name == "ImmutableArray`1"))
            .ToList();
        var (left, other) = (SampleEvents.All(), SampleEvents.All(units: 7));

        left.Zip(other)
            .Where(pair => withArrays.Contains(pair.First.GetType()) && EventContent.Alike(pair.First, pair.Second))
            .ShouldBeEmpty();
        withArrays.Count.ShouldBeGreaterThan(8);
    }

    [Fact]
    public void every_event_names_the_accounts_and_assets_that_stand_in_it()
    {
        foreach (var happened in SampleEvents.All())
        {
            var text = Content.Of(happened);
            // What an event registers, opens or prices is its subject; it rests on nothing by naming it.
            var named = happened is AccountRegistered or TreasuryOpened or PriceRecorded or MarketStateRecorded
                ? []
                : new[] { "w1", "w2", "aave" }.Where(id => text.Contains(id, StringComparison.Ordinal));

            EventContent.Names(happened).Accounts.Select(account => account.ToString())
                .ShouldBe(named, ignoreOrder: true, happened.ToString());
        }
    }

    [Fact]
    public void lists_may_be_absent_but_hold_no_null()
    {
        var world = new SpecWorld();
        foreach (var text in new[] { "open-treasury - Acme", "asset - ETH token 18", "account - w1 wallet" })
        {
            world.Put(JournalKind.Treasury, SpecVerbs.Read(new SpecLine(0, text), world));
        }

        var transfer = (TransferAsset)SpecVerbs.Read(new SpecLine(0, "transfer - of 1 ETH from w1 to w2"), world);
        world.Put(JournalKind.Treasury, SpecVerbs.Read(new SpecLine(0, "account - w2 wallet"), world));
        var opening = new OpenBalances { EffectiveAt = default, Lots = [null!] };

        Code(world, transfer with { Fees = [null!] }).ShouldBe(RefusalCode.TermsInvalid);
        Code(world, transfer with { Fees = default }).ShouldBeNull();
        Code(world, opening).ShouldBe(RefusalCode.TermsInvalid);
        Code(world, opening with { Lots = default, Debts = [null!] }).ShouldBe(RefusalCode.TermsInvalid);
        Code(world, opening with { Lots = default, Debts = default }).ShouldBe(RefusalCode.TermsInvalid);
    }

    [Fact]
    public void numbers_of_refusals_are_frozen()
    {
        var codes = Enum.GetValues<RefusalCode>();

        const int givenUp = 32; // what was refused under it is allowed now; no other refusal gets the number
        codes.Select(code => (int)code).ShouldBe(Enumerable.Range(1, codes.Length + 1).Where(code => code != givenUp));
        $"{(int)RefusalCode.UnitsMissing} {(int)RefusalCode.ScriptedClockWrong} {(int)RefusalCode.ValueMissing}"
            .ShouldBe("19 27 31");
    }

    [Fact]
    public void a_generated_fact_is_the_prefix_and_the_longest_key_still_fits()
    {
        var key = new string('k', EntryDraft.KeyLengthMax);
        var draft = new EntryDraft
        {
            EffectiveAt = default,
            Fact = null,
            FactIsGiven = false,
            Mode = EntryMode.Observation,
            Event = new EntryVoided(),
        };

        draft.ToEntry(1, default, "a", key, "", null).Fact.ToString().ShouldBe("request:" + key);
        Should.Throw<FormatException>(() => draft.ToEntry(1, default, "a", key + "k", "", null));
    }

    private static RefusalCode? Code(SpecWorld world, Command command) =>
        (world.Put(JournalKind.Treasury, command) as Decision.Refused)?.Refusal.Code;

    private sealed record Unheard : LedgerEvent;
}
