using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Periods;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Periods;

/// <summary>
/// Laws of official figures over random histories with random closings, seals and reopenings: entries come late, are
/// corrected once and twice, prices come late and are corrected, books adopt terms (Periods/SPEC.md).
/// </summary>
public sealed class OfficialPropertyTests
{
    private const int Histories = 900;
    private const long Day = 86_400_000_000;

    [Fact]
    public void official_gain_from_the_beginning_is_derived_gain_at_every_open_instant()
    {
        var (open, caughtUp, lines) = (0, 0, 0);
        Each(found =>
        {
            var official = found.Official;
            var asOf = found.Instant();
            var gains = official.GainsAt(asOf, found.History.Prices);
            gains.Cumulated.ShouldBe(official.CumulatedGain(asOf));
            lines += gains.CatchUps.Length;
            caughtUp += gains.CatchUp.IsZero ? 0 : 1;
            if (official.Closed.IsEmpty || asOf >= official.Closed[^1].Until)
            {
                gains.Cumulated.ShouldBe(found.Naive(asOf, found.Known).State.RealizedGain);
                open++;
            }
        });
        open.ShouldBeGreaterThan(500);
        caughtUp.ShouldBeGreaterThan(50);
        lines.ShouldBeGreaterThan(caughtUp);
    }

    [Fact]
    public void under_methods_that_look_at_other_days_rematched_lines_leave_own_disposals_alone()
    {
        var lines = 0;
        Each(made =>
        {
            var method = made.Dice.Pick([LotMethod.UkS104, LotMethod.UkCorporate, LotMethod.TotalAverage]);
            var found = made with { Choice = new BookChoice(SomeBooks.Name) { Method = method } };
            var asOf = found.Instant();
            var gains = found.Official.GainsAt(asOf, found.History.Prices);
            var own = found.Naive(asOf, gains.Span.Cut).Book.Disposals.Where(disposal => disposal.At >= gains.Span.From)
                .Aggregate(Amount.Zero, (all, disposal) => all + (disposal.MatchedGain ?? Amount.Zero));

            gains.Own.ShouldBe(own, $"{method}: own disposals of the statement at {asOf}");
            lines += gains.Rematched.Length;
        });
        lines.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void statements_add_up_own_disposals_and_catch_up_lines_to_the_derived_gain() => Each(found =>
    {
        var official = found.Official;
        var asOf = Time.Instant.Latest(found.Instant(), official.Closed.IsEmpty ? default : official.Closed[^1].Until);
        var sum = Amount.Zero;
        foreach (var end in official.Closed.Select(period => period.Until.Plus(-1))
            .Append(asOf).Prepend(official.Closed.IsEmpty ? asOf : official.Closed[0].From.Plus(-1)).Distinct())
        {
            var gains = official.GainsAt(end, found.History.Prices);
            var own = found.Naive(end, gains.Span.Cut).Book.Disposals.Where(disposal => disposal.At >= gains.Span.From)
                .Aggregate(Amount.Zero, (all, disposal) => all + (disposal.MatchedGain ?? Amount.Zero));
            gains.Own.ShouldBe(own, $"own disposals of the statement at {end}");
            gains.CumulatedBefore.ShouldBe(sum);
            sum += own + gains.CatchUp + gains.RematchedGain;
            gains.Cumulated.ShouldBe(sum);
        }

        sum.ShouldBe(found.Naive(asOf, found.Known).State.RealizedGain);
    });

    [Fact]
    public void a_catch_up_is_what_each_late_entry_changed_alone() => Each(found =>
    {
        var official = found.Official;
        if (official.Closed.IsEmpty)
        {
            return;
        }

        var (last, end) = (official.Closed[^1], official.Closed[^1].Until.Plus(-1));
        var gains = official.GainsAt(end.Plus(1 + Day), found.History.Prices);
        gains.CatchUps.ShouldAllBe(line => line.At < last.Until);
        gains.CatchUps.Select(line => (
                line.Journal, line.Late.Position, line.Kind, line.Fact, line.Leg, line.Pool, line.Lot))
            .ShouldBeUnique();
        var cost = gains.CatchUps.Aggregate(Amount.Zero, (sum, line) =>
            line.Kind == CatchUpKind.Lot ? sum + line.Cost : sum - line.Cost);
        cost.ShouldBe(
            official.StateAt(end, gains.Span.Cut).CostOpen - official.StateAt(end, gains.Span.EarlierCut).CostOpen,
            "what lots cost more, less what disposals took more, is what stands at the opening more");
        foreach (var late in gains.CatchUps.GroupBy(line => (line.Journal, line.Late)))
        {
            late.Key.Late.RecordedAt.ShouldBeGreaterThan(last.KnownAt);
            var before = CutBefore(found, late.Key.Journal, late.Key.Late);
            var after = late.Key.Journal == LateJournal.Treasury
                ? before with { Position = late.Key.Late.Position }
                : before with { PricePosition = late.Key.Late.Position };
            late.Aggregate(Amount.Zero, (sum, line) => sum + line.Gain).ShouldBe(
                found.Naive(end, after).State.RealizedGain - found.Naive(end, before).State.RealizedGain);
        }
    });

    [Fact]
    public void a_general_ledger_goes_from_frozen_balances_to_frozen_balances_and_at_the_end_to_what_is_derived()
    {
        var (caughtUp, rematched) = (0, 0);
        Each(found =>
        {
            var official = found.Official;
            var ledger = new OfficialLedger(official, found.History.Prices);
            var open = official.Closed is [.., var last] ? last.Until.Plus(Day) : found.Instant();
            var (after, whole) = ((Instant?)null, new PostingTotals());
            foreach (var end in official.Closed.Select(period => period.Until.Plus(-1)).Append(open))
            {
                var (opening, closing) = (new PostingTotals(), new PostingTotals());
                var lines = ledger.Between(after, end).ToList();
                foreach (var (source, posting, count, isBefore) in lines)
                {
                    (isBefore ? opening : whole).Add(posting, count);
                    closing.Add(posting, count);
                    rematched += source.Kind == OfficialPostingKind.Rematched ? 1 : 0;
                    (source.AccountedAt > end).ShouldBeFalse();
                    (isBefore || source.AccountedAt > (after ?? default)).ShouldBeTrue();
                }

                foreach (var late in lines.Where(line => line.Source.Kind == OfficialPostingKind.CatchUp)
                    .GroupBy(line => line.Source.Late))
                {
                    caughtUp++;
                    late.Key!.Entry.RecordedAt.ShouldBeGreaterThan(
                        official.Closed.First(period => period.Until == late.First().Source.Span.From).KnownAt);
                    late.Aggregate(Amount.Zero, (sum, line) => sum + line.Posting.Amount).ShouldBe(Amount.Zero);
                    late.GroupBy(line => line.Posting.Asset).ShouldAllBe(lines => lines.Aggregate(
                        Quantity.Zero, (sum, line) => sum + line.Posting.Quantity).IsZero);
                }

                Balances(closing).ShouldBe(Balances(PostingTotals.Of(
                    official.PostingsAt(end, official.CutAt(end)))), $"closing of {end}");
                Balances(closing).ShouldBe(Balances(whole), $"everything up to {end}");
                if (after is { } then)
                {
                    Balances(opening).ShouldBe(Balances(PostingTotals.Of(
                        official.PostingsAt(then, official.CutAt(then)))), $"opening after {then}");
                }

                after = end;
            }

            Balances(whole).ShouldBe(Balances(PostingTotals.Of(official.PostingsAt(open, found.Known))));
            foreach (var period in official.Closed)
            {
                var frozen = FrozenStatement.Lines(official, period, found.History.Prices, "1")
                    .Where(line => line.StartsWith("balance\t", StringComparison.Ordinal));
                frozen.ShouldBe(Balances(PostingTotals.Of(
                    official.PostingsAt(period.Until.Plus(-1), official.CutOf(period))), all: true));
            }
        });
        caughtUp.ShouldBeGreaterThan(100);
        rematched.ShouldBeGreaterThan(10);
    }

    /// <summary>Balances as a seal writes them.</summary>
    private static List<string> Balances(PostingTotals totals, bool all = false) =>
    [
        .. totals.Balances
            .Where(one => all || one.Value is not { Quantity.IsZero: true, Amount.IsZero: true, Postings: 0 })
            .Select(one => string.Join('\t', "balance", one.Key.Account, one.Key.Pool, one.Value.Quantity.Units,
                one.Value.Amount, one.Value.Postings)),
    ];

    [Fact]
    public void what_a_seal_freezes_is_the_same_for_every_later_knowledge() => Each(found =>
    {
        foreach (var period in found.Official.Closed)
        {
            // As somebody sees it who has only what was there when it was closed.
            var then = found.KnownAs(period.Closing);
            var frozen = FrozenStatement.Of(then.Official, period, then.History.Prices, "1");
            FrozenStatement.Of(found.Official, period, found.History.Prices, "1").ShouldBe(frozen);
            FrozenStatement.Lines(found.Official, period, found.History.Prices, "1")
                .ShouldBe(FrozenStatement.Lines(then.Official, period, then.History.Prices, "1"));
        }
    });

    [Fact]
    public void nothing_recorded_after_a_closing_has_a_date_in_what_is_closed()
    {
        var moved = 0;
        Each(found =>
        {
            foreach (var entry in found.History.Treasury.Where(entry => entry.Position <= found.Known.Position))
            {
                var date = found.Periods.AccountingDate(
                    SomeBooks.Name, entry.Position, entry.EffectiveAt, TimeZoneInfo.Utc);
                var own = LocalDay.Of(entry.EffectiveAt, TimeZoneInfo.Utc);
                date.ShouldBeGreaterThanOrEqualTo(own);
                moved += date == own ? 0 : 1;
                foreach (var period in found.Official.Closed.Where(period => period.Closing < entry.Position))
                {
                    date.ShouldBeGreaterThanOrEqualTo(LocalDay.Of(period.Until, TimeZoneInfo.Utc));
                }

                // What was known before the first closing keeps its day.
                if (found.Official.Closed.All(period => period.Closing >= entry.Position))
                {
                    date.ShouldBe(own);
                }
            }
        });
        moved.ShouldBeGreaterThan(100);
    }

    private static Cut CutBefore(SomeBooks found, LateJournal journal, NarrowEntry late)
    {
        // Of two at one instant the treasury's is known first.
        var treasury = found.History.Treasury.Where(entry => entry.RecordedAt < late.RecordedAt
            || (entry.RecordedAt == late.RecordedAt && journal == LateJournal.Prices)).ToList();
        var prices = found.History.Prices.Where(entry => entry.RecordedAt < late.RecordedAt).ToList();
        return new Cut(
            treasury.Count == 0 ? 0 : treasury[^1].Position, prices.Count == 0 ? 0 : prices[^1].Position);
    }

    private static void Each(Action<SomeBooks> law)
    {
        for (var seed = 7_000UL; seed < 7_000 + Histories; seed++)
        {
            foreach (var found in SomeBooks.Of(seed))
            {
                try
                {
                    law(found);
                }
                catch (ShouldAssertException broken)
                {
                    throw new ShouldAssertException(
                        $"history of seed {seed} at {found.Known}: {broken.Message}\n{found.History.Describe()}",
                        broken);
                }
            }
        }
    }

    /// <summary>A history with periods that are closed and reopened on the way, as known at one entry.</summary>
    private sealed record SomeBooks(
        History History, IReadOnlyList<PeriodEntry> Entries, Cut Known, BookChoice? Choice, Dice Dice)
    {
        public static string Name => "board";

        public ClosedPeriods Periods { get; } =
            ClosedPeriods.Of(Entries.TakeWhile(entry => entry.Position <= Known.Position));

        private BookHistory Books { get; } = Make(History);

        public OfficialBook Official => new(
            Books, new BookQuestion(Time.Instant.Max, Known.Position, Known.PricePosition, Choice), Periods);

        public static IEnumerable<SomeBooks> Of(ulong seed)
        {
            var (history, dice) = (HistoryGenerator.Generate(seed), new Dice(seed));
            var ground = history.Treasury.Last(TreasuryLedger.Model.History.IsGround).Position;
            var entries = new List<PeriodEntry>();
            foreach (var entry in history.Treasury.Where(entry => entry.Position > ground && dice.Chance(45)))
            {
                var act = Act(ClosedPeriods.Of(entries), history, dice);
                entries.AddRange(act is null ? [] : [new PeriodEntry(entry.Position, entry.RecordedAt, act)]);
            }

            for (var i = 0; i < 3; i++)
            {
                var position = i == 0
                    ? history.Treasury[^1].Position
                    : ground + dice.Below((int)(history.Treasury[^1].Position - ground) + 1);
                var at = i == 0 ? Time.Instant.Max : history.Treasury[(int)position - 1].RecordedAt;
                yield return new SomeBooks(
                    history,
                    entries,
                    new Cut(position, history.Prices.Count(price => price.RecordedAt <= at)),
                    new BookChoice(Name),
                    dice);
            }
        }

        /// <summary>The same, for somebody who has nothing that was recorded later.</summary>
        public SomeBooks KnownAs(long position)
        {
            var at = History.Treasury[(int)position - 1].RecordedAt;
            var known = History with
            {
                Treasury = [.. History.Treasury.Where(entry => entry.Position <= position)],
                Prices = [.. History.Prices.Where(price => price.RecordedAt <= at)],
            };
            return new SomeBooks(known, Entries, new Cut(position, known.Prices.Length), Choice, Dice);
        }

        /// <summary>Any instant; as often as not one that is open.</summary>
        public Instant Instant()
        {
            var open = Periods.OpenFrom(Name) is { } from && Dice.Chance(50) ? from : HistoryGenerator.Start;
            return open.Plus(Dice.Below(24 * 10) * (Day / 24));
        }

        /// <summary>The book as folded from the first entry on, from nothing but what is known.</summary>
        public TreasuryAt Naive(Instant asOf, Cut known) => TreasuryAt.Of(
            History.Treasury.Where(entry => entry.Position <= known.Position),
            History.Prices.Where(price => price.Position <= known.PricePosition),
            [],
            new Viewpoint(asOf, Time.Instant.Max),
            Choice);

        private static BookHistory Make(History history)
        {
            var books = new BookHistory(PriceHistory.Of(history.Prices), new CheckpointBudget(2, 20, 2));
            books.Append(history.Treasury);
            return books;
        }

        private static LedgerEvent? Act(ClosedPeriods periods, History history, Dice dice)
        {
            var closed = periods.Of(Name);
            var last = closed.IsEmpty ? null : closed[^1];
            if (closed.FirstOrDefault(period => period.Seal is null) is { } next && dice.Chance(40))
            {
                return new PeriodSealed(
                    Name, next.From, next.Until, next.Closing, next.KnownAt,
                    history.Prices.Count(price => price.RecordedAt <= next.KnownAt), "1", "", "a");
            }

            if (last is not null && dice.Chance(25))
            {
                return last.Seal is null
                    ? new PeriodReopened(Name, last.From, last.Until, last.Closing, null)
                    : last.Request is { } asked
                    ? new PeriodReopened(Name, last.From, last.Until, last.Closing, asked.Entry)
                    : new ReopeningRequested(Name, last.From, last.Until, last.Seal.Entry, "a");
            }

            var from = last?.Until ?? HistoryGenerator.Start.Plus(dice.Below(3) * Day);
            return from < HistoryGenerator.Start.Plus(8 * Day)
                ? new PeriodClosed(Name, from, from.Plus((1 + dice.Below(3)) * Day))
                : null;
        }
    }
}
