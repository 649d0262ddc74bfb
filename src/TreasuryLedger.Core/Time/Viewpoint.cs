namespace TreasuryLedger.Core.Time;

/// <summary>
/// Where an answer stands on both time axes. A fact counts if it happened at or before <paramref name="AsOf"/> and was
/// recorded at or before <paramref name="KnownAt"/>; both bounds are inclusive (decision 0004).
/// </summary>
/// <param name="AsOf">The instant in the world.</param>
/// <param name="KnownAt">The instant in the ledger.</param>
public sealed record Viewpoint(Instant AsOf, Instant KnownAt)
{
    /// <summary>Everything, whenever it happens and whenever it was recorded.</summary>
    public static Viewpoint End { get; } = new(Instant.Max, Instant.Max);
}
