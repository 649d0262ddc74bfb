using System.Numerics;

namespace TreasuryLedger.Model;

/// <summary>Units that came or left on a day.</summary>
/// <param name="Day">A number that grows with days.</param>
/// <param name="Year">The calendar year of the day.</param>
/// <param name="Units">How many, more than zero.</param>
/// <param name="Cost">For what came: the cost. For what left: <c>null</c>.</param>
public sealed record Moved(int Day, int Year, BigInteger Units, BigInteger? Cost);

/// <summary>
/// What disposals cost under the methods that look at other days, written down from the rules alone: over the whole
/// history at once, every amount an exact fraction. Nothing of the product is used here.
/// </summary>
public static class NaiveWindows
{
    /// <summary>
    /// The United Kingdom, individuals: the cost of the disposals of each day, and what the pool costs at the end.
    /// </summary>
    /// <param name="history">In order of days.</param>
    public static (SortedDictionary<int, Fraction> CostByDay, Fraction Left) Individual(IReadOnlyList<Moved> history)
    {
        var days = new Days(history);
        foreach (var day in days.All)
        {
            days.Match(day, day);
        }

        foreach (var sold in days.All)
        {
            foreach (var bought in days.All.Where(day => day > sold && day <= sold + 30))
            {
                days.Match(sold, bought);
            }
        }

        foreach (var day in days.All)
        {
            days.Pool(day);
            days.TakeFromPool(day);
        }

        return (days.Costs, days.PoolCost);
    }

    /// <summary>The United Kingdom, companies.</summary>
    /// <inheritdoc cref="Individual"/>
    public static (SortedDictionary<int, Fraction> CostByDay, Fraction Left) Company(IReadOnlyList<Moved> history)
    {
        var days = new Days(history);
        foreach (var sold in days.All)
        {
            foreach (var day in days.All.Where(day => day < sold - 10))
            {
                days.Pool(day);
            }

            days.Match(sold, sold);
            foreach (var bought in days.All.Where(day => day < sold && day >= sold - 10))
            {
                days.Match(sold, bought);
            }

            days.TakeFromPool(sold);
        }

        foreach (var day in days.All)
        {
            days.Pool(day);
        }

        return (days.Costs, days.PoolCost);
    }

    /// <summary>
    /// Japan, total average: the cost of the disposals of each year, and what is carried over at the end.
    /// </summary>
    /// <param name="history">In order of days.</param>
    public static (SortedDictionary<int, Fraction> CostByYear, Fraction Left) Year(IReadOnlyList<Moved> history)
    {
        var costs = new SortedDictionary<int, Fraction>();
        var (units, cost) = (BigInteger.Zero, Fraction.Zero);
        foreach (var year in history.GroupBy(moved => moved.Year).OrderBy(year => year.Key))
        {
            foreach (var came in year.Where(moved => moved.Cost is not null))
            {
                units += came.Units;
                cost += new Fraction(came.Cost!.Value, 1);
            }

            var sold = year.Where(moved => moved.Cost is null)
                .Aggregate(BigInteger.Zero, (sum, moved) => sum + moved.Units);
            var taken = BigInteger.Min(sold, units);
            var share = units.IsZero ? Fraction.Zero : cost * new Fraction(taken, units);
            costs[year.Key] = share;
            units -= taken;
            cost -= share;
        }

        return (costs, cost);
    }

    /// <summary>Days with what came and left on them.</summary>
    private sealed class Days
    {
        private readonly SortedDictionary<int, (BigInteger Units, Fraction Cost)> _came = [];
        private readonly SortedDictionary<int, BigInteger> _left = [];
        private BigInteger _poolUnits;

        public Days(IEnumerable<Moved> history)
        {
            foreach (var moved in history)
            {
                if (moved.Cost is { } cost)
                {
                    var (units, before) = _came.GetValueOrDefault(moved.Day, (BigInteger.Zero, Fraction.Zero));
                    _came[moved.Day] = (units + moved.Units, before + new Fraction(cost, 1));
                }
                else
                {
                    _left[moved.Day] = _left.GetValueOrDefault(moved.Day) + moved.Units;
                    Costs[moved.Day] = Fraction.Zero;
                }
            }

            All = [.. _came.Keys.Union(_left.Keys).Order()];
        }

        public IReadOnlyList<int> All { get; }

        public SortedDictionary<int, Fraction> Costs { get; } = [];

        public Fraction PoolCost { get; private set; } = Fraction.Zero;

        public void Match(int sold, int bought)
        {
            var wanted = _left.GetValueOrDefault(sold);
            if (wanted.IsZero || !_came.TryGetValue(bought, out var came) || came.Units.IsZero)
            {
                return;
            }

            var units = BigInteger.Min(wanted, came.Units);
            var cost = came.Cost * new Fraction(units, came.Units);
            _came[bought] = (came.Units - units, came.Cost - cost);
            _left[sold] = wanted - units;
            Costs[sold] += cost;
        }

        public void Pool(int day)
        {
            if (_came.Remove(day, out var came))
            {
                _poolUnits += came.Units;
                PoolCost += came.Cost;
            }
        }

        public void TakeFromPool(int day)
        {
            var units = BigInteger.Min(_left.GetValueOrDefault(day), _poolUnits);
            if (!units.IsZero)
            {
                var cost = PoolCost * new Fraction(units, _poolUnits);
                Costs[day] += cost;
                PoolCost -= cost;
                _poolUnits -= units;
            }
        }
    }
}

/// <summary>An exact fraction.</summary>
/// <param name="Numerator">Above the line.</param>
/// <param name="Denominator">Below it, more than zero.</param>
public readonly record struct Fraction(BigInteger Numerator, BigInteger Denominator)
{
    /// <summary>Nothing.</summary>
    public static Fraction Zero => new(0, 1);

    /// <summary>Both together.</summary>
    public static Fraction operator +(Fraction left, Fraction right) => Lowest(
        (left.Numerator * right.Denominator) + (right.Numerator * left.Denominator),
        left.Denominator * right.Denominator);

    /// <summary>What the left one has more.</summary>
    public static Fraction operator -(Fraction left, Fraction right) =>
        left + new Fraction(-right.Numerator, right.Denominator);

    /// <summary>The product.</summary>
    public static Fraction operator *(Fraction left, Fraction right) =>
        Lowest(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    /// <summary>How far a whole number is from it, rounded up.</summary>
    public BigInteger Distance(BigInteger whole) =>
        (BigInteger.Abs((whole * Denominator) - Numerator) + Denominator - 1) / Denominator;

    private static Fraction Lowest(BigInteger numerator, BigInteger denominator)
    {
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        return divisor.IsZero ? Zero : new Fraction(numerator / divisor, denominator / divisor);
    }
}
