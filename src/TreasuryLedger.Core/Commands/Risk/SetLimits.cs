using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Sets all limits of the treasury from an instant on; what is left out is not limited any more. Instructions that
/// break one are refused, whatever else happens raises an alert.
/// </summary>
public sealed record SetLimits : Command, IAsksWho
{
    /// <summary>Most debt for each unit of collateral value of a lending position, more than 0 (inclusive).</summary>
    public ExactDecimal? LoanToValueMax { get; init; }

    /// <summary>Least health factor of a lending position, more than 0 (inclusive).</summary>
    public ExactDecimal? HealthFactorMin { get; init; }

    /// <summary>
    /// How far all prices that move may at least fall together before a lending position may be liquidated: more than
    /// 0, less than 1 (inclusive).
    /// </summary>
    public ExactDecimal? FallMin { get; init; }

    /// <summary>Most of gross exposure that may be in one asset, at one venue or with one counterparty.</summary>
    public ImmutableArray<ConcentrationLimit> Concentrations { get; init; } = [];

    /// <summary>Where units may lie and debt may be owed; empty: anywhere.</summary>
    public ImmutableArray<string> Venues { get; init; } = [];

    /// <summary>Oldest price of what is held or owed, in seconds, 0 or more (inclusive).</summary>
    public long? PriceAgeMaxSeconds { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        Positive(check, "loanToValueMax", LoanToValueMax);
        Positive(check, "healthFactorMin", HealthFactorMin);
        Part(check, "fallMin", FallMin, FallMin < ExactDecimal.One, "more than 0 and less than 1");
        var concentrations = check.Each("concentrations", Concentrations, one =>
        {
            check.Term(one.Name is null || Texts.IsName(one.Name), "name", Texts.NameExpected);
            Part(check, "partMax", one.PartMax, one.PartMax <= ExactDecimal.One, "more than 0 and at most 1");
            return one;
        });
        check.Term(
            concentrations.Select(one => (one.Of, one.Name)).Distinct().Count() == concentrations.Length,
            "concentrations",
            "must limit each asset, venue and counterparty once");
        var venues = check.Each("venues", Venues, venue =>
        {
            check.Term(Texts.IsName(venue), "venues", $"holds a name that {Texts.NameExpected}");
            return venue;
        });
        check.Term(venues.Distinct().Count() == venues.Length, "venues", "must name each venue once");
        check.Term(
            PriceAgeMaxSeconds is null or (>= 0 and <= Checks.PriceAgeMaxSecondsMax),
            "priceAgeMaxSeconds",
            $"must be 0 to {Checks.PriceAgeMaxSecondsMax} (ten years), or be left out");
        return check.Accept(new LimitsSet(new RiskLimits(
            LoanToValueMax, HealthFactorMin, FallMin, concentrations, venues, PriceAgeMaxSeconds)));
    }

    private static void Positive(Checks check, string field, ExactDecimal? number) =>
        check.Number(number ?? ExactDecimal.One, field, number is null or { Sign: > 0 }, "more than 0");

    private static void Part(Checks check, string field, ExactDecimal? number, bool isBelow, string bounds) =>
        check.Number(number ?? ExactDecimal.One, field, number is null || (number.Value.Sign > 0 && isBelow), bounds);
}
