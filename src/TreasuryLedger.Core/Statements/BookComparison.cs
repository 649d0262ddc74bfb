using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>A figure of two books.</summary>
/// <param name="Book">Of the one that is compared.</param>
/// <param name="With">Of the one it is compared with.</param>
public readonly record struct ComparedAmount(Amount Book, Amount With)
{
    /// <summary>What the first one has more.</summary>
    public Amount Difference => Book - With;

    /// <summary>Both together.</summary>
    public static ComparedAmount operator +(ComparedAmount left, ComparedAmount right) =>
        new(left.Book + right.Book, left.With + right.With);
}

/// <summary>The realized gain of one asset in one period.</summary>
/// <param name="Period">The period.</param>
/// <param name="Asset">The asset whose lots were disposed of.</param>
/// <param name="Gain">The exact gain on units whose cost and proceeds are known.</param>
public sealed record ComparedGain(Period Period, AssetId Asset, ComparedAmount Gain);

/// <summary>The known cost of the open lots of one asset.</summary>
/// <param name="Asset">The asset whose lots they are.</param>
/// <param name="Cost">Exact.</param>
public sealed record ComparedCost(AssetId Asset, ComparedAmount Cost);

/// <summary>What differs at a disposal; each is read from the rows of both books, none is guessed.</summary>
public enum DisposalDifference
{
    /// <summary>The other book has no such disposal: it keeps these units as cash, or moves them.</summary>
    OnlyInBook,

    /// <summary>The first book has no such disposal.</summary>
    OnlyInWith,

    /// <summary>It took other lots, or other numbers of their units.</summary>
    Lots,

    /// <summary>It took the same lots at another cost.</summary>
    Cost,

    /// <summary>It brought something else.</summary>
    Proceeds,

    /// <summary>Of other numbers of units nobody knows the cost.</summary>
    BasisMissing,
}

/// <summary>A disposal at which two books differ; one of them may have none there.</summary>
/// <param name="Entry">Its entry.</param>
/// <param name="Leg">The leg of the fact.</param>
/// <param name="Asset">The asset whose lots it took.</param>
/// <param name="Gain">The gain on units whose cost and proceeds are known.</param>
/// <param name="Cost">The known cost that it took.</param>
/// <param name="Book">The disposal in the one book, if it is there.</param>
/// <param name="With">The disposal in the other, if it is there.</param>
/// <param name="Reasons">What differs; at least one.</param>
/// <param name="BookCame">For each take of the one: when units of the lot first came where they were taken.</param>
/// <param name="WithCame">The same of the other.</param>
public sealed record ComparedDisposal(
    NarrowEntry Entry,
    int Leg,
    AssetId Asset,
    ComparedAmount Gain,
    ComparedAmount Cost,
    Disposal? Book,
    Disposal? With,
    ImmutableArray<DisposalDifference> Reasons,
    ImmutableArray<Instant?> BookCame,
    ImmutableArray<Instant?> WithCame);

/// <summary>An entry that brought known cost in, more of it in one book than in the other.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Cost">The known cost of its lots.</param>
public sealed record ComparedAcquisition(NarrowEntry Entry, ComparedAmount Cost);

/// <summary>
/// Two books of one treasury at one viewpoint, and where they differ (SPEC.md 8): the gains of disposals add up exactly
/// to the difference of realized gain, the cost that came in less the cost that disposals took to that of open cost.
/// </summary>
public sealed record BookComparison
{
    /// <summary>The exact realized gain on units whose cost and proceeds are known.</summary>
    public required ComparedAmount RealizedGain { get; init; }

    /// <summary>The known cost of everything acquired.</summary>
    public required ComparedAmount CostAcquired { get; init; }

    /// <summary>The known cost of open lots.</summary>
    public required ComparedAmount CostOpen { get; init; }

    /// <summary>Realized gain by period and asset; only where one of them gained or lost anything.</summary>
    public required ImmutableArray<ComparedGain> Gains { get; init; }

    /// <summary>Open cost by asset.</summary>
    public required ImmutableArray<ComparedCost> Open { get; init; }

    /// <summary>Disposals whose gain or cost differs, in the order of the fold.</summary>
    public required ImmutableArray<ComparedDisposal> Disposals { get; init; }

    /// <summary>Entries whose lots differ in cost, in the order of the fold.</summary>
    public required ImmutableArray<ComparedAcquisition> Acquisitions { get; init; }

    /// <summary>Compares.</summary>
    /// <param name="book">The one.</param>
    /// <param name="with">The other, at the same viewpoint.</param>
    /// <param name="periods">In order; together they hold every day with a disposal.</param>
    /// <param name="zone">The treasury's time zone.</param>
    public static BookComparison Of(
        TreasuryAt book, TreasuryAt with, IReadOnlyCollection<Period> periods, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(with);
        ArgumentNullException.ThrowIfNull(periods);
        var disposals = ImmutableArray.CreateBuilder<ComparedDisposal>();
        var acquisitions = ImmutableArray.CreateBuilder<ComparedAcquisition>();
        var (here, there) = (new LotArrivals(book.State.Policy.IsPerAccount),
            new LotArrivals(with.State.Policy.IsPerAccount));
        // Both folds take the same entries in the same order.
        foreach (var (one, other) in book.Happened.Zip(with.Happened))
        {
            here.Add(one.Rows);
            there.Add(other.Rows);
            var came = new ComparedAmount(Came(one), Came(other));
            if (!came.Difference.IsZero)
            {
                acquisitions.Add(new ComparedAcquisition(one.Entry, came));
            }

            if (one.Rows.Disposals.Count + other.Rows.Disposals.Count > 0)
            {
                disposals.AddRange(Compared(one, other, here, there));
            }
        }

        return new BookComparison
        {
            RealizedGain = new(book.State.RealizedGain, with.State.RealizedGain),
            CostAcquired = new(book.State.CostAcquired, with.State.CostAcquired),
            CostOpen = new(book.State.CostOpen, with.State.CostOpen),
            Gains = [.. periods.SelectMany(period => GainsIn(period, book.State, with.State, zone))],
            Open = [.. OpenOf(book.State, with.State)],
            Disposals = disposals.ToImmutable(),
            Acquisitions = acquisitions.ToImmutable(),
        };
    }

    private static Amount Came(EntryRows happened) =>
        happened.Rows.Acquisitions.Aggregate(Amount.Zero, (sum, lot) => sum + (lot.Cost ?? Amount.Zero));

    private static IEnumerable<ComparedDisposal> Compared(
        EntryRows one, EntryRows other, LotArrivals here, LotArrivals there) =>
        from leg in one.Rows.Disposals.Concat(other.Rows.Disposals).Select(disposal => disposal.Leg).Distinct().Order()
        let left = one.Rows.Disposals.FirstOrDefault(disposal => disposal.Leg == leg)
        let right = other.Rows.Disposals.FirstOrDefault(disposal => disposal.Leg == leg)
        let gain = new ComparedAmount(left?.MatchedGain ?? Amount.Zero, right?.MatchedGain ?? Amount.Zero)
        let cost = new ComparedAmount(left?.MatchedCost ?? Amount.Zero, right?.MatchedCost ?? Amount.Zero)
        where !gain.Difference.IsZero || !cost.Difference.IsZero
        select new ComparedDisposal(
            one.Entry, leg, (left ?? right)!.Pool, gain, cost, left, right, [.. Reasons(left, right)], here.Of(left),
            there.Of(right));

    private static IEnumerable<DisposalDifference> Reasons(Disposal? left, Disposal? right)
    {
        if (left is null || right is null)
        {
            return [right is null ? DisposalDifference.OnlyInBook : DisposalDifference.OnlyInWith];
        }

        var areSameLots = Lots(left).SequenceEqual(Lots(right));
        return new[]
        {
            (!areSameLots, DisposalDifference.Lots),
            (areSameLots && left.MatchedCost != right.MatchedCost, DisposalDifference.Cost),
            (left.Proceeds != right.Proceeds, DisposalDifference.Proceeds),
            (left.BasisMissing != right.BasisMissing, DisposalDifference.BasisMissing),
        }.Where(reason => reason.Item1).Select(reason => reason.Item2);

        static IEnumerable<(LotId Lot, Quantity Units)> Lots(Disposal disposal) => disposal.Takes
            .GroupBy(take => take.LotId)
            .Select(lot => (lot.Key, lot.Aggregate(Quantity.Zero, (sum, take) => sum + take.Quantity)))
            .OrderBy(lot => lot.Key);
    }

    private static IEnumerable<ComparedGain> GainsIn(
        Period period, BookState book, BookState with, TimeZoneInfo zone)
    {
        var days = book.GainDays().Concat(with.GainDays()).Distinct()
            .Where(day => period.Contains(LocalDay.StartOf(day, zone))).ToList();
        foreach (var asset in book.DisposedPools.Concat(with.DisposedPools).Distinct().Order())
        {
            var gain = new ComparedAmount(Sum(book, asset), Sum(with, asset));
            if (!gain.Book.IsZero || !gain.With.IsZero)
            {
                yield return new ComparedGain(period, asset, gain);
            }
        }

        Amount Sum(BookState state, AssetId asset) => days.Aggregate(
            Amount.Zero, (sum, day) => sum + state.Gains(asset, day, day.AddDays(1)).Gain);
    }

    private static IEnumerable<ComparedCost> OpenOf(BookState book, BookState with)
    {
        var (left, right) = (Costs(book), Costs(with));
        return left.Keys.Concat(right.Keys).Distinct().Order().Select(asset => new ComparedCost(
            asset, new(left.GetValueOrDefault(asset), right.GetValueOrDefault(asset))));

        static Dictionary<AssetId, Amount> Costs(BookState state) =>
            state.OpenTotals().ToDictionary(open => open.Pool, open => open.Cost);
    }
}
