using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Postings;

/// <summary>One line of a trial balance, rounded to the currency's digits.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Asset">The asset; stand-ins at its decimals count here.</param>
/// <param name="Quantity">Smallest units, debits less credits.</param>
/// <param name="Balance">Debits less credits.</param>
/// <param name="Postings">How many postings stand behind it.</param>
public sealed record TrialBalanceRow(
    ChartAccount Account, AssetId Asset, Quantity Quantity, Amount Balance, long Postings)
{
    /// <summary>The balance if it is a debit, otherwise nothing.</summary>
    public Amount Debit => Balance.Sign > 0 ? Balance : Amount.Zero;

    /// <summary>The balance if it is a credit, otherwise nothing; more than zero.</summary>
    public Amount Credit => Balance.Sign < 0 ? -Balance : Amount.Zero;
}

/// <summary>
/// Every chart account at a viewpoint: debits equal credits once what rounding of rows leaves is added, which stands
/// apart. Rows are rounded first; totals add rows (SPEC 6).
/// </summary>
public sealed record TrialBalance
{
    private TrialBalance(ImmutableArray<TrialBalanceRow> rows, PostingTotals exact)
    {
        (Rows, Exact) = (rows, exact);
        Debit = rows.Aggregate(Amount.Zero, (sum, row) => sum + row.Debit);
        Credit = rows.Aggregate(Amount.Zero, (sum, row) => sum + row.Credit);
    }

    /// <summary>By chart account and asset; those without units and amount are left out unless they are open
    /// questions.</summary>
    public ImmutableArray<TrialBalanceRow> Rows { get; }

    /// <summary>The sums before rounding.</summary>
    public PostingTotals Exact { get; }

    /// <summary>The sum of the rows' debits.</summary>
    public Amount Debit { get; }

    /// <summary>The sum of the rows' credits.</summary>
    public Amount Credit { get; }

    /// <summary>
    /// Credits less debits: what rounding of rows left. Less than half of the last digit for each row.
    /// </summary>
    public Amount Rounding => Credit - Debit;

    /// <summary>The rows of a heading, as printed: debits less credits.</summary>
    public Amount BalanceOf(ChartHeading heading) => Rows
        .Where(row => ChartOfAccounts.Of(row.Account).Heading == heading)
        .Aggregate(Amount.Zero, (sum, row) => sum + row.Balance);

    /// <summary>The trial balance of sums.</summary>
    /// <param name="totals">Of every entry up to the viewpoint.</param>
    /// <param name="digits">Digits of the reporting currency.</param>
    public static TrialBalance Of(PostingTotals totals, int digits)
    {
        ArgumentNullException.ThrowIfNull(totals);
        return new TrialBalance(
            [
                .. totals.Balances
                    .Where(balance => !balance.Value.Quantity.IsZero || !balance.Value.Amount.IsZero
                        || ChartOfAccounts.IsOpenQuestion(balance.Key.Account))
                    .Select(balance => new TrialBalanceRow(
                        balance.Key.Account, balance.Key.Pool, balance.Value.Quantity,
                        balance.Value.Amount.RoundTo(digits), balance.Value.Postings)),
            ],
            totals);
    }
}
