using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Periods;

/// <summary>Why a posting stands in a period of the official general ledger.</summary>
public enum OfficialPostingKind
{
    /// <summary>Its entry happened in the period.</summary>
    Own,

    /// <summary>A late entry changed a period that was closed before; posted on the first day of this one.</summary>
    CatchUp,

    /// <summary>
    /// Disposals of a closed period were matched with what came after it, as some lot methods do; posted likewise.
    /// </summary>
    Rematched,

    /// <summary>What fair value changed in the period, where the book measures so; posted on its last day.</summary>
    Remeasured,
}

/// <summary>What posted a line of the official general ledger.</summary>
/// <param name="Kind">Why it stands in its period.</param>
/// <param name="Span">The period.</param>
/// <param name="Late">Of a catch-up: the late entry.</param>
/// <param name="Entry">The entry whose posting it is, or whose posting changed; absent if that is no single one.
/// </param>
/// <param name="AccountedAt">When it counts: when it happened, or when its period begins or ends.</param>
public sealed record OfficialSource(
    OfficialPostingKind Kind, OfficialSpan Span, LateEntry? Late, NarrowEntry? Entry, Instant AccountedAt);

/// <summary>
/// The postings of a book by accounting date (SPEC 5): those of each period as known when it was closed, and before
/// them what was learned of earlier periods since the one before was.
/// </summary>
/// <param name="book">The book.</param>
/// <param name="prices">The price book in recorded order, from position 1 on.</param>
public sealed class OfficialLedger(OfficialBook book, IReadOnlyList<NarrowEntry> prices)
{
    /// <summary>
    /// Every posting up to an instant (inclusive), period after period: what lies before the span first, in the period
    /// that holds its beginning.
    /// </summary>
    /// <param name="after">The span begins after this instant (exclusive); absent: at the beginning.</param>
    /// <param name="through">Its last instant (inclusive).</param>
    public IEnumerable<LedgerPosting<OfficialSource>> Between(Instant? after, Instant through)
    {
        List<Posting>? measured = null;
        foreach (var span in book.SpansBetween(after?.Plus(1) ?? default, through))
        {
            var opening = new List<Posting>();
            foreach (var posting in measured is null && span.Before is { } end
                ? Known(span, span.EarlierCut, end, null, opening)
                : [])
            {
                yield return posting with { IsBefore = true };
            }

            foreach (var posting in Remeasured(span, [], opening, span.From))
            {
                yield return posting with { IsBefore = true };
            }

            var last = book.EndOf(span) is { } next && next <= through ? next.Plus(-1) : through;
            // A span that begins within a period has what that period caught up behind it.
            var isBehind = span.From <= after;
            foreach (var posting in CaughtUp(span, last))
            {
                yield return posting with { IsBefore = isBehind };
            }

            var closing = new List<Posting>();
            foreach (var posting in Known(span, span.Cut, last, span.Before, closing))
            {
                yield return posting with { IsBefore = posting.Source.AccountedAt <= after };
            }

            foreach (var posting in Remeasured(span, measured ?? opening, closing, last))
            {
                yield return posting;
            }

            measured = closing;
        }
    }

    /// <summary>The postings of entries, as known; and what the book is remeasured by at their end.</summary>
    private IEnumerable<LedgerPosting<OfficialSource>> Known(
        OfficialSpan span, Cut cut, Instant through, Instant? after, List<Posting> measured)
    {
        var (entries, remeasurement) = book.MeasuredAt(through, cut);
        foreach (var (entry, postings) in entries)
        {
            foreach (var posting in entry.EffectiveAt <= after ? [] : postings)
            {
                yield return new LedgerPosting<OfficialSource>(
                    new OfficialSource(OfficialPostingKind.Own, span, null, entry, entry.EffectiveAt), posting, 1,
                    IsBefore: false);
            }
        }

        measured.AddRange(remeasurement.At(through));
    }

    /// <summary>What remeasurement posts at an end, less what it had posted at the beginning.</summary>
    private static IEnumerable<LedgerPosting<OfficialSource>> Remeasured(
        OfficialSpan span, List<Posting> before, List<Posting> now, Instant at) =>
        Changes(new OfficialSource(OfficialPostingKind.Remeasured, span, null, null, at), before, now);

    /// <summary>What is known of earlier periods in this one, and was not when they were closed.</summary>
    private IEnumerable<LedgerPosting<OfficialSource>> CaughtUp(OfficialSpan span, Instant last)
    {
        if (span.Before is not { } end)
        {
            yield break;
        }

        foreach (var (late, key, part, change) in book.Late.Changes<PartKey, Part>(
            span.EarlierCut, span.Cut, span.From, prices, Parts(span)))
        {
            yield return new LedgerPosting<OfficialSource>(
                new OfficialSource(OfficialPostingKind.CatchUp, span, late, part.Entry, span.From),
                key.Posting(part.Pool, change.Units, change.Amount),
                change.Count,
                IsBefore: false);
        }

        if (book.Late.IsWindowed(span.Cut.Position))
        {
            foreach (var posting in Rematched(span, end, last))
            {
                yield return posting;
            }
        }
    }

    /// <summary>
    /// The difference between what entries of earlier periods posted as those ended, and what they post as this one
    /// does.
    /// </summary>
    private IEnumerable<LedgerPosting<OfficialSource>> Rematched(OfficialSpan span, Instant end, Instant last)
    {
        var before = book.PostingsAt(end, span.Cut);
        var now = book.PostingsAt(last, span.Cut).TakeWhile(entry => entry.Entry.EffectiveAt <= end);
        return Changes(
            new OfficialSource(OfficialPostingKind.Rematched, span, null, null, span.From),
            before.SelectMany(entry => entry.Postings), now.SelectMany(entry => entry.Postings));
    }

    private static IEnumerable<LedgerPosting<OfficialSource>> Changes(
        OfficialSource source, IEnumerable<Posting> before, IEnumerable<Posting> now) =>
        PostingChanges.Between(before, now).ToPostings().Select(change =>
            new LedgerPosting<OfficialSource>(source, change.Change, change.Count, IsBefore: false));

    /// <summary>The postings of the entries of earlier periods from an instant on, for a knowledge.</summary>
    private Func<Instant, Cut, SortedDictionary<PartKey, Part>> Parts(OfficialSpan span)
    {
        // Before the first instant that any late entry touches everything is the same for every knowledge.
        (Instant From, PostingFold? Fold)? before = null;
        return (from, cut) =>
        {
            var start = before ??= (from, book.FoldAt(from, span.EarlierCut));
            var parts = new SortedDictionary<PartKey, Part>();
            foreach (var (entry, postings) in book.PostingsFrom(start.From, start.Fold, span.From.Plus(-1), cut)
                .SkipWhile(entry => entry.Entry.EffectiveAt < from))
            {
                foreach (var posting in postings)
                {
                    // By fact: an entry that replaces another one changes its postings, it does not undo them.
                    var key = PartKey.Of(entry.Fact, posting);
                    var part = new Part(entry, posting.Pool, posting.Quantity, posting.Amount, 1);
                    parts[key] = parts.TryGetValue(key, out var other) ? other + part : part;
                }
            }

            return parts;
        };
    }

    private readonly record struct PartKey(
        FactId Fact, ChartAccount Account, AccountId? Place, FactId? Transfer, AssetId Asset) : IComparable<PartKey>
    {
        public static PartKey Of(FactId fact, Posting posting) =>
            new(fact, posting.Account, posting.Place, posting.Transfer, posting.Asset);

        public Posting Posting(AssetId pool, Quantity units, Amount amount) =>
            new(Account, Place, Transfer, Asset, pool, units, amount);

        public int CompareTo(PartKey other)
        {
            var order = Fact.CompareTo(other.Fact);
            order = order != 0 ? order : Account.CompareTo(other.Account);
            order = order != 0 ? order : Comparer<AccountId?>.Default.Compare(Place, other.Place);
            order = order != 0 ? order : Comparer<FactId?>.Default.Compare(Transfer, other.Transfer);
            return order != 0 ? order : Asset.CompareTo(other.Asset);
        }
    }

    private readonly record struct Part(NarrowEntry Entry, AssetId Pool, Quantity Units, Amount Amount, long Count)
        : ILatePart<Part>
    {
        public Instant At => Entry.EffectiveAt;

        public bool IsNothing => Units.IsZero && Amount.IsZero && Count == 0;

        public static Part operator +(Part left, Part right) => left with
        {
            Units = left.Units + right.Units,
            Amount = left.Amount + right.Amount,
            Count = left.Count + right.Count,
        };

        public static Part operator -(Part left, Part right) => left with
        {
            Units = left.Units - right.Units,
            Amount = left.Amount - right.Amount,
            Count = left.Count - right.Count,
        };
    }
}
