using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Commands;

/// <summary>
/// Records the terms of a collateralized loan between two parties; they hold until others are agreed.
/// </summary>
public sealed record AgreeLoanTerms : Command
{
    private const int RateMax = 100;
    private const int NoticeMaxDays = 3_660;

    /// <summary>The lending position.</summary>
    public required AccountId Position { get; init; }

    /// <summary>
    /// Simple yearly rate, 0 to 100 (inclusive; 0.05 is five percent); of a floating loan what comes on top, -1 to 100.
    /// </summary>
    public required ExactDecimal Rate { get; init; }

    /// <summary>The market whose borrow rate of the debt's asset it floats on; without it the rate is fixed.</summary>
    public string? FloatingMarket { get; init; }

    /// <summary>How days are counted.</summary>
    public required DayCount Days { get; init; }

    /// <summary>From which loan-to-value on more collateral is asked for, more than 0 and at most 1.</summary>
    public ExactDecimal? MarginCallLoanToValue { get; init; }

    /// <summary>From which loan-to-value on collateral is sold, more than 0 and at most 1; not below the margin call's.
    /// </summary>
    public ExactDecimal? LiquidationLoanToValue { get; init; }

    /// <summary>When it is to be repaid, after the terms begin.</summary>
    public Instant? MaturesAt { get; init; }

    /// <summary>How many days after a recall, 0 to 3660; 0: on demand. Without it the lender cannot recall.</summary>
    public int? RecallNoticeDays { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Account(Position, Place.Lending);
        check.Term(FloatingMarket is null || IdText.IsId(FloatingMarket), "floatingMarket", Texts.IdExpected);
        var least = new ExactDecimal(FloatingMarket is null ? 0 : -1, 0);
        check.Number(
            Rate, "rate", Rate >= least && Rate <= new ExactDecimal(RateMax, 0), $"{least} to {RateMax}");
        foreach (var (field, part) in new[]
        {
            ("marginCallLoanToValue", MarginCallLoanToValue), ("liquidationLoanToValue", LiquidationLoanToValue),
        })
        {
            check.Number(
                part ?? default, field, part is null || (part.Value.Sign > 0 && part <= ExactDecimal.One),
                "more than 0 and at most 1");
        }

        check.Number(
            MarginCallLoanToValue ?? default,
            "marginCallLoanToValue",
            MarginCallLoanToValue is null || LiquidationLoanToValue is null
                || MarginCallLoanToValue <= LiquidationLoanToValue,
            "at most liquidationLoanToValue");
        check.Term(MaturesAt is null || MaturesAt > EffectiveAt, "maturesAt", "must be later than effectiveAt");
        check.Number(
            new ExactDecimal(RecallNoticeDays ?? 0, 0), "recallNoticeDays",
            RecallNoticeDays is null or (>= 0 and <= NoticeMaxDays), $"0 to {NoticeMaxDays}");
        return check.Accept(new LoanTermsAgreed(
            Position, Rate, FloatingMarket, Days, MarginCallLoanToValue, LiquidationLoanToValue, MaturesAt,
            RecallNoticeDays));
    }
}
