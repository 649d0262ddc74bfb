using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// Figures of disposals, exact or rounded, and what they add up to. What is not known is not in proceeds, cost basis
/// and gain; it stands beside, so that nobody takes an incomplete figure for a complete one.
/// </summary>
/// <param name="Disposals">How many.</param>
/// <param name="Quantity">Smallest units disposed of.</param>
/// <param name="BasisMissing">Smallest units of them whose cost nobody knows.</param>
/// <param name="Proceeds">Proceeds of units whose cost is known.</param>
/// <param name="CostBasis">The cost of units whose proceeds are known.</param>
/// <param name="OnDerived">The part of the gain that rests on derived evidence at worst.</param>
/// <param name="OnAssumed">The part of the gain that rests on assumed evidence.</param>
/// <param name="ProceedsWithoutBasis">Proceeds of units whose basis is missing.</param>
/// <param name="CostUnvalued">Cost of units whose proceeds are missing.</param>
/// <param name="Incomplete">How many of the disposals lack proceeds or basis.</param>
/// <param name="OnLong">The part of the gain on units that were held long.</param>
public readonly record struct GainTotals(
    int Disposals,
    Quantity Quantity,
    Quantity BasisMissing,
    Amount Proceeds,
    Amount CostBasis,
    Amount OnDerived,
    Amount OnAssumed,
    Amount ProceedsWithoutBasis,
    Amount CostUnvalued,
    int Incomplete,
    Amount OnLong)
{
    /// <summary>Proceeds less cost basis, as printed: what is rounded is added, nothing is rounded twice.</summary>
    public Amount Gain => Proceeds - CostBasis;

    /// <summary>The part of the gain that rests on facts alone: the rest.</summary>
    public Amount OnFact => Gain - OnDerived - OnAssumed;

    /// <summary>The exact figures of one disposal.</summary>
    public static GainTotals Of(Disposal disposal)
    {
        ArgumentNullException.ThrowIfNull(disposal);
        var one = new GainTotals
        {
            Disposals = 1,
            Quantity = disposal.Quantity,
            BasisMissing = disposal.BasisMissing,
            Incomplete = disposal.IsComplete ? 0 : 1,
        };
        return disposal.Proceeds is not { } proceeds ? one with { CostUnvalued = disposal.MatchedCost } : one with
        {
            Proceeds = disposal.MatchedProceeds!.Value,
            CostBasis = disposal.MatchedCost,
            OnDerived = disposal.GainOn(EvidenceQuality.Derived),
            OnAssumed = disposal.GainOn(EvidenceQuality.Assumed),
            ProceedsWithoutBasis = proceeds - disposal.MatchedProceeds.Value,
            OnLong = disposal.GainOn(HoldingTerm.Long),
        };
    }

    /// <summary>Each amount rounded half to even.</summary>
    public GainTotals RoundTo(int digits) => this with
    {
        Proceeds = Proceeds.RoundTo(digits),
        CostBasis = CostBasis.RoundTo(digits),
        OnDerived = OnDerived.RoundTo(digits),
        OnAssumed = OnAssumed.RoundTo(digits),
        ProceedsWithoutBasis = ProceedsWithoutBasis.RoundTo(digits),
        CostUnvalued = CostUnvalued.RoundTo(digits),
        OnLong = OnLong.RoundTo(digits),
    };

    /// <summary>Both together.</summary>
    public static GainTotals operator +(in GainTotals left, in GainTotals right) => new(
        left.Disposals + right.Disposals,
        left.Quantity + right.Quantity,
        left.BasisMissing + right.BasisMissing,
        left.Proceeds + right.Proceeds,
        left.CostBasis + right.CostBasis,
        left.OnDerived + right.OnDerived,
        left.OnAssumed + right.OnAssumed,
        left.ProceedsWithoutBasis + right.ProceedsWithoutBasis,
        left.CostUnvalued + right.CostUnvalued,
        left.Incomplete + right.Incomplete,
        left.OnLong + right.OnLong);

    /// <summary>What the left one has more.</summary>
    public static GainTotals operator -(in GainTotals left, in GainTotals right) => new(
        left.Disposals - right.Disposals,
        left.Quantity - right.Quantity,
        left.BasisMissing - right.BasisMissing,
        left.Proceeds - right.Proceeds,
        left.CostBasis - right.CostBasis,
        left.OnDerived - right.OnDerived,
        left.OnAssumed - right.OnAssumed,
        left.ProceedsWithoutBasis - right.ProceedsWithoutBasis,
        left.CostUnvalued - right.CostUnvalued,
        left.Incomplete - right.Incomplete,
        left.OnLong - right.OnLong);
}

/// <summary>
/// The disposals of one pool by local day, as running sums: what a period gained is the sum at its end less the sum
/// before it, whatever its length.
/// </summary>
internal sealed class GainDays : Owned
{
    private ImmutableList<(int Day, GainTotals UpTo)> _before = [];

    /// <summary>The last day with a disposal, counted as <see cref="DateOnly.DayNumber"/>.</summary>
    public int LastDay { get; private set; } = -1;

    /// <summary>All disposals so far.</summary>
    public GainTotals Total { get; private set; }

    /// <summary>The days with a disposal, in order.</summary>
    public IEnumerable<int> Days => _before.Select(day => day.Day).Append(LastDay);

    /// <summary>Adds a disposal; never of a day before the last one.</summary>
    public void Add(int day, in GainTotals disposal)
    {
        if (day != LastDay && LastDay >= 0)
        {
            _before = _before.Add((LastDay, Total));
        }

        LastDay = day;
        Total += disposal;
    }

    /// <summary>The sums over all days before one.</summary>
    public GainTotals Before(int day)
    {
        if (LastDay < day)
        {
            return Total;
        }

        var (low, high) = (0, _before.Count); // the first day that is not before
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _before[middle].Day < day ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? default : _before[low - 1].UpTo;
    }
}

/// <summary>Tells on which local day instants are that never go back.</summary>
internal sealed class DayCounter(TimeZoneInfo zone)
{
    private int _day;
    private Instant _from;
    private Instant _until;

    /// <summary>
    /// The day, as <see cref="DateOnly.DayNumber"/>, that has begun last (<see cref="LocalDay.StartOf"/>): where a
    /// clock goes back over midnight, the day before does not come again.
    /// </summary>
    public int Of(Instant at)
    {
        if (at >= _until || at < _from)
        {
            var day = LocalDay.Of(at, zone);
            day = at >= LocalDay.StartOf(day.AddDays(1), zone) ? day.AddDays(1) : day;
            _day = day.DayNumber;
            _from = LocalDay.StartOf(day, zone);
            _until = LocalDay.StartOf(day.AddDays(1), zone);
        }

        return _day;
    }
}
