using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>What is left of a lot at one place.</summary>
/// <param name="LotId">The lot; under per-account scope it may be open at several places.</param>
/// <param name="Pool">The asset whose lots these are; stand-ins share the pool of what they stand for.</param>
/// <param name="Account">Under per-account scope: where. Absent under universal scope and in transit.</param>
/// <param name="InTransit">Under per-account scope: the dispatched transfer that carries it. Otherwise absent.</param>
/// <param name="AcquiredAt">When it was acquired; transfers and wraps keep it.</param>
/// <param name="Entry">The position of the entry that brought it.</param>
/// <param name="Original">The smallest units acquired, wherever they are; after a conversion, those converted.</param>
/// <param name="Remaining">The smallest units left here, more than zero.</param>
/// <param name="OriginalCost">The whole cost of <paramref name="Original"/>; absent if the basis is missing.</param>
/// <param name="Cost">The cost of what is left; absent if the basis is missing. Under average cost a share of the
/// pool.</param>
/// <param name="Price">The price that valued it when it came, if one did.</param>
/// <param name="Quality">The worst evidence that its cost rests on.</param>
public sealed record OpenLot(
    LotId LotId,
    AssetId Pool,
    AccountId? Account,
    FactId? InTransit,
    Instant AcquiredAt,
    long Entry,
    Quantity Original,
    Quantity Remaining,
    Amount? OriginalCost,
    Amount? Cost,
    PriceUsed? Price,
    EvidenceQuality Quality);
