using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>Units that left and wait for the lots they take.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Leg">The leg of its fact.</param>
/// <param name="What">From where, of what, how many.</param>
/// <param name="Kind">For what.</param>
/// <param name="Proceeds">What they brought, after fees.</param>
/// <param name="Fees">The fees that were taken from it.</param>
/// <param name="FeePrices">The prices that valued those.</param>
/// <param name="Day">The local day, as <see cref="DateOnly.DayNumber"/>.</param>
/// <param name="Turn">Its place among the disposals of its entry.</param>
internal sealed record WaitingDisposal(
    NarrowEntry Entry,
    int Leg,
    Leg What,
    DisposalKind Kind,
    Valued Proceeds,
    Valued Fees,
    ImmutableArray<Prices.PriceUsed> FeePrices,
    int Day,
    int Turn);

/// <summary>A part of a lot that a disposal takes, and by which rule.</summary>
internal readonly record struct RuledSlice(LotSlice Slice, MatchRule Rule);

/// <summary>A disposal with the lots that it takes.</summary>
/// <param name="Disposal">The disposal.</param>
/// <param name="Slices">Its parts, in the order of the rules.</param>
/// <param name="WithoutLot">Smallest units for which there is no lot.</param>
/// <param name="FinalFromDay">From the beginning of this local day on nothing that happens can change it.</param>
internal sealed record SettledDisposal(
    WaitingDisposal Disposal, ImmutableArray<RuledSlice> Slices, BigInteger WithoutLot, int FinalFromDay);

/// <summary>
/// The lots of one asset under a method by which disposals look for acquisitions of other days, or of the whole year
/// (SPEC 14). It keeps open what may still change: days, with what came and what left, beside the pool of all that is
/// settled. Reading settles a copy, as if nothing more came.
/// </summary>
internal sealed class WindowedPool(LotMethod method) : Owned
{
    private const int ThirtyDays = 30;
    private const int TenDays = 10;
    private static readonly Ranking Average = new(LotMethod.Average);

    private LotPool _pool = new(Average);
    private ImmutableSortedDictionary<int, WindowDay> _days = ImmutableSortedDictionary<int, WindowDay>.Empty;
    private int _advancedTo;

    /// <summary>Whether a day, at its beginning, may settle anything.</summary>
    public bool IsDue(int today) => !_days.IsEmpty && _advancedTo < today;

    /// <summary>The settled lots, to be changed.</summary>
    public LotPool PoolOf(object owner) =>
        _pool.IsOf(owner) ? _pool : _pool = (LotPool)_pool.CopyFor(owner);

    /// <summary>Lots are acquired on a day.</summary>
    public void Add(int day, Lot lot, object owner)
    {
        if (method == LotMethod.TotalAverage)
        {
            PoolOf(owner).Add(lot, owner);
            return;
        }

        var open = Day(day, owner);
        open.Came.Add(lot, owner);
        _days = _days.SetItem(day, open);
    }

    /// <summary>Lots acquired earlier come in on a day: no disposal looks for them (SPEC 14.4).</summary>
    public void Join(int day, Lot lot, object owner)
    {
        if (method != LotMethod.UkS104)
        {
            PoolOf(owner).Add(lot, owner);
            return;
        }

        var open = Day(day, owner);
        _days = _days.SetItem(day, open with { Joined = open.Joined.Add(lot) });
    }

    /// <summary>Units leave on a day.</summary>
    public void Dispose(WaitingDisposal disposal, object owner)
    {
        var open = Day(disposal.Day, owner);
        _days = _days.SetItem(disposal.Day, open with
        {
            Waiting = open.Waiting.Add(disposal),
            Unmatched = open.Unmatched + disposal.What.Quantity.Units,
        });
    }

    /// <summary>Units are missing that no disposal took.</summary>
    public void Lack(BigInteger units, object owner) => PoolOf(owner).Lack(units);

    /// <summary>Lots come from a pool that this one follows.</summary>
    public void TakeOver(LotPool before, object owner) => PoolOf(owner).MoveIn(before, owner);

    /// <summary>A later day has begun: what no day from it on can change is settled.</summary>
    /// <param name="today">The day; <see cref="int.MaxValue"/> settles everything.</param>
    /// <param name="owner">Who changes the pool.</param>
    /// <param name="settled">Receives the disposals in the order of their days.</param>
    public void Advance(int today, object owner, List<SettledDisposal> settled)
    {
        _advancedTo = today == int.MaxValue ? _advancedTo : today;
        switch (method)
        {
            case LotMethod.TotalAverage:
                EndYear(today, owner, settled);
                break;
            case LotMethod.UkS104:
                AdvanceIndividual(today, owner, settled);
                break;
            default:
                AdvanceCorporate(today, owner, settled);
                break;
        }
    }

    /// <summary>What the pool is if nothing more comes; this one stays as it is.</summary>
    /// <param name="settled">Receives the disposals that wait.</param>
    public LotPool Settled(List<SettledDisposal> settled)
    {
        if (_days.IsEmpty)
        {
            return _pool;
        }

        var owner = new object();
        var copy = (WindowedPool)CopyFor(owner);
        copy.Advance(int.MaxValue, owner, settled);
        return copy._pool;
    }

    private static int YearOf(int day) => day == int.MaxValue ? int.MaxValue : DateOnly.FromDayNumber(day).Year;

    private void EndYear(int today, object owner, List<SettledDisposal> settled)
    {
        var year = YearOf(today);
        foreach (var (number, day) in _days)
        {
            if (YearOf(number) == year)
            {
                break;
            }

            var final = new DateOnly(YearOf(number) + 1, 1, 1).DayNumber;
            foreach (var disposal in day.Waiting)
            {
                var slices = new List<LotSlice>();
                var missing = PoolOf(owner).Take(disposal.What.Quantity.Units, slices, owner);
                settled.Add(new SettledDisposal(
                    disposal, [.. slices.Select(slice => new RuledSlice(slice, MatchRule.Year))], missing, final));
            }

            _days = _days.Remove(number);
        }
    }

    private void AdvanceIndividual(int today, object owner, List<SettledDisposal> settled)
    {
        foreach (var number in _days.Keys.Where(number => number < today && !_days[number].IsClosed).ToList())
        {
            // What came on this day belongs to its own disposals, then to the earliest of the 30 days before it.
            Match(number, number, MatchRule.SameDay, owner);
            foreach (var earlier in _days.Keys.Where(day => day < number && day >= number - ThirtyDays).ToList())
            {
                Match(number, earlier, MatchRule.ThirtyDays, owner);
            }

            _days = _days.SetItem(number, _days[number] with { IsClosed = true });
        }

        while (!_days.IsEmpty && _days.First() is var (first, day) && first < today - ThirtyDays)
        {
            PoolOf(owner).MoveIn(day.Came, owner);
            day.Joined.ForEach(lot => PoolOf(owner).Add(lot with { }, owner));
            var final = day.Unmatched.IsZero ? Math.Max(first, day.LastMatched) + 1 : first + ThirtyDays + 1;
            Settle(day, final, owner, settled);
            _days = _days.Remove(first);
        }
    }

    private void AdvanceCorporate(int today, object owner, List<SettledDisposal> settled)
    {
        foreach (var number in _days.Keys.Where(number => number < today && !_days[number].IsClosed).ToList())
        {
            PoolBefore(number - TenDays, owner);
            Match(number, number, MatchRule.SameDay, owner);
            foreach (var earlier in _days.Keys.Where(day => day < number).ToList())
            {
                Match(earlier, number, MatchRule.TenDays, owner);
            }

            var day = _days[number];
            Settle(day, number + 1, owner, settled);
            _days = _days.SetItem(number, WindowDay.Of(day.Came) with { IsClosed = true });
        }

        PoolBefore(today == int.MaxValue ? today : today - TenDays, owner);
    }

    /// <summary>What came before a day and was not matched joins the pool.</summary>
    private void PoolBefore(int number, object owner)
    {
        while (!_days.IsEmpty && _days.First() is var (first, day) && first < number && day.IsClosed)
        {
            PoolOf(owner).MoveIn(day.Came, owner);
            _days = _days.Remove(first);
        }
    }

    /// <summary>Disposals of a day take what came on another, or on the same, as far as it goes.</summary>
    private void Match(int came, int left, MatchRule rule, object owner)
    {
        if (!_days.TryGetValue(came, out var source) || !source.Came.HasLots || _days[left].Unmatched.IsZero)
        {
            return;
        }

        var slices = new List<LotSlice>();
        var target = _days[left];
        var units = BigInteger.Min(target.Unmatched, source.Came.Units);
        source = Day(came, owner);
        source.Came.Take(units, slices, owner);
        _days = _days.SetItem(came, source);
        target = _days[left];
        _days = _days.SetItem(left, target with
        {
            Unmatched = target.Unmatched - units,
            Matches = target.Matches.AddRange(slices.Select(slice => new RuledSlice(slice, rule))),
            LastMatched = Math.Max(target.LastMatched, came),
        });
    }

    /// <summary>What a day's disposals did not find comes from the pool; each gets its part of everything.</summary>
    private void Settle(WindowDay day, int final, object owner, List<SettledDisposal> settled)
    {
        if (day.Waiting.IsEmpty)
        {
            return;
        }

        var slices = day.Matches.ToList();
        var missing = BigInteger.Zero;
        if (!day.Unmatched.IsZero)
        {
            var pooled = new List<LotSlice>();
            missing = PoolOf(owner).Take(day.Unmatched, pooled, owner);
            slices.AddRange(pooled.Select(slice => new RuledSlice(slice, MatchRule.Pool)));
        }

        settled.AddRange(DayShares.Of(day.Waiting, slices, missing, final));
    }

    private WindowDay Day(int number, object owner)
    {
        if (!_days.TryGetValue(number, out var day))
        {
            day = WindowDay.Of(new LotPool(Average));
        }

        return day.Came.IsOf(owner) ? day : day with { Came = (LotPool)day.Came.CopyFor(owner) };
    }

    /// <summary>A day that may still change.</summary>
    private sealed record WindowDay(
        LotPool Came,
        ImmutableList<Lot> Joined,
        ImmutableList<WaitingDisposal> Waiting,
        BigInteger Unmatched,
        ImmutableList<RuledSlice> Matches,
        int LastMatched,
        bool IsClosed)
    {
        public static WindowDay Of(LotPool came) => new(came, [], [], BigInteger.Zero, [], -1, false);
    }
}
