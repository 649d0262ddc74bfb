using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>Laws of every book, whatever happened and under whatever policy (SPEC 9 and 1.1).</summary>
public sealed class BookPropertyTests
{
    [Fact]
    public void units_and_cost_are_conserved_after_every_entry()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy).Sample(
            (steps, policy) =>
            {
                var journal = RandomHistory.WithCorrections(steps, policy);
                var prices = PriceBookView.Of(journal.Prices);
                var fold = new BookFold(
                    journal.Registers, new BookPolicy(policy, TestJournal.Usd), prices, new BookRows(),
                    new BookChoice(RandomHistory.Book));
                foreach (var entry in VisibleEntries.At(journal.Entries, Viewpoint.End))
                {
                    fold.Apply(entry);
                    var book = fold.ToBook(Viewpoint.End);
                    book.IsConserved.ShouldBeTrue();
                    // Realized and remaining are what was paid.
                    (book.CostOpen + book.CostDisposed).ShouldBe(book.CostAcquired);
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void an_entry_about_something_else_changes_nothing()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int[0, 12]).Sample(
            (steps, policy, day) =>
            {
                var (alone, beside) = (
                    RandomHistory.WithCorrections(steps, policy), RandomHistory.WithCorrections(steps, policy));
                var at = Instant.Parse("2026-01-01T00:00:00Z").Plus(day * 86_400_000_000L);
                beside.Add("other", at, new CapitalContributed(
                    TestJournal.Leg("w3", AssetId.Parse("USDC18"), "1000"), new CurrencyAmount("USD", Amount.Zero)));
                beside.Add("sold", at, new FeePaid(TestJournal.Leg("w3", AssetId.Parse("USDC18"), "600")));
                var choice = new BookChoice(RandomHistory.Book);

                string.Join('\n', RandomHistory.Text(beside.Book(policy, choice: choice)).Split('\n')
                    .Where(line => !line.Contains("USDC18", StringComparison.Ordinal)
                        && !line.Contains("LotId = other:0", StringComparison.Ordinal)))
                    .ShouldBe(RandomHistory.Text(alone.Book(policy, choice: choice)));
            },
            iter: 1_000);
    }

    [Fact]
    public void a_disposal_is_the_sum_of_its_takes_and_nothing_is_negative()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy).Sample(
            (steps, policy) =>
            {
                var book = RandomHistory.WithCorrections(steps, policy).Book(policy);
                foreach (var disposal in book.Disposals)
                {
                    var taken = disposal.Takes.Aggregate(Quantity.Zero, (sum, take) => sum + take.Quantity);
                    (taken + disposal.WithoutLot).ShouldBe(disposal.Quantity);
                    disposal.Takes.ShouldAllBe(take => take.Quantity.Sign > 0 && !(take.Cost < Amount.Zero));
                    if (disposal.WithoutLot.IsZero && disposal.Proceeds is { } proceeds)
                    {
                        disposal.Takes.Aggregate(Amount.Zero, (sum, take) => sum + take.Proceeds!.Value)
                            .ShouldBe(proceeds);
                    }

                    var byEvidence = Enum.GetValues<EvidenceQuality>()
                        .Aggregate(Amount.Zero, (sum, quality) => sum + disposal.GainOn(quality));
                    byEvidence.ShouldBe(disposal.MatchedGain ?? Amount.Zero);
                }

                book.OpenLots.ShouldAllBe(lot => lot.Remaining.Sign > 0 && !(lot.Cost < Amount.Zero));
            },
            iter: 2_000);
    }

    [Fact]
    public void the_order_of_arrival_does_not_matter()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int).Sample(
            (steps, policy, seed) =>
            {
                var inOrder = Enumerable.Range(0, steps.Length).ToArray();
                var shuffled = inOrder.ToArray();
                new Random(seed).Shuffle(shuffled);

                RandomHistory.Text(RandomHistory.Journal(steps, shuffled).Book(policy))
                    .ShouldBe(RandomHistory.Text(RandomHistory.Journal(steps, inOrder).Book(policy)));
            },
            iter: 2_000);
    }

    [Fact]
    public void what_was_known_never_changes_when_more_is_recorded()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int[0, 40]).Sample(
            (steps, policy, cut) =>
            {
                var whole = RandomHistory.WithCorrections(steps, policy);
                var knownAt = whole.Entries[^1].RecordedAt.Plus(-1_000_000L * cut);
                var viewpoint = new Viewpoint(Instant.Max, knownAt);
                var then = new TestJournal(policy);
                then.Entries.Clear();
                then.Entries.AddRange(whole.Entries.Where(entry => entry.RecordedAt <= knownAt));
                then.Prices.AddRange(whole.Prices.Where(entry => entry.RecordedAt <= knownAt));

                RandomHistory.Text(whole.Book(policy, viewpoint))
                    .ShouldBe(RandomHistory.Text(then.Book(policy, viewpoint)));
            },
            iter: 2_000);
    }

    [Fact]
    public void reading_a_book_between_entries_does_not_change_it()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy).Sample(
            (steps, policy) =>
            {
                var journal = RandomHistory.WithCorrections(steps, policy);
                var prices = PriceBookView.Of(journal.Prices);
                var fold = new BookFold(journal.Registers, new BookPolicy(policy, TestJournal.Usd), prices);
                foreach (var entry in VisibleEntries.At(journal.Entries, Viewpoint.End))
                {
                    fold.Apply(entry);
                    fold.ToBook(Viewpoint.End);
                }

                RandomHistory.Text(fold.ToBook(Viewpoint.End)).ShouldBe(RandomHistory.Text(journal.Book(policy)));
            },
            iter: 500);
    }

    [Fact]
    public void selling_in_parts_gives_the_gain_of_selling_at_once()
    {
        var buys = Gen.Select(Gen.Long[1, 1_000_000_007], Gen.Long[1, 1_000_000_007]).Array[1, 8];
        Gen.Select(buys, RandomHistory.Policy, Gen.Long[1, 1_000_000].Array[1, 8]).Sample(
            (bought, policy, cuts) =>
            {
                if (policy.LotMethod == LotMethod.Specific)
                {
                    return; // a part leaves a choice
                }

                var all = bought.Aggregate(0L, (sum, buy) => sum + buy.Item1);
                var atOnce = Sold(bought, [all], policy);
                var inParts = Sold(bought, Parts(all, cuts), policy);

                inParts.OpenLots.ShouldBeEmpty();
                inParts.CostDisposed.ShouldBe(atOnce.CostDisposed);
                inParts.RealizedGain.ShouldBe(atOnce.RealizedGain);
            },
            iter: 2_000);
    }

    [Fact]
    public void a_part_sold_in_two_differs_by_less_than_a_unit_of_the_last_digit_for_each_part()
    {
        var buys = Gen.Select(Gen.Long[1, 1_000_000_007], Gen.Long[1, 1_000_000_007]).Array[1, 8];
        Gen.Select(buys, RandomHistory.Policy, Gen.Int[1, 99], Gen.Int[1, 99]).Sample(
            (bought, policy, share, cut) =>
            {
                var some = 1 + (bought.Aggregate(0L, (sum, buy) => sum + buy.Item1) * share / 100);
                var first = Math.Max(1, some * cut / 100);
                var atOnce = Sold(bought, [some], policy);
                var inParts = Sold(bought, first < some ? [first, some - first] : [some], policy);

                var difference = (inParts.CostDisposed - atOnce.CostDisposed).Attos;
                System.Numerics.BigInteger.Abs(difference).ShouldBeLessThan(2);
            },
            iter: 2_000);
    }

    private static Book Sold((long Units, long Cents)[] bought, long[] parts, PolicyTerms policy)
    {
        var journal = new TestJournal(policy);
        var at = Instant.Parse("2026-01-01T00:00:00Z");
        foreach (var ((units, cents), number) in bought.Select((buy, number) => (buy, number)))
        {
            journal.Add($"buy-{number}", at.Plus(number / 2), new AssetAcquired(
                Leg(TestJournal.Eth, units), Leg(TestJournal.Usd, cents), []));
        }

        foreach (var (part, number) in parts.Select((part, number) => (part, number)))
        {
            // One cent for each unit, so that the proceeds of the parts are those of the whole.
            journal.Add($"sell-{number}", at.Plus(100 + number), new AssetSold(
                Leg(TestJournal.Eth, part), Leg(TestJournal.Usd, part), []));
        }

        return journal.Book(policy);
    }

    private static Leg Leg(AssetId asset, long units) => new(AccountId.Parse("w1"), asset, new Quantity(units));

    private static long[] Parts(long all, long[] cuts)
    {
        var parts = new List<long>();
        foreach (var cut in cuts)
        {
            if (cut < all)
            {
                parts.Add(cut);
                all -= cut;
            }
        }

        return [.. parts, all];
    }
}
