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
        // A balanced (AVL) tree of n nodes is at most 1.44 log2(n + 2) high: 17.3 here.
        tree!.Height.ShouldBeLessThanOrEqualTo(17);
    }

    private static Timeline Add(Timeline? tree, (int At, int Change) change) =>
        Timeline.Add(tree, new Instant(change.At), new Quantity(change.Change));

    private static int Sum((int At, int Change)[] changes, int at) =>
        changes.Where(change => change.At <= at).Sum(change => change.Change);
}
