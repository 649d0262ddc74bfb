namespace TreasuryLedger.Core.Journal;

/// <summary>
/// Numbers by place that find the nearest one at or below a bound, to either side of any place, without looking at all
/// of them: over every sixteen numbers stands the least of them, over every sixteen of those again.
/// </summary>
/// <remarks>
/// One thread sets while others search. A search never misses a number that stands and that nobody changes meanwhile:
/// the least of a group is lowered before anyone may ask for the new number, and raised only after it.
/// </remarks>
internal sealed class LeastTree
{
    private const int Bits = 4;
    private const int Mask = (1 << Bits) - 1;

    private readonly long[][] _levels;

    /// <summary>Numbers at the first places; the others up to the capacity hold the greatest number there is.</summary>
    /// <param name="capacity">Places.</param>
    /// <param name="first">At most as many as there are places.</param>
    public LeastTree(int capacity, ReadOnlySpan<long> first)
    {
        var numbers = new long[capacity];
        first.CopyTo(numbers);
        numbers.AsSpan(first.Length).Fill(long.MaxValue);
        var levels = new List<long[]> { numbers };
        while (levels[^1].Length > Mask + 1)
        {
            var below = levels[^1];
            var least = new long[((below.Length - 1) >> Bits) + 1];
            levels.Add(least);
            for (var group = 0; group < least.Length; group++)
            {
                least[group] = LeastOf(below, group);
            }
        }

        _levels = [.. levels];
    }

    /// <summary>The number at a place.</summary>
    public long this[int place] => _levels[0][place];

    /// <summary>The first numbers.</summary>
    public ReadOnlySpan<long> First(int count) => _levels[0].AsSpan(0, count);

    /// <summary>Puts a number at a place.</summary>
    public void Set(int place, long number)
    {
        _levels[0][place] = number;
        for (var level = 1; level < _levels.Length; level++)
        {
            place >>= Bits;
            var least = number <= _levels[level][place] ? number : LeastOf(_levels[level - 1], place);
            if (least == _levels[level][place])
            {
                return;
            }

            number = _levels[level][place] = least;
        }
    }

    /// <summary>The last place before another whose number is at or below a bound; -1 if there is none.</summary>
    /// <param name="before">Exclusive; all places before it were set.</param>
    /// <param name="bound">Inclusive.</param>
    public int LastBefore(int before, long bound)
    {
        var (level, at) = (0, before - 1);
        while (at >= 0)
        {
            var group = at >> Bits;
            while (at >= group << Bits && _levels[level][at] > bound)
            {
                at--;
            }

            if (at >= group << Bits && level == 0)
            {
                return at;
            }

            (level, at) = at < group << Bits ? (level + 1, group - 1) : (level - 1, (at << Bits) | Mask);
        }

        return -1;
    }

    /// <summary>The first place from another on whose number is at or below a bound; -1 if there is none.</summary>
    /// <param name="from">Inclusive.</param>
    /// <param name="bound">Inclusive, less than the greatest number there is.</param>
    public int FirstFrom(int from, long bound)
    {
        var (level, at) = (0, from);
        while (level < _levels.Length)
        {
            var numbers = _levels[level];
            var group = at >> Bits;
            var end = Math.Min((group + 1) << Bits, numbers.Length);
            while (at < end && numbers[at] > bound)
            {
                at++;
            }

            if (at < end && level == 0)
            {
                return at;
            }

            (level, at) = at >= end ? (level + 1, group + 1) : (level - 1, at << Bits);
        }

        return -1;
    }

    private static long LeastOf(long[] numbers, int group)
    {
        var least = long.MaxValue;
        foreach (var number in numbers.AsSpan(group << Bits, Math.Min(Mask + 1, numbers.Length - (group << Bits))))
        {
            least = number < least ? number : least;
        }

        return least;
    }
}
