using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Postings;

/// <summary>Which postings a general ledger lists; what is absent restricts nothing.</summary>
/// <param name="Account">Only this chart account.</param>
/// <param name="Heading">Only chart accounts under this heading.</param>
/// <param name="Place">Only at this account of the treasury.</param>
/// <param name="Asset">Only of this asset and what shares its lots.</param>
public sealed record PostingFilter(
    ChartAccount? Account = null, ChartHeading? Heading = null, AccountId? Place = null, AssetId? Asset = null)
{
    /// <summary>Whether a posting is listed.</summary>
    public bool Passes(Posting posting)
    {
        ArgumentNullException.ThrowIfNull(posting);
        return (Account is null || posting.Account == Account)
            && (Heading is null || ChartOfAccounts.Of(posting.Account).Heading == Heading)
            && (Place is null || posting.Place == Place)
            && (Asset is null || posting.Pool == Asset || posting.Asset == Asset);
    }
}

/// <summary>A posting in its chart account.</summary>
/// <param name="Entry">The entry that it belongs to.</param>
/// <param name="Posting">The posting.</param>
/// <param name="Balance">The balance after it, of the postings that are listed.</param>
public sealed record GeneralLedgerLine(NarrowEntry Entry, Posting Posting, PostingBalance Balance);

/// <summary>One chart account and asset in a general ledger.</summary>
/// <param name="Ledger">Which.</param>
/// <param name="Opening">The balance at the beginning of the span.</param>
/// <param name="Lines">The postings of the span in the order of the fold.</param>
public sealed record GeneralLedgerSection(
    PostingLedger Ledger, PostingBalance Opening, ImmutableArray<GeneralLedgerLine> Lines)
{
    /// <summary>The balance at the end of the span.</summary>
    public PostingBalance Closing => Lines.IsEmpty ? Opening : Lines[^1].Balance;
}

/// <summary>Which postings of a span a general ledger lists, in the order of the fold.</summary>
/// <param name="Skip">So many are passed over; they count to the opening balances.</param>
/// <param name="Most">So many are listed at most.</param>
public sealed record PostingPage(long Skip, long Most)
{
    /// <summary>All of them.</summary>
    public static PostingPage All { get; } = new(0, long.MaxValue);
}

/// <summary>Postings by chart account over a span, exact to the last digit (SPEC 7).</summary>
/// <param name="Sections">By chart account and asset; those with a balance or a line.</param>
/// <param name="LinesLeft">Postings of the span behind those listed.</param>
/// <param name="Unvalued">How many postings up to the end of the span, listed or not, say that a value is missing.
/// </param>
/// <param name="BasisMissing">How many say that a cost basis is missing.</param>
public sealed record GeneralLedger(
    ImmutableArray<GeneralLedgerSection> Sections, long LinesLeft, long Unvalued, long BasisMissing)
{
    /// <summary>The general ledger of a span.</summary>
    /// <param name="entries">Every entry up to the end of the span, from the first one on, in the order of the
    /// fold.</param>
    /// <param name="after">The span begins after this instant (exclusive); absent: at the beginning.</param>
    /// <param name="filter">Which postings are listed.</param>
    /// <param name="page">Which of those.</param>
    public static GeneralLedger Of(
        IEnumerable<EntryPostings> entries, Instant? after, PostingFilter filter, PostingPage page)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(page);
        var sections = new SortedDictionary<PostingLedger, Section>();
        var (number, unvalued, missing) = (0L, 0L, 0L);
        foreach (var (entry, postings) in entries)
        {
            foreach (var posting in postings)
            {
                unvalued += posting.Account == ChartAccount.UnvaluedSuspense ? 1 : 0;
                missing += posting.Account == ChartAccount.BasisMissing ? 1 : 0;
                if (!filter.Passes(posting))
                {
                    continue;
                }

                var ledger = new PostingLedger(posting.Account, posting.Pool);
                if (!sections.TryGetValue(ledger, out var section))
                {
                    sections[ledger] = section = new Section();
                }

                if (entry.EffectiveAt <= after || number++ < page.Skip)
                {
                    section.Opening += posting;
                }
                else if (number - page.Skip <= page.Most)
                {
                    section.Lines.Add(new GeneralLedgerLine(entry, posting, section.Running + posting));
                }
            }
        }

        return new GeneralLedger(
            [
                .. sections.Where(section => !section.Value.IsEmpty).Select(section => new GeneralLedgerSection(
                    section.Key, section.Value.Opening, [.. section.Value.Lines])),
            ],
            number - page.Skip > page.Most ? number - page.Skip - page.Most : 0,
            unvalued,
            missing);
    }

    private sealed class Section
    {
        public PostingBalance Opening { get; set; }

        public List<GeneralLedgerLine> Lines { get; } = [];

        public PostingBalance Running => Lines.Count == 0 ? Opening : Lines[^1].Balance;

        public bool IsEmpty => Lines.Count == 0 && Opening is { Quantity.IsZero: true, Amount.IsZero: true };
    }
}
