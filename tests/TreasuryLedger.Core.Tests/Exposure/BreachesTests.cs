using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Exposure;

/// <summary>What is broken at single instants joined to breaches, and figures against bands.</summary>
public sealed class BreachesTests
{
    [Fact]
    public void a_breach_begins_and_ends_once_and_remembers_its_worst()
    {
        var breaches = Breaches.Of(
        [
            (At(1), []), (At(2), [Health("1.4")]), (At(3), [Health("1.1")]), (At(4), [Health("1.3")]), (At(5), []),
            (At(6), [Health("1.2")]),
        ]);

        breaches.Length.ShouldBe(2);
        (breaches[0].From, breaches[0].Until, breaches[0].Worst, breaches[0].WorstAt)
            .ShouldBe((At(2), At(5), ExactDecimal.Parse("1.1"), At(3)));
        breaches[0].First.Is.ShouldBe(ExactDecimal.Parse("1.4"));
        (breaches[1].From, breaches[1].Until).ShouldBe((At(6), null));
    }

    [Fact]
    public void breaches_of_several_subjects_do_not_mix()
    {
        var other = Health("1.2") with { Subject = "other" };
        var breaches = Breaches.Of([(At(1), [Health("1.4"), other]), (At(2), [other]), (At(3), [])]);

        breaches.Select(one => (one.Subject, one.From, one.Until))
            .ShouldBe([("other", At(1), At(3)), ("position", At(1), At(2))]);
    }

    [Fact]
    public void without_bound_is_the_worst_loan_to_value()
    {
        var limit = new BrokenLimit(LimitKind.LoanToValueMax, "p", ExactDecimal.One, ExactDecimal.Parse("2"));

        limit.IsWorse(null).ShouldBeTrue();
        limit.IsWorse(ExactDecimal.Parse("3")).ShouldBeTrue();
        limit.IsWorse(ExactDecimal.Parse("1.5")).ShouldBeFalse();
        (limit with { Is = null }).IsWorse(ExactDecimal.Parse("3")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("1.5", null)]
    [InlineData("1.499999999999999999", PlaybookAction.Review)]
    [InlineData("1.3", PlaybookAction.Review)]
    [InlineData("1.299999999999999999", PlaybookAction.Repay)]
    [InlineData("0", PlaybookAction.Repay)]
    [InlineData(null, null)]
    public void a_health_factor_is_in_the_lowest_band_that_it_is_below(string? factor, PlaybookAction? action)
    {
        ImmutableArray<PlaybookBand> bands =
        [
            new(ExactDecimal.Parse("1.5"), PlaybookAction.Review, null, 60, "desk"),
            new(ExactDecimal.Parse("1.3"), PlaybookAction.Repay, ExactDecimal.Parse("1.5"), 60, "cfo"),
        ];

        (Playbook.BandOf(bands, factor is null ? null : ExactDecimal.Parse(factor))?.Action).ShouldBe(action);
    }

    private static Instant At(int second) => new(second * 1_000_000L);

    private static BrokenLimit Health(string factor) =>
        new(LimitKind.HealthFactorMin, "position", ExactDecimal.Parse("1.5"), ExactDecimal.Parse(factor));
}
