using System.Numerics;
using CsCheck;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>The tree of changes against lists and loops.</summary>
public sealed class TimelineTests
{
    private static readonly Gen<(int At, int Change)[]> Changes =
        Gen.Select(Gen.Int[0, 40], Gen.Int[-5, 5]).Array[0, 60];

    [Fact]
    public void sums_lowest_and_first_below_are_those_of_a_naive_walk() =>
        Gen.Select(Changes, Gen.Int[0, 41], Gen.Int[-8, 8]).Sample(
            (changes, from, needed) =>
            {
                var tree = changes.Aggregate((Timeline?)null, Add);
                var instants = Enumerable.Range(from, 42).Select(at => (At: at, Sum: Sum(changes, at))).ToList();

                Timeline.SumAt(tree, new Instant(from)).ShouldBe(new Quantity(instants[0].Sum));
                Timeline.LowestFrom(tree, new Instant(from)).ShouldBe(new Quantity(instants.Min(one => one.Sum)));
                Timeline.FirstBelow(tree, new Instant(from), new Quantity(needed))?.Microseconds.ShouldBe(
                    instants.First(one => one.Sum < needed).At);
                (Timeline.FirstBelow(tree, new Instant(from), new Quantity(needed)) is null).ShouldBe(
                    instants.TrueForAll(one => one.Sum >= needed));
            },
            iter: 20_000);

    [Fact]
    public void changes_taken_in_together_are_those_taken_in_one_by_one() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 2_000], Gen.Int[-9, 9]).Array[1, 700].Array[1, 6], Gen.Int[0, 130]).Sample(
            (rows, exponent) =>
            {
                var scale = BigInteger.Pow(2, exponent);
                Timeline? together = null;
                Timeline? alone = null;
                foreach (var row in rows)
                {
                    together = Timeline.Add(
                        together, [.. row.Select(change => new UnitsChange(change.Item1, change.Item2 * scale))]);
                    alone = row.Aggregate(alone, (timeline, change) =>
                        Timeline.Add(timeline, new Instant(change.Item1), new Quantity(change.Item2 * scale)));
                }

                together!.Changes().Instants.ShouldBe(alone!.Changes().Instants);
                together.Changes().Narrow.ShouldBe(alone.Changes().Narrow);
                together.Changes().Wide.ShouldBe(alone.Changes().Wide);
                for (var at = 0; at <= 2_000; at += 37)
                {
                    Timeline.SumAt(together, new Instant(at)).ShouldBe(Timeline.SumAt(alone, new Instant(at)));
                    Timeline.LowestFrom(together, new Instant(at))
                        .ShouldBe(Timeline.LowestFrom(alone, new Instant(at)));
                }
            },
            iter: 100);

    [Fact]
    public void instants_of_change_come_in_order_without_those_that_cancel_out() =>
        Gen.Select(Changes, Gen.Int[0, 41]).Sample((changes, from) =>
        {
            var tree = changes.Aggregate((Timeline?)null, Add);

            Timeline.ChangesAfter(tree, new Instant(from)).Select(at => (int)at.Microseconds).ShouldBe(changes
                .GroupBy(change => change.At)
                .Where(group => group.Key > from && group.Sum(change => change.Change) != 0)
                .Select(group => group.Key)
                .Order());
        });

    [Fact]
    public void long_timelines_of_any_width_answer_like_sorted_lists() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 3_000], Gen.Int[-9, 9]).Array[0, 3_000], Gen.Int[0, 3_001], Gen.Int[0, 500]).Sample(
            (changes, from, exponent) =>
            {
                var scale = BigInteger.Pow(2, exponent);
                var tree = changes.Aggregate((Timeline?)null, (timeline, change) =>
                    Timeline.Add(timeline, new Instant(change.Item1), new Quantity(change.Item2 * scale)));
                var sums = new SortedDictionary<int, int>();
                foreach (var (at, change) in changes)
                {
                    sums[at] = sums.GetValueOrDefault(at) + change;
                }

                var (here, lowest) = (0, int.MaxValue);
                foreach (var (at, change) in sums)
                {
                    lowest = at > from && lowest == int.MaxValue ? here : lowest;
                    here += change;
                    lowest = at > from ? Math.Min(lowest, here) : lowest;
                }

                lowest = lowest == int.MaxValue ? here : lowest;
                Timeline.LowestFrom(tree, new Instant(from)).ShouldBe(new Quantity(lowest * scale));
                Timeline.FirstBelow(tree, new Instant(from), new Quantity(lowest * scale)).ShouldBeNull();
                Timeline.FirstBelow(tree, new Instant(from), new Quantity((lowest * scale) + 1)).ShouldNotBeNull();
                Timeline.SumAt(tree, new Instant(3_000)).ShouldBe(new Quantity(here * scale));
            },
            iter: 200);

    [Fact]
    public void a_timeline_is_never_changed_by_what_is_added_to_it()
    {
        var first = Timeline.Add(null, new Instant(5), new Quantity(3));
        _ = Timeline.Add(first, new Instant(4), new Quantity(-9));

        Timeline.LowestFrom(first, default).ShouldBe(Quantity.Zero);
        Timeline.SumAt(first, new Instant(9)).ShouldBe(new Quantity(3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(7)]
    public void the_tree_stays_flat_in_whatever_order_instants_come(int step)
    {
        const int count = 4_096;
        Timeline? tree = null;
        for (var i = 0; i < count; i++)
        {
            tree = Add(tree, ((i * step) & (count - 1), 1));
        }

        Timeline.SumAt(tree, new Instant(count)).ShouldBe(new Quantity(count));
        // Leaves hold 16 to 32 changes and other nodes 8 to 16 children, but for the last ones on the way down.
        tree!.Height.ShouldBeLessThanOrEqualTo(4);
    }

    private static Timeline Add(Timeline? tree, (int At, int Change) change) =>
        Timeline.Add(tree, new Instant(change.At), new Quantity(change.Change));

    private static int Sum((int At, int Change)[] changes, int at) =>
        changes.Where(change => change.At <= at).Sum(change => change.Change);
}
