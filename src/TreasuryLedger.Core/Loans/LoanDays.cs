using System.Numerics;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Loans;

/// <summary>Days of interest as parts of a year, exactly.</summary>
public static class LoanDays
{
    /// <summary>Parts of a year in which all conventions are whole: 360 × 365.</summary>
    public const int Parts = 360 * 365;

    /// <summary>Parts of a year from one day (inclusive) to another (exclusive), not earlier.</summary>
    public static BigInteger Between(DayCount days, DateOnly from, DateOnly to) => days switch
    {
        DayCount.Actual360 => (to.DayNumber - from.DayNumber) * (BigInteger)365,
        DayCount.Actual365 => (to.DayNumber - from.DayNumber) * (BigInteger)360,
        _ => (Number(to) - Number(from)) * (BigInteger)365,
    };

    /// <summary>Months of 30 days: the 31st is the 30th. Differences of it add up, whatever days lie between.</summary>
    private static int Number(DateOnly day) => (360 * day.Year) + (30 * day.Month) + Math.Min(day.Day, 30);
}
