using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Measurement;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>
/// One asset over one period: what it was carried at, what came and left, what was recognized in net income. Rounded
/// figures; what rounding leaves stands in the row (Measurement/SPEC.md 3).
/// </summary>
/// <param name="Period">The period, within the span of the report.</param>
/// <param name="Asset">Whose lots these are; stand-ins count here.</param>
/// <param name="Opening">What it was carried at when the period began, exact.</param>
/// <param name="Closing">What it was carried at when the period ended, exact.</param>
/// <param name="Additions">Cost of lots that came in.</param>
/// <param name="Converted">Cost that came from other assets, less cost that went to others.</param>
/// <param name="Proceeds">Proceeds of disposed units whose cost is known.</param>
/// <param name="CostBasis">The cost of disposed units whose proceeds are known.</param>
/// <param name="CostUnvalued">The cost of disposed units whose proceeds nobody knows: they left at cost.</param>
/// <param name="Adoption">Fair value less cost where the book began to measure at fair value: equity.</param>
/// <param name="Incomplete">How many disposals lack proceeds or basis.</param>
/// <param name="Digits">Digits of the reporting currency.</param>
public sealed record FairValueRow(
    Period Period,
    AssetId Asset,
    CarryingAmount Opening,
    CarryingAmount Closing,
    Amount Additions,
    Amount Converted,
    Amount Proceeds,
    Amount CostBasis,
    Amount CostUnvalued,
    Amount Adoption,
    int Incomplete,
    int Digits)
{
    /// <summary>The disclosed realized gain or loss against cost: proceeds less cost basis, as printed.</summary>
    public Amount RealizedGain => Proceeds - CostBasis;

    /// <summary>
    /// What was recognized beyond what was realized: fair value less cost at the end, less the same at the beginning.
    /// Absent where a price is missing at either end.
    /// </summary>
    public Amount? Remeasurement =>
        Closing.Remeasured?.RoundTo(Digits) - Opening.Remeasured?.RoundTo(Digits) - Adoption;

    /// <summary>The change in fair value in net income: what was realized and what was remeasured.</summary>
    public Amount? ChangeInFairValue => RealizedGain + Remeasurement;

    /// <summary>What left, at its proceeds; without them at cost.</summary>
    public Amount Disposals => Proceeds + CostUnvalued;

    /// <summary>What it was carried at when the period began; absent without a valid price.</summary>
    public Amount? OpeningCarried => Opening.FairValue?.RoundTo(Digits) + Opening.AtCost.RoundTo(Digits);

    /// <summary>What it was carried at when the period ended; absent without a valid price.</summary>
    public Amount? ClosingCarried => Closing.FairValue?.RoundTo(Digits) + Closing.AtCost.RoundTo(Digits);

    /// <summary>
    /// Under methods that look at other days: cost that earlier disposals gave back or took; nothing elsewhere.
    /// </summary>
    public Amount Rematched { get; init; }

    /// <summary>What rounding left: closing less opening and everything between. Absent as those are.</summary>
    public Amount? Rounding => ClosingCarried - OpeningCarried - Additions - Converted + Disposals - ChangeInFairValue
        - Adoption - Rematched;
}

/// <summary>One line of how changes in fair value become the realized gain against cost.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Period">Of a change in fair value: when.</param>
/// <param name="Asset">Which asset.</param>
/// <param name="Amount">What it adds; absent where a price is missing.</param>
public sealed record FairValueLine(FairValueLineKind Kind, Period? Period, AssetId Asset, Amount? Amount);

/// <summary>What a line of the reconciliation is.</summary>
public enum FairValueLineKind
{
    /// <summary>The change in fair value in net income of one period.</summary>
    ChangeInFairValue,

    /// <summary>Less what was recognized at the end and is not realized yet.</summary>
    UnrealizedAtEnd,

    /// <summary>What was recognized before the span and is realized, or taken back, in it.</summary>
    RecognizedBefore,

    /// <summary>What the beginning of measuring at fair value put into equity, and was realized since.</summary>
    Adoption,
}

/// <summary>
/// What a book measures at fair value over periods: change in net income beside the realized gain against cost, and how
/// the one becomes the other line by line (Measurement/SPEC.md 3).
/// </summary>
public sealed record FairValueReport
{
    /// <summary>By period, then asset; those with units, cost or a movement.</summary>
    public required ImmutableArray<FairValueRow> Rows { get; init; }

    /// <summary>From changes in fair value to the realized gain; absent amounts have no valid price.</summary>
    public required ImmutableArray<FairValueLine> Lines { get; init; }

    /// <summary>What each asset is carried at at the end, exact.</summary>
    public required ImmutableArray<CarryingAmount> Holdings { get; init; }

    /// <summary>The realized gain against cost of all rows, as printed.</summary>
    public Amount RealizedGain => Rows.Aggregate(Amount.Zero, (sum, row) => sum + row.RealizedGain);

    /// <summary>What the lines add up to; absent if one has no amount.</summary>
    public Amount? Reconciled => Lines.Aggregate((Amount?)Amount.Zero, (sum, line) => sum + line.Amount);

    /// <summary>Makes the report.</summary>
    /// <param name="treasury">The book at the end of the span.</param>
    /// <param name="asOf">The same book at another instant.</param>
    /// <param name="from">The span begins after this instant (exclusive); absent: with the journal.</param>
    /// <param name="periods">In order and without gaps, from the first instant of the span to its last.</param>
    /// <param name="digits">Digits of the reporting currency.</param>
    public static FairValueReport Of(
        TreasuryAt treasury,
        Func<Instant, BookState> asOf,
        Instant? from,
        IReadOnlyList<Period> periods,
        int digits)
    {
        ArgumentNullException.ThrowIfNull(treasury);
        ArgumentNullException.ThrowIfNull(asOf);
        ArgumentNullException.ThrowIfNull(periods);
        var fold = new MeasurementFold(treasury.Registers, treasury.Prices);
        var sums = new FairValueSums(periods, digits);
        var (next, adopted) = (0, 0);
        var ends = periods.Select(period => period.Until.Plus(-1)).Prepend(from ?? default).ToList();
        foreach (var happened in treasury.Happened)
        {
            for (; next < ends.Count && happened.Entry.EffectiveAt > ends[next]; next++)
            {
                sums.Stand(next, At(next));
            }

            fold.Apply(happened);
            sums.Add(next - 1, happened.Rows);
            for (; adopted < fold.Adoptions.Count; adopted++)
            {
                sums.Add(next - 1, fold.Adoptions[adopted]);
            }
        }

        for (; next < ends.Count; next++)
        {
            sums.Stand(next, At(next));
        }

        return sums.ToReport();

        IReadOnlyList<CarryingAmount> At(int end) => end == 0 && from is null
            ? []
            : fold.At(ends[end], ends[end] >= treasury.Viewpoint.AsOf ? treasury.State : asOf(ends[end]));
    }
}
