using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>A lot came in. Parts of lots that only move, and what stands in for missing ones, are none.</summary>
/// <param name="LotId">Its name: the fact that brought it and the leg.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="At">When it came in.</param>
/// <param name="AcquiredAt">When it was acquired in truth; earlier than <paramref name="At"/> if it was opened.</param>
/// <param name="Account">Where it came.</param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">Whose lots it joins.</param>
/// <param name="Quantity">Smallest units.</param>
/// <param name="Cost">Its whole cost; absent if that is missing.</param>
/// <param name="Price">The price that valued it, if one did.</param>
/// <param name="Quality">The worst evidence that its cost rests on.</param>
public sealed record Acquisition(
    LotId LotId,
    long Entry,
    Instant At,
    Instant AcquiredAt,
    AccountId Account,
    AssetId Asset,
    AssetId Pool,
    Quantity Quantity,
    Amount? Cost,
    PriceUsed? Price,
    EvidenceQuality Quality);

/// <summary>Where lots lie.</summary>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">Whose lots they are.</param>
/// <param name="Account">Under per-account scope: where. Otherwise absent.</param>
/// <param name="Transfer">Under per-account scope: the transfer that carries them. Otherwise absent.</param>
public sealed record LotsPlace(AssetId Asset, AssetId Pool, AccountId? Account, FactId? Transfer);

/// <summary>
/// Lots left one place for another, or became units of another asset, and took their cost with them (SPEC 7.2 and 7.5).
/// </summary>
/// <param name="Entry">The position of the entry that moved them.</param>
/// <param name="From">The place they left.</param>
/// <param name="To">The place they reached.</param>
/// <param name="Left">Smallest units that left, those without a lot included.</param>
/// <param name="Reached">Smallest units that arrived; others than <paramref name="Left"/> after a conversion.</param>
/// <param name="Cost">The known cost that went with them.</param>
public sealed record LotsMoved(
    long Entry, LotsPlace From, LotsPlace To, Quantity Left, Quantity Reached, Amount Cost);
