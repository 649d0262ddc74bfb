using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Periods;

/// <summary>An entry that was learned after what it is about had been closed.</summary>
/// <param name="Journal">Where it stands.</param>
/// <param name="Entry">The entry.</param>
public sealed record LateEntry(LateJournal Journal, NarrowEntry Entry);

/// <summary>A figure that late entries change.</summary>
internal interface ILatePart<T> : IAdditionOperators<T, T, T>, ISubtractionOperators<T, T, T>
    where T : struct, ILatePart<T>
{
    /// <summary>When what it is about happened.</summary>
    Instant At { get; }

    /// <summary>Whether it is zero.</summary>
    bool IsNothing { get; }
}

/// <summary>What a late entry changed.</summary>
/// <param name="Late">The late entry.</param>
/// <param name="Key">Of what.</param>
/// <param name="Part">What it is with the late entry; zero if it is gone.</param>
/// <param name="Change">That, less what it was without it.</param>
internal readonly record struct LateChange<TKey, TPart>(LateEntry Late, TKey Key, TPart Part, TPart Change);

/// <summary>
/// Entries that were learned after periods had been closed, and what each of them changed there (SPEC 4.3). Each is
/// made known alone, in recorded order, and costs a fold from the first instant that it touches to the end of those
/// periods.
/// </summary>
internal sealed class LateEntries(BookHistory history, BookQuestion known)
{
    /// <summary>What each late entry changed, in recorded order, then by key.</summary>
    /// <param name="before">What was known when the periods were closed.</param>
    /// <param name="after">What is known now.</param>
    /// <param name="until">Where those periods end (exclusive).</param>
    /// <param name="prices">The price book in recorded order, from position 1 on.</param>
    /// <param name="partsOf">The figures from an instant on (inclusive) up to the end, for a knowledge.</param>
    public IEnumerable<LateChange<TKey, TPart>> Changes<TKey, TPart>(
        Cut before,
        Cut after,
        Instant until,
        IReadOnlyList<NarrowEntry> prices,
        Func<Instant, Cut, SortedDictionary<TKey, TPart>> partsOf)
        where TKey : notnull
        where TPart : struct, ILatePart<TPart>
    {
        var late = Late(before, after, until, prices);
        if (late.Count == 0)
        {
            yield break;
        }

        var cut = before;
        var parts = partsOf(late.Min(one => one.Touched), cut);
        foreach (var (one, touched) in late)
        {
            cut = one.Journal == LateJournal.Treasury
                ? cut with { Position = one.Entry.Position }
                : cut with { PricePosition = one.Entry.Position };
            var now = partsOf(touched, cut);
            var gone = parts.Where(part => part.Value.At >= touched && !now.ContainsKey(part.Key)).ToList();
            foreach (var (key, was) in gone)
            {
                now[key] = was - was;
            }

            foreach (var (key, part) in now)
            {
                var change = part - parts.GetValueOrDefault(key);
                parts[key] = part;
                if (!change.IsNothing)
                {
                    yield return new LateChange<TKey, TPart>(one, key, part, change);
                }
            }

            gone.ForEach(part => parts.Remove(part.Key));
        }
    }

    /// <summary>The late entries in recorded order, each with the first instant that it touches.</summary>
    private List<(LateEntry Late, Instant Touched)> Late(
        Cut before, Cut after, Instant until, IReadOnlyList<NarrowEntry> prices)
    {
        var late = new List<(LateEntry Late, Instant Touched)>();
        foreach (var entry in history.Log.Recorded(before.Position, after.Position))
        {
            if (history.Log.Touched(entry.Position) is { } touched && touched < until)
            {
                late.Add((new LateEntry(LateJournal.Treasury, entry), touched));
            }
        }

        var (position, last) = (before.PricePosition, until.Plus(-1));
        while (history.Prices.NextTouching(last, position) is { } next && next <= after.PricePosition)
        {
            var price = prices[(int)next - 1];
            var voided = price.Voids is { } voids ? prices[(int)voids - 1].EffectiveAt : price.EffectiveAt;
            late.Add((
                new LateEntry(LateJournal.Prices, price), voided < price.EffectiveAt ? voided : price.EffectiveAt));
            position = next;
        }

        // Days that are still open for other days may have changed before it, so those books are compared whole.
        var isWindowed = IsWindowed(after.Position);
        return
        [
            .. late.OrderBy(one => one.Late.Entry.RecordedAt).ThenBy(one => one.Late.Journal)
                .Select(one => isWindowed ? (one.Late, default) : one),
        ];
    }

    /// <summary>Whether the book ever looks at other days, as known at a position.</summary>
    public bool IsWindowed(long position) =>
        history.At(known with { AsOf = default, Position = position }).State.Policy.IsWindowed
        || history.Log.Adoptions(position).Any(entry =>
            entry.Event is TermsAdopted adopted && Ranking.IsWindowed(adopted.Terms.LotMethod));
}
