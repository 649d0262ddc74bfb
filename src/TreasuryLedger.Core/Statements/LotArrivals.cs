using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Statements;

/// <summary>When units of lots first came to a place: what a broker goes by, who knows nothing of before.</summary>
/// <param name="isPerAccount">Whether each account is a place; otherwise the whole treasury is one.</param>
internal sealed class LotArrivals(bool isPerAccount)
{
    private readonly Dictionary<(LotId Lot, AssetId Pool, AccountId Account), Instant> _first = [];

    /// <summary>What an entry brought forth.</summary>
    public void Add(BookRows rows)
    {
        foreach (var lot in rows.Lots)
        {
            _first.TryAdd((lot.LotId, lot.Pool, Place(lot.Account)), lot.At);
        }

        foreach (var part in rows.Carried)
        {
            _first.TryAdd((part.LotId, part.To.Pool, Place(part.To.Account)), part.At);
        }
    }

    /// <summary>When units of each lot that a disposal took first came where it took them; absent if nobody knows.
    /// </summary>
    public ImmutableArray<Instant?> Of(Disposal? disposal) => disposal is null ? [] :
    [
        .. disposal.Takes.Select(take =>
            _first.TryGetValue((take.LotId, disposal.Pool, Place(disposal.Account)), out var came)
                ? came
                : (Instant?)null),
    ];

    private AccountId Place(AccountId? account) => isPerAccount ? account ?? default : default;
}
