using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Lots;

/// <summary>
/// The log against a plain list of the same entries, on histories by chance: late entries, many of one instant, and
/// corrections of corrections. Views that were taken on the way are asked again at the end.
/// </summary>
public sealed class NarrowLogTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void it_says_what_a_plain_list_of_its_entries_says(bool follows) => Parallel.For(1, 400, seed =>
    {
        List<Entry> entries = [.. HistoryGenerator.Generate((ulong)seed).Treasury];
        var dice = new Dice((ulong)seed);
        var (log, noted, views) = (new NarrowLog(), new List<long>(), new List<NarrowLogView>());
        while (log.Newest.Count < entries.Count)
        {
            var next = Math.Min(entries.Count, log.Newest.Count + 1 + dice.Below(20));
            if (follows)
            {
                log.Follow(new StoredList(entries, next), entry => noted.Add(entry.Position));
            }
            else
            {
                log.Append(entries.Skip(log.Newest.Count).Take(next - log.Newest.Count));
            }

            views.Add(log.Newest);
        }

        foreach (var view in views)
        {
            var known = entries.Take(view.Count).ToList();
            for (var question = 0; question < 4; question++)
            {
                Same(view, known, dice.Below(view.Count + 1), dice.Pick(known).EffectiveAt, dice.Pick(known));
            }
        }

        var special = entries.Where(entry => entry.Voids is not null || entry.Fulfils is not null
            || entry.Event is InstructionGiven or InstructionCancelled).Select(entry => entry.Position);
        (!follows || special.All(noted.Contains)).ShouldBeTrue();
        noted.Distinct().Count().ShouldBe(noted.Count);
    });

    [Fact]
    public void an_entry_that_cannot_be_read_ends_what_is_followed_and_is_asked_for_again()
    {
        List<Entry> entries = [.. HistoryGenerator.Generate(7).Treasury];
        var (whole, log, noted) = (entries.ToList(), new NarrowLog(), new List<long>());
        entries[10] = null!;
        Should.Throw<NullReferenceException>(
            () => log.Follow(new StoredList(entries, entries.Count), entry => noted.Add(entry.Position)));
        log.Newest.Position.ShouldBe(10);

        log.Follow(new StoredList(whole, whole.Count), entry => noted.Add(entry.Position));

        log.Newest.Recorded(0, long.MaxValue).Select(entry => entry.Position)
            .ShouldBe(whole.Select(entry => entry.Position));
        noted.ShouldBe(noted.Distinct());
    }

    [Fact]
    public void a_log_that_follows_a_journal_may_keep_what_comes_after_it_and_not_the_other_way_round()
    {
        List<Entry> entries = [.. HistoryGenerator.Generate(9).Treasury];
        var log = new NarrowLog();
        log.Follow(new StoredList(entries, entries.Count / 2), _ => { });
        log.Append(entries.Skip(entries.Count / 2));
        Same(log.Newest, entries, entries.Count, entries[^1].EffectiveAt, entries[^1]);
        Should.Throw<InvalidOperationException>(() => log.Follow(new StoredList(entries, entries.Count), _ => { }));
        Should.Throw<ArgumentException>(() => log.Append([entries[3]]));
    }

    private static void Same(NarrowLogView view, List<Entry> entries, long known, Instant at, NarrowEntry one)
    {
        var told = entries.Where(entry => entry.Position <= known).ToList();
        (view.Count, view.Position).ShouldBe((entries.Count, entries[^1].Position));
        view.Find(one.Position)!.Fact.ShouldBe(one.Fact);
        view.Find(entries.Count + 1).ShouldBeNull();
        view.PositionAt(one.RecordedAt).ShouldBe(one.Position);
        view.PositionAt(one.RecordedAt.Plus(-1)).ShouldBe(one.Position - 1);
        view.Recorded(known / 2, known).Select(entry => entry.Position)
            .ShouldBe(told.Where(entry => entry.Position > known / 2).Select(entry => entry.Position));
        view.Counts(one, known).ShouldBe(one.Position <= known && told.TrueForAll(by => by.Voids != one.Position));
        view.RegistersAt(known).Assets.Keys.Order().ShouldBe(
            Registers.Of(VisibleEntries.KnownAt(told, Instant.Max)).Assets.Keys.Order());

        var visible = VisibleEntries.AsOf(VisibleEntries.KnownAt(told, Instant.Max), at);
        Positions(view.Counting(null, at, known)).ShouldBe(
            Positions(visible).Where(position => MakesBooks(entries[(int)position - 1])));
        Positions(view.Counting(one.EffectiveAt, at, known)).ShouldBe(
            Positions(view.Counting(null, at, known))
                .Where(position => entries[(int)position - 1].EffectiveAt > one.EffectiveAt));

        Instant?[] touched = [Touched(one), one.Voids is { } voids ? Touched(entries[(int)voids - 1]) : null];
        view.Touched(one.Position).ShouldBe(touched.Min());
        var touching = entries
            .Where(entry => (EndsOthers(entry) && Touched(entry) <= at)
                || (entry.Voids is { } gone && entries[(int)gone - 1] is var other
                    && EndsOthers(other) && Touched(other) <= at))
            .Select(entry => entry.Position);
        view.LastTouching(at, known).ShouldBe(touching.LastOrDefault(position => position <= known));
        view.NextTouching(at, known).ShouldBe(
            touching.Where(position => position > known).Select(position => (long?)position).FirstOrDefault());
    }

    /// <summary>The opening changes everything; what is said of a book changes that one alone.</summary>
    private static Instant? Touched(NarrowEntry entry) =>
        entry.Event is TreasuryOpened ? default(Instant) : MakesBooks(entry) ? entry.EffectiveAt : null;

    private static bool EndsOthers(NarrowEntry entry) =>
        entry.Event is not (TermsAdopted or StandingOrderGiven or BasisAllocated);

    private static bool MakesBooks(NarrowEntry entry) => entry.Event is not (
        EntryVoided or EntryAnnotated or EvidenceAdded or BreakOpened or InstructionGiven or InstructionCancelled
        or AssetRegistered or AccountRegistered or TreasuryOpened);

    private static List<long> Positions(IEnumerable<NarrowEntry> entries) => [.. entries.Select(e => e.Position)];
}
