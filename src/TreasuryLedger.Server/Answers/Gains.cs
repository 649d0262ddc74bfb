using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Server.Answers;

/// <summary>Over which spans realized gain is added up, in the treasury's time zone.</summary>
public enum GainPeriod
{
    /// <summary>Everything up to asOf.</summary>
    All,

    /// <summary>Days.</summary>
    Day,

    /// <summary>Calendar months.</summary>
    Month,

    /// <summary>Calendar years.</summary>
    Year,

    /// <summary>Fiscal years, from the treasury's first day of them.</summary>
    FiscalYear,
}

/// <summary>The realized gain of one asset in one period.</summary>
/// <param name="From">The first day of the period; absent if it has none.</param>
/// <param name="To">The last day of the period (inclusive); absent if it has none.</param>
/// <param name="Asset">The asset whose lots were disposed of; stand-ins count here.</param>
/// <param name="Disposals">How many.</param>
/// <param name="Quantity">Whole tokens disposed of.</param>
/// <param name="Proceeds">What the complete disposals brought.</param>
/// <param name="CostBasis">What their units had cost.</param>
/// <param name="RealizedGain">Proceeds less cost basis; may be negative.</param>
/// <param name="Incomplete">
/// Disposals that are in none of the amounts: a value or the cost of a unit is missing.
/// </param>
/// <param name="BasisMissing">Whole tokens whose cost nobody knows.</param>
/// <param name="Quality">The worst evidence that the amounts rest on.</param>
/// <param name="IsComplete">Whether every disposal is in the amounts.</param>
public sealed record GainRow(
    string? From,
    string? To,
    AssetId Asset,
    int Disposals,
    ExactDecimal Quantity,
    Amount Proceeds,
    Amount CostBasis,
    Amount RealizedGain,
    int Incomplete,
    ExactDecimal BasisMissing,
    EvidenceQuality Quality,
    bool IsComplete);

/// <summary>Realized gain by period and asset.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Period">The spans of the rows.</param>
/// <param name="RealizedGain">The sum of all rows.</param>
/// <param name="IsComplete">Whether all rows are.</param>
/// <param name="Gains">By period and asset.</param>
public sealed record RealizedGainsAnswer(
    Standpoint Viewpoint,
    GainPeriod Period,
    Amount RealizedGain,
    bool IsComplete,
    ImmutableArray<GainRow> Gains)
{
    /// <summary>The answer.</summary>
    public static RealizedGainsAnswer Of(Seen seen, GainPeriod period)
    {
        var zone = seen.Zone;
        ImmutableArray<GainRow> rows =
        [
            .. seen.At.Book.Disposals
                .GroupBy(d => (Span: SpanOf(Days.Of(d.At, zone), period, seen.Opened.FiscalYearStart), d.Pool))
                .OrderBy(group => group.Key.Span?.From)
                .ThenBy(group => group.Key.Pool)
                .Select(group => Row(seen, group.Key.Span, group.Key.Pool, [.. group])),
        ];
        return new RealizedGainsAnswer(
            seen.Standpoint,
            period,
            rows.Aggregate(Amount.Zero, (sum, row) => sum + row.RealizedGain),
            rows.All(row => row.IsComplete),
            rows);
    }

    private static GainRow Row(Seen seen, (DateOnly From, DateOnly To)? span, AssetId pool, Disposal[] disposals)
    {
        var complete = disposals.Where(disposal => disposal.IsComplete).ToList();
        var proceeds = complete.Aggregate(Amount.Zero, (sum, disposal) => sum + disposal.Proceeds!.Value);
        var cost = complete.Aggregate(Amount.Zero, (sum, disposal) => sum + disposal.CostBasis!.Value);
        return new GainRow(
            Text(span?.From),
            Text(span?.To),
            pool,
            disposals.Length,
            seen.Tokens(pool, Sum(disposals, disposal => disposal.Quantity)),
            proceeds,
            cost,
            proceeds - cost,
            disposals.Length - complete.Count,
            seen.Tokens(pool, Sum(disposals, disposal => disposal.BasisMissing)),
            disposals.Max(disposal => disposal.Quality),
            disposals.Length == complete.Count);
    }

    private static Quantity Sum(Disposal[] disposals, Func<Disposal, Quantity> part) =>
        disposals.Aggregate(Quantity.Zero, (sum, disposal) => sum + part(disposal));

    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static (DateOnly From, DateOnly To)? SpanOf(DateOnly day, GainPeriod period, string fiscalYearStart)
    {
        switch (period)
        {
            case GainPeriod.Day:
                return (day, day);
            case GainPeriod.Month:
                var month = new DateOnly(day.Year, day.Month, 1);
                return (month, month.AddMonths(1).AddDays(-1));
            case GainPeriod.Year:
                return (new DateOnly(day.Year, 1, 1), new DateOnly(day.Year, 12, 31));
            case GainPeriod.FiscalYear:
                var first = DateOnly.ParseExact(
                    string.Create(CultureInfo.InvariantCulture, $"{day.Year:0000}-{fiscalYearStart}"),
                    "yyyy-MM-dd",
                    CultureInfo.InvariantCulture);
                first = first > day ? first.AddYears(-1) : first;
                return (first, first.AddYears(1).AddDays(-1));
            default:
                return null;
        }
    }
}

/// <summary>The unrealized gain of one asset.</summary>
/// <param name="Asset">The asset whose lots these are; stand-ins count here.</param>
/// <param name="Quantity">Whole tokens in open lots.</param>
/// <param name="Cost">The known cost of them.</param>
/// <param name="BasisMissing">Whole tokens whose cost nobody knows.</param>
/// <param name="WithoutLot">Whole tokens that left without a lot: a shortfall that later facts may heal.</param>
/// <param name="Price">The price used, or the latest one, which was too old.</param>
/// <param name="PriceState">Whether the price was valid.</param>
/// <param name="Value">What the open lots are worth; absent without a valid price.</param>
/// <param name="UnrealizedGain">
/// Value less cost; absent without a valid price, or if the cost of any unit is missing.
/// </param>
public sealed record UnrealizedRow(
    AssetId Asset,
    ExactDecimal Quantity,
    Amount Cost,
    ExactDecimal BasisMissing,
    ExactDecimal WithoutLot,
    PriceRow? Price,
    PriceState PriceState,
    Amount? Value,
    Amount? UnrealizedGain);

/// <summary>Unrealized gain by asset, with the prices used.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="UnrealizedGain">The sum of all rows; absent if any row lacks it.</param>
/// <param name="Gains">By asset.</param>
public sealed record UnrealizedGainsAnswer(
    Standpoint Viewpoint, Amount? UnrealizedGain, ImmutableArray<UnrealizedRow> Gains)
{
    /// <summary>The answer.</summary>
    public static UnrealizedGainsAnswer Of(Seen seen)
    {
        ImmutableArray<UnrealizedRow> rows =
        [
            .. seen.At.Book.OpenLots
                .GroupBy(lot => lot.Pool)
                .OrderBy(group => group.Key)
                .Select(group => Row(seen, group.Key, [.. group])),
        ];
        Amount? total = rows.All(row => row.UnrealizedGain is not null)
            ? rows.Aggregate(Amount.Zero, (sum, row) => sum + row.UnrealizedGain!.Value)
            : null;
        return new UnrealizedGainsAnswer(seen.Standpoint, total, rows);
    }

    private static UnrealizedRow Row(Seen seen, AssetId pool, OpenLot[] lots)
    {
        var units = Sum(lots.Select(lot => lot.Remaining));
        var missing = Sum(lots.Where(lot => lot.Cost is null).Select(lot => lot.Remaining));
        var deficit = Sum(seen.At.Book.Pools.Where(totals => totals.Pool == pool).Select(totals => totals.Deficit));
        var cost = lots.Aggregate(Amount.Zero, (sum, lot) => sum + (lot.Cost ?? Amount.Zero));
        var valuation = seen.At.Valuer.Value(pool, units, seen.Standpoint.AsOf);
        return new UnrealizedRow(
            pool,
            seen.Tokens(pool, units),
            cost,
            seen.Tokens(pool, missing),
            seen.Tokens(pool, deficit),
            PriceRow.Of(valuation.Price, seen.Standpoint.AsOf),
            valuation.State,
            valuation.Value,
            missing.IsZero ? valuation.Value - cost : null);
    }

    private static Quantity Sum(IEnumerable<Quantity> parts) =>
        parts.Aggregate(Quantity.Zero, (sum, part) => sum + part);
}
