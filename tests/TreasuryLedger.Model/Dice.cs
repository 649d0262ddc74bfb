namespace TreasuryLedger.Model;

/// <summary>Chance that falls the same way on every machine for one seed (SplitMix64).</summary>
/// <param name="seed">Any number; printed with every failure.</param>
public sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from 0 to <paramref name="end"/> (exclusive).</summary>
    public int Below(int end) => (int)(Next() % (ulong)end);

    /// <summary>True in that many cases of a hundred.</summary>
    public bool Chance(int percent) => Below(100) < percent;

    /// <summary>One of them.</summary>
    public T Pick<T>(IReadOnlyList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items[Below(items.Count)];
    }

    /// <summary>Sixty-four bits.</summary>
    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
