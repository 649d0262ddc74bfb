using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Cases;

/// <summary>A published figure beside ours.</summary>
/// <param name="Published">What was published, and where.</param>
/// <param name="Ours">What our books say; absent if they cannot.</param>
/// <param name="Difference">Ours less published; absent without either, or with only a range.</param>
/// <param name="Inside">Whether ours lies in the published range (inclusive); absent without a range.</param>
public sealed record ComparedFigure(
    PublishedFigure Published,
    CaseFigure? Ours,
    ExactDecimal? Difference,
    bool? Inside);

/// <summary>The lending positions, taken together, at the end of a day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Debt">Tokens owed.</param>
/// <param name="Collateral">Tokens held as collateral.</param>
/// <param name="Close">The price at the end of the day.</param>
/// <param name="LoanToValue">At that price.</param>
/// <param name="HealthFactor">At that price.</param>
/// <param name="LiquidationPrice">The aggregate one.</param>
/// <param name="Low">The lowest price of the day.</param>
/// <param name="Published">The liquidation prices published that day, in order.</param>
public sealed record CaseDay(
    DateOnly Day,
    ExactDecimal Debt,
    ExactDecimal Collateral,
    ExactDecimal? Close,
    ExactDecimal? LoanToValue,
    ExactDecimal? HealthFactor,
    ExactDecimal? LiquidationPrice,
    ExactDecimal? Low,
    ImmutableArray<PublishedFigure> Published);

/// <summary>An illustrative treasury's ladder.</summary>
/// <param name="Treasury">Its id.</param>
/// <param name="AsOf">When.</param>
/// <param name="Rungs">From the first to fall.</param>
/// <param name="Aggregate">The liquidation price of all together.</param>
public sealed record CaseLadder(
    string Treasury, Instant AsOf, ImmutableArray<LadderRung> Rungs, ExactDecimal? Aggregate);

/// <summary>The contrast treasury at the end of a day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Tokens">Held.</param>
/// <param name="Cost">Cost basis of what is held.</param>
/// <param name="Price">The price at the end of the day.</param>
/// <param name="UnrealizedGain">Value less cost.</param>
public sealed record CaseContrastDay(
    DateOnly Day, ExactDecimal Tokens, Amount? Cost, PriceUsed? Price, Amount? UnrealizedGain);

/// <summary>A case's published figures beside ours, day by day and at two clocks: all from the journals.</summary>
/// <param name="Case">Which case.</param>
/// <param name="Figures">Published and ours.</param>
/// <param name="GainWithIncomeAtFairValue">The realized gain if income in kind were booked at its value.</param>
/// <param name="IncomeAtFairValue">That income.</param>
/// <param name="Days">Day by day.</param>
/// <param name="TwoClocks">What was known then, and later.</param>
/// <param name="Ladders">Of the illustrative treasuries.</param>
/// <param name="Contrast">The treasury without debt, day by day.</param>
/// <param name="Shortfalls">Shortfalls of the treasury at the end; a whole case has none.</param>
/// <param name="Unbooked">Rows that are not booked, with the reason.</param>
public sealed record CaseAuditReport(
    CaseFile Case,
    ImmutableArray<ComparedFigure> Figures,
    Amount? GainWithIncomeAtFairValue,
    Amount IncomeAtFairValue,
    ImmutableArray<CaseDay> Days,
    Restatement TwoClocks,
    ImmutableArray<CaseLadder> Ladders,
    ImmutableArray<CaseContrastDay> Contrast,
    int Shortfalls,
    ImmutableArray<UnbookedRow> Unbooked);
