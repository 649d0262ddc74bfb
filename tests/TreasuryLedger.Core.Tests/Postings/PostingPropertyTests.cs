using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Postings;

namespace TreasuryLedger.Core.Tests.Postings;

/// <summary>Laws of postings over random histories, at random viewpoints, under random policies.</summary>
public sealed class PostingPropertyTests
{
    private const int Histories = 500;

    [Fact]
    public void every_entry_adds_up_to_zero_in_units_of_every_asset_and_in_the_reporting_currency() => Each(books =>
    {
        foreach (var entry in books.Postings)
        {
            foreach (var units in entry.Postings.GroupBy(line => line.Asset, line => line.Quantity.Units))
            {
                Sum(units).ShouldBe(BigInteger.Zero, $"{units.Key} of entry {entry.Entry.Position}");
            }

            Sum(entry.Postings.Select(line => line.Amount.Attos)).ShouldBe(BigInteger.Zero);
            entry.Postings.Select(line => (line.Account, line.Place, line.Transfer, line.Asset))
                .Distinct().Count().ShouldBe(entry.Postings.Length);
        }
    });

    [Fact]
    public void asset_accounts_carry_the_cost_of_open_lots_at_their_places() => Each(books =>
    {
        var cost = Lines(books, ChartHeading.DigitalAssets)
            .GroupBy(line => (line.Pool, line.Place, line.Transfer), line => line.Amount.Attos)
            .Select(lines => (lines.Key, Sum(lines)))
            .Where(line => !line.Item2.IsZero);

        cost.ShouldBe(
            books.Answer.State.Pools().Where(pool => !pool.OpenCost.IsZero)
                .Select(pool => ((pool.Pool, pool.Account, pool.InTransit), pool.OpenCost.Attos)),
            ignoreOrder: true);
    });

    [Fact]
    public void asset_accounts_hold_the_units_of_every_account_and_transfer() => Each(books =>
    {
        var state = books.Answer.State;
        var units = Lines(books, ChartHeading.DigitalAssets, ChartHeading.Cash)
            .GroupBy(line => (line.Asset, line.Place, line.Transfer), line => line.Quantity.Units)
            .Select(lines => (lines.Key, Sum(lines)))
            .Where(line => !line.Item2.IsZero);

        units.ShouldBe(
            state.Balances().Select(held => (
                (held.Asset, (AccountId?)held.Account, (FactId?)null), held.Quantity.Units))
            .Concat(state.InTransit(books.Question.AsOf).Select(way => (
                (way.Asset, (AccountId?)null, (FactId?)way.Fact), way.Remaining.Units))),
            ignoreOrder: true);
    });

    [Fact]
    public void borrowings_and_accrued_interest_are_the_units_owed() => Each(books =>
        Lines(books, ChartHeading.Debt)
            .GroupBy(line => (line.Place, line.Asset), line => -line.Quantity.Units)
            .Select(lines => (lines.Key, Sum(lines)))
            .Where(line => !line.Item2.IsZero)
            .ShouldBe(
                books.Answer.State.Debts().Select(
                    debt => (((AccountId?)debt.Position, debt.Asset), debt.Quantity.Units)),
                ignoreOrder: true));

    [Fact]
    public void a_repayment_pays_what_interest_there_is_before_anything_else() => Each(books =>
    {
        var accrued = new Dictionary<(AccountId?, AssetId), BigInteger>();
        foreach (var debt in books.Postings.SelectMany(entry => entry.Postings
            .Where(line => ChartOfAccounts.Of(line.Account).Heading == ChartHeading.Debt)
            .GroupBy(line => (line.Place, line.Asset))))
        {
            var before = accrued.GetValueOrDefault(debt.Key);
            var repaid = BigInteger.Max(0, Sum(debt.Select(line => line.Quantity.Units)));
            var interest = Sum(debt.Where(line => line.Account == ChartAccount.InterestPayable)
                .Select(line => line.Quantity.Units));
            BigInteger.Max(0, interest).ShouldBe(BigInteger.Min(before, repaid));
            accrued[debt.Key] = before - interest;
        }
    });

    [Fact]
    public void debt_of_which_nothing_is_left_is_carried_at_nothing() => Each(books =>
    {
        var overpaid = books.Answer.State.Shortfalls().Where(missing => missing.Kind == ShortfallKind.Debt)
            .Select(missing => ((AccountId?)missing.Account, missing.Asset)).ToHashSet();
        foreach (var lines in Lines(books, ChartHeading.Debt)
            .GroupBy(line => (line.Account, line.Place, line.Asset))
            .Where(lines => !overpaid.Contains((lines.Key.Place, lines.Key.Asset)))
            .Where(lines => Sum(lines.Select(line => line.Quantity.Units)).IsZero))
        {
            Sum(lines.Select(line => line.Amount.Attos)).ShouldBe(BigInteger.Zero);
        }
    });

    [Fact]
    public void realized_gains_with_the_penalty_in_them_are_those_of_the_book_by_pool() => Each(books =>
    {
        var gains = Lines(books, ChartHeading.RealizedGains)
            .GroupBy(line => line.Pool, line => -line.Amount.Attos)
            .Select(lines => (lines.Key, Sum(lines)))
            .Where(line => !line.Item2.IsZero);

        gains.ShouldBe(
            books.Book.Disposals.GroupBy(disposal => disposal.Pool, disposal => disposal.MatchedGain?.Attos ?? 0)
                .Select(lines => (lines.Key, Sum(lines)))
                .Where(line => !line.Item2.IsZero),
            ignoreOrder: true);
    });

    [Fact]
    public void income_and_expense_are_those_of_the_book() => Each(books =>
    {
        var book = books.Book;
        Amount(books, ChartAccount.Yield).ShouldBe(-Income(book, IncomeKind.Yield));
        Amount(books, ChartAccount.SupplyInterest).ShouldBe(-Income(book, IncomeKind.SupplyInterest));
        Amount(books, ChartAccount.InterestExpense).ShouldBe(Expense(book, ExpenseKind.Interest));
        Amount(books, ChartAccount.Fees).ShouldBe(Expense(book, ExpenseKind.Fee));
        Amount(books, ChartAccount.LiquidationExcess).ShouldBe(Expense(book, ExpenseKind.LiquidationExcess));
        Amount(books, ChartAccount.CashDifferences).ShouldBe(
            Expense(book, ExpenseKind.CashDifference) - Income(book, IncomeKind.CashDifference));
        Amount(books, ChartAccount.ContributedCapital).ShouldBe(
            -Sum(book.Contributions.Select(contribution => contribution.Value?.Attos ?? 0)));
    });

    [Fact]
    public void units_are_exchanged_in_trades_wraps_and_liquidations_only_and_never_have_an_amount() => Each(books =>
    {
        foreach (var entry in books.Postings)
        {
            var exchanged = entry.Postings.Where(line => line.Account == ChartAccount.UnitsExchanged).ToList();
            exchanged.ShouldAllBe(line => line.Amount.IsZero);
            (exchanged.Count == 0
                || entry.Entry.Event is AssetAcquired or AssetSold or AssetWrapped or LiquidationRecorded)
                .ShouldBeTrue();
        }
    });

    [Fact]
    public void what_is_open_is_what_the_book_calls_incomplete() => Each(books =>
    {
        var rows = new BookRows();
        foreach (var happened in books.History.Between(null, books.Question))
        {
            rows.AddAll(happened.Rows);
        }

        var open = Lines(books, ChartHeading.BasisMissing, ChartHeading.UnvaluedSuspense).Any();
        var incomplete = rows.Disposals.Any(disposal => !disposal.IsComplete)
            || rows.Acquisitions.Any(lot => lot.Cost is null)
            || rows.Incomes.Any(income => income.Value is null)
            || rows.Expenses.Any(expense => expense.Value is null)
            || rows.Contributions.Any(contribution => contribution.Value is null);
        (open || !incomplete).ShouldBeTrue();
        Amount(books, ChartAccount.BasisMissing).ShouldBe(-Sum(rows.Disposals.Select(
            disposal => (disposal.Proceeds - disposal.MatchedProceeds)?.Attos ?? BigInteger.Zero)));
    });

    [Fact]
    public void terms_that_a_book_adopts_move_amounts_between_assets_only()
    {
        var moved = 0;
        Each(books =>
        {
            foreach (var line in books.Postings.Where(entry => entry.Entry.Event is TermsAdopted)
                .SelectMany(entry => entry.Postings))
            {
                moved++;
                var heading = ChartOfAccounts.Of(line.Account).Heading;
                (heading is ChartHeading.DigitalAssets or ChartHeading.Cash or ChartHeading.BasisMissing
                    || BigInteger.Abs(line.Amount.Attos) < 100).ShouldBeTrue();
            }
        });
        moved.ShouldBeGreaterThan(20);
    }

    private static void Each(Action<RandomBooks> law)
    {
        foreach (var books in RandomBooks.Some(1, Histories))
        {
            try
            {
                law(books);
            }
            catch (Exception broken) when (broken is ShouldAssertException or InvalidOperationException)
            {
                throw new ShouldAssertException($"{books.Named}: {broken.Message}", broken);
            }
        }
    }

    private static IEnumerable<Posting> Lines(RandomBooks books, params ChartHeading[] headings) =>
        books.Postings.SelectMany(entry => entry.Postings)
            .Where(line => headings.Contains(ChartOfAccounts.Of(line.Account).Heading));

    /// <summary>What rows of the book explain; where terms change there are none.</summary>
    private static BigInteger Amount(RandomBooks books, ChartAccount account) => Sum(books.Postings
        .Where(entry => entry.Entry.Event is not TermsAdopted)
        .SelectMany(entry => entry.Postings)
        .Where(line => line.Account == account)
        .Select(line => line.Amount.Attos));

    private static BigInteger Income(Book book, IncomeKind kind) => Sum(book.Incomes
        .Where(income => income.Kind == kind)
        .Select(income => income.Value?.Attos ?? 0));

    private static BigInteger Expense(Book book, ExpenseKind kind) => Sum(book.Expenses
        .Where(expense => expense.Kind == kind)
        .Select(expense => expense.Value?.Attos ?? 0));

    private static BigInteger Sum(IEnumerable<BigInteger> parts) =>
        parts.Aggregate(BigInteger.Zero, (sum, part) => sum + part);
}
