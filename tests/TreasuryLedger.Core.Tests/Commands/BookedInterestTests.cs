using CsCheck;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Tests.Commands;

/// <summary>Interest of an indexed position counts once, in whatever order its touches are told.</summary>
public sealed class BookedInterestTests
{
    private static readonly AccountId Position = AccountId.Parse("aave");
    private static readonly AssetId Ether = AssetId.Parse("ETH");

    [Fact]
    public void what_is_booked_is_the_growth_over_all_indices_that_any_standing_touch_covers() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 9]).Array[1, 30].Sample(
            steps =>
            {
                var world = new SpecWorld();
                AvailabilityTests.Open(world);
                var standing = new Dictionary<long, (int From, int To)>();
                foreach (var (one, other, pick) in steps)
                {
                    var (from, to) = (Math.Min(one, other), Math.Max(one, other));
                    if (pick == 0 && standing.Count > 0)
                    {
                        Void(world, standing.Keys.First());
                        standing.Remove(standing.Keys.First());
                        continue;
                    }

                    var decision = world.Put(JournalKind.Treasury, Touch(from, to));
                    var overlaps = standing.Values.Any(span => Math.Max(span.From, from) < Math.Min(span.To, to));
                    (decision is Decision.Accepted).ShouldBe(!overlaps, $"{from} to {to}");
                    if (decision is Decision.Accepted)
                    {
                        standing[world.Treasury.Position] = (from, to);
                    }

                    world.Restore();
                }

                var covered = Enumerable.Range(0, 20)
                    .Count(i => standing.Values.Any(span => span.From <= i && i < span.To));
                Units(world).ShouldBe(covered * 10L);
            },
            iter: 200);

    private static TouchPosition Touch(int from, int to) => new()
    {
        EffectiveAt = SpecWorld.Start.Plus(to),
        Position = Position,
        Sides =
        [
            new SideTouch(Ether, InterestSide.Supply, new TouchTerms
            {
                Index = new ExactDecimal(100 + to, 2),
                IndexBefore = new ExactDecimal(100 + from, 2),
                ScaledBefore = new ExactDecimal(1_000, 0),
            }),
        ],
    };

    private static void Void(SpecWorld world, long entry) => world.Put(
        JournalKind.Treasury, new CorrectEntry { EffectiveAt = SpecWorld.Start, Entry = entry, Reason = "wrong" })
        .ShouldBeOfType<Decision.Accepted>();

    private static long Units(SpecWorld world)
    {
        var voided = world.Entries.Select(entry => entry.Voids).ToHashSet();
        return (long)world.Entries.Where(entry => !voided.Contains(entry.Position))
            .SelectMany(entry => Movements.Held(entry.Event))
            .Where(moved => moved.Account == Position)
            .Aggregate(Quantity.Zero, (sum, moved) => sum + moved.Change).Units;
    }
}
