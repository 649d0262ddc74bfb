using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Model;

/// <summary>Methods by which disposals look for acquisitions of other days, or of the year (SPEC 14).</summary>
public sealed partial class NaiveBook
{
    private const int All = int.MaxValue;

    private readonly SortedDictionary<string, SortedDictionary<int, NaiveDay>> _windows =
        new(StringComparer.Ordinal);

    private static int Day(Instant at) => NaiveRules.DateOf(at).DayNumber;

    private static Instant Begin(int day) =>
        new((day - new DateOnly(1970, 1, 1).DayNumber) * 86_400_000_000L);

    private NaiveDay DayOf(string pool)
    {
        if (!_windows.TryGetValue(pool, out var days))
        {
            _windows.Add(pool, days = []);
        }

        var day = Day(_entry.EffectiveAt);
        if (!days.TryGetValue(day, out var found))
        {
            days.Add(day, found = new NaiveDay(new NaivePool(pool) { Method = LotMethod.UkS104 }));
        }

        return found;
    }

    /// <summary>Before anything happens, what the day of it cannot change is settled.</summary>
    private void BeginDay(Instant at)
    {
        foreach (var pool in _windows.Keys.ToList())
        {
            Settle(pool, Day(at));
        }
    }

    /// <summary>All that waits is settled as if nothing more came.</summary>
    private void CloseWindows()
    {
        foreach (var pool in _windows.Keys.ToList())
        {
            CloseWindow(pool);
        }
    }

    private void CloseWindow(string pool)
    {
        if (_windows.ContainsKey(pool))
        {
            Settle(pool, All);
            _windows.Remove(pool);
        }
    }

    /// <summary>Lots acquired earlier, and converted ones, are not looked for (SPEC 14.4).</summary>
    private void BringInWindow(NaivePool pool, NaivePart part)
    {
        var isNew = part.Lot.Fact == _entry.Fact && part.Lot.Acquired >= Begin(Day(_entry.EffectiveAt));
        if (isNew && _policy.LotMethod != LotMethod.TotalAverage)
        {
            Put(DayOf(pool.Name).Came, part);
        }
        else
        {
            Join(pool, part);
        }
    }

    private void Join(NaivePool pool, NaivePart part)
    {
        if (_policy.LotMethod == LotMethod.UkS104)
        {
            DayOf(pool.Name).Joined.Add(part);
        }
        else
        {
            Put(pool, part);
        }
    }

    /// <summary>What comes for units that terms dispose of is no acquisition that they look for (SPEC 18.4).</summary>
    private void Renew(Leg given, Leg received, int leg, Worth value, string place)
    {
        if (!NaiveRules.LooksAtOtherDays(_policy.LotMethod))
        {
            Acquire(received, leg, value, _entry.EffectiveAt, place: place);
            return;
        }

        if (_policy.LotMethod != LotMethod.TotalAverage)
        {
            CloseWindow(_prices.Pool(given.Asset).ToString());
        }

        var lot = new NaiveLot(_entry.Fact, leg, _entry.EffectiveAt, _turn, value.Price)
        {
            RankUnits = received.Quantity.Units,
            RankCost = value.Attos,
        };
        _costAcquired += value.Attos ?? 0;
        var quality = Worse(value.Quality, _entry.Evidence.Quality);
        Join(Pool(received, place), new NaivePart(lot, received.Quantity.Units, value.Attos, quality));
    }

    private void Settle(string name, int today)
    {
        var (pool, days) = (PoolNamed(name), _windows[name]);
        switch (_policy.LotMethod)
        {
            case LotMethod.TotalAverage:
                SettleYears(pool, days, today);
                break;
            case LotMethod.UkCorporate:
                SettleCompany(pool, days, today);
                break;
            case LotMethod.UkS104 when today == All:
                SettleIndividual(pool, days);
                break;
            default:
                break;
        }
    }

    private void SettleYears(NaivePool pool, SortedDictionary<int, NaiveDay> days, int today)
    {
        foreach (var (number, day) in days.ToList())
        {
            var year = _rules.YearOf(DateOnly.FromDayNumber(number));
            if (today != All && year >= _rules.YearOf(DateOnly.FromDayNumber(today)))
            {
                break;
            }

            foreach (var disposal in day.Waiting)
            {
                var (parts, missing) = Take(pool, disposal.Given.Quantity.Units);
                Write(
                    disposal, parts, [.. parts.Select(_ => "year")], missing, "none",
                    Begin(new DateOnly(year + 1, 1, 1).DayNumber));
            }

            days.Remove(number);
        }
    }

    private void SettleCompany(NaivePool pool, SortedDictionary<int, NaiveDay> days, int today)
    {
        foreach (var (number, day) in days.ToList().Where(day => day.Key < today && !day.Value.IsOver))
        {
            Pooled(pool, days, number - _rules.DaysBack);
            var before = days.Where(earlier => earlier.Key < number).Select(earlier => (earlier.Value, "ten-days"));
            foreach (var (came, rule) in _rules.SameDayFirst
                ? before.Prepend((day, "same-day"))
                : before.Append((day, "same-day")))
            {
                Match(came.Came, day, rule, number);
            }

            SettleDay(pool, day, number + 1);
            day.Waiting.Clear();
            day.IsOver = true;
        }

        if (today == All)
        {
            Pooled(pool, days, All);
        }
    }

    /// <summary>What came before a day and was not matched joins the pool.</summary>
    private void Pooled(NaivePool pool, SortedDictionary<int, NaiveDay> days, int before)
    {
        foreach (var (number, day) in days.ToList().Where(day => day.Key < before && day.Value.IsOver))
        {
            MoveRest(pool, day);
            days.Remove(number);
        }
    }

    private void SettleIndividual(NaivePool pool, SortedDictionary<int, NaiveDay> days)
    {
        foreach (var (number, came) in days)
        {
            var earlier = days.Where(day => day.Key < number && day.Key >= number - _rules.DaysAhead)
                .Select(day => (day.Value, "thirty-days"));
            foreach (var (day, rule) in _rules.SameDayFirst
                ? earlier.Prepend((came, "same-day"))
                : earlier.Append((came, "same-day")))
            {
                Match(came.Came, day, rule, number);
            }
        }

        foreach (var (number, day) in days)
        {
            MoveRest(pool, day);
            day.Joined.ForEach(part => Put(pool, part));
            SettleDay(
                pool, day,
                day.Unmatched.IsZero ? Math.Max(number, day.LastMatched) + 1 : number + _rules.DaysAhead + 1);
        }

        days.Clear();
    }

    private void MoveRest(NaivePool pool, NaiveDay day)
    {
        LayOut([day.Came]);
        foreach (var lot in day.Came.Lots)
        {
            MoveIn(pool, new NaivePart(lot, lot.Units, lot.Cost, lot.Quality));
        }
    }

    private void Match(NaivePool came, NaiveDay day, string rule, int number)
    {
        var there = came.Lots.Aggregate(BigInteger.Zero, (sum, lot) => sum + lot.Units);
        var units = BigInteger.Min(there, day.Unmatched);
        if (units.IsZero)
        {
            return;
        }

        day.Matches.AddRange(Take(came, units).Parts.Select(part => (part, rule)));
        day.LastMatched = Math.Max(day.LastMatched, number);
        day.Matched += units;
    }

    /// <summary>What a day did not find comes from the pool; each disposal gets its part of all (SPEC 14.7).</summary>
    private void SettleDay(NaivePool pool, NaiveDay day, int final)
    {
        var missing = BigInteger.Zero;
        if (!day.Unmatched.IsZero)
        {
            (var parts, missing) = Take(pool, day.Unmatched);
            day.Matches.AddRange(parts.Select(part => (part, "pool")));
        }

        var shares = day.Waiting.ConvertAll(disposal =>
            (Parts: new List<NaivePart>(), Rules: new List<string>(), Wants: disposal.Given.Quantity.Units));
        foreach (var (slice, rule) in day.Matches)
        {
            var (units, cost) = (slice.Units, slice.Cost);
            var (left, wanted) = (slice.Units, shares.Aggregate(BigInteger.Zero, (sum, share) => sum + share.Wants));
            for (var i = 0; i < shares.Count; i++)
            {
                var (parts, rules, wants) = shares[i];
                var part = wanted.IsZero ? 0 : NaiveRules.Floor(left * wants, wanted);
                wanted -= wants;
                left -= part;
                shares[i] = (parts, rules, wants - part);
                if (!part.IsZero)
                {
                    BigInteger? share = cost is null ? null : _rules.Part(cost.Value, part, units);
                    parts.Add(slice with { Units = part, Cost = share });
                    rules.Add(rule);
                    units -= part;
                    cost -= share;
                }
            }
        }

        for (var i = 0; i < shares.Count; i++)
        {
            Write(day.Waiting[i], shares[i].Parts, shares[i].Rules, shares[i].Wants, "none", Begin(final));
        }
    }
}

/// <summary>Units that left and wait for their lots.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Kind">For what.</param>
/// <param name="Given">From where, of what, how many.</param>
/// <param name="Leg">The leg of the fact.</param>
/// <param name="Proceeds">What they brought.</param>
public sealed record NaiveDisposal(Entry Entry, string Kind, Leg Given, int Leg, Worth Proceeds);

/// <summary>A day of which something may still change.</summary>
/// <param name="Came">What was acquired on it and is not matched.</param>
public sealed record NaiveDay(NaivePool Came)
{
    /// <summary>Lots that came and are not looked for.</summary>
    public List<NaivePart> Joined { get; } = [];

    /// <summary>What left, in order.</summary>
    public List<NaiveDisposal> Waiting { get; } = [];

    /// <summary>What it was matched with, and by which rule.</summary>
    public List<(NaivePart Part, string Rule)> Matches { get; } = [];

    /// <summary>How many units were matched.</summary>
    public BigInteger Matched { get; set; }

    /// <summary>The last day with which it was matched.</summary>
    public int LastMatched { get; set; } = -1;

    /// <summary>Whether its own disposals are settled.</summary>
    public bool IsOver { get; set; }

    /// <summary>Units that left and found nothing yet.</summary>
    public BigInteger Unmatched => Waiting.Aggregate(-Matched, (sum, left) => sum + left.Given.Quantity.Units);
}
