using CsCheck;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Statements;

/// <summary>Laws of statements over random histories.</summary>
public sealed class StatementPropertyTests
{
    private static readonly Instant AsOf = Instant.Parse("2026-01-09T00:00:00Z");

    [Fact]
    public void the_effects_of_a_restatement_add_up_to_the_difference()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int[0, 30]).Sample(
            (steps, policy, cut) =>
            {
                var journal = RandomHistory.WithCorrections(steps, policy);
                var opened = TestJournal.Opened.Plus(1_000);
                var later = journal.Entries.Concat(journal.Prices)
                    .Aggregate(opened, (last, entry) => Instant.Latest(last, entry.RecordedAt));
                var earlier = Instant.Latest(opened, later.Plus(-1_000_000L * cut));

                var restated = Restatement.Between(
                    journal.Entries, journal.Prices, AsOf, earlier, later, Restatement.RealizedGainOf, policy);

                restated.Before.ShouldBe(GainAt(journal, earlier, policy));
                restated.After.ShouldBe(GainAt(journal, later, policy));
                restated.Difference.ShouldBe(restated.After - restated.Before);
                restated.Lines.Aggregate(Amount.Zero, (sum, line) => sum + line.Effect).ShouldBe(restated.Difference);
                restated.Lines.ShouldAllBe(line => !line.Effect.IsZero);
            },
            iter: 300);
    }

    [Fact]
    public void every_total_of_realized_gains_adds_its_rows()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int[0, 4]).Sample(
            (steps, policy, digits) =>
            {
                var book = RandomHistory.WithCorrections(steps, policy).Book(policy);
                var from = Instant.Parse("2026-01-01T00:00:00Z");
                var periods = Enumerable.Range(0, 4)
                    .Select(week => new Period($"{week}", from.Plus(week * Days(4)), from.Plus((week + 1) * Days(4))))
                    .ToList();
                var gains = RealizedGains.Of(book, periods, digits);

                gains.Total.Disposals.ShouldBe(book.Disposals.Length);
                gains.Rows.Aggregate(default(GainTotals), (sum, row) => sum + row.Figures).ShouldBe(gains.Total);
                gains.ByPeriod.Aggregate(default(GainTotals), (sum, one) => sum + one.Figures).ShouldBe(gains.Total);
                gains.ByAsset.Aggregate(default(GainTotals), (sum, one) => sum + one.Figures).ShouldBe(gains.Total);
                gains.Rows.ShouldAllBe(row => row.Figures.Proceeds == row.Figures.Proceeds.RoundTo(digits));
            },
            iter: 1_000);
    }

    [Fact]
    public void the_effects_of_a_bridge_add_up_to_the_difference_and_are_those_of_its_entries()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int[0, 12], Gen.Int[0, 12]).Sample(
            (steps, policy, one, other) =>
            {
                var (journal, history) = Recorded(steps, policy);
                var from = Instant.Parse("2026-01-01T00:00:00Z").Plus(Days(Math.Min(one, other)));
                var through = Instant.Parse("2026-01-01T00:00:00Z").Plus(Days(Math.Max(one, other)));
                var known = new BookQuestion(through, history.Log.Position, history.Prices.Position, policy);

                var bridge = Bridge.Between(history, from, known, state => state.RealizedGain);

                var book = journal.Book(policy, new Viewpoint(through, Instant.Max));
                bridge.Before.ShouldBe(journal.Book(policy, new Viewpoint(from, Instant.Max)).RealizedGain);
                bridge.After.ShouldBe(book.RealizedGain);
                bridge.Lines.Aggregate(Amount.Zero, (sum, line) => sum + line.Effect).ShouldBe(bridge.Difference);
                if (policy.LotMethod is LotMethod.UkS104 or LotMethod.UkCorporate or LotMethod.TotalAverage)
                {
                    return; // later entries change the gain of earlier disposals
                }

                bridge.Lines.Select(line => (line.Entry.Position, line.Effect)).ShouldBe(book.Disposals
                    .Where(disposal => disposal.At > from)
                    .GroupBy(disposal => disposal.Entry)
                    .Select(disposals => (disposals.Key, disposals.Aggregate(
                        Amount.Zero, (sum, disposal) => sum + (disposal.MatchedGain ?? Amount.Zero))))
                    .Where(line => !line.Item2.IsZero));
            },
            iter: 500);
    }

    [Fact]
    public void a_series_is_the_figure_at_each_of_its_instants()
    {
        Gen.Select(RandomHistory.History, RandomHistory.Policy, Gen.Int[0, 12].Array[1, 5]).Sample(
            (steps, policy, days) =>
            {
                var (journal, history) = Recorded(steps, policy);
                var instants = days.Select(day => Instant.Parse("2026-01-01T00:00:00Z").Plus(Days(day))).ToList();
                var known = new BookQuestion(default, history.Log.Position, history.Prices.Position, policy);
                TimeSeries.OverWorld(history, known, instants, book => book.CostOpen).ShouldBe(instants.Select(asOf =>
                    new TimePoint(asOf, journal.Book(policy, new Viewpoint(asOf, Instant.Max)).CostOpen)));

                var learned = journal.Entries.Skip(17).Select(entry => entry.RecordedAt).ToList();
                var over = TimeSeries.OverKnowledge(
                    history, known with { AsOf = AsOf }, learned, state => state.RealizedGain);
                over.ShouldBe(learned.Select(knownAt => new TimePoint(knownAt, GainAt(journal, knownAt, policy))));
            },
            iter: 300);
    }

    private static (TestJournal Journal, BookHistory History) Recorded(Step[] steps, PolicyTerms policy)
    {
        var journal = RandomHistory.WithCorrections(steps, policy);
        var history = new BookHistory(PriceHistory.Of(journal.Prices), new CheckpointBudget(2, 30, 2));
        history.Append(journal.Entries);
        return (journal, history);
    }

    private static long Days(int days) => days * 86_400_000_000L;

    private static Amount GainAt(TestJournal journal, Instant knownAt, PolicyTerms policy) =>
        TreasuryAt.Of(journal.Entries, journal.Prices, [], new Viewpoint(AsOf, knownAt), policy).Book.RealizedGain;
}
