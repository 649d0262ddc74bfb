using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records the observed terms of an asset in a lending market, in a market book; absent means not observed.
/// </summary>
public sealed record RecordMarketState : Command
{
    private const int RateMax = 100;

    /// <summary>The market, an id, e.g. aave-v3-ethereum.</summary>
    public required string Market { get; init; }

    /// <summary>The asset there.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Most that may be borrowed against it, 0 to 1 (inclusive).</summary>
    public ExactDecimal? LoanToValueMax { get; init; }

    /// <summary>Loan-to-value at which it may be liquidated, 0 to 1 (inclusive).</summary>
    public ExactDecimal? LiquidationThreshold { get; init; }

    /// <summary>What a liquidator gets on top, 0 to 1 (inclusive).</summary>
    public ExactDecimal? LiquidationBonus { get; init; }

    /// <summary>Simple yearly rate of its debt, 0 to 100 (inclusive; 0.05 is five percent).</summary>
    public ExactDecimal? BorrowRate { get; init; }

    /// <summary>Simple yearly rate of its supply, 0 to 100 (inclusive).</summary>
    public ExactDecimal? SupplyRate { get; init; }

    internal override bool BelongsTo(JournalKind journal) => journal == JournalKind.MarketBook;

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(IdText.IsId(Market), "market", Texts.IdExpected);
        check.Term(Observed().Any(term => term.Number is not null), "loanToValueMax", "and all other terms are absent");
        foreach (var (field, number, most) in Observed())
        {
            check.Number(
                number ?? default,
                field,
                number is null || (number.Value.Sign >= 0 && number <= new ExactDecimal(most, 0)),
                $"0 to {most}");
        }

        return check.Accept(new MarketStateRecorded(
            Market, Asset, LoanToValueMax, LiquidationThreshold, LiquidationBonus, BorrowRate, SupplyRate));
    }

    private (string Field, ExactDecimal? Number, int Most)[] Observed() =>
    [
        ("loanToValueMax", LoanToValueMax, 1),
        ("liquidationThreshold", LiquidationThreshold, 1),
        ("liquidationBonus", LiquidationBonus, 1),
        ("borrowRate", BorrowRate, RateMax),
        ("supplyRate", SupplyRate, RateMax),
    ];
}
