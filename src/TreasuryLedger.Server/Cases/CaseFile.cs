using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Server.Cases;

/// <summary>
/// What a case is about: which treasuries it tells of, their accounts and assets, and the policy of its books. Read
/// from <c>case.json</c>; nothing about any one case is known to this program.
/// </summary>
/// <param name="Case">Its id.</param>
/// <param name="Title">What it is called.</param>
/// <param name="OpensAt">When its journals open; no row is earlier.</param>
/// <param name="Currency">The reporting currency.</param>
/// <param name="SettlementAsset">What trades settle in and addresses owe, where the timeline does not say.</param>
/// <param name="PriceBook">The id of its price book.</param>
/// <param name="MarketBook">The id of its market book.</param>
/// <param name="Assets">The assets, each after what it stands for.</param>
/// <param name="Policy">The terms of its books.</param>
/// <param name="Treasuries">Whose books are kept.</param>
/// <param name="Illustrative">How address levels become treasuries of their own.</param>
/// <param name="Audit">What its audit shows.</param>
/// <param name="Periods">What its accountant closes of the audited treasury, if periods are to be closed.</param>
public sealed record CaseFile(
    string Case,
    string Title,
    Instant OpensAt,
    AssetId Currency,
    AssetId SettlementAsset,
    string PriceBook,
    string MarketBook,
    ImmutableArray<CaseAsset> Assets,
    PolicyTerms Policy,
    ImmutableArray<CaseTreasury> Treasuries,
    CaseIllustration? Illustrative,
    CaseAuditTerms Audit,
    ImmutableArray<CasePeriod> Periods = default);

/// <summary>A period of the official book, and when it is closed.</summary>
/// <param name="From">Its first instant (inclusive).</param>
/// <param name="Until">The first instant after it (exclusive).</param>
/// <param name="ClosedAt">When it is closed: what becomes known later is late.</param>
public sealed record CasePeriod(Instant From, Instant Until, Instant ClosedAt);

/// <summary>An asset of a case, with the terms of its registration.</summary>
/// <param name="Asset">Its id.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Decimals">Digits of its smallest unit.</param>
/// <param name="Chain">Where it lives.</param>
/// <param name="ParCurrency">For a stablecoin.</param>
/// <param name="StandsFor">For a wrapped or receipt token.</param>
public sealed record CaseAsset(
    AssetId Asset, AssetKind Kind, int Decimals, string? Chain, AssetId? ParCurrency, StandIn? StandsFor);

/// <summary>A treasury of a case.</summary>
/// <param name="Treasury">Its id.</param>
/// <param name="Name">The legal entity.</param>
/// <param name="Entity">How the timeline calls it.</param>
/// <param name="Accounts">Its accounts.</param>
/// <param name="PaidFrom">Where purchases are paid from, if the timeline does not say.</param>
public sealed record CaseTreasury(
    string Treasury, string Name, string Entity, ImmutableArray<CaseAccount> Accounts, CasePayment? PaidFrom);

/// <summary>An account of a case.</summary>
/// <param name="Place">How the timeline calls it.</param>
/// <param name="Account">Its id.</param>
/// <param name="Kind">What kind of place.</param>
/// <param name="Venue">Who runs it.</param>
/// <param name="Market">For a lending position: its market.</param>
public sealed record CaseAccount(string Place, AccountId Account, AccountKind Kind, string Venue, string? Market);

/// <summary>Where purchases are paid from.</summary>
/// <param name="Account">From here.</param>
/// <param name="Asset">With this.</param>
/// <param name="FundedByOwners">Owners put the money in at the same instant (equity, no debt).</param>
public sealed record CasePayment(AccountId Account, AssetId Asset, bool FundedByOwners);

/// <summary>How the address levels of one instant become an illustrative treasury.</summary>
/// <param name="TreasuryPrefix">Before the date in its id.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Market">Whose terms they have.</param>
public sealed record CaseIllustration(
    string TreasuryPrefix, string Name, string Market);

/// <summary>What the audit of a case shows beside the published figures.</summary>
/// <param name="Treasury">Whose positions are shown day by day.</param>
/// <param name="Asset">The asset that was sold and whose price matters.</param>
/// <param name="CollateralAsset">The asset that lies as collateral.</param>
/// <param name="DebtAsset">The asset that is owed.</param>
/// <param name="Days">First and last day of that table (both inclusive).</param>
/// <param name="TwoClocks">The question that is asked at two known-at instants.</param>
/// <param name="Contrast">Whose unrealized gain is shown day by day.</param>
public sealed record CaseAuditTerms(
    string Treasury,
    AssetId Asset,
    AssetId CollateralAsset,
    AssetId DebtAsset,
    CaseDays Days,
    CaseTwoClocks TwoClocks,
    CaseContrast? Contrast);

/// <summary>A span of days, both inclusive, in UTC.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
public sealed record CaseDays(DateOnly From, DateOnly To);

/// <summary>A viewpoint whose known-at instant is held against all that was learned later.</summary>
/// <param name="AsOf">The instant in the world.</param>
/// <param name="KnownAt">What was known then (inclusive).</param>
public sealed record CaseTwoClocks(Instant AsOf, Instant KnownAt);

/// <summary>A treasury shown for contrast.</summary>
/// <param name="Treasury">Whose.</param>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
public sealed record CaseContrast(string Treasury, DateOnly From, DateOnly To);

/// <summary>One row of a case's timeline.</summary>
/// <param name="Row">Its number in the source's file; orders facts of one instant.</param>
/// <param name="EffectiveAt">When it happened.</param>
/// <param name="KnownAt">When it became known.</param>
/// <param name="Event">What happened, in the timeline's words.</param>
/// <param name="Entity">To whom.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Tokens, or a rate or level.</param>
/// <param name="UnitPrice">Currency per token.</param>
/// <param name="Amount">Money.</param>
/// <param name="From">The place it left.</param>
/// <param name="To">The place it reached.</param>
/// <param name="Source">Where it can be read.</param>
/// <param name="Quality">Fact, derived or assumed.</param>
/// <param name="Session">Open, high and low of a day's prices.</param>
public sealed record TimelineRow(
    long Row,
    Instant EffectiveAt,
    Instant KnownAt,
    string Event,
    string Entity,
    string Asset,
    ExactDecimal? Quantity,
    ExactDecimal? UnitPrice,
    ExactDecimal? Amount,
    string From,
    string To,
    string Source,
    EvidenceQuality Quality,
    SessionPrices? Session);

/// <summary>A figure that somebody published, to be held against ours.</summary>
/// <param name="Treasury">Whose.</param>
/// <param name="Figure">Which figure.</param>
/// <param name="From">For a figure over a span: its start (inclusive).</param>
/// <param name="AsOf">When it was true.</param>
/// <param name="Value">The figure, if one was given.</param>
/// <param name="Low">The lower end, if a range was given.</param>
/// <param name="High">The upper end, if a range was given.</param>
/// <param name="Unit">In what.</param>
/// <param name="Source">Where it can be read.</param>
public sealed record PublishedFigure(
    string Treasury,
    string Figure,
    Instant? From,
    Instant AsOf,
    ExactDecimal? Value,
    ExactDecimal? Low,
    ExactDecimal? High,
    string Unit,
    string Source);
