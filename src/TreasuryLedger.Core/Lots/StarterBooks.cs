using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>A book that every treasury has without adopting anything.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LotMethod">Order of lots.</param>
/// <param name="BasisScope">Which lots.</param>
/// <param name="Stablecoins">Money or lots.</param>
/// <param name="IncomeBasis">Fair value or zero.</param>
/// <param name="Summary">What it is for, in a line.</param>
/// <param name="FairValue">What it measures at fair value; absent: nothing.</param>
public sealed record StarterBook(
    string Name,
    LotMethod LotMethod,
    BasisScope BasisScope,
    StablecoinTreatment Stablecoins,
    IncomeBasis IncomeBasis,
    string Summary,
    FairValueTerms? FairValue = null)
{
    /// <summary>Its terms. How old a price may be is the treasury's to say: no book differs in it.</summary>
    /// <param name="official">The terms of the treasury's opening.</param>
    public PolicyTerms TermsBeside(PolicyTerms official)
    {
        ArgumentNullException.ThrowIfNull(official);
        return new PolicyTerms(
            LotMethod, BasisScope, Stablecoins, IncomeBasis, official.PriceAgeMaxSeconds, FairValue: FairValue);
    }
}

/// <summary>The books that every treasury has, and the terms a book begins with (SPEC 12).</summary>
public static class StarterBooks
{
    /// <summary>The book that begins with the terms of the treasury's opening; two persons change them.</summary>
    public const string Official = "official";

    /// <summary>The others, by name.</summary>
    public static ImmutableArray<StarterBook> All { get; } =
    [
        new("average", LotMethod.Average, BasisScope.Universal, StablecoinTreatment.CashAtPar, IncomeBasis.FairValue,
            "Moving average cost of the whole treasury."),
        new("average-per-account", LotMethod.Average, BasisScope.PerAccount, StablecoinTreatment.CashAtPar,
            IncomeBasis.FairValue, "Moving average cost of each account."),
        new("hifo", LotMethod.Hifo, BasisScope.Universal, StablecoinTreatment.CashAtPar, IncomeBasis.FairValue,
            "Highest cost first, over the whole treasury."),
        new("hifo-per-account", LotMethod.Hifo, BasisScope.PerAccount, StablecoinTreatment.Lots,
            IncomeBasis.FairValue, "Highest cost first within each account, stablecoins in lots."),
        new("japan", LotMethod.TotalAverage, BasisScope.Universal, StablecoinTreatment.Lots, IncomeBasis.FairValue,
            "Total average of each calendar year; stablecoins in lots."),
        new("lifo", LotMethod.Lifo, BasisScope.Universal, StablecoinTreatment.CashAtPar, IncomeBasis.FairValue,
            "Latest acquired first, over the whole treasury."),
        new("uk-corporate", LotMethod.UkCorporate, BasisScope.Universal, StablecoinTreatment.Lots,
            IncomeBasis.FairValue, "Same day, the 10 days before, section 104 pool; stablecoins in lots."),
        new("uk-individual", LotMethod.UkS104, BasisScope.Universal, StablecoinTreatment.Lots,
            IncomeBasis.FairValue, "Same day, the 30 days after, section 104 pool; stablecoins in lots."),
        new("us-gaap", LotMethod.Fifo, BasisScope.Universal, StablecoinTreatment.CashAtPar, IncomeBasis.FairValue,
            "Earliest acquired first, over the whole treasury; stablecoins as cash; crypto assets at fair value.",
            FairValueTerms.Starter),
        new("us-tax", LotMethod.Fifo, BasisScope.PerAccount, StablecoinTreatment.Lots, IncomeBasis.FairValue,
            "Earliest acquired first within each account; stablecoins are property and kept in lots."),
    ];

    /// <summary>The terms that a book has before it adopts any: a starter's own, otherwise the official ones.</summary>
    /// <param name="book">Its name.</param>
    /// <param name="official">The terms of the treasury's opening.</param>
    public static PolicyTerms TermsBefore(string book, PolicyTerms official) =>
        All.FirstOrDefault(starter => starter.Name == book)?.TermsBeside(official) ?? official;
}

/// <summary>What terms cannot follow which (SPEC 12.4).</summary>
public static class TermsSwitch
{
    /// <summary>Whether the lots of a treasury would have to be laid out over its accounts.</summary>
    public static bool SplitsPools(PolicyTerms before, PolicyTerms after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return BookPolicy.ScopeOf(before) == BasisScope.Universal && BookPolicy.ScopeOf(after) == BasisScope.PerAccount;
    }

    /// <summary>Whether lots of stablecoins would have to end without a disposal.</summary>
    public static bool EndsLots(PolicyTerms before, PolicyTerms after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return before.Stablecoins == StablecoinTreatment.Lots && after.Stablecoins == StablecoinTreatment.CashAtPar;
    }
}
