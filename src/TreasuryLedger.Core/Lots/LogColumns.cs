using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Lots;

/// <summary>What a log keeps of each entry, by its place in recorded order: numbers and no objects.</summary>
internal sealed class LogColumns
{
    public readonly long[] Position;
    public readonly long[] RecordedAt;
    public readonly long[] EffectiveAt;
    public readonly long[] VoidedBy;
    public readonly long[] Latest;
    public readonly LeastTree Touched;

    public LogColumns(int capacity)
    {
        (Position, RecordedAt, EffectiveAt) = (new long[capacity], new long[capacity], new long[capacity]);
        (VoidedBy, Latest, Touched) = (new long[capacity], new long[capacity], new LeastTree(capacity, []));
    }

    private LogColumns(LogColumns full, int capacity)
    {
        (Position, RecordedAt) = (Grown(full.Position), Grown(full.RecordedAt));
        (EffectiveAt, VoidedBy, Latest) = (Grown(full.EffectiveAt), Grown(full.VoidedBy), Grown(full.Latest));
        Touched = new LeastTree(capacity, full.Touched.First(full.Capacity));

        long[] Grown(long[] column)
        {
            Array.Resize(ref column, capacity);
            return column;
        }
    }

    public int Capacity => Position.Length;

    /// <summary>The same with room for more.</summary>
    /// <param name="count">How many entries will be there at least, more than there is room for.</param>
    public LogColumns Grown(int count) =>
        new(this, checked(Math.Max(Capacity + (Capacity / 4), count + (count / 16))));
}
