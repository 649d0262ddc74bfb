using CsCheck;
using TreasuryLedger.Core.Lots;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>The sorted list against the plainest one, with snapshots taken on the way.</summary>
public sealed class SortedTreeTests
{
    private static readonly Comparer<Item> Order = Comparer<Item>.Create((x, y) => x.Key.CompareTo(y.Key));

    [Fact]
    public void it_holds_what_a_plain_sorted_list_holds_and_snapshots_stay_as_they_were()
    {
        // Rising, falling and scattered keys; removals of the first; replacements; snapshots.
        var step = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1_000_000]);
        Gen.Select(Gen.Int[0, 2], step.Array[0, 2_000]).Sample(
            (shape, steps) =>
            {
                var (tree, plain, owner) = (new SortedTree<Item>(), new SortedList<int, Item>(), new object());
                var snapshots = new List<(SortedTree<Item> Tree, Item[] Items)>();
                foreach (var ((what, number), index) in steps.Select((step, index) => (step, index)))
                {
                    Play(what, shape == 0 ? index : shape == 1 ? -index : number, ref tree, plain, owner);
                    if (what == 9 && index % 7 == 0)
                    {
                        snapshots.Add((tree, [.. plain.Values]));
                        owner = new object();
                    }
                }

                snapshots.Add((tree, [.. plain.Values]));
                foreach (var (taken, items) in snapshots)
                {
                    Items(taken).ShouldBe(items);
                    taken.Count.ShouldBe(items.Length);
                    taken.First.ShouldBe(items.FirstOrDefault());
                }
            },
            iter: 300);
    }

    [Fact]
    public void reading_may_begin_anywhere()
    {
        Gen.Select(Gen.Int[0, 500].Array[0, 400], Gen.Int[-1, 501]).Sample(
            (keys, from) =>
            {
                var (tree, owner) = (new SortedTree<Item>(), new object());
                var distinct = keys.Distinct().ToList();
                distinct.ForEach(key => tree.Insert(new Item(key, 0), Order, owner));

                var read = new List<int>();
                foreach (var item in tree.From(item => item.Key < from))
                {
                    read.Add(item.Key);
                }

                read.ShouldBe(distinct.Where(key => key >= from).Order());
            },
            iter: 1_000);
    }

    private static void Play(
        int what, int key, ref SortedTree<Item> tree, SortedList<int, Item> plain, object owner)
    {
        if (what == 8 && plain.Count > 0)
        {
            tree.RemoveFirst(owner);
            plain.RemoveAt(0);
        }
        else if (what == 7 && plain.Count > 0)
        {
            var at = plain.Values[Math.Abs(key) % plain.Count];
            tree.Find(at, Order).ShouldBe(at);
            var other = at with { Value = at.Value + 1 };
            tree.Replace(other, Order, owner);
            plain[at.Key] = other;
        }
        else if (plain.TryAdd(key, new Item(key, 0)))
        {
            tree.Find(new Item(key, 0), Order).ShouldBeNull();
            tree.Insert(plain[key], Order, owner);
        }
    }

    private static List<Item> Items(SortedTree<Item> tree)
    {
        var items = new List<Item>();
        foreach (var item in tree.From())
        {
            items.Add(item);
        }

        return items;
    }

    private sealed record Item(int Key, int Value);
}
