using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>Halves of handovers are what the terms made of them that were in force then (SPEC 10).</summary>
public sealed class HandoverTermsTests
{
    [Fact]
    public void stablecoins_that_were_cash_when_they_left_are_cash_though_they_are_lots_now()
    {
        var half = Half(
            TestJournal.Usdt, PolicyTerms.Starter,
            PolicyTerms.Starter with { Stablecoins = StablecoinTreatment.Lots });

        half.IsCash.ShouldBeTrue();
        half.Amount.ShouldNotBeNull().ToString().ShouldBe("100");
    }

    [Fact]
    public void a_handover_that_was_a_disposal_is_one_though_later_ones_are_at_cost()
    {
        var disposal = PolicyTerms.Starter with
        {
            Conventions = LotConventions.Starter with { Handover = HandoverTreatment.Disposal },
        };

        Half(TestJournal.Eth, disposal, PolicyTerms.Starter).IsAtCost.ShouldBeFalse();
        Half(TestJournal.Eth, PolicyTerms.Starter, disposal).IsAtCost.ShouldBeTrue();
    }

    /// <summary>A hundred units that left in January, asked after the terms changed in February.</summary>
    private static HandoverHalf Half(AssetId asset, PolicyTerms first, PolicyTerms next)
    {
        var journal = new TestJournal(first);
        var (units, usd) = (TestJournal.Leg("w1", asset, "100"), TestJournal.Leg("bank", TestJournal.Usd, "100"));
        journal.Add("A", Day("2026-01-02"), new AssetAcquired(units, usd, []));
        journal.Add("H", Day("2026-01-05"), new UnitsHandedOver(units, "second", []));
        journal.Add("P", Day("2026-02-01"), new TermsAdopted(StarterBooks.Official, next));
        return HandoverHalf.AllOf(TreasuryAt.Of(
            journal.Entries, journal.Prices, [], new Viewpoint(Day("2026-02-28"), Instant.Max)))
            .ShouldHaveSingleItem().Value;
    }

    private static Instant Day(string day) => Instant.Parse(day + "T00:00:00Z");
}
