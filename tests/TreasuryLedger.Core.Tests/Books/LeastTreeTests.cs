using CsCheck;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Tests.Books;

/// <summary>The search for the nearest number at or below a bound, against loops.</summary>
public sealed class LeastTreeTests
{
    private static readonly Gen<long[]> Numbers =
        Gen.OneOf(Gen.Long[0, 9].Array[0, 40], Gen.Long[0, 999].Array[0, 700]);

    [Fact]
    public void nearest_numbers_are_those_of_a_naive_walk() =>
        Gen.Select(Numbers, Gen.Int[0, 800], Gen.Int[0, 800], Gen.Long[-1, 1_000]).Sample(
            (numbers, place, prefilled, bound) =>
            {
                place = Math.Min(place, numbers.Length);
                var tree = new LeastTree(numbers.Length + 3, numbers.AsSpan(0, Math.Min(prefilled, numbers.Length)));
                for (var at = Math.Min(prefilled, numbers.Length); at < numbers.Length; at++)
                {
                    tree.Set(at, numbers[at]);
                }

                tree.LastBefore(place, bound).ShouldBe(numbers.AsSpan(0, place).ToArray().ToList()
                    .FindLastIndex(number => number <= bound));
                tree.FirstFrom(place, bound).ShouldBe(Array.FindIndex(numbers, place, number => number <= bound));
            },
            iter: 10_000);

    [Fact]
    public void numbers_that_are_set_again_count_as_they_are_now() =>
        Gen.Select(Numbers, Gen.Select(Gen.Int[0, 699], Gen.Long[0, 999]).Array[0, 30], Gen.Long[-1, 1_000]).Sample(
            (numbers, changes, bound) =>
            {
                var tree = new LeastTree(numbers.Length, numbers);
                foreach (var (place, number) in changes.Where(change => change.Item1 < numbers.Length))
                {
                    tree.Set(place, number);
                    numbers[place] = number;
                }

                tree.LastBefore(numbers.Length, bound).ShouldBe(Array.FindLastIndex(numbers, n => n <= bound));
                tree.FirstFrom(0, bound).ShouldBe(Array.FindIndex(numbers, n => n <= bound));
            },
            iter: 10_000);
}
