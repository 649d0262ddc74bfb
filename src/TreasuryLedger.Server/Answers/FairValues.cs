using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Measurement;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>What an asset is carried at, at one end of a period; amounts rounded to the currency's digits.</summary>
/// <param name="Quantity">Whole tokens of open lots.</param>
/// <param name="Measured">Whole tokens of them that are measured at fair value.</param>
/// <param name="FairValue">Their fair value; absent without a valid price.</param>
/// <param name="AtCost">What the others are carried at.</param>
/// <param name="CostBasis">The known cost of all of them.</param>
/// <param name="State">Whether the price was valid; valid where none is needed.</param>
/// <param name="Price">The price used or, if it is too old to be used, the latest one.</param>
public sealed record CarriedAt(
    ExactDecimal Quantity,
    ExactDecimal Measured,
    Amount? FairValue,
    Amount AtCost,
    Amount CostBasis,
    PriceState State,
    PriceRow? Price);

/// <summary>
/// One asset over one period. Opening and additions less disposals, with what net income and equity took in, are the
/// closing; amounts rounded to the currency's digits.
/// </summary>
/// <param name="Period">The period's name, e.g. 2026-02.</param>
/// <param name="From">Its first instant (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="Asset">The asset whose lots these are; stand-ins count here.</param>
/// <param name="Opening">At its beginning.</param>
/// <param name="Additions">Cost of lots that came in.</param>
/// <param name="Converted">Cost that came from other assets, less cost that went to others.</param>
/// <param name="Disposals">What left, at its proceeds; without them at cost.</param>
/// <param name="RealizedGain">The realized gain or loss against cost.</param>
/// <param name="Remeasurement">What was recognized beyond that; absent where a price is missing at either end.</param>
/// <param name="ChangeInFairValue">Both together: what net income shows; absent likewise.</param>
/// <param name="Adoption">Fair value less cost where the book began to measure at fair value: equity.</param>
/// <param name="Rematched">Under methods that look at other days: cost that earlier disposals gave back.</param>
/// <param name="Rounding">What rounding left; absent where a price is missing.</param>
/// <param name="Closing">At its end.</param>
/// <param name="Incomplete">How many disposals lack proceeds or basis.</param>
public sealed record FairValuePeriodRow(
    string Period,
    Instant From,
    Instant Until,
    AssetId Asset,
    CarriedAt Opening,
    Amount Additions,
    Amount Converted,
    Amount Disposals,
    Amount RealizedGain,
    Amount? Remeasurement,
    Amount? ChangeInFairValue,
    Amount Adoption,
    Amount Rematched,
    Amount? Rounding,
    CarriedAt Closing,
    int Incomplete);

/// <summary>One line of the reconciliation.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Period">Of a change in fair value: the period.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Amount">What it adds; absent where a price is missing.</param>
public sealed record FairValueReconciliationLine(
    FairValueLineKind Kind, string? Period, AssetId Asset, Amount? Amount);

/// <summary>How changes in fair value become the realized gain against cost.</summary>
/// <param name="Lines">What adds up.</param>
/// <param name="Total">The sum of the lines; absent if one of them has no amount.</param>
/// <param name="RealizedGain">The realized gain against cost.</param>
/// <param name="Difference">Total less realized gain: 0; absent likewise.</param>
public sealed record FairValueReconciliation(
    ImmutableArray<FairValueReconciliationLine> Lines, Amount? Total, Amount RealizedGain, Amount? Difference);

/// <summary>Units that cannot be sold freely: what lies at a lending position as collateral.</summary>
/// <param name="Account">The position; its debt lifts the restriction when it is repaid.</param>
/// <param name="Asset">Of what, as it lies there.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Value">What they are worth; absent without a valid price.</param>
public sealed record RestrictedUnits(AccountId Account, AssetId Asset, ExactDecimal Quantity, Amount? Value);

/// <summary>A holding at the end of the span.</summary>
/// <param name="Asset">The asset whose lots these are.</param>
/// <param name="CarriedAt">What it is carried at.</param>
/// <param name="CostMeasured">The cost of the units that are measured at fair value.</param>
/// <param name="BasisMissing">Whole tokens whose cost nobody knows; they are carried at nothing.</param>
/// <param name="Restricted">Its units that cannot be sold freely.</param>
public sealed record FairValueHolding(
    AssetId Asset,
    CarriedAt CarriedAt,
    Amount CostMeasured,
    ExactDecimal BasisMissing,
    ImmutableArray<RestrictedUnits> Restricted);

/// <summary>Sums over the rows.</summary>
/// <param name="Additions">Cost of lots that came in.</param>
/// <param name="Disposals">What left, at its proceeds.</param>
/// <param name="RealizedGain">The realized gain or loss against cost.</param>
/// <param name="ChangeInFairValue">What net income shows; rows without a valid price are not in it.</param>
/// <param name="Unvalued">How many rows have no valid price at either end.</param>
public sealed record FairValueTotals(
    Amount Additions, Amount Disposals, Amount RealizedGain, Amount ChangeInFairValue, int Unvalued);

/// <summary>What a book measures at fair value, over periods.</summary>
/// <param name="Viewpoint">Where the answer stands: the end of the span.</param>
/// <param name="Start">Its beginning (exclusive); absent: the journal's.</param>
/// <param name="Total">The rows added up.</param>
/// <param name="Rows">By period, then asset.</param>
/// <param name="Reconciliation">From changes in fair value to the realized gain.</param>
/// <param name="Holdings">What is held at the end, and what of it is restricted.</param>
public sealed record FairValueAnswer(
    Standpoint Viewpoint,
    Instant? Start,
    FairValueTotals Total,
    ImmutableArray<FairValuePeriodRow> Rows,
    FairValueReconciliation Reconciliation,
    ImmutableArray<FairValueHolding> Holdings)
{
    private const int DaysMax = 366;

    /// <summary>The parameters of the question.</summary>
    public static ParameterText[] Parameters =>
    [
        .. Question.Parameters,
        SpanStart.Parameter,
        new("period", "query", typeof(GainPeriod), "Over which spans it is cut; without it: months.", "month"),
    ];

    /// <summary>The question, once the treasury is seen.</summary>
    public static Func<Seen, FairValueAnswer> Read(QueryReader query)
    {
        var from = SpanStart.Read(query);
        var period = query.Word<GainPeriod>("period") ?? GainPeriod.Month;
        return seen => Of(seen, from(seen), period);
    }

    private static FairValueAnswer Of(Seen seen, Instant? from, GainPeriod period)
    {
        var report = FairValueReport.Of(
            seen.At, instant => seen.AsOf(instant).State, from, PeriodsOf(seen, from, period), seen.Digits);
        var valued = report.Rows.Where(row => row.ChangeInFairValue is not null).ToList();
        return new FairValueAnswer(
            seen.Standpoint,
            from,
            new FairValueTotals(
                Sum(row => row.Additions), Sum(row => row.Disposals), report.RealizedGain,
                valued.Aggregate(Amount.Zero, (sum, row) => sum + row.ChangeInFairValue!.Value),
                report.Rows.Length - valued.Count),
            [.. report.Rows.Select(row => RowOf(seen, row))],
            new FairValueReconciliation(
                [
                    .. report.Lines.Select(line => new FairValueReconciliationLine(
                        line.Kind, line.Period?.Name, line.Asset, line.Amount)),
                ],
                report.Reconciled,
                report.RealizedGain,
                report.Reconciled - report.RealizedGain),
            [.. report.Holdings.Select(holding => HoldingOf(seen, holding))]);

        Amount Sum(Func<FairValueRow, Amount> figure) =>
            report.Rows.Aggregate(Amount.Zero, (sum, row) => sum + figure(row));
    }

    /// <summary>The calendar of the span, its first and last period cut to it.</summary>
    private static List<Period> PeriodsOf(Seen seen, Instant? from, GainPeriod kind)
    {
        var asOf = seen.At.Viewpoint.AsOf;
        var first = from?.Plus(1) ?? seen.At.HappenedAfter(null)
            .Select(rows => rows.Entry)
            .FirstOrDefault(entry => !Movements.Held(entry.Event).IsEmpty)?.EffectiveAt;
        if (first is not { } start || start > asOf)
        {
            return [];
        }

        var days = LocalDay.Of(start, seen.Zone);
        var periods = kind switch
        {
            GainPeriod.All => [new Period("all", start, asOf.Plus(1))],
            GainPeriod.Day => RealizedGainsAnswer.PeriodsOf(seen, kind, DaysFrom(days)),
            _ => RealizedGainsAnswer.PeriodsOf(seen, kind, [days, LocalDay.Of(asOf, seen.Zone)]),
        };
        return
        [
            .. periods.Where(period => period.Until > start && period.From <= asOf).Select(period => period with
            {
                From = Instant.Latest(period.From, start),
                Until = period.Until > asOf ? asOf.Plus(1) : period.Until,
            }),
        ];

        ImmutableArray<DateOnly> DaysFrom(DateOnly day)
        {
            var last = LocalDay.Of(asOf, seen.Zone);
            var count = last.DayNumber - day.DayNumber + 1;
            return count <= DaysMax
                ? [.. Enumerable.Range(0, count).Select(day.AddDays)]
                : throw ProblemException.Of(
                    ErrorRegistry.QueryInvalid,
                    $"The span has {count} days; at most {DaysMax} are shown one by one: name a later 'from'.",
                    ("parameter", "period"),
                    ("days", count));
        }
    }

    private static FairValuePeriodRow RowOf(Seen seen, FairValueRow row) => new(
        row.Period.Name, row.Period.From, row.Period.Until, row.Asset,
        CarriedOf(seen, row.Opening, row.Period.From.Plus(-1)),
        row.Additions, row.Converted, row.Disposals, row.RealizedGain, row.Remeasurement, row.ChangeInFairValue,
        row.Adoption, row.Rematched, row.Rounding, CarriedOf(seen, row.Closing, row.Period.Until.Plus(-1)),
        row.Incomplete);

    private static CarriedAt CarriedOf(Seen seen, CarryingAmount carried, Instant at) => new(
        seen.Tokens(carried.Asset, carried.Quantity),
        seen.Tokens(carried.Asset, carried.Measured),
        carried.FairValue?.RoundTo(seen.Digits),
        carried.AtCost.RoundTo(seen.Digits),
        carried.Cost.RoundTo(seen.Digits),
        carried.State,
        PriceRow.Of(carried.Price, at));

    private static FairValueHolding HoldingOf(Seen seen, CarryingAmount carried)
    {
        var (at, asOf) = (seen.At, seen.At.Viewpoint.AsOf);
        return new FairValueHolding(
            carried.Asset,
            CarriedOf(seen, carried, asOf),
            carried.CostMeasured.RoundTo(seen.Digits),
            seen.Tokens(carried.Asset, carried.BasisMissing),
            [
                .. at.State.Balances()
                    .Where(held => at.Registers.PoolOf(held.Asset) == carried.Asset
                        && at.Registers.Accounts[held.Account].Kind == AccountKind.LendingPosition)
                    .Select(held => new RestrictedUnits(
                        held.Account, held.Asset, seen.Tokens(held.Asset, held.Quantity),
                        at.Valuer.Value(held.Asset, held.Quantity, asOf).Value?.RoundTo(seen.Digits))),
            ]);
    }
}
