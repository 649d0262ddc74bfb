using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Opens the journal of a treasury; always its first entry, and only once. In its own journal the reporting currency is
/// registered like any asset, by a <see cref="RegisterAsset"/> that follows.
/// </summary>
public sealed record OpenTreasury : Command
{
    /// <summary>The legal entity, 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// IANA name, e.g. Asia/Singapore. Whether it exists is for the shell to say: zone data is read from the machine.
    /// </summary>
    public required string TimeZone { get; init; }

    /// <summary>First day of the fiscal year, MM-DD; a day that every year has.</summary>
    public required string FiscalYearStart { get; init; }

    /// <summary>The currency of its figures.</summary>
    public required AssetId ReportingCurrency { get; init; }

    /// <summary>Id of the price book that values it.</summary>
    public required string PriceBook { get; init; }

    /// <summary>Id of the market book with its lending markets.</summary>
    public required string MarketBook { get; init; }

    /// <summary>The terms of its official book.</summary>
    public PolicyTerms Policy { get; init; } = PolicyTerms.Starter;

    /// <summary>What instructions may not break; by default nothing.</summary>
    public InstructionLimits Limits { get; init; } = new(null, null);

    /// <summary>Recorded instants come from a script. Only the opening can say so, never a later entry.</summary>
    public bool ReplayedClock { get; init; }

    /// <summary>The books illustrate something and are nobody's.</summary>
    public bool Illustrative { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Texts.IsName(Name), "name", Texts.NameExpected);
        check.Term(Texts.IsName(TimeZone), "timeZone", "must be the IANA name of a time zone");
        check.Term(
            Texts.IsDayOfEveryYear(FiscalYearStart), "fiscalYearStart", "must be MM-DD, a day that every year has");
        check.Term(Texts.IsBookId(PriceBook), "priceBook", Texts.BookIdExpected);
        check.Term(Texts.IsBookId(MarketBook), "marketBook", Texts.BookIdExpected);
        check.Term(Policy is not null, "policy", "must be the terms of a book, or be left out");
        check.Term(Limits is not null, "limits", "must be limits, or be left out");
        check.PriceAge(Policy);
        check.Scope(Policy?.FairValue);
        foreach (var (field, limit) in new[]
        {
            ("loanToValueMax", Limits?.LoanToValueMax), ("healthFactorMin", Limits?.HealthFactorMin),
        })
        {
            check.Number(limit ?? ExactDecimal.One, field, limit is null or { Sign: > 0 }, "more than 0");
        }

        return check.Accept(new TreasuryOpened(
            Name, TimeZone, FiscalYearStart, ReportingCurrency, PriceBook, MarketBook, Policy!, Limits!, ReplayedClock,
            Illustrative));
    }
}
