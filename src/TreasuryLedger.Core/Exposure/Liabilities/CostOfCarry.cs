using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure.Liabilities;

/// <summary>Interest at the worth and the rate of an instant, before it compounds (SPEC 10).</summary>
/// <param name="PerDay">For an average day of the year, at 10⁻¹⁸.</param>
/// <param name="PerYear">For a year of 365 days, at 10⁻¹⁸.</param>
public readonly record struct CostOfCarry(Amount PerDay, Amount PerYear)
{
    private const int DaysPerYear = 365;

    /// <summary>Of units of a worth at a simple yearly rate, rounded half to even.</summary>
    /// <param name="value">Worth of the units.</param>
    /// <param name="rate">Simple yearly rate.</param>
    /// <param name="days">How a loan counts days: a year of 360 has 365 of them at most. Absent: 365.</param>
    public static CostOfCarry Of(Amount value, ExactDecimal rate, DayCount? days = null)
    {
        var divisor = days == DayCount.Actual360 ? 360 : DaysPerYear;
        var (weighed, scale) = (value.Attos * rate.Mantissa, PowerOfTen.Of(rate.Scale) * divisor);
        return new CostOfCarry(
            new Amount(Rounding.DivideHalfEven(weighed, scale)),
            new Amount(Rounding.DivideHalfEven(weighed * DaysPerYear, scale)));
    }

    /// <summary>Both together.</summary>
    public static CostOfCarry operator +(CostOfCarry left, CostOfCarry right) =>
        new(left.PerDay + right.PerDay, left.PerYear + right.PerYear);

    /// <summary>What is left after the right one.</summary>
    public static CostOfCarry operator -(CostOfCarry left, CostOfCarry right) =>
        new(left.PerDay - right.PerDay, left.PerYear - right.PerYear);
}
