using System.Collections.Immutable;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Liabilities;

/// <summary>By when something is due, or free; each but the last two ends with a local day.</summary>
public enum LiabilityBand
{
    /// <summary>By the end of the day that is asked for; what is overdue among it.</summary>
    Today,

    /// <summary>By the end of the next day.</summary>
    Within1Day,

    /// <summary>By the end of the seventh day after.</summary>
    Within7Days,

    /// <summary>By the end of the 30th day after.</summary>
    Within30Days,

    /// <summary>By the end of the 90th day after.</summary>
    Within90Days,

    /// <summary>At a later instant that is known.</summary>
    Later,

    /// <summary>No instant is known.</summary>
    OpenEnded,
}

/// <summary>What something is worth that is due, or free, at an instant.</summary>
/// <param name="At">When; absent: nobody knows.</param>
/// <param name="Value">Worth; absent without a valid price.</param>
public readonly record struct DatedValue(Instant? At, Amount? Value);

/// <summary>What is due and what is free in one band; values absent where any in them lacks a price.</summary>
/// <param name="Band">By when.</param>
/// <param name="Until">The band's last instant; absent of the last two.</param>
/// <param name="Due">Debt whose day it is.</param>
/// <param name="Callable">Debt that a lender may ask for by then, if all that can be is called now.</param>
/// <param name="Liquid">What becomes free, less haircut.</param>
/// <param name="DueSoFar">Of this band and all before.</param>
/// <param name="CallableSoFar">Likewise.</param>
/// <param name="LiquidSoFar">Likewise.</param>
/// <param name="Gap">Liquid less callable so far: less than zero is not covered.</param>
public sealed record LiabilityRung(
    LiabilityBand Band,
    Instant? Until,
    Amount? Due,
    Amount? Callable,
    Amount? Liquid,
    Amount? DueSoFar,
    Amount? CallableSoFar,
    Amount? LiquidSoFar,
    Amount? Gap);

/// <summary>Debt by when it is due against assets by when they are free (SPEC 10).</summary>
/// <param name="now">The instant asked for.</param>
/// <param name="zone">The treasury's time zone: bands are its days.</param>
public sealed class LiabilityLadder(Instant now, TimeZoneInfo zone)
{
    private static readonly ImmutableArray<int> Days = [0, 1, 7, 30, 90];

    /// <summary>The last instant of the day that is so many days after the one asked for.</summary>
    /// <param name="days">0 or more.</param>
    public Instant EndOf(int days) => LocalDay.EndOf(LocalDay.Of(now, zone).AddDays(days), zone);

    /// <summary>The band of an instant.</summary>
    public LiabilityBand BandOf(Instant? at)
    {
        if (at is not { } known)
        {
            return LiabilityBand.OpenEnded;
        }

        return (LiabilityBand)Days.TakeWhile(days => known > EndOf(days)).Count();
    }

    /// <summary>Every band, the earliest first.</summary>
    /// <param name="due">Debts by the day that was agreed.</param>
    /// <param name="callable">Debts by the earliest day on which a lender may have them.</param>
    /// <param name="liquid">Assets by when they are free.</param>
    public ImmutableArray<LiabilityRung> Of(
        IReadOnlyCollection<DatedValue> due,
        IReadOnlyCollection<DatedValue> callable,
        IReadOnlyCollection<DatedValue> liquid)
    {
        Amount? Sum(IEnumerable<DatedValue> values, Func<LiabilityBand, bool> counts) => values
            .Where(value => counts(BandOf(value.At)))
            .Aggregate((Amount?)Amount.Zero, (sum, value) => sum + value.Value);
        return
        [
            .. Enum.GetValues<LiabilityBand>().Select(band =>
            {
                bool In(LiabilityBand one) => one == band;
                bool UpTo(LiabilityBand one) => one <= band;
                var (asked, free) = (Sum(callable, UpTo), Sum(liquid, UpTo));
                return new LiabilityRung(
                    band,
                    (int)band < Days.Length ? EndOf(Days[(int)band]) : null,
                    Sum(due, In), Sum(callable, In), Sum(liquid, In),
                    Sum(due, UpTo), asked, free, free - asked);
            }),
        ];
    }

    /// <summary>
    /// Coverage: what is free by the end of a day for each unit of debt that may be asked for by then, rounded down.
    /// </summary>
    /// <param name="days">The day, so many after the one asked for.</param>
    /// <param name="callable">Debts by the earliest day on which a lender may have them.</param>
    /// <param name="liquid">Assets by when they are free, less haircut.</param>
    /// <returns>Absent where nothing may be asked for, or a price lacks.</returns>
    public (Amount? Callable, Amount? Liquid, ExactDecimal? Ratio) Coverage(
        int days, IEnumerable<DatedValue> callable, IEnumerable<DatedValue> liquid)
    {
        var until = EndOf(days);
        Amount? By(IEnumerable<DatedValue> values) => values.Where(value => value.At <= until)
            .Aggregate((Amount?)Amount.Zero, (sum, value) => sum + value.Value);
        var (asked, free) = (By(callable), By(liquid));
        return (asked, free, asked is { Sign: > 0 } all && free is { } there
            ? ExactDecimal.RatioFloor(there.Attos, all.Attos)
            : null);
    }
}
