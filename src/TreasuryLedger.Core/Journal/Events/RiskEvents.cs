using System.Collections.Immutable;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>
/// An event about limits, the playbook, alerts or what waits for a second person: it moves nothing and no book reads
/// it.
/// </summary>
public interface IOfRisk;

/// <summary>What a limit is about.</summary>
public enum LimitKind
{
    /// <summary>Debt for each unit of collateral of a lending position.</summary>
    LoanToValueMax,

    /// <summary>Health factor of a lending position.</summary>
    HealthFactorMin,

    /// <summary>How far all prices that move may fall together before a lending position may be liquidated.</summary>
    FallMin,

    /// <summary>The part of gross exposure that is of one asset.</summary>
    AssetPartMax,

    /// <summary>The part of gross exposure that lies at one venue.</summary>
    VenuePartMax,

    /// <summary>The part of gross exposure that one counterparty owes or keeps.</summary>
    CounterpartyPartMax,

    /// <summary>Where units may lie and debt may be owed.</summary>
    VenueAllowed,

    /// <summary>The age of the price of what is held or owed, in seconds.</summary>
    PriceAgeMax,
}

/// <summary>Of what a concentration is measured.</summary>
public enum ConcentrationOf
{
    /// <summary>An asset; what stands for it counts as the asset.</summary>
    Asset,

    /// <summary>A venue, whatever keys it holds.</summary>
    Venue,

    /// <summary>A venue that holds the keys or the pledge; a wallet is nobody's.</summary>
    Counterparty,
}

/// <summary>Most of gross exposure that may be in one place.</summary>
/// <param name="Of">Of what.</param>
/// <param name="Name">Which one; absent: each that has no limit of its own.</param>
/// <param name="PartMax">More than 0, at most 1 (inclusive).</param>
public sealed record ConcentrationLimit(ConcentrationOf Of, string? Name, ExactDecimal PartMax);

/// <summary>
/// What a treasury allows itself; each is absent where there is none. Bounds are inclusive: at the limit it holds.
/// </summary>
/// <param name="LoanToValueMax">Most debt for each unit of collateral value of a lending position, e.g. 0.70.</param>
/// <param name="HealthFactorMin">Least health factor of a lending position, e.g. 1.5.</param>
/// <param name="FallMin">The common fall that a lending position must bear at least, e.g. 0.3.</param>
/// <param name="Concentrations">Each of what, and which one, once.</param>
/// <param name="Venues">Where units may lie and debt may be owed; empty: anywhere.</param>
/// <param name="PriceAgeMaxSeconds">Oldest price of what is held or owed.</param>
public sealed record RiskLimits(
    ExactDecimal? LoanToValueMax,
    ExactDecimal? HealthFactorMin,
    ExactDecimal? FallMin,
    ImmutableArray<ConcentrationLimit> Concentrations,
    ImmutableArray<string> Venues,
    long? PriceAgeMaxSeconds)
{
    /// <summary>No limit.</summary>
    public static RiskLimits None { get; } = new(null, null, null, [], [], null);

    /// <summary>Whether nothing is limited.</summary>
    public bool IsNone() => IsLike(None);

    /// <summary>The limits of a treasury's opening.</summary>
    public static RiskLimits Of(InstructionLimits opening)
    {
        ArgumentNullException.ThrowIfNull(opening);
        return None with { LoanToValueMax = opening.LoanToValueMax, HealthFactorMin = opening.HealthFactorMin };
    }

    /// <summary>Whether two say the same.</summary>
    public bool IsLike(RiskLimits other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this == other with { Concentrations = Concentrations, Venues = Venues }
            && Concentrations.SequenceEqual(other.Concentrations) && Venues.SequenceEqual(other.Venues);
    }
}

/// <summary>The treasury has these limits, and no others, from the effective instant on (inclusive).</summary>
/// <param name="Limits">The limits.</param>
public sealed record LimitsSet(RiskLimits Limits) : LedgerEvent, IOfRisk;

/// <summary>What to do about a lending position.</summary>
public enum PlaybookAction
{
    /// <summary>Look at it and decide.</summary>
    Review,

    /// <summary>Repay with money from outside.</summary>
    Repay,

    /// <summary>Add collateral.</summary>
    AddCollateral,

    /// <summary>Sell collateral and repay with what it brings.</summary>
    SellAndRepay,
}

/// <summary>What to do when a health factor is in a band: below this bound, not below that of the next.</summary>
/// <param name="HealthFactorBelow">The upper bound (exclusive).</param>
/// <param name="Action">What to do.</param>
/// <param name="HealthFactorTarget">How much of it: the least that brings this; absent for a review.</param>
/// <param name="DeadlineSeconds">Until when, from the moment at which the band was entered.</param>
/// <param name="Approver">Who must approve it: a role or a name.</param>
public sealed record PlaybookBand(
    ExactDecimal HealthFactorBelow,
    PlaybookAction Action,
    ExactDecimal? HealthFactorTarget,
    long DeadlineSeconds,
    string Approver);

/// <summary>The treasury has this playbook, and no other, from the effective instant on (inclusive).</summary>
/// <param name="Bands">From the highest bound to the lowest; none: there is no playbook any more.</param>
public sealed record PlaybookAdopted(ImmutableArray<PlaybookBand> Bands) : LedgerEvent, IOfRisk;

/// <summary>
/// Somebody said that a limit is broken since the effective instant. What is broken is derived; that it was said, and
/// when, is a fact.
/// </summary>
/// <param name="Limit">Which limit.</param>
/// <param name="Subject">Of what: a lending position, an asset, a venue or a counterparty.</param>
/// <param name="Allowed">The limit then; absent where it is no number.</param>
/// <param name="Is">What it was then; absent where it is no number or without bound.</param>
/// <param name="PricePosition">Up to where the price book was known.</param>
/// <param name="MarketPosition">Up to where the market book was known.</param>
public sealed record AlertRaised(
    LimitKind Limit,
    string Subject,
    ExactDecimal? Allowed,
    ExactDecimal? Is,
    long PricePosition,
    long MarketPosition) : LedgerEvent, IOfRisk;

/// <summary>Somebody has taken notice of an alert.</summary>
/// <param name="Alert">The fact by which it was raised.</param>
public sealed record AlertAcknowledged(FactId Alert) : LedgerEvent, IOfRisk;

/// <summary>An alert is over since the effective instant: by what was done, by itself, or because somebody accepts it.
/// </summary>
/// <param name="Alert">The fact by which it was raised.</param>
public sealed record AlertResolved(FactId Alert) : LedgerEvent, IOfRisk;
