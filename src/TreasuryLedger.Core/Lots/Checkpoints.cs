using System.Collections.Immutable;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// States of a book that questions go on from. One holds everything up to an instant, as known at a position of the
/// treasury and one of its prices, and serves every position from which nothing touches what it holds (SPEC 11).
/// </summary>
/// <param name="prices">The price book.</param>
/// <param name="budget">How many to keep.</param>
internal sealed class Checkpoints(PriceHistory prices, CheckpointBudget budget)
{
    private readonly Lock _looking = new();
    private readonly Dictionary<BookPolicy, List<Checkpoint>> _byPolicy = [];
    private readonly Queue<Checkpoint> _answers = new();
    private int _kept;

    public int Count
    {
        get
        {
            lock (_looking)
            {
                return _kept + _answers.Count;
            }
        }
    }

    /// <summary>How often a question went on from one.</summary>
    public long Used { get; private set; }

    /// <summary>The latest one that serves a question.</summary>
    /// <param name="asked">The question.</param>
    /// <param name="again">Whether it was looked for before, for this very question: then it counts no use.</param>
    public Checkpoint? Find(Asked asked, bool again)
    {
        lock (_looking)
        {
            if (!_byPolicy.TryGetValue(asked.Policy, out var checkpoints))
            {
                return null;
            }

            for (var i = FirstAfter(checkpoints, asked.AsOf) - 1; i >= 0; i--)
            {
                if (checkpoints[i].Serves(asked, prices))
                {
                    checkpoints[i].Uses += again ? 0 : Checkpoint.OneUse;
                    Used += again ? 0 : 1;
                    return checkpoints[i];
                }
            }

            return null;
        }
    }

    /// <summary>Keeps a state.</summary>
    /// <param name="asked">What is known in it.</param>
    /// <param name="point">It holds everything up to this instant (inclusive).</param>
    /// <param name="state">The state.</param>
    /// <param name="entries">How many entries were folded into it.</param>
    /// <param name="isAnswer">Whether it is there by chance: of those fewer are kept.</param>
    public void Leave(Asked asked, Instant point, BookState state, long entries, bool isAnswer)
    {
        if ((isAnswer ? budget.AnswersMax : budget.CheckpointsMax) == 0)
        {
            return;
        }

        var checkpoint = new Checkpoint(asked, point, state, prices) { Entries = entries };
        lock (_looking)
        {
            if (!_byPolicy.TryGetValue(asked.Policy, out var checkpoints))
            {
                _byPolicy.Add(asked.Policy, checkpoints = []);
            }

            var place = FirstAfter(checkpoints, point);
            for (var i = place - 1; i >= 0 && checkpoints[i].Point == point; i--)
            {
                if (checkpoints[i].Serves(asked, prices))
                {
                    return; // somebody else was there first
                }
            }

            checkpoints.Insert(place, checkpoint);
            if (isAnswer)
            {
                _answers.Enqueue(checkpoint);
                if (_answers.Count > budget.AnswersMax)
                {
                    DropAnswer();
                }
            }
            else if (++_kept > budget.CheckpointsMax)
            {
                Drop(asked, checkpoint);
            }
        }
    }

    /// <summary>The oldest one goes.</summary>
    private void DropAnswer()
    {
        var oldest = _answers.Dequeue();
        _byPolicy[oldest.Kind.Policy].Remove(oldest);
    }

    /// <summary>Those go that would keep the lots of checkpoints that go.</summary>
    private void DropAnswers((BookPolicy Policy, long Treasury, long Prices) kind)
    {
        for (var left = _answers.Count; left > 0; left--)
        {
            if (_answers.Peek().Kind == kind)
            {
                DropAnswer();
            }
            else
            {
                _answers.Enqueue(_answers.Dequeue());
            }
        }
    }

    private static int FirstAfter(List<Checkpoint> checkpoints, Instant at)
    {
        var (low, high) = (0, checkpoints.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = checkpoints[middle].Point <= at ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>
    /// Forgets several at once, so that it is seldom done: all of one policy that ended at one entry together, because
    /// they share their lots and a few of them keep most of those; the least asked ones before others. Those among
    /// which the new one stands and the most asked of the others stay, and are left further apart if they are still
    /// too many.
    /// </summary>
    private void Drop(Asked asked, Checkpoint left)
    {
        var all = _byPolicy.Values.SelectMany(checkpoints => checkpoints).ToList();
        all.ForEach(checkpoint => checkpoint.LookForEnd(asked.Log, prices));
        var kept = all.Except(_answers).ToList();
        var least = kept.GroupBy(checkpoint => checkpoint.Kind)
            .Where(together => together.Key != left.Kind)
            .OrderByDescending(together => together.Sum(checkpoint => checkpoint.Uses))
            .Skip(1)
            .Reverse();
        var dropped = new HashSet<Checkpoint>();
        foreach (var together in least.TakeWhile(_ => kept.Count - dropped.Count > budget.CheckpointsMax / 2))
        {
            dropped.UnionWith(together);
            DropAnswers(together.Key);
        }

        if (dropped.Count == 0)
        {
            dropped.UnionWith(Closest(kept));
        }

        kept.ForEach(checkpoint => checkpoint.Uses /= 2); // what was asked for long ago counts less and less
        foreach (var checkpoints in _byPolicy.Values)
        {
            checkpoints.RemoveAll(dropped.Contains);
        }

        _kept -= dropped.Count;
    }

    /// <summary>An eighth or more: every other one where they stand closest.</summary>
    private static List<Checkpoint> Closest(List<Checkpoint> kept)
    {
        var gaps = kept.GroupBy(checkpoint => checkpoint.Kind)
            .SelectMany(together =>
            {
                var inOrder = together.OrderBy(checkpoint => checkpoint.Point).ToList();
                return inOrder.Zip(
                    inOrder.Prepend(null),
                    (one, before) => (One: one, Gap: Math.Max(0, one.Entries - (before?.Entries ?? 0))));
            })
            .ToList();
        var (closest, bound) = (new List<Checkpoint>(), gaps.Min(gap => gap.Gap));
        while (closest.Count <= kept.Count / 8)
        {
            bound = checked((bound + 1) * 2);
            closest = [.. gaps.Where(gap => gap.Gap < bound).Select(gap => gap.One).Where((_, i) => i % 2 == 0)];
        }

        return closest;
    }
}

/// <summary>A state that questions go on from.</summary>
internal sealed class Checkpoint
{
    /// <summary>What one use counts.</summary>
    public const long OneUse = 1 << 20;

    private readonly Validity _treasury;
    private readonly Validity _prices;
    private readonly ImmutableArray<(Instant At, long Position)> _adoptions;
    private readonly BookChoice _choice;
    private readonly BookPolicy _policy;

    public Checkpoint(Asked asked, Instant point, BookState state, PriceHistory prices)
    {
        (Point, State) = (point, state);
        (_policy, _choice, _adoptions) = (asked.Policy, asked.Choice, [.. asked.AdoptedBy(point)]);
        _treasury = new Validity(asked.Log.LastTouching(point, asked.Position), asked.Position);
        _prices = new Validity(prices.LastTouching(state.PricesUntil, asked.Prices.Known), asked.Prices.Known);
    }

    /// <summary>It holds everything up to this instant (inclusive).</summary>
    public Instant Point { get; }

    public BookState State { get; }

    /// <summary>How many entries were folded into it.</summary>
    public required long Entries { get; init; }

    /// <summary>How often questions went on from it.</summary>
    public long Uses { get; set; }

    /// <summary>
    /// Its policy, and the first entries of the treasury and of the price book for which it does not hold any more, as
    /// far as was looked for.
    /// </summary>
    public (BookPolicy Policy, long Treasury, long Prices) Kind => (_policy, _treasury.End, _prices.End);

    /// <summary>Looks for those first entries among all that there are.</summary>
    public void LookForEnd(NarrowLogView log, PriceHistory prices) =>
        _ = Holds(log, log.Position, prices, prices.Position);

    /// <summary>Whether it holds what is known at a question's positions, up to its instant.</summary>
    public bool Serves(Asked asked, PriceHistory prices) =>
        asked.AdoptedBy(Point).SequenceEqual(_adoptions.AsSpan())
        && (_adoptions.IsEmpty || asked.Choice == _choice)
        && Holds(asked.Log, asked.Position, prices, asked.Prices.Known);

    private bool Holds(NarrowLogView log, long position, PriceHistory prices, long pricePosition) =>
        _treasury.Holds(position, known => log.NextTouching(Point, known))
        & _prices.Holds(pricePosition, known => prices.NextTouching(State.PricesUntil, known));

    /// <summary>
    /// The positions for which something is the same: from what it was built of to the first that touches it, which is
    /// looked for as far as anybody asks.
    /// </summary>
    /// <param name="builtFrom">The first position (inclusive).</param>
    /// <param name="known">A position of them.</param>
    private sealed class Validity(long builtFrom, long known)
    {
        private long _validThrough = known;

        /// <summary>The first that touches it, as far as was looked for.</summary>
        public long End { get; private set; } = long.MaxValue;

        public bool Holds(long position, Func<long, long?> nextTouching)
        {
            if (position > _validThrough && position < End)
            {
                End = nextTouching(_validThrough) ?? long.MaxValue;
                _validThrough = position < End ? position : _validThrough;
            }

            return position >= builtFrom && position < End;
        }
    }
}
