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

/// <summary>What a line of a catch-up is about.</summary>
public enum CatchUpKind
{
    /// <summary>A lot that came in.</summary>
    Lot,

    /// <summary>Units of a lot that a disposal took.</summary>
    Disposal,
}

/// <summary>What a late entry changed of one lot, or of one disposal and one lot, in periods that were closed
/// before.</summary>
/// <param name="Journal">Where the late entry stands.</param>
/// <param name="Late">The late entry.</param>
/// <param name="Kind">What the line is about.</param>
/// <param name="Fact">The fact of the acquisition or disposal.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="Entry">The position of its entry, as known with the late one; or before, if it is gone.</param>
/// <param name="At">When it happened.</param>
/// <param name="Pool">Whose lots these are.</param>
/// <param name="Lot">The lot; absent for units without one.</param>
/// <param name="Quantity">Smallest units that came, or were taken, more.</param>
/// <param name="Proceeds">Known proceeds more; nothing for a lot.</param>
/// <param name="Cost">Known cost more.</param>
/// <param name="Gain">Gain more, of units whose cost and proceeds are known; nothing for a lot.</param>
public sealed record CatchUpLine(
    LateJournal Journal,
    NarrowEntry Late,
    CatchUpKind Kind,
    FactId Fact,
    int Leg,
    long Entry,
    Instant At,
    AssetId Pool,
    LotId? Lot,
    Quantity Quantity,
    Amount Proceeds,
    Amount Cost,
    Amount Gain);

/// <summary>
/// What a disposal of a closed period took of one lot more, because of what happened after that period: some lot
/// methods look at other days (SPEC 4.4).
/// </summary>
/// <param name="Fact">The fact of the disposal.</param>
/// <param name="Leg">Its leg.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="At">When it happened.</param>
/// <param name="Pool">Whose lots these are.</param>
/// <param name="Lot">The lot; absent for units without one.</param>
/// <param name="LotEntry">The position of the entry that brought the lot; absent as that is.</param>
/// <param name="Quantity">Smallest units taken more.</param>
/// <param name="Proceeds">Known proceeds more.</param>
/// <param name="Cost">Known cost more.</param>
/// <param name="Gain">Gain more, of units whose cost and proceeds are known.</param>
public sealed record RematchedLine(
    FactId Fact,
    int Leg,
    long Entry,
    Instant At,
    AssetId Pool,
    LotId? Lot,
    long? LotEntry,
    Quantity Quantity,
    Amount Proceeds,
    Amount Cost,
    Amount Gain);

/// <summary>Finds what late entries changed of lots and disposals (SPEC 4.3).</summary>
internal sealed class CatchUps(LateEntries late, BookHistory history, BookQuestion known)
{
    /// <summary>The lines, by late entry in recorded order, then by disposal and lot.</summary>
    /// <param name="before">What was known when the periods were closed.</param>
    /// <param name="after">What is known now.</param>
    /// <param name="until">Where those periods end (exclusive).</param>
    /// <param name="prices">The price book in recorded order, from position 1 on.</param>
    public ImmutableArray<CatchUpLine> Between(
        Cut before, Cut after, Instant until, IReadOnlyList<NarrowEntry> prices) =>
    [
        .. late.Changes<PartKey, Part>(
            before, after, until, prices, (from, cut) => Parts(from, until, until.Plus(-1), cut))
            .Select(change => Line(change.Late, change.Key, change.Part, change.Change)),
    ];

    /// <summary>What disposals of earlier periods took otherwise, because of what happened in this one.</summary>
    /// <param name="cut">What is known.</param>
    /// <param name="until">Where the earlier periods end (exclusive).</param>
    /// <param name="asOf">The last instant of this one that counts (inclusive).</param>
    public ImmutableArray<RematchedLine> Rematched(Cut cut, Instant until, Instant asOf)
    {
        if (until == default || !late.IsWindowed(cut.Position))
        {
            return [];
        }

        var before = Parts(default, until, until.Plus(-1), cut);
        var now = Parts(default, until, asOf, cut);
        return
        [
            .. before.Keys.Union(now.Keys).Where(key => key.Kind == CatchUpKind.Disposal).Order()
                .Select(key => (Key: key, Any: now.TryGetValue(key, out var part) ? part : before[key]))
                .Select(one => (one.Key, one.Any, More: now.GetValueOrDefault(one.Key)
                    - before.GetValueOrDefault(one.Key)))
                .Where(one => !one.More.IsNothing)
                .Select(one => new RematchedLine(
                    one.Key.Fact, one.Key.Leg, one.Any.Entry, one.Any.At, one.Key.Pool, one.Key.Lot, one.Any.LotEntry,
                    one.More.Quantity, one.More.Proceeds, one.More.Cost, one.More.Gain)),
        ];
    }

    /// <summary>Lots and disposals from an instant on (inclusive), of those that happened before another.</summary>
    private SortedDictionary<PartKey, Part> Parts(Instant from, Instant until, Instant asOf, Cut cut)
    {
        var parts = new SortedDictionary<PartKey, Part>();
        var through = known with { AsOf = asOf, Position = cut.Position, PricePosition = cut.PricePosition };
        foreach (var (entry, rows, _) in history.Between(from == default ? null : from.Plus(-1), through)
            .TakeWhile(happened => happened.Entry.EffectiveAt < until))
        {
            foreach (var lot in rows.Acquisitions)
            {
                Add(new PartKey(CatchUpKind.Lot, lot.LotId.Fact, lot.LotId.Leg, lot.Pool, lot.LotId), new Part(
                    entry.Position, entry.EffectiveAt, lot.Quantity, default, lot.Cost ?? Amount.Zero, default));
            }

            foreach (var disposal in rows.Disposals)
            {
                AddTakes(disposal);
            }
        }

        return parts;

        void AddTakes(Disposal disposal)
        {
            var key = new PartKey(CatchUpKind.Disposal, disposal.Fact, disposal.Leg, disposal.Pool, null);
            foreach (var part in disposal.Parts)
            {
                // What units without a lot bring is told where it is gain; a gain that nobody knows is none.
                var isTold = part.Take is not null || part.Gain is not null;
                Add(key with { Lot = part.Take?.LotId }, new Part(
                    disposal.Entry,
                    disposal.At,
                    part.Quantity,
                    isTold ? part.Proceeds ?? Amount.Zero : Amount.Zero,
                    part.Cost ?? Amount.Zero,
                    part.Gain ?? Amount.Zero)
                {
                    LotEntry = part.Take?.AcquisitionEntry,
                });
            }
        }

        void Add(PartKey key, Part part) =>
            parts[key] = parts.TryGetValue(key, out var other) ? other + part : part;
    }

    private static CatchUpLine Line(LateEntry late, PartKey key, Part part, Part change) => new(
        late.Journal, late.Entry, key.Kind, key.Fact, key.Leg, part.Entry, part.At, key.Pool, key.Lot, change.Quantity,
        change.Proceeds, change.Cost, change.Gain);

    /// <summary>One lot, or one disposal and one lot, whatever is known of them.</summary>
    private readonly record struct PartKey(CatchUpKind Kind, FactId Fact, int Leg, AssetId Pool, LotId? Lot)
        : IComparable<PartKey>
    {
        public int CompareTo(PartKey other)
        {
            var order = Kind.CompareTo(other.Kind);
            order = order != 0 ? order : Fact.CompareTo(other.Fact);
            order = order != 0 ? order : Leg.CompareTo(other.Leg);
            order = order != 0 ? order : Pool.CompareTo(other.Pool);
            return order != 0 ? order : Comparer<LotId?>.Default.Compare(Lot, other.Lot);
        }
    }

    private readonly record struct Part(
        long Entry, Instant At, Quantity Quantity, Amount Proceeds, Amount Cost, Amount Gain) : ILatePart<Part>
    {
        public long? LotEntry { get; init; }

        public bool IsNothing => Quantity.IsZero && Proceeds.IsZero && Cost.IsZero && Gain.IsZero;

        public static Part operator +(Part left, Part right) => left with
        {
            Quantity = left.Quantity + right.Quantity,
            Proceeds = left.Proceeds + right.Proceeds,
            Cost = left.Cost + right.Cost,
            Gain = left.Gain + right.Gain,
        };

        public static Part operator -(Part left, Part right) => left with
        {
            Quantity = left.Quantity - right.Quantity,
            Proceeds = left.Proceeds - right.Proceeds,
            Cost = left.Cost - right.Cost,
            Gain = left.Gain - right.Gain,
        };
    }
}
