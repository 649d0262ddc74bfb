using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>A rule of a book in which two books may differ.</summary>
public enum BookRule
{
    /// <summary>Which lot goes first.</summary>
    LotMethod,

    /// <summary>Lots of the whole treasury, or of each account.</summary>
    BasisScope,

    /// <summary>Stablecoins as cash or in lots.</summary>
    Stablecoins,

    /// <summary>What income in kind costs.</summary>
    IncomeBasis,

    /// <summary>How old a price may be.</summary>
    PriceAge,

    /// <summary>What is measured at fair value.</summary>
    FairValue,

    /// <summary>Fees of trades in cost and proceeds, or an expense.</summary>
    Fees,

    /// <summary>Which side of a trade between two assets bears them.</summary>
    ExchangeFee,

    /// <summary>When a fee in kind leaves that moves units.</summary>
    TransferFee,

    /// <summary>Which lots move.</summary>
    TransferLots,

    /// <summary>Whether the earlier lot is that acquired earlier, or that which came earlier, as a broker sees it.
    /// </summary>
    Sequence,

    /// <summary>By what highest and lowest cost rank.</summary>
    CostKey,

    /// <summary>What units cost that have no basis.</summary>
    MissingBasis,

    /// <summary>Which identifications of lots count.</summary>
    Identification,

    /// <summary>When holding was long.</summary>
    Holding,

    /// <summary>What units are that go to another treasury of the same owners, or come from one.</summary>
    Handover,

    /// <summary>Which moves are disposals.</summary>
    Treatments,

    /// <summary>A method of its own for an account.</summary>
    StandingOrder,

    /// <summary>Which lots lay where when the scope changed.</summary>
    Allocation,
}

/// <summary>
/// In which rules two books differ, or differed before (SPEC 8.3): what one of them took earlier, the other one may
/// take later, so that a rule is behind all that follows.
/// </summary>
public sealed class BookRules
{
    private readonly ImmutableArray<(Instant From, BookRule Rule)> _since;

    private BookRules(ImmutableArray<(Instant From, BookRule Rule)> since) => _since = since;

    /// <summary>Compares what holds in two books.</summary>
    /// <param name="books">The books at the viewpoint.</param>
    /// <param name="book">The one, with what the question changes of it.</param>
    /// <param name="with">The other.</param>
    public static BookRules Between(ImmutableArray<NamedBook> books, BookChoice book, BookChoice with)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(with);
        var (one, other) = (Named(book), Named(with));
        var since = new SortedDictionary<BookRule, Instant>();
        foreach (var from in one.Terms.Concat(other.Terms).Select(FromOf).Distinct().Order())
        {
            foreach (var rule in Differing(book.Change(At(one, from)), with.Change(At(other, from))))
            {
                since.TryAdd(rule, from);
            }
        }

        if (one.Name != other.Name)
        {
            foreach (var entry in one.Decisions.Concat(other.Decisions).OrderBy(entry => entry.EffectiveAt))
            {
                since.TryAdd(
                    entry.Event is BasisAllocated ? BookRule.Allocation : BookRule.StandingOrder, entry.EffectiveAt);
            }
        }

        return new BookRules([.. since.Select(rule => (rule.Value, rule.Key))]);

        NamedBook Named(BookChoice choice) => books.First(named => named.Name == choice.Name);
    }

    /// <summary>The rules that may be behind what differs at an instant, by their order here.</summary>
    /// <param name="at">The instant (inclusive).</param>
    public ImmutableArray<BookRule> At(Instant at) =>
        [.. _since.Where(rule => rule.From <= at).Select(rule => rule.Rule)];

    /// <summary>Those of them by which a disposal may differ: not how units are measured or how long they were held.
    /// </summary>
    /// <param name="at">The instant of the disposal (inclusive).</param>
    public ImmutableArray<BookRule> OfDisposal(Instant at) =>
        [.. At(at).Where(rule => rule is not (BookRule.FairValue or BookRule.Holding))];

    /// <summary>Those of them by which the cost of what comes in may differ.</summary>
    /// <param name="at">The instant of the acquisition (inclusive).</param>
    public ImmutableArray<BookRule> OfAcquisition(Instant at) =>
    [
        .. At(at).Where(rule => rule is BookRule.Stablecoins or BookRule.IncomeBasis or BookRule.PriceAge
            or BookRule.Fees or BookRule.ExchangeFee or BookRule.Handover or BookRule.Treatments),
    ];

    private static Instant FromOf(DatedTerms terms) => terms.Adopted?.EffectiveAt ?? default;

    private static PolicyTerms At(NamedBook book, Instant at) =>
        book.Terms.Last(terms => FromOf(terms) <= at).Terms;

    private static IEnumerable<BookRule> Differing(PolicyTerms book, PolicyTerms with)
    {
        var (how, other) = (book.Conventions ?? LotConventions.Starter, with.Conventions ?? LotConventions.Starter);
        return new[]
        {
            (book.LotMethod != with.LotMethod, BookRule.LotMethod),
            (BookPolicy.ScopeOf(book) != BookPolicy.ScopeOf(with), BookRule.BasisScope),
            (book.Stablecoins != with.Stablecoins, BookRule.Stablecoins),
            (book.IncomeBasis != with.IncomeBasis, BookRule.IncomeBasis),
            (book.PriceAgeMaxSeconds != with.PriceAgeMaxSeconds, BookRule.PriceAge),
            (book.FairValue != with.FairValue, BookRule.FairValue),
            (how.Fees != other.Fees, BookRule.Fees),
            (how.ExchangeFee != other.ExchangeFee, BookRule.ExchangeFee),
            (how.TransferFee != other.TransferFee, BookRule.TransferFee),
            (how.TransferLots != other.TransferLots, BookRule.TransferLots),
            (how.Sequence != other.Sequence, BookRule.Sequence),
            (how.CostKey != other.CostKey, BookRule.CostKey),
            (how.MissingBasis != other.MissingBasis, BookRule.MissingBasis),
            (how.Identification != other.Identification, BookRule.Identification),
            (how.Holding != other.Holding, BookRule.Holding),
            (how.Handover != other.Handover, BookRule.Handover),
            ((book.Treatments ?? Treatments.Starter) != (with.Treatments ?? Treatments.Starter), BookRule.Treatments),
        }.Where(rule => rule.Item1).Select(rule => rule.Item2);
    }
}
