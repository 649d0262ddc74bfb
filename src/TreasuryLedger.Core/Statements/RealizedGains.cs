using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>
/// Figures of realized gain, rounded to the currency's digits. What is not known is not in proceeds, cost basis and
/// gain; it stands beside, so that nobody takes an incomplete figure for a complete one.
/// </summary>
/// <param name="Disposals">How many.</param>
/// <param name="Proceeds">Proceeds of units whose cost is known.</param>
/// <param name="CostBasis">The cost of units whose proceeds are known.</param>
/// <param name="OnDerived">The part of the gain that rests on derived evidence at worst.</param>
/// <param name="OnAssumed">The part of the gain that rests on assumed evidence.</param>
/// <param name="ProceedsWithoutBasis">Proceeds of units whose basis is missing.</param>
/// <param name="CostUnvalued">Cost of units whose proceeds are missing.</param>
/// <param name="Incomplete">How many of the disposals lack proceeds or basis.</param>
/// <param name="OnLong">The part of the gain on units that were held long.</param>
public sealed record GainFigures(
    int Disposals,
    Amount Proceeds,
    Amount CostBasis,
    Amount OnDerived,
    Amount OnAssumed,
    Amount ProceedsWithoutBasis,
    Amount CostUnvalued,
    int Incomplete,
    Amount OnLong)
{
    /// <summary>No disposals.</summary>
    public static GainFigures None { get; } =
        new(0, default, default, default, default, default, default, 0, default);

    /// <summary>Proceeds less cost basis, as printed: what is rounded is added, nothing is rounded twice.</summary>
    public Amount Gain => Proceeds - CostBasis;

    /// <summary>The part of the gain that rests on facts alone: the rest.</summary>
    public Amount OnFact => Gain - OnDerived - OnAssumed;

    /// <summary>Both together.</summary>
    public static GainFigures operator +(GainFigures left, GainFigures right) => new(
        left.Disposals + right.Disposals,
        left.Proceeds + right.Proceeds,
        left.CostBasis + right.CostBasis,
        left.OnDerived + right.OnDerived,
        left.OnAssumed + right.OnAssumed,
        left.ProceedsWithoutBasis + right.ProceedsWithoutBasis,
        left.CostUnvalued + right.CostUnvalued,
        left.Incomplete + right.Incomplete,
        left.OnLong + right.OnLong);

    /// <summary>The exact figures of one disposal.</summary>
    public static GainFigures Of(Disposal disposal)
    {
        ArgumentNullException.ThrowIfNull(disposal);
        return disposal.Proceeds is not { } proceeds
            ? None with { Disposals = 1, CostUnvalued = disposal.MatchedCost, Incomplete = 1 }
            : new GainFigures(
                1,
                disposal.MatchedProceeds!.Value,
                disposal.MatchedCost,
                disposal.GainOn(EvidenceQuality.Derived),
                disposal.GainOn(EvidenceQuality.Assumed),
                proceeds - disposal.MatchedProceeds.Value,
                Amount.Zero,
                disposal.IsComplete ? 0 : 1,
                disposal.GainOn(HoldingTerm.Long));
    }

    /// <summary>The exact figures of sums.</summary>
    internal static GainFigures Of(in GainTotals sums) => new(
        sums.Disposals, sums.Proceeds, sums.Cost, sums.OnDerived, sums.OnAssumed, sums.ProceedsWithoutBasis,
        sums.CostUnvalued, sums.Incomplete, sums.OnLong);

    /// <summary>Each figure rounded half to even.</summary>
    public GainFigures RoundTo(int digits) => this with
    {
        Proceeds = Proceeds.RoundTo(digits),
        CostBasis = CostBasis.RoundTo(digits),
        OnDerived = OnDerived.RoundTo(digits),
        OnAssumed = OnAssumed.RoundTo(digits),
        ProceedsWithoutBasis = ProceedsWithoutBasis.RoundTo(digits),
        CostUnvalued = CostUnvalued.RoundTo(digits),
        OnLong = OnLong.RoundTo(digits),
    };
}

/// <summary>One row: the disposals of one pool in one period.</summary>
/// <param name="Period">In which period.</param>
/// <param name="Asset">Whose lots were taken.</param>
/// <param name="Quantity">Smallest units disposed of.</param>
/// <param name="BasisMissing">Smallest units of them whose cost nobody knows.</param>
/// <param name="Figures">The rounded figures.</param>
public sealed record RealizedGainRow(
    Period Period, AssetId Asset, Quantity Quantity, Quantity BasisMissing, GainFigures Figures);

/// <summary>Realized gain by period and asset. Rows are rounded first; every total adds rows (SPEC 2).</summary>
public sealed record RealizedGains
{
    private RealizedGains(ImmutableArray<RealizedGainRow> rows)
    {
        Rows = rows;
        ByPeriod = Sums(rows, row => row.Period);
        ByAsset = Sums(rows, row => row.Asset);
        Total = Sum(rows);
    }

    /// <summary>By period, then by asset; only where something was disposed of.</summary>
    public ImmutableArray<RealizedGainRow> Rows { get; }

    /// <summary>The sum of the rows of each period, in the order of periods.</summary>
    public ImmutableArray<(Period Period, GainFigures Figures)> ByPeriod { get; }

    /// <summary>The sum of the rows of each asset, in the order of assets.</summary>
    public ImmutableArray<(AssetId Asset, GainFigures Figures)> ByAsset { get; }

    /// <summary>The sum of all rows.</summary>
    public GainFigures Total { get; }

    /// <summary>The statement of a book. Disposals outside all periods are not in it.</summary>
    /// <param name="book">The book.</param>
    /// <param name="periods">In order, without overlap.</param>
    /// <param name="digits">Digits of the reporting currency.</param>
    /// <exception cref="ArgumentException">Periods overlap or are out of order: a total would count twice.</exception>
    public static RealizedGains Of(Book book, IReadOnlyList<Period> periods, int digits)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(periods);
        CheckOrder(periods);
        var sums = new SortedDictionary<(int Period, AssetId Asset), Running>();
        foreach (var disposal in book.Disposals)
        {
            if (IndexOf(periods, disposal) is var index and >= 0)
            {
                var key = (index, disposal.Pool);
                var running = sums.GetValueOrDefault(key);
                sums[key] = new Running(
                    (running.Figures ?? GainFigures.None) + GainFigures.Of(disposal),
                    running.Quantity + disposal.Quantity,
                    running.BasisMissing + disposal.BasisMissing);
            }
        }

        return new RealizedGains([.. sums.Select(sum => new RealizedGainRow(
            periods[sum.Key.Period], sum.Key.Asset, sum.Value.Quantity, sum.Value.BasisMissing,
            sum.Value.Figures!.RoundTo(digits)))]);
    }

    /// <summary>The statement of a book without its rows: the same to the last digit.</summary>
    /// <param name="book">The book at its as-of instant.</param>
    /// <param name="periods">In order, without overlap; each begins and ends where a local day does, or ends after the
    /// last disposal.</param>
    /// <param name="digits">Digits of the reporting currency.</param>
    /// <param name="zone">The treasury's time zone, in which the book's days are.</param>
    /// <exception cref="ArgumentException">
    /// Periods overlap or are out of order, or one begins or ends within a day.
    /// </exception>
    public static RealizedGains Of(BookState book, IReadOnlyList<Period> periods, int digits, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(periods);
        CheckOrder(periods);
        var rows = ImmutableArray.CreateBuilder<RealizedGainRow>();
        foreach (var period in periods)
        {
            var first = DayFrom(period.From, DateOnly.MinValue);
            var end = DayFrom(period.Until, DateOnly.MaxValue);
            foreach (var pool in book.DisposedPools)
            {
                if (book.Gains(pool, first, end) is { Disposals: > 0 } sums)
                {
                    rows.Add(new RealizedGainRow(
                        period, pool, sums.Quantity, sums.BasisMissing, GainFigures.Of(sums).RoundTo(digits)));
                }
            }
        }

        return new RealizedGains(rows.ToImmutable());

        // A bound beyond everything that is in the book may lie within a day.
        DateOnly DayFrom(Instant bound, DateOnly beyond)
        {
            var day = LocalDay.Of(bound, zone);
            return LocalDay.StartOf(day, zone) == bound ? day
                : bound == default || book.Last is null || bound > book.Last.EffectiveAt ? beyond
                : LocalDay.StartOf(day.AddDays(1), zone) == bound ? day.AddDays(1)
                : throw new ArgumentException($"No day begins at {bound}.", nameof(periods));
        }
    }

    private static void CheckOrder(IReadOnlyList<Period> periods)
    {
        for (var i = 0; i < periods.Count; i++)
        {
            if (periods[i].Until <= periods[i].From || (i > 0 && periods[i].From < periods[i - 1].Until))
            {
                throw new ArgumentException($"Period {periods[i].Name} is empty or overlaps.", nameof(periods));
            }
        }
    }

    private static int IndexOf(IReadOnlyList<Period> periods, Disposal disposal)
    {
        var (low, high) = (0, periods.Count); // first period that begins after the disposal
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = periods[middle].From <= disposal.At ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && periods[low - 1].Contains(disposal.At) ? low - 1 : -1;
    }

    private static ImmutableArray<(TKey Key, GainFigures Figures)> Sums<TKey>(
        ImmutableArray<RealizedGainRow> rows, Func<RealizedGainRow, TKey> keyOf) =>
        [.. rows.GroupBy(keyOf).Select(group => (group.Key, Sum(group)))];

    private static GainFigures Sum(IEnumerable<RealizedGainRow> rows) =>
        rows.Aggregate(GainFigures.None, (sum, row) => sum + row.Figures);

    private readonly record struct Running(GainFigures? Figures, Quantity Quantity, Quantity BasisMissing);
}
