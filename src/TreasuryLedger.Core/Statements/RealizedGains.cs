using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>One row: the disposals of one pool in one period.</summary>
/// <param name="Period">In which period.</param>
/// <param name="Asset">Whose lots were taken.</param>
/// <param name="Figures">The rounded figures.</param>
public sealed record RealizedGainRow(Period Period, AssetId Asset, GainTotals Figures);

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
    public ImmutableArray<(Period Period, GainTotals Figures)> ByPeriod { get; }

    /// <summary>The sum of the rows of each asset, in the order of assets.</summary>
    public ImmutableArray<(AssetId Asset, GainTotals Figures)> ByAsset { get; }

    /// <summary>The sum of all rows.</summary>
    public GainTotals Total { get; }

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
        var sums = new SortedDictionary<(int Period, AssetId Asset), GainTotals>();
        foreach (var disposal in book.Disposals)
        {
            if (IndexOf(periods, disposal) is var index and >= 0)
            {
                var key = (index, disposal.Pool);
                sums[key] = sums.GetValueOrDefault(key) + GainTotals.Of(disposal);
            }
        }

        return new RealizedGains([.. sums.Select(sum => new RealizedGainRow(
            periods[sum.Key.Period], sum.Key.Asset, sum.Value.RoundTo(digits)))]);
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
                    rows.Add(new RealizedGainRow(period, pool, sums.RoundTo(digits)));
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

    private static ImmutableArray<(TKey Key, GainTotals Figures)> Sums<TKey>(
        ImmutableArray<RealizedGainRow> rows, Func<RealizedGainRow, TKey> keyOf) =>
        [.. rows.GroupBy(keyOf).Select(group => (group.Key, Sum(group)))];

    private static GainTotals Sum(IEnumerable<RealizedGainRow> rows) =>
        rows.Aggregate(default(GainTotals), (sum, row) => sum + row.Figures);
}
