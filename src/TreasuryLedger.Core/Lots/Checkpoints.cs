using System.Collections.Immutable;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>
/// States of a book that questions go on from. One holds everything up to an instant, as known at a position of the
/// treasury and one of its prices, and serves every position from which nothing touches what it holds (SPEC 11).
/// </summary>
/// <param name="prices">The price book.</param>
/// <param name="budget">How many to keep; among the least recently used every other one goes.</param>
internal sealed class Checkpoints(PriceHistory prices, CheckpointBudget budget)
{
    private readonly Lock _looking = new();
    private readonly Dictionary<BookPolicy, List<Checkpoint>> _byPolicy = [];
    private long _clock;
    private int _kept;
    private int _answers;

    public int Count
    {
        get
        {
            lock (_looking)
            {
                return _kept + _answers;
            }
        }
    }

    /// <summary>How often a question went on from one.</summary>
    public long Used { get; private set; }

    /// <summary>The latest one that serves a question.</summary>
    public Checkpoint? Find(Asked asked)
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
                    checkpoints[i].LastUsed = ++_clock;
                    Used++;
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
        var most = isAnswer ? budget.AnswersMax : budget.CheckpointsMax;
        if (most == 0)
        {
            return;
        }

        var checkpoint = new Checkpoint(asked, point, state, prices, isAnswer) { Entries = entries };
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

            checkpoint.LastUsed = ++_clock;
            checkpoints.Insert(place, checkpoint);
            var count = isAnswer ? ++_answers : ++_kept;
            if (count > most)
            {
                Drop(isAnswer);
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
    /// Forgets every other one of the half that was not used for longest; several at once, so that it is seldom done.
    /// What was known before restatements is first left with checkpoints further apart, not with none: the next
    /// question about it would fold the whole history again.
    /// </summary>
    private void Drop(bool isAnswer)
    {
        var kept = _byPolicy.Values.SelectMany(checkpoints => checkpoints)
            .Where(checkpoint => checkpoint.IsAnswer == isAnswer)
            .OrderBy(checkpoint => checkpoint.LastUsed)
            .ToList();
        var dropped = kept.Take((kept.Count + 1) / 2)
            .OrderBy(checkpoint => checkpoint.Known).ThenBy(checkpoint => checkpoint.Point)
            .Where((_, place) => place % 2 == 0)
            .ToHashSet();
        foreach (var (policy, checkpoints) in _byPolicy)
        {
            checkpoints.RemoveAll(dropped.Contains);
            if (checkpoints.Count == 0)
            {
                _byPolicy.Remove(policy);
            }
        }

        _ = isAnswer ? _answers -= dropped.Count : _kept -= dropped.Count;
    }
}

/// <summary>A state that questions go on from.</summary>
internal sealed class Checkpoint
{
    private readonly Validity _treasury;
    private readonly Validity _prices;
    private readonly ImmutableArray<(Instant At, long Position)> _adoptions;
    private readonly BookChoice _choice;

    public Checkpoint(Asked asked, Instant point, BookState state, PriceHistory prices, bool isAnswer)
    {
        (Point, Known, State, IsAnswer) = (point, asked.Position, state, isAnswer);
        (_choice, _adoptions) = (asked.Choice, [.. asked.AdoptedBy(point)]);
        _treasury = new Validity(asked.Log.LastTouching(point, asked.Position), asked.Position);
        _prices = new Validity(prices.LastTouching(state.PricesUntil, asked.Prices.Known), asked.Prices.Known);
    }

    /// <summary>It holds everything up to this instant (inclusive).</summary>
    public Instant Point { get; }

    /// <summary>What was known when it was made: the entries up to this position (inclusive).</summary>
    public long Known { get; }

    public BookState State { get; }

    public bool IsAnswer { get; }

    /// <summary>How many entries were folded into it.</summary>
    public required long Entries { get; init; }

    public long LastUsed { get; set; }

    /// <summary>Whether it holds what is known at a question's positions, up to its instant.</summary>
    public bool Serves(Asked asked, PriceHistory prices) =>
        asked.AdoptedBy(Point).SequenceEqual(_adoptions.AsSpan())
        && (_adoptions.IsEmpty || asked.Choice == _choice)
        && _treasury.Holds(asked.Position, known => asked.Log.NextTouching(Point, known))
        && _prices.Holds(asked.Prices.Known, known => prices.NextTouching(State.PricesUntil, known));

    /// <summary>
    /// The positions for which something is the same: from what it was built of to the first that touches it, which is
    /// looked for as far as anybody asks.
    /// </summary>
    /// <param name="builtFrom">The first position (inclusive).</param>
    /// <param name="known">A position of them.</param>
    private sealed class Validity(long builtFrom, long known)
    {
        private long _validThrough = known;
        private long _invalidFrom = long.MaxValue;

        public bool Holds(long position, Func<long, long?> nextTouching)
        {
            if (position > _validThrough && position < _invalidFrom)
            {
                _invalidFrom = nextTouching(_validThrough) ?? long.MaxValue;
                _validThrough = position < _invalidFrom ? position : _validThrough;
            }

            return position >= builtFrom && position < _invalidFrom;
        }
    }
}
