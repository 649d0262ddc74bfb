using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Periods;

/// <summary>Which journal of a treasury an entry stands in.</summary>
public enum LateJournal
{
    /// <summary>Its own.</summary>
    Treasury,

    /// <summary>Its price book.</summary>
    Prices,
}

/// <summary>What a late entry changed of one disposal and one lot in periods that were closed before.</summary>
/// <param name="Journal">Where the late entry stands.</param>
/// <param name="Late">The late entry.</param>
/// <param name="Disposal">The fact of the disposal.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="Entry">The position of its entry, as known with the late one; or before, if it is gone.</param>
/// <param name="At">When it happened.</param>
/// <param name="Pool">Whose lots it took.</param>
/// <param name="Lot">The lot; absent for units without one.</param>
/// <param name="Quantity">Smallest units that it takes more.</param>
/// <param name="Proceeds">Proceeds more, of units whose cost and proceeds are known.</param>
/// <param name="Cost">Cost more, of the same units.</param>
public sealed record CatchUpLine(
    LateJournal Journal,
    NarrowEntry Late,
    FactId Disposal,
    int Leg,
    long Entry,
    Instant At,
    AssetId Pool,
    LotId? Lot,
    Quantity Quantity,
    Amount Proceeds,
    Amount Cost)
{
    /// <summary>Gain more.</summary>
    public Amount Gain => Proceeds - Cost;
}

/// <summary>
/// Finds what entries changed that were learned after periods had been closed (SPEC 4.3). Each such entry is made known
/// alone, in recorded order, and costs a fold from the first instant that it touches to the end of those periods.
/// </summary>
internal sealed class CatchUps(BookHistory history, BookQuestion known)
{
    /// <summary>The lines, by late entry in recorded order, then by disposal and lot.</summary>
    /// <param name="before">What was known when the periods were closed.</param>
    /// <param name="after">What is known now.</param>
    /// <param name="until">Where those periods end (exclusive).</param>
    /// <param name="prices">The price book in recorded order, from position 1 on.</param>
    public ImmutableArray<CatchUpLine> Between(
        Cut before, Cut after, Instant until, IReadOnlyList<NarrowEntry> prices)
    {
        var late = Late(before, after, until, prices);
        var lines = ImmutableArray.CreateBuilder<CatchUpLine>();
        if (late.Count == 0)
        {
            return [];
        }

        var cut = before;
        var parts = Parts(late.Min(one => one.Touched), until, cut);
        foreach (var (journal, entry, touched) in late)
        {
            cut = journal == LateJournal.Treasury
                ? cut with { Position = entry.Position }
                : cut with { PricePosition = entry.Position };
            var now = Parts(touched, until, cut);
            var gone = parts.Where(part => part.Value.At >= touched && !now.ContainsKey(part.Key)).ToList();
            foreach (var (key, was) in gone)
            {
                lines.Add(Line(journal, entry, key, was, -was));
                parts.Remove(key);
            }

            foreach (var (key, part) in now)
            {
                var change = part - parts.GetValueOrDefault(key);
                parts[key] = part;
                if (!change.IsNothing)
                {
                    lines.Add(Line(journal, entry, key, part, change));
                }
            }
        }

        return lines.ToImmutable();
    }

    private List<(LateJournal Journal, NarrowEntry Entry, Instant Touched)> Late(
        Cut before, Cut after, Instant until, IReadOnlyList<NarrowEntry> prices)
    {
        var late = new List<(LateJournal Journal, NarrowEntry Entry, Instant Touched)>();
        foreach (var entry in history.Log.Recorded(before.Position, after.Position))
        {
            if (history.Log.Touched(entry.Position) is { } touched && touched < until)
            {
                late.Add((LateJournal.Treasury, entry, touched));
            }
        }

        var (position, last) = (before.PricePosition, until.Plus(-1));
        while (history.Prices.NextTouching(last, position) is { } next && next <= after.PricePosition)
        {
            var price = prices[(int)next - 1];
            var voided = price.Voids is { } voids ? prices[(int)voids - 1].EffectiveAt : price.EffectiveAt;
            late.Add((LateJournal.Prices, price, voided < price.EffectiveAt ? voided : price.EffectiveAt));
            position = next;
        }

        return [.. late.OrderBy(one => one.Entry.RecordedAt).ThenBy(one => one.Journal)];
    }

    private SortedDictionary<PartKey, Part> Parts(Instant from, Instant until, Cut cut)
    {
        var parts = new SortedDictionary<PartKey, Part>();
        var through = known with
        {
            AsOf = until.Plus(-1),
            Position = cut.Position,
            PricePosition = cut.PricePosition,
        };
        foreach (var disposal in history.Between(from == default ? null : from.Plus(-1), through)
            .SelectMany(rows => rows.Rows.Disposals))
        {
            foreach (var take in disposal.Takes)
            {
                var isKnown = take.Cost is not null && take.Proceeds is not null;
                Add(disposal, take.LotId, new Part(
                    disposal.Entry,
                    disposal.At,
                    take.Quantity,
                    isKnown ? take.Proceeds!.Value : Amount.Zero,
                    isKnown ? take.Cost!.Value : Amount.Zero));
            }

            if (!disposal.WithoutLot.IsZero)
            {
                Add(disposal, null, new Part(
                    disposal.Entry, disposal.At, disposal.WithoutLot, Amount.Zero, Amount.Zero));
            }
        }

        return parts;

        void Add(Disposal disposal, LotId? lot, Part part)
        {
            var key = new PartKey(disposal.Fact, disposal.Leg, disposal.Pool, lot);
            parts[key] = parts.TryGetValue(key, out var other) ? other + part : part;
        }
    }

    private static CatchUpLine Line(LateJournal journal, NarrowEntry late, PartKey key, Part part, Part change) => new(
        journal, late, key.Fact, key.Leg, part.Entry, part.At, key.Pool, key.Lot, change.Quantity, change.Proceeds,
        change.Cost);

    /// <summary>One disposal and one lot, whatever is known of them.</summary>
    private readonly record struct PartKey(FactId Fact, int Leg, AssetId Pool, LotId? Lot) : IComparable<PartKey>
    {
        public int CompareTo(PartKey other)
        {
            var order = Fact.CompareTo(other.Fact);
            order = order != 0 ? order : Leg.CompareTo(other.Leg);
            order = order != 0 ? order : Pool.CompareTo(other.Pool);
            return order != 0 ? order : Comparer<LotId?>.Default.Compare(Lot, other.Lot);
        }
    }

    private readonly record struct Part(long Entry, Instant At, Quantity Quantity, Amount Proceeds, Amount Cost)
    {
        public bool IsNothing => Quantity.IsZero && Proceeds.IsZero && Cost.IsZero;

        public static Part operator +(in Part left, in Part right) => left with
        {
            Quantity = left.Quantity + right.Quantity,
            Proceeds = left.Proceeds + right.Proceeds,
            Cost = left.Cost + right.Cost,
        };

        public static Part operator -(in Part left, in Part right) => left with
        {
            Quantity = left.Quantity - right.Quantity,
            Proceeds = left.Proceeds - right.Proceeds,
            Cost = left.Cost - right.Cost,
        };

        public static Part operator -(in Part part) => part with
        {
            Quantity = -part.Quantity,
            Proceeds = -part.Proceeds,
            Cost = -part.Cost,
        };
    }
}
