using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Where a lot comes from (SPEC 2.3).</summary>
public enum LotOrigin
{
    /// <summary>It was there when the books began.</summary>
    Opening,

    /// <summary>Owners put it in.</summary>
    Contribution,

    /// <summary>It was acquired for something else.</summary>
    Acquisition,

    /// <summary>It came as proceeds of a sale.</summary>
    Sale,

    /// <summary>Yield, or interest earned.</summary>
    Income,

    /// <summary>It was borrowed.</summary>
    Borrowing,

    /// <summary>Cash was wrapped into it; or other units, where the terms make that a disposal (SPEC 18).</summary>
    Wrap,

    /// <summary>Units moved for which no lot was open (SPEC 7.3).</summary>
    Unexplained,

    /// <summary>It was cash until the terms of its book changed (SPEC 12.3).</summary>
    Cash,

    /// <summary>It came from another treasury of the same owners.</summary>
    TakenOver,

    /// <summary>It came from another account, where the terms make that a disposal (SPEC 18).</summary>
    Relocation,
}

/// <summary>A lot that came in, and how its cost was made. Parts of lots that only move are none.</summary>
/// <param name="LotId">The lot.</param>
/// <param name="Entry">The position of the entry that brought it.</param>
/// <param name="At">When the entry happened.</param>
/// <param name="AcquiredAt">When it was acquired: at that instant, or earlier if it was there when books began.</param>
/// <param name="Account">
/// Where it came; default if that is a transfer under way, or if it was cash in a book of universal scope.
/// </param>
/// <param name="Asset">Of what, as the entry names it.</param>
/// <param name="Pool">The asset whose lot it is.</param>
/// <param name="Quantity">Smallest units.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Value">What it was worth; absent if nobody knows.</param>
/// <param name="IsStated">Whether the source states that value, in its own currency or another.</param>
/// <param name="Fees">The value of the fees that its cost bears; absent if one is missing.</param>
/// <param name="Price">The price that valued it, or converted what is stated, if one did.</param>
/// <param name="FeePrices">The prices that valued those fees.</param>
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
    LotOrigin Origin,
    Amount? Value,
    bool IsStated,
    Amount? Fees,
    PriceUsed? Price,
    ImmutableArray<PriceUsed> FeePrices,
    EvidenceQuality Quality)
{
    /// <summary>The whole cost: value and fees; absent if either is.</summary>
    public Amount? Cost => Value + Fees;
}

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

/// <summary>Where a part of a lot lay or came to.</summary>
/// <param name="Pool">The asset whose lots lie there.</param>
/// <param name="Account">Under per-account scope: where. Otherwise absent.</param>
/// <param name="InTransit">Under per-account scope: the transfer that carries it. Otherwise absent.</param>
public sealed record LotPlace(AssetId Pool, AccountId? Account, FactId? InTransit);

/// <summary>
/// A part of a lot that went to another place or into other units, and was not disposed of (SPEC 7).
/// </summary>
/// <param name="LotId">The lot; it keeps its name and date.</param>
/// <param name="Entry">The position of the entry that moved it.</param>
/// <param name="Fact">What happened.</param>
/// <param name="At">When.</param>
/// <param name="From">Where it lay.</param>
/// <param name="Left">Smallest units that left there.</param>
/// <param name="CostLeft">Their cost; absent if the basis is missing.</param>
/// <param name="To">Where it came.</param>
/// <param name="Came">Smallest units that came there; zero for a part too small to make a unit (SPEC 7.5).</param>
/// <param name="CostCame">Their cost, that of such parts before them included; absent if the basis is missing.</param>
public sealed record LotCarried(
    LotId LotId,
    long Entry,
    FactId Fact,
    Instant At,
    LotPlace From,
    Quantity Left,
    Amount? CostLeft,
    LotPlace To,
    Quantity Came,
    Amount? CostCame)
{
    /// <summary>Whether it became other units; otherwise it only went from place to place.</summary>
    public bool IsConversion => From.Pool != To.Pool || Left != Came || CostLeft != CostCame;
}
