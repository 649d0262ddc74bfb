using System.Text.Json.Serialization;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Journal;

/// <summary>In which order lots are taken by a disposal.</summary>
public enum LotMethod
{
    /// <summary>Earliest acquired first.</summary>
    Fifo,

    /// <summary>Latest acquired first.</summary>
    Lifo,

    /// <summary>Highest cost per unit, fees included, first; ties: earliest acquired.</summary>
    Hifo,

    /// <summary>Every unit costs the moving average of the pool.</summary>
    Average,

    /// <summary>Lowest cost per unit, fees included, first; ties: earliest acquired.</summary>
    Lofo,

    /// <summary>Only lots that somebody identified, or that leave no choice.</summary>
    Specific,

    /// <summary>Every unit costs the average of its calendar year, what was carried over included (Japan).</summary>
    TotalAverage,

    /// <summary>Same day, then the 30 days after, then the section 104 pool (United Kingdom, individuals).</summary>
    UkS104,

    /// <summary>Same day, then the 10 days before, then the section 104 pool (United Kingdom, companies).</summary>
    UkCorporate,
}

/// <summary>Which lots a disposal may take.</summary>
public enum BasisScope
{
    /// <summary>One pool an asset for the whole treasury.</summary>
    Universal,

    /// <summary>One pool an asset and account; transfers carry lots.</summary>
    PerAccount,
}

/// <summary>How stablecoins of the reporting currency are kept.</summary>
public enum StablecoinTreatment
{
    /// <summary>As money: one token is one unit of its currency, no lots, no gain.</summary>
    CashAtPar,

    /// <summary>As any asset: lots at cost.</summary>
    Lots,
}

/// <summary>What income in kind costs.</summary>
public enum IncomeBasis
{
    /// <summary>Its value when received, which is also the income.</summary>
    FairValue,

    /// <summary>Nothing; no income is shown.</summary>
    Zero,
}

/// <summary>
/// The terms of a book: how one journal is turned into cost basis and gain. A book may have others from some day on
/// (<see cref="TermsAdopted"/>).
/// </summary>
/// <param name="LotMethod">Order of lots.</param>
/// <param name="BasisScope">Which lots.</param>
/// <param name="Stablecoins">Money or lots.</param>
/// <param name="IncomeBasis">Fair value or zero.</param>
/// <param name="PriceAgeMaxSeconds">Oldest price that values anything, in seconds (inclusive).</param>
/// <param name="Conventions">What sources disagree on; absent: <see cref="LotConventions.Starter"/>.</param>
/// <param name="FairValue">What is measured at fair value; absent: nothing, all is carried at cost.</param>
/// <param name="Treatments">Which moves are disposals; absent: <see cref="Treatments.Starter"/>, none.</param>
public sealed record PolicyTerms(
    LotMethod LotMethod,
    BasisScope BasisScope,
    StablecoinTreatment Stablecoins,
    IncomeBasis IncomeBasis,
    long PriceAgeMaxSeconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    LotConventions? Conventions = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    FairValueTerms? FairValue = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    Treatments? Treatments = null)
{
    /// <summary>The starter policy, so that nobody configures a book to see a figure. Prices age two days.</summary>
    public static PolicyTerms Starter { get; } = new(
        LotMethod.Fifo, BasisScope.Universal, StablecoinTreatment.CashAtPar, IncomeBasis.FairValue, 172_800);
}

/// <summary>Limits that instructions may not break; each is absent where there is none.</summary>
/// <param name="LoanToValueMax">Most debt for each unit of collateral value, e.g. 0.70 (inclusive).</param>
/// <param name="HealthFactorMin">Least health factor, e.g. 1.3 (inclusive).</param>
public sealed record InstructionLimits(ExactDecimal? LoanToValueMax, ExactDecimal? HealthFactorMin);

/// <summary>A treasury's journal was opened: always its first entry.</summary>
/// <param name="Name">The legal entity.</param>
/// <param name="TimeZone">IANA name; a date-only question means the end of that day there.</param>
/// <param name="FiscalYearStart">First day of the fiscal year, MM-DD.</param>
/// <param name="ReportingCurrency">The currency of its figures, an asset id.</param>
/// <param name="PriceBook">The price book that values it.</param>
/// <param name="MarketBook">The market book with its lending markets.</param>
/// <param name="Policy">The terms of its official book.</param>
/// <param name="Limits">What instructions may not break.</param>
/// <param name="ReplayedClock">Recorded instants come from a script; can never be changed afterwards.</param>
/// <param name="Illustrative">The books illustrate something and are nobody's.</param>
public sealed record TreasuryOpened(
    string Name,
    string TimeZone,
    string FiscalYearStart,
    AssetId ReportingCurrency,
    string PriceBook,
    string MarketBook,
    PolicyTerms Policy,
    InstructionLimits Limits,
    bool ReplayedClock,
    bool Illustrative) : LedgerEvent;

/// <summary>A price book or market book was opened: always its first entry.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="ReplayedClock">Recorded instants come from a script.</param>
public sealed record BookOpened(string Name, bool ReplayedClock) : LedgerEvent;

/// <summary>
/// A book has these terms from the effective instant on (inclusive), until the next such entry of the same book.
/// </summary>
/// <param name="Book">The book's name.</param>
/// <param name="Terms">Its terms.</param>
public sealed record TermsAdopted(string Book, PolicyTerms Terms) : LedgerEvent, IOfBook;

/// <summary>
/// Somebody proposes terms for the official book from the effective instant on; they hold once somebody else adopts
/// them.
/// </summary>
/// <param name="Book">The book's name: the official one.</param>
/// <param name="Terms">The terms.</param>
/// <param name="ProposedBy">Who proposes them.</param>
public sealed record TermsProposed(string Book, PolicyTerms Terms, string ProposedBy) : LedgerEvent, IOfBook;

/// <summary>What kind of place an account is.</summary>
public enum AccountKind
{
    /// <summary>Keys of one's own.</summary>
    Wallet,

    /// <summary>A custodian holds the keys.</summary>
    Custodian,

    /// <summary>An exchange: units can be sold here.</summary>
    Exchange,

    /// <summary>A bank account for money.</summary>
    Bank,

    /// <summary>A position at a lender: holds collateral and owes debt.</summary>
    LendingPosition,

    /// <summary>Where units are staked: a validator, a staking contract.</summary>
    Staking,
}

/// <summary>An account was registered.</summary>
/// <param name="Account">Its id.</param>
/// <param name="Kind">What kind of place.</param>
/// <param name="Venue">Who runs it, e.g. binance.</param>
/// <param name="Market">For a lending position: the market in the market book whose terms it has.</param>
public sealed record AccountRegistered(AccountId Account, AccountKind Kind, string Venue, string? Market) : LedgerEvent;

/// <summary>What kind of thing an asset is.</summary>
public enum AssetKind
{
    /// <summary>A token with a price that moves.</summary>
    Token,

    /// <summary>A token meant to be worth one unit of a currency.</summary>
    Stablecoin,

    /// <summary>Money.</summary>
    Currency,
}

/// <summary>Why one asset stands for another.</summary>
public enum StandInKind
{
    /// <summary>A wrapper that can be undone, e.g. WETH for ETH.</summary>
    Wrapped,

    /// <summary>A receipt for units that lie elsewhere, e.g. aEthWETH for WETH.</summary>
    Receipt,

    /// <summary>A receipt for units that are staked, e.g. wstETH for ETH.</summary>
    Staked,

    /// <summary>The same on another chain.</summary>
    Bridged,
}

/// <summary>That units of one asset stand for units of another.</summary>
/// <param name="Asset">What it stands for.</param>
/// <param name="Kind">How.</param>
public sealed record StandIn(AssetId Asset, StandInKind Kind);

/// <summary>An asset was registered.</summary>
/// <param name="Asset">Its id.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Decimals">Digits between a token and its smallest unit, 0 to 36 (inclusive).</param>
/// <param name="Chain">The chain, if it lives on one.</param>
/// <param name="Contract">Its contract there, if it has one.</param>
/// <param name="ParCurrency">For a stablecoin: the currency it is meant to be worth.</param>
/// <param name="StandsFor">What it wraps or is a receipt for.</param>
public sealed record AssetRegistered(
    AssetId Asset,
    AssetKind Kind,
    int Decimals,
    string? Chain,
    string? Contract,
    AssetId? ParCurrency,
    StandIn? StandsFor) : LedgerEvent;
