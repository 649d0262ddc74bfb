namespace TreasuryLedger.Core.Lots;

/// <summary>What questions cost: counted for whoever asks them, and shown to whoever waits.</summary>
/// <param name="stop">Ends folds that nobody waits for any more.</param>
public sealed class FoldCost(CancellationToken stop = default)
{
    private long _rows;

    /// <summary>Entries that were folded.</summary>
    public long Folded { get; private set; }

    /// <summary>Entries that a checkpoint saved from being folded.</summary>
    public long Saved { get; private set; }

    /// <summary>Rows that were written, of questions that are answered in rows.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Counts rows that were written.</summary>
    public void Write(long rows) => Interlocked.Add(ref _rows, rows);

    internal void Fold()
    {
        stop.ThrowIfCancellationRequested();
        Folded++;
    }

    internal void Save(long entries) => Saved += entries;
}
