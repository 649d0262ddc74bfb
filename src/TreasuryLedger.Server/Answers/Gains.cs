using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;

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

    /// <summary>Calendar quarters.</summary>
    Quarter,

    /// <summary>Calendar years.</summary>
    Year,

    /// <summary>Quarters of the treasury's fiscal years.</summary>
    FiscalQuarter,

    /// <summary>Fiscal years, named by the calendar year of their last day.</summary>
    FiscalYear,
}

/// <summary>Figures of realized gain, rounded to the currency's digits; sums add rows.</summary>
/// <param name="Disposals">How many.</param>
/// <param name="Proceeds">Proceeds of units whose cost is known.</param>
/// <param name="CostBasis">The cost of units whose proceeds are known.</param>
/// <param name="RealizedGain">Proceeds less cost basis; may be negative.</param>
/// <param name="OnFact">The part of the gain that rests on facts alone.</param>
/// <param name="OnDerived">The part of the gain that rests on derived evidence at worst.</param>
/// <param name="OnAssumed">The part of the gain that rests on assumed evidence.</param>
/// <param name="ProceedsWithoutBasis">Proceeds of units whose basis is missing; not in the gain.</param>
/// <param name="CostUnvalued">Cost of units whose proceeds are missing; not in the gain.</param>
/// <param name="Incomplete">How many of the disposals lack proceeds or basis.</param>
/// <param name="OnLong">The part of the gain on units that were held long; absent if there is none.</param>
public sealed record GainSums(
    int Disposals,
    Amount Proceeds,
    Amount CostBasis,
    Amount RealizedGain,
    Amount OnFact,
    Amount OnDerived,
    Amount OnAssumed,
    Amount ProceedsWithoutBasis,
    Amount CostUnvalued,
    int Incomplete,
    Amount? OnLong)
{
    /// <summary>The figures as callers see them.</summary>
    public static GainSums Of(GainTotals figures) => new(
        figures.Disposals, figures.Proceeds, figures.CostBasis, figures.Gain, figures.OnFact, figures.OnDerived,
        figures.OnAssumed, figures.ProceedsWithoutBasis, figures.CostUnvalued, figures.Incomplete,
        figures.OnLong.IsZero ? null : figures.OnLong);
}

/// <summary>The realized gain of one asset in one period.</summary>
/// <param name="Period">The period's name, e.g. 2026-02.</param>
/// <param name="From">Its first instant (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="Asset">The asset whose lots were disposed of; stand-ins count here.</param>
/// <param name="Quantity">Whole tokens disposed of.</param>
/// <param name="BasisMissing">Whole tokens of them whose cost nobody knows.</param>
/// <param name="Figures">The figures.</param>
public sealed record GainRow(
    string Period,
    Instant From,
    Instant Until,
    AssetId Asset,
    ExactDecimal Quantity,
    ExactDecimal BasisMissing,
    GainSums Figures);

/// <summary>The sum of the rows of one period.</summary>
/// <param name="Period">The period's name.</param>
/// <param name="Figures">The figures.</param>
public sealed record PeriodGain(string Period, GainSums Figures);

/// <summary>Realized gain by period and asset.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Total">The sum of all rows.</param>
/// <param name="Periods">The sums of each period.</param>
/// <param name="Gains">By period and asset.</param>
public sealed record RealizedGainsAnswer(
    Standpoint Viewpoint, GainSums Total, ImmutableArray<PeriodGain> Periods, ImmutableArray<GainRow> Gains)
{
    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, RealizedGainsAnswer> Read(QueryReader query)
    {
        var period = query.Word<GainPeriod>("period") ?? GainPeriod.All;
        return seen => Of(seen, period);
    }

    private static RealizedGainsAnswer Of(Seen seen, GainPeriod period)
    {
        var periods = PeriodsOf(seen, period, seen.At.State.GainDays());
        var gains = RealizedGains.Of(seen.At.State, periods, seen.Digits, seen.Zone);
        return new RealizedGainsAnswer(
            seen.Standpoint,
            GainSums.Of(gains.Total),
            [.. gains.ByPeriod.Select(sum => new PeriodGain(sum.Period.Name, GainSums.Of(sum.Figures)))],
            [
                .. gains.Rows.Select(row => new GainRow(
                    row.Period.Name, row.Period.From, row.Period.Until, row.Asset,
                    seen.Tokens(row.Asset, row.Figures.Quantity), seen.Tokens(row.Asset, row.Figures.BasisMissing),
                    GainSums.Of(row.Figures))),
            ]);
    }

    /// <summary>The periods that hold the days of disposals.</summary>
    internal static ImmutableArray<Period> PeriodsOf(Seen seen, GainPeriod period, ImmutableArray<DateOnly> days)
    {
        if (days.IsEmpty)
        {
            return [];
        }

        return period switch
        {
            GainPeriod.All => [new Period("all", default, seen.Standpoint.AsOf.Plus(1))],
            GainPeriod.Day =>
            [
                .. days.Select(day => new Period(
                    day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                    LocalDay.StartOf(day, seen.Zone),
                    LocalDay.StartOf(day.AddDays(1), seen.Zone))),
            ],
            _ => CalendarPeriods.Of(
                Enum.Parse<PeriodKind>(period.ToString()),
                seen.Opened.FiscalYearStart,
                seen.Zone,
                LocalDay.StartOf(days[0], seen.Zone),
                LocalDay.StartOf(days[^1], seen.Zone)),
        };
    }
}

/// <summary>The unrealized gain of one asset, rounded to the currency's digits.</summary>
/// <param name="Asset">The asset whose lots these are; stand-ins count here.</param>
/// <param name="Quantity">Whole tokens in open lots.</param>
/// <param name="BasisMissing">Whole tokens of them whose cost nobody knows.</param>
/// <param name="CostBasis">The known cost.</param>
/// <param name="Price">The price used, or the latest one, which was too old.</param>
/// <param name="PriceState">Whether the price was valid.</param>
/// <param name="MarketValue">What the units with a known cost are worth; absent without a valid price.</param>
/// <param name="ValueWithoutBasis">What the units without one are worth; absent without a valid price.</param>
/// <param name="UnrealizedGain">Market value less cost basis; absent without a valid price.</param>
/// <param name="Quality">The worst evidence of costs and price.</param>
public sealed record UnrealizedRow(
    AssetId Asset,
    ExactDecimal Quantity,
    ExactDecimal BasisMissing,
    Amount CostBasis,
    PriceRow? Price,
    PriceState PriceState,
    Amount? MarketValue,
    Amount? ValueWithoutBasis,
    Amount? UnrealizedGain,
    EvidenceQuality Quality);

/// <summary>Unrealized gain by asset, with the prices used.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="MarketValue">The sum of the rows with a valid price.</param>
/// <param name="CostBasis">The sum of the rows with a valid price.</param>
/// <param name="UnrealizedGain">Market value less cost basis.</param>
/// <param name="Unvalued">How many rows have no valid price; they are in no sum.</param>
/// <param name="Gains">By asset.</param>
public sealed record UnrealizedGainsAnswer(
    Standpoint Viewpoint,
    Amount MarketValue,
    Amount CostBasis,
    Amount UnrealizedGain,
    int Unvalued,
    ImmutableArray<UnrealizedRow> Gains)
{
    /// <summary>The answer.</summary>
    public static UnrealizedGainsAnswer Of(Seen seen)
    {
        _ = seen.Digits; // refused while the reporting currency is not registered
        var gains = UnrealizedGains.Of(seen.At);
        return new UnrealizedGainsAnswer(
            seen.Standpoint,
            gains.MarketValue,
            gains.CostBasis,
            gains.Gain,
            gains.Unvalued,
            [
                .. gains.Rows.Select(row => new UnrealizedRow(
                    row.Asset, seen.Tokens(row.Asset, row.Quantity), seen.Tokens(row.Asset, row.BasisMissing),
                    row.CostBasis, PriceRow.Of(row.Price, seen.Standpoint.AsOf), row.State, row.MarketValue,
                    row.ValueWithoutBasis, row.Gain, row.Quality)),
            ]);
    }
}
