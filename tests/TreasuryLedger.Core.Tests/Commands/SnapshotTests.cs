using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>A state that was written down and read again decides as the one that was not.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void a_restored_state_decides_like_a_replayed_one_after_any_history() =>
        Gen.Select(AvailabilityTests.Steps, Gen.Bool).Array[1, 60].Sample(
            steps =>
            {
                var (replayed, restored) = (new SpecWorld(), new SpecWorld());
                AvailabilityTests.Open(replayed);
                AvailabilityTests.Open(restored);
                foreach (var (index, (step, isRestored)) in steps.Index())
                {
                    if (isRestored)
                    {
                        restored.Restore();
                    }

                    AvailabilityTests.Put(replayed, step, index);
                    AvailabilityTests.Put(restored, step, index);
                    SpecWorld.Text(restored.Last!).ShouldBe(SpecWorld.Text(replayed.Last!));
                }

                Content.Of(restored.Treasury.Snapshot()).ShouldBe(Content.Of(replayed.Treasury.Snapshot()));
            },
            iter: 300);

    [Fact]
    public void a_state_that_is_asked_late_says_what_one_that_is_asked_at_each_entry_says()
    {
        var events = SampleEvents.All().ToList();
        var (late, asked) = (TreasuryState.Empty(JournalKind.Treasury), TreasuryState.Empty(JournalKind.Treasury));
        for (var position = 1; position <= 5_000; position++)
        {
            // Every event once, then the facts among them again and again, at instants in no order.
            var happened = position <= events.Count ? events[position - 1] : events[position % events.Count];
            var entry = SampleEvents.Entry(position, happened);
            entry = position <= events.Count ? entry : entry with
            {
                EffectiveAt = new Instant(position * 7_919L % 5_000),
                Event = happened is InstructionGiven or InstructionCancelled ? events[^1] : happened,
            };
            (late, asked) = (late.Evolve(entry), asked.Evolve(entry));
            asked.Free.Count.ShouldBeGreaterThanOrEqualTo(0);
        }

        Content.Of(late.Snapshot()).ShouldBe(Content.Of(asked.Snapshot()));
        TreasuryState.Of(late.Snapshot()).Position.ShouldBe(5_000);
    }

    [Fact]
    public void a_state_of_every_event_is_restored_whole()
    {
        var state = TreasuryState.Empty(JournalKind.Treasury);
        foreach (var happened in SampleEvents.All())
        {
            state = state.Evolve(SampleEvents.Entry(state.Position + 1, happened));
        }

        var snapshot = state.Snapshot();
        var restored = TreasuryState.Of(snapshot);

        Content.Of(restored.Snapshot()).ShouldBe(Content.Of(snapshot));
        Content.Of(restored.Registers.Treasury).ShouldBe(Content.Of(state.Registers.Treasury));
        restored.Registers.Accounts.Keys.ShouldBe(state.Registers.Accounts.Keys, ignoreOrder: true);
        restored.Registers.Assets.Keys.ShouldBe(state.Registers.Assets.Keys, ignoreOrder: true);
        snapshot.Instructions.Select(one => $"{one.Fact}").ShouldBe(["f27", "i"]);
        snapshot.Units.Count(units => units.AreOwed).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void timelines_of_any_width_are_restored_whole() =>
        Gen.Select(Gen.Select(Gen.Int[0, 400], Gen.Int[-9, 9]).Array[0, 400], Gen.Int[100, 160]).Sample(
            (changes, exponent) =>
            {
                var scale = BigInteger.Pow(2, exponent);
                var timeline = changes.Aggregate((Timeline?)null, (line, change) =>
                    Timeline.Add(line, new Instant(change.Item1), new Quantity(change.Item2 * scale)));
                var (instants, narrow, wide) = timeline?.Changes() ?? ([], [], []);
                var sums = changes.GroupBy(change => change.Item1)
                    .Select(group => (At: (long)group.Key, Sum: group.Sum(change => change.Item2) * scale))
                    .Where(change => !change.Sum.IsZero).OrderBy(change => change.At).ToList();

                instants.ShouldBe(sums.Select(change => change.At));
                narrow.Select(change => (BigInteger)change).Concat(wide).ShouldBe(sums.Select(change => change.Sum));
                if (instants.Length > 0)
                {
                    var restored = Timeline.Of(instants, narrow, wide);
                    for (var at = 0; at < 400; at += 7)
                    {
                        Timeline.LowestFrom(restored, new Instant(at))
                            .ShouldBe(Timeline.LowestFrom(timeline, new Instant(at)));
                        Timeline.SumAt(restored, new Instant(at)).ShouldBe(Timeline.SumAt(timeline, new Instant(at)));
                    }
                }
            },
            iter: 300);

    [Fact]
    public void changes_that_are_not_in_order_make_no_timeline()
    {
        ImmutableArray<Int128> changes = [1, 2];

        Should.Throw<ArgumentException>(() => Timeline.Of([5, 5], changes, []));
        Should.Throw<ArgumentException>(() => Timeline.Of([5, 4], changes, []));
        Should.Throw<ArgumentException>(() => Timeline.Of([5], changes, []));
        Should.Throw<ArgumentException>(() => Timeline.Of([], [], []));
        Should.Throw<ArgumentException>(() => Timeline.Of([5, 6], [], [BigInteger.One]));
    }
}
