using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Statements;

namespace TreasuryLedger.Server.Answers.Postings;

/// <summary>One chart account and asset.</summary>
/// <param name="Account">The chart account.</param>
/// <param name="Heading">Under which it stands.</param>
/// <param name="Type">What it is about.</param>
/// <param name="NormalSide">On which side its balance stands as a rule.</param>
/// <param name="Asset">The asset; stand-ins at its decimals count here.</param>
/// <param name="Quantity">Whole tokens, debits less credits.</param>
/// <param name="Debit">The balance if it is a debit, otherwise 0.</param>
/// <param name="Credit">The balance if it is a credit, otherwise 0.</param>
/// <param name="Postings">How many postings stand behind it.</param>
public sealed record TrialRow(
    ChartAccount Account,
    ChartHeading Heading,
    ChartType Type,
    PostingSide NormalSide,
    AssetId Asset,
    ExactDecimal Quantity,
    Amount Debit,
    Amount Credit,
    long Postings);

/// <summary>The rows of a heading, added up.</summary>
/// <param name="Heading">Which.</param>
/// <param name="Type">What it is about.</param>
/// <param name="Debit">The sum of its debits.</param>
/// <param name="Credit">The sum of its credits.</param>
/// <param name="Balance">Debits less credits.</param>
public sealed record TrialHeading(ChartHeading Heading, ChartType Type, Amount Debit, Amount Credit, Amount Balance);

/// <summary>A figure that is known from two sides, exact to the last digit.</summary>
/// <param name="Heading">What it is about.</param>
/// <param name="Posted">What postings add up to, debits less credits.</param>
/// <param name="Derived">What lots and disposals say it is, with the same sign.</param>
/// <param name="Difference">Posted less derived: 0.</param>
public sealed record TrialTie(ChartHeading Heading, Amount Posted, Amount Derived, Amount Difference)
{
    /// <summary>The figure from both sides.</summary>
    internal static TrialTie Of(PostingTotals totals, ChartHeading heading, Amount derived)
    {
        var posted = totals.AmountOf(heading);
        return new TrialTie(heading, posted, derived, posted - derived);
    }
}

/// <summary>Interest of a lending position that has accrued and that no entry books: it stands in no row.</summary>
/// <param name="Position">The position.</param>
/// <param name="Asset">Of what.</param>
/// <param name="Side">Owed or earned.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Value">Their worth at the viewpoint; absent without a price.</param>
public sealed record UnbookedRow(
    AccountId Position, AssetId Asset, InterestSide Side, ExactDecimal Quantity, Amount? Value);

/// <summary>
/// Interest that has accrued and stands in no row. The question about interest gives the batch that books what has an
/// index; that of a loan is booked when its lender charges it.
/// </summary>
/// <param name="Rows">By position, asset and side.</param>
public sealed record UnbookedInterest(ImmutableArray<UnbookedRow> Rows);

/// <summary>Every chart account at a viewpoint.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Debit">The sum of all debits.</param>
/// <param name="Credit">The sum of all credits.</param>
/// <param name="Rounding">Credits less debits: what rounding of rows left; before rounding it is 0.</param>
/// <param name="Unvalued">How many postings say that a value is missing.</param>
/// <param name="BasisMissing">How many postings say that a cost basis is missing.</param>
/// <param name="Ties">What postings have in common with lots and disposals.</param>
/// <param name="Headings">The rows added up by heading, in the order of statements.</param>
/// <param name="Rows">By chart account and asset.</param>
/// <param name="Unbooked">Interest that has accrued and stands in no row; absent if there is none.</param>
public sealed record TrialBalanceAnswer(
    Standpoint Viewpoint,
    Amount Debit,
    Amount Credit,
    Amount Rounding,
    long Unvalued,
    long BasisMissing,
    ImmutableArray<TrialTie> Ties,
    ImmutableArray<TrialHeading> Headings,
    ImmutableArray<TrialRow> Rows,
    UnbookedInterest? Unbooked = null)
{
    /// <summary>The answer.</summary>
    public static TrialBalanceAnswer Of(Seen seen)
    {
        var (remeasured, asOf) = (RemeasurementOf(seen), seen.At.Viewpoint.AsOf);
        var balance = TrialBalance.Of(remeasured.Totals(seen.At.Happened, asOf), seen.Digits);
        return new TrialBalanceAnswer(
            seen.Standpoint, balance.Debit, balance.Credit, balance.Rounding, balance.Exact.Unvalued,
            balance.Exact.BasisMissing,
            [
                TrialTie.Of(balance.Exact, ChartHeading.DigitalAssets, remeasured.Carried(asOf)),
                TrialTie.Of(balance.Exact, ChartHeading.RealizedGains, -seen.At.State.RealizedGain),
            ],
            [
                .. balance.Rows.GroupBy(row => ChartOfAccounts.Of(row.Account).Heading)
                    .Select(rows => new TrialHeading(
                        rows.Key,
                        ChartOfAccounts.Of(rows.First().Account).Type,
                        rows.Aggregate(Amount.Zero, (sum, row) => sum + row.Debit),
                        rows.Aggregate(Amount.Zero, (sum, row) => sum + row.Credit),
                        balance.BalanceOf(rows.Key))),
            ],
            [
                .. balance.Rows.Select(row => (Row: row, Chart: ChartOfAccounts.Of(row.Account)))
                    .Select(row => new TrialRow(
                        row.Row.Account, row.Chart.Heading, row.Chart.Type, row.Chart.NormalSide, row.Row.Asset,
                        seen.Tokens(row.Row.Asset, row.Row.Quantity), row.Row.Debit, row.Row.Credit,
                        row.Row.Postings)),
            ],
            UnbookedOf(seen));
    }

    private static UnbookedInterest? UnbookedOf(Seen seen)
    {
        ImmutableArray<UnbookedRow> rows =
        [
            .. InterestOfSpan.Accrued(seen.At)
                .OrderBy(one => one.Key.Position).ThenBy(one => one.Key.Asset).ThenBy(one => one.Key.Side)
                .Select(one => new UnbookedRow(
                    one.Key.Position, one.Key.Asset, one.Key.Side,
                    seen.Tokens(one.Key.Asset, one.Value.Quantity), one.Value.Value)),
        ];
        return rows.IsEmpty ? null : new UnbookedInterest(rows);
    }

    /// <summary>The postings of every entry up to the viewpoint: folds the whole history while they are read.</summary>
    internal static IEnumerable<EntryPostings> PostingsOf(Seen seen) => PostingFold.Of(
        AnswerOf(seen.At), seen.At.Happened);

    /// <summary>What a book that measures at fair value posts beside its entries.</summary>
    internal static Remeasurement RemeasurementOf(Seen seen) => new(AnswerOf(seen.At));

    /// <summary>The book as the question sees it.</summary>
    internal static BookAnswer AnswerOf(TreasuryAt at) => new(at.State, at.Registers, at.Prices);
}
