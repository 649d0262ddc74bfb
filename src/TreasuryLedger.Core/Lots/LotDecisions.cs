using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>What was decided about lots and is not used up yet, at a point of a fold (SPEC 13 and 16).</summary>
/// <param name="Orders">Methods of single accounts.</param>
/// <param name="Identified">Identifications of lots of disposals that have not happened yet.</param>
/// <param name="Allocated">The allocation of this book, once there is one.</param>
internal sealed record LotDecisions(
    ImmutableSortedDictionary<AccountId, LotMethod> Orders,
    ImmutableDictionary<LotId, Identification> Identified,
    BasisAllocated? Allocated)
{
    public static LotDecisions None { get; } = new(
        ImmutableSortedDictionary<AccountId, LotMethod>.Empty,
        ImmutableDictionary<LotId, Identification>.Empty,
        null);
}

/// <summary>Lots that somebody identified.</summary>
/// <param name="What">Which.</param>
/// <param name="RecordedAt">When the journal learned it.</param>
/// <param name="Position">The entry that says so.</param>
internal sealed record Identification(LotsIdentified What, Instant RecordedAt, long Position);
