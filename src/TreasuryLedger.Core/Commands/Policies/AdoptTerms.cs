using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Adopts terms for a book from a day on: `effectiveAt` is the first instant of that day in the
/// treasury's time zone. Entries effective before it keep the terms that the book had. Those of the official book are
/// proposed by one person and adopted by another, for the future only.
/// </summary>
public sealed record AdoptTerms : Command, IBookDecision
{
    /// <summary>
    /// The book's name: lower-case letters, digits and . _ -, at most 63. A new one makes a book; that of a starter
    /// book overrides it from this day on; `official` takes two persons.
    /// </summary>
    public required string Book { get; init; }

    /// <summary>Its terms from then on.</summary>
    public required PolicyTerms Terms { get; init; }

    /// <summary>
    /// For the official book: the position of the entry that proposes these very terms. Absent: this one proposes them.
    /// </summary>
    public long? Proposal { get; init; }

    internal override Decision Decide(TreasuryState state) => Decide(state, DecisionContext.Empty);

    internal override Decision Decide(TreasuryState state, DecisionContext context)
    {
        var check = new Checks(state);
        check.Term(Texts.IsBookId(Book), "book", Texts.BookIdExpected);
        check.Term(Terms is not null, "terms", "must be the terms of a book");
        check.PriceAge(Terms);
        check.Scope(Terms?.FairValue);
        var opened = state.Registers.Treasury!;
        CheckDay(check, opened);
        var decided = new TermsAdopted(Book, Terms!);
        this.CheckPersons(check, state, context, decided);
        var adopted = state.AdoptionsOf(Book);
        var same = adopted.FirstOrDefault(one => one.At == EffectiveAt);
        check.That(same is null, () => Refusal.Of(
            RefusalCode.TermsAlreadyAdopted,
            $"Entry {same!.By} adopts terms for book {Book} at {EffectiveAt}; correct that one.",
            ("book", Book),
            ("entry", same.By),
            ("effectiveAt", EffectiveAt)));
        var before = adopted.LastOrDefault(one => one.At < EffectiveAt);
        var allocation = state.AllocationOf(Book);
        var own = before?.Terms ?? StarterBooks.TermsBefore(Book, opened.Policy);
        CheckSwitch(check, allocation, own, Terms!, EffectiveAt);
        if (adopted.FirstOrDefault(one => one.At > EffectiveAt) is { } after)
        {
            CheckSwitch(check, allocation, Terms!, after.Terms!, after.At);
        }

        return check.Accept(this.Recorded(decided, context));
    }

    private void CheckDay(Checks check, TreasuryOpened opened)
    {
        if (check.First is null)
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(opened.TimeZone);
            var start = LocalDay.StartOf(LocalDay.Of(EffectiveAt, zone), zone);
            check.Term(
                start == EffectiveAt,
                "effectiveAt",
                $"is {EffectiveAt}; terms change at the beginning of a day in {opened.TimeZone}, such as {start}");
        }
    }

    private void CheckSwitch(
        Checks check, AdoptionSnapshot? allocation, PolicyTerms before, PolicyTerms after, Instant at)
    {
        var isAllocated = allocation is not null && allocation.At <= at;
        check.That(check.First is not null || isAllocated || !TermsSwitch.SplitsPools(before, after), () => Refusal.Of(
            RefusalCode.AllocationMissing,
            $"At {at} book {Book} would go from universal to per-account scope, and nobody has said which lots lie "
            + "at which account.",
            ("book", Book),
            ("effectiveAt", at)));
        check.That(check.First is not null || !TermsSwitch.EndsLots(before, after), () => Refusal.Of(
            RefusalCode.LotsNotDisposed,
            $"At {at} book {Book} would turn stablecoins kept in lots into cash, and no entry disposes of those lots.",
            ("book", Book),
            ("effectiveAt", at)));
    }
}
