namespace TreasuryLedger.Core.Lots;

/// <summary>What questions cost: counted for whoever asks them, one after the other.</summary>
public sealed class FoldCost
{
    /// <summary>Entries that were folded.</summary>
    public long Folded { get; private set; }

    /// <summary>Entries that a checkpoint saved from being folded.</summary>
    public long Saved { get; private set; }

    internal void Fold() => Folded++;

    internal void Save(long entries) => Saved += entries;
}
