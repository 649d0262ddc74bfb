using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Measurement;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>Why two books differ at a lot; each is read from the rows of both, none is guessed.</summary>
public enum LotDifference
{
    /// <summary>The other book has no such lot: it keeps these units as cash, or apart.</summary>
    OnlyInBook,

    /// <summary>The first book has no such lot.</summary>
    OnlyInWith,

    /// <summary>It came in at another cost: other fees in it, another value, or another basis of income.</summary>
    CostCame,

    /// <summary>Disposals took other numbers of its units: another method, scope or identification.</summary>
    UnitsTaken,

    /// <summary>Its units left with another cost: what came before them was averaged or carried otherwise.</summary>
    CostTaken,

    /// <summary>Its units brought something else.</summary>
    Proceeds,

    /// <summary>What is open of it has another cost.</summary>
    CostOpen,

    /// <summary>One of the books carries it at fair value, or both at different ones.</summary>
    FairValue,
}

/// <summary>A lot in one book. Exact.</summary>
/// <param name="CostCame">The cost at which it came in; absent if nobody knows it.</param>
/// <param name="Taken">Smallest units that disposals took.</param>
/// <param name="CostTaken">Their known cost.</param>
/// <param name="RealizedGain">The gain on them as far as cost and proceeds are known.</param>
/// <param name="Open">Smallest units that are open, wherever they lie.</param>
/// <param name="CostOpen">Their known cost.</param>
/// <param name="Carried">What they are carried at: at fair value or cost; absent without a valid price.</param>
public sealed record LotInBook(
    Amount? CostCame,
    Quantity Taken,
    Amount CostTaken,
    Amount RealizedGain,
    Quantity Open,
    Amount CostOpen,
    Amount? Carried)
{
    /// <summary>What net income has seen of it: what is realized, and what is carried beyond cost.</summary>
    public Amount? Recognized => RealizedGain + (Carried - CostOpen);

    /// <summary>What its units brought, as far as their cost is known too.</summary>
    internal Amount Brought => RealizedGain + CostTaken;
}

/// <summary>A lot at which two books differ.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Asset">The asset whose lot it is.</param>
/// <param name="AcquiredAt">When it was acquired.</param>
/// <param name="Book">In the one book, if it is there.</param>
/// <param name="With">In the other, if it is there.</param>
/// <param name="Reasons">Why they differ; at least one.</param>
public sealed record ComparedLot(
    LotId LotId,
    AssetId Asset,
    Instant AcquiredAt,
    LotInBook? Book,
    LotInBook? With,
    ImmutableArray<LotDifference> Reasons)
{
    /// <summary>What net income of the first book has seen more; absent without a valid price.</summary>
    public Amount? Difference =>
        (Book is null ? Amount.Zero : Book.Recognized) - (With is null ? Amount.Zero : With.Recognized);
}

/// <summary>Two books of one treasury lot by lot, at fair value or at cost (SPEC 9).</summary>
/// <param name="Lots">Those that differ, by asset, then acquisition, then name.</param>
/// <param name="Book">Realized gain of all lots of the one book, and what is carried beyond cost.</param>
/// <param name="With">The same of the other.</param>
public sealed record LotComparison(ImmutableArray<ComparedLot> Lots, Amount? Book, Amount? With)
{
    /// <summary>Compares.</summary>
    /// <param name="book">The one.</param>
    /// <param name="with">The other, at the same viewpoint.</param>
    public static LotComparison Of(TreasuryAt book, TreasuryAt with)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(with);
        var (left, right) = (LotsOf(book), LotsOf(with));
        var lots = left.Keys.Union(right.Keys)
            .Select(key => Compared(key, left.GetValueOrDefault(key), right.GetValueOrDefault(key)))
            .Where(lot => !lot.Reasons.IsEmpty)
            .OrderBy(lot => lot.Asset).ThenBy(lot => lot.AcquiredAt).ThenBy(lot => lot.LotId);
        return new LotComparison([.. lots], Sum(left.Values), Sum(right.Values));

        static Amount? Sum(IEnumerable<Running> all) =>
            all.Aggregate((Amount?)Amount.Zero, (sum, one) => sum + one.ToLot().Recognized);
    }

    private static ComparedLot Compared((LotId LotId, AssetId Asset) key, Running? left, Running? right)
    {
        var (book, with) = (left?.ToLot(), right?.ToLot());
        var reasons = ImmutableArray.CreateBuilder<LotDifference>();
        if (book is null || with is null)
        {
            reasons.Add(with is null ? LotDifference.OnlyInBook : LotDifference.OnlyInWith);
        }
        else
        {
            Add(book.CostCame != with.CostCame, LotDifference.CostCame);
            Add(book.Taken != with.Taken, LotDifference.UnitsTaken);
            Add(book.Taken == with.Taken && book.CostTaken != with.CostTaken, LotDifference.CostTaken);
            Add(book.Taken == with.Taken && book.Brought != with.Brought, LotDifference.Proceeds);
            Add(book.Open == with.Open && book.CostOpen != with.CostOpen, LotDifference.CostOpen);
            Add(
                book.Carried - book.CostOpen != with.Carried - with.CostOpen
                    || book.Carried is null != with.Carried is null,
                LotDifference.FairValue);
        }

        return new ComparedLot(
            key.LotId, key.Asset, (left ?? right)!.AcquiredAt, book, with, reasons.ToImmutable());

        void Add(bool differs, LotDifference reason)
        {
            if (differs)
            {
                reasons.Add(reason);
            }
        }
    }

    private static Dictionary<(LotId, AssetId), Running> LotsOf(TreasuryAt at)
    {
        var lots = new Dictionary<(LotId, AssetId), Running>();
        var fold = new MeasurementFold(at.Registers, at.Prices);
        foreach (var rows in fold.Follow(at.Happened).Select(happened => happened.Rows))
        {
            foreach (var lot in rows.Lots)
            {
                var running = Of(lot.LotId, lot.Pool, lot.AcquiredAt);
                running.CostCame += lot.Cost ?? Amount.Zero;
                running.IsKnown = lot.Cost is not null;
            }

            foreach (var disposal in rows.Disposals)
            {
                foreach (var take in disposal.Takes)
                {
                    var running = Of(take.LotId, disposal.Pool, take.AcquiredAt);
                    running.Taken += take.Quantity;
                    running.CostTaken += take.Cost ?? Amount.Zero;
                    running.RealizedGain += take.Gain ?? Amount.Zero;
                }
            }
        }

        var open = at.State.OpenLots();
        foreach (var pool in fold.At(at.Viewpoint.AsOf, at.State))
        {
            Carry(pool, [.. open.Where(lot => lot.Pool == pool.Asset)]);
        }

        return lots;

        Running Of(LotId lot, AssetId pool, Instant acquiredAt)
        {
            if (!lots.TryGetValue((lot, pool), out var running))
            {
                lots[(lot, pool)] = running = new Running(acquiredAt);
            }

            return running;
        }

        // Lots of an asset share what it is carried at by their units with a known cost, the last one the rest.
        void Carry(CarryingAmount pool, List<OpenLot> parts)
        {
            var (units, carried) = (pool.Quantity - pool.BasisMissing, pool.Carried);
            var isAtCost = pool.Measured.IsZero && pool.AtCost == pool.Cost;
            foreach (var part in parts)
            {
                var running = Of(part.LotId, part.Pool, part.AcquiredAt);
                running.Open += part.Remaining;
                running.CostOpen += part.Cost ?? Amount.Zero;
                var share = part.Cost is null ? Amount.Zero
                    : isAtCost ? part.Cost
                    : carried?.Part(part.Remaining, units);
                running.Carried += share;
                if (part.Cost is not null)
                {
                    (units, carried) = (units - part.Remaining, carried - share);
                }
            }
        }
    }

    private sealed class Running(Instant acquiredAt)
    {
        public Instant AcquiredAt => acquiredAt;

        public Amount CostCame { get; set; }

        public bool IsKnown { get; set; }

        public Quantity Taken { get; set; }

        public Amount CostTaken { get; set; }

        public Amount RealizedGain { get; set; }

        public Quantity Open { get; set; }

        public Amount CostOpen { get; set; }

        public Amount? Carried { get; set; } = Amount.Zero;

        public LotInBook ToLot() =>
            new(IsKnown ? CostCame : null, Taken, CostTaken, RealizedGain, Open, CostOpen, Carried);
    }
}
