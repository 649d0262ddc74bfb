using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Lots;

/// <summary>Where income comes from.</summary>
public enum IncomeKind
{
    /// <summary>Staking, rewards and the like.</summary>
    Yield,

    /// <summary>Interest on what a lending position holds.</summary>
    SupplyInterest,

    /// <summary>Cash became more cash: one at par exchanged for more of another at par.</summary>
    CashDifference,

    /// <summary>Debt that the lender gave up; no units come.</summary>
    DebtForgiven,
}

/// <summary>Units that came as income.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="At">When.</param>
/// <param name="Account">Where they came.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Smallest units that came.</param>
/// <param name="Kind">From where.</param>
/// <param name="Value">The income: by policy the value then or zero; absent if that value is missing
/// (unvalued).</param>
/// <param name="Price">The price that valued it, if one did.</param>
/// <param name="Quality">The worst evidence that it rests on.</param>
public sealed record Income(
    FactId Fact,
    long Entry,
    Instant At,
    AccountId Account,
    AssetId Asset,
    Quantity Quantity,
    IncomeKind Kind,
    Amount? Value,
    PriceUsed? Price,
    EvidenceQuality Quality)
{
    /// <summary>Whether the source states the value, in its own currency or another.</summary>
    public bool IsStated { get; init; }
}

/// <summary>What an expense is for.</summary>
public enum ExpenseKind
{
    /// <summary>A fee that neither an acquisition nor a sale bears.</summary>
    Fee,

    /// <summary>Interest owed.</summary>
    Interest,

    /// <summary>Cash became less cash: one at par exchanged for less of another at par.</summary>
    CashDifference,

    /// <summary>Cash seized beyond the debt that it covered.</summary>
    LiquidationExcess,
}

/// <summary>An expense, valued when it arose.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="Leg">The leg of the fact (SPEC 2.2).</param>
/// <param name="At">When.</param>
/// <param name="Account">Who bore it.</param>
/// <param name="Asset">In what.</param>
/// <param name="Quantity">Smallest units.</param>
/// <param name="Kind">For what.</param>
/// <param name="Value">The expense; absent if its value is missing (unvalued).</param>
/// <param name="Price">The price that valued it, if one did.</param>
/// <param name="Quality">The worst evidence that it rests on.</param>
public sealed record Expense(
    FactId Fact,
    long Entry,
    int Leg,
    Instant At,
    AccountId Account,
    AssetId Asset,
    Quantity Quantity,
    ExpenseKind Kind,
    Amount? Value,
    PriceUsed? Price,
    EvidenceQuality Quality);

/// <summary>What owners put in.</summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="At">When.</param>
/// <param name="Account">Where it came.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Smallest units.</param>
/// <param name="Value">What it was worth; absent if that is missing (unvalued).</param>
/// <param name="Price">The price that valued it, if one did.</param>
/// <param name="Quality">The worst evidence that it rests on.</param>
public sealed record Contribution(
    FactId Fact,
    long Entry,
    Instant At,
    AccountId Account,
    AssetId Asset,
    Quantity Quantity,
    Amount? Value,
    PriceUsed? Price,
    EvidenceQuality Quality)
{
    /// <summary>Whether the source states the value, in its own currency or another.</summary>
    public bool IsStated { get; init; }
}

/// <summary>
/// A liquidation as one linked set. Its values are shown beside the gain and are not part of any sum: what the bonus
/// and the protocol fee cost is already in the disposal, whose proceeds are only the debt covered (SPEC 8.3).
/// </summary>
/// <param name="Fact">What happened.</param>
/// <param name="Entry">The position of its entry.</param>
/// <param name="At">When.</param>
/// <param name="Position">The lending position.</param>
/// <param name="SeizedAsset">The collateral.</param>
/// <param name="Seized">All smallest units of it that left.</param>
/// <param name="CoveredAsset">The debt.</param>
/// <param name="Covered">Smallest units of it that were paid.</param>
/// <param name="CoveredValue">What the covered debt was worth: the proceeds. Absent if unvalued.</param>
/// <param name="Bonus">Seized units that rewarded the liquidator.</param>
/// <param name="BonusValue">What they were worth at the collateral's price then; absent if it is missing.</param>
/// <param name="ProtocolFee">Seized units that went to the protocol.</param>
/// <param name="ProtocolFeeValue">What they were worth; absent if the price is missing.</param>
/// <param name="Price">The collateral's price that valued bonus and fee, if one did.</param>
/// <param name="Quality">The worst evidence that the values rest on.</param>
public sealed record Liquidation(
    FactId Fact,
    long Entry,
    Instant At,
    AccountId Position,
    AssetId SeizedAsset,
    Quantity Seized,
    AssetId CoveredAsset,
    Quantity Covered,
    Amount? CoveredValue,
    Quantity Bonus,
    Amount? BonusValue,
    Quantity ProtocolFee,
    Amount? ProtocolFeeValue,
    PriceUsed? Price,
    EvidenceQuality Quality);
