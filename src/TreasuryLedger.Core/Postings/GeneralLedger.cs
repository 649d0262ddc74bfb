using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
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

/// <summary>What posted a line of a general ledger.</summary>
/// <param name="Entry">The entry; absent where none is: the book was remeasured, or the entries before the span were
/// matched with those in it.</param>
/// <param name="At">When it happened; or the reporting date, or the first instant of the span.</param>
public sealed record LedgerSource(NarrowEntry? Entry, Instant At);

/// <summary>A posting on its way into a general ledger.</summary>
/// <param name="Source">What posted it.</param>
/// <param name="Posting">The posting.</param>
/// <param name="Count">How many postings it is more; one that changes another is none.</param>
/// <param name="IsBefore">Whether it lies before the span, so that it counts to the opening balance.</param>
public readonly record struct LedgerPosting<T>(T Source, Posting Posting, long Count, bool IsBefore);

/// <summary>A posting in its chart account.</summary>
/// <param name="Source">What posted it.</param>
/// <param name="Posting">The posting.</param>
/// <param name="Balance">The balance after it, of the postings that are listed.</param>
public sealed record GeneralLedgerLine<T>(T Source, Posting Posting, PostingBalance Balance);

/// <summary>One chart account and asset in a general ledger.</summary>
/// <param name="Ledger">Which.</param>
/// <param name="Opening">The balance at the beginning of the span.</param>
/// <param name="Lines">The postings of the span in the order in which they came.</param>
public sealed record GeneralLedgerSection<T>(
    PostingLedger Ledger, PostingBalance Opening, ImmutableArray<GeneralLedgerLine<T>> Lines)
{
    /// <summary>The balance at the end of the span.</summary>
    public PostingBalance Closing => Lines.IsEmpty ? Opening : Lines[^1].Balance;
}

/// <summary>Which postings of a span a general ledger lists, in the order in which they come.</summary>
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
public sealed record GeneralLedger<T>(
    ImmutableArray<GeneralLedgerSection<T>> Sections, long LinesLeft, long Unvalued, long BasisMissing);

/// <summary>Makes general ledgers.</summary>
public static class GeneralLedger
{
    /// <summary>
    /// The postings of entries, and at each reporting date what remeasurement changed since the one before; those up to
    /// the beginning of the span lie before it, as they stood there. Where a method looks at other days, the first
    /// lines of the span are what happened in it made of them.
    /// </summary>
    /// <param name="answer">The book at the end of the span.</param>
    /// <param name="happened">Every entry up to an instant, from the first one on, in the order of the fold.</param>
    /// <param name="after">The span begins after this instant (exclusive); absent: at the beginning.</param>
    /// <param name="dates">Where the book is remeasured, in order: the beginning, and the end as the last one.</param>
    /// <param name="stateAt">The book at one of them.</param>
    public static IEnumerable<LedgerPosting<LedgerSource>> PostingsOf(
        BookAnswer answer,
        Func<Instant, IEnumerable<EntryRows>> happened,
        Instant? after,
        IReadOnlyList<Instant> dates,
        Func<Instant, BookState> stateAt)
    {
        ArgumentNullException.ThrowIfNull(happened);
        ArgumentNullException.ThrowIfNull(dates);
        ArgumentNullException.ThrowIfNull(stateAt);
        return new Source(answer, happened, after, dates, stateAt).Postings();
    }

    /// <summary>The general ledger of postings.</summary>
    /// <param name="postings">Every posting up to the end of the span, from the first one on.</param>
    /// <param name="filter">Which postings are listed.</param>
    /// <param name="page">Which of those.</param>
    public static GeneralLedger<T> Of<T>(
        IEnumerable<LedgerPosting<T>> postings, PostingFilter filter, PostingPage page)
    {
        ArgumentNullException.ThrowIfNull(postings);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(page);
        var sections = new SortedDictionary<PostingLedger, Section<T>>();
        var (number, unvalued, missing) = (0L, 0L, 0L);
        foreach (var (source, posting, count, isBefore) in postings)
        {
            unvalued += posting.Account == ChartAccount.UnvaluedSuspense ? count : 0;
            missing += posting.Account == ChartAccount.BasisMissing ? count : 0;
            if (!filter.Passes(posting))
            {
                continue;
            }

            var ledger = new PostingLedger(posting.Account, posting.Pool);
            if (!sections.TryGetValue(ledger, out var section))
            {
                sections[ledger] = section = new Section<T>();
            }

            if (isBefore || number++ < page.Skip)
            {
                section.Opening = section.Opening.With(posting, count);
            }
            else if (number - page.Skip <= page.Most)
            {
                section.Lines.Add(new GeneralLedgerLine<T>(source, posting, section.Running.With(posting, count)));
            }
        }

        return new GeneralLedger<T>(
            [
                .. sections.Where(section => !section.Value.IsEmpty).Select(section => new GeneralLedgerSection<T>(
                    section.Key, section.Value.Opening, [.. section.Value.Lines])),
            ],
            number - page.Skip > page.Most ? number - page.Skip - page.Most : 0,
            unvalued,
            missing);
    }

    /// <summary>Makes postings while they are read.</summary>
    private sealed class Source(
        BookAnswer answer,
        Func<Instant, IEnumerable<EntryRows>> happened,
        Instant? after,
        IReadOnlyList<Instant> dates,
        Func<Instant, BookState> stateAt)
    {
        private readonly Remeasurement _remeasurement = new(answer);
        private readonly Queue<Instant> _due = new(dates);
        private IReadOnlyList<Posting> _measured = [];
        private PostingFold? _fold;
        private PostingChanges? _rematched;

        public IEnumerable<LedgerPosting<LedgerSource>> Postings()
        {
            foreach (var posting in Opening())
            {
                yield return posting;
            }

            foreach (var rows in happened(dates[^1]))
            {
                foreach (var changed in Rematched(rows.Entry.EffectiveAt).Concat(Due(rows.Entry.EffectiveAt)))
                {
                    yield return changed;
                }

                _fold ??= new PostingFold(answer.Registers, rows.State().Policy, answer.Prices);
                _remeasurement.Apply(rows);
                var source = new LedgerSource(rows.Entry, rows.Entry.EffectiveAt);
                foreach (var posting in _fold.Apply(rows).Postings)
                {
                    if (source.At <= after && _rematched is not null)
                    {
                        _rematched.Add(posting, isMore: true);
                    }
                    else
                    {
                        yield return new LedgerPosting<LedgerSource>(source, posting, 1, source.At <= after);
                    }
                }
            }

            foreach (var changed in Rematched(Instant.Max).Concat(Due(Instant.Max)))
            {
                yield return changed;
            }
        }

        /// <summary>Under a method that looks at other days, what entries had posted when the span began.</summary>
        private IEnumerable<LedgerPosting<LedgerSource>> Opening()
        {
            if (after is not { } beginning || !stateAt(beginning).Policy.IsWindowed)
            {
                yield break;
            }

            _rematched = new PostingChanges();
            foreach (var (entry, postings) in PostingFold.Of(answer, happened(beginning)))
            {
                foreach (var posting in postings)
                {
                    _rematched.Add(posting, isMore: false);
                    yield return new LedgerPosting<LedgerSource>(
                        new LedgerSource(entry, entry.EffectiveAt), posting, 1, IsBefore: true);
                }
            }
        }

        /// <summary>What they post otherwise in the end, once the span has begun.</summary>
        private IEnumerable<LedgerPosting<LedgerSource>> Rematched(Instant next)
        {
            if (next <= after || _rematched is not { } changes)
            {
                return [];
            }

            _rematched = null;
            var source = new LedgerSource(null, after!.Value.Plus(1));
            return changes.ToPostings().Select(change =>
                new LedgerPosting<LedgerSource>(source, change.Change, change.Count, IsBefore: false));
        }

        /// <summary>What remeasurement changes at the dates before the next entry.</summary>
        private IEnumerable<LedgerPosting<LedgerSource>> Due(Instant next)
        {
            while (_due.TryPeek(out var date) && (date < next || next == Instant.Max))
            {
                _due.Dequeue();
                var now = _fold is null ? [] : _remeasurement.At(date, stateAt(date));
                foreach (var (posting, count) in PostingChanges.Between(_measured, now).ToPostings())
                {
                    yield return new LedgerPosting<LedgerSource>(
                        new LedgerSource(null, date), posting, count, date <= after);
                }

                _measured = now;
            }
        }
    }

    private sealed class Section<T>
    {
        public PostingBalance Opening { get; set; }

        public List<GeneralLedgerLine<T>> Lines { get; } = [];

        public PostingBalance Running => Lines.Count == 0 ? Opening : Lines[^1].Balance;

        public bool IsEmpty => Lines.Count == 0 && Opening is { Quantity.IsZero: true, Amount.IsZero: true };
    }
}
