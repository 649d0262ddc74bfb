using System.Collections.Immutable;
using System.Numerics;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Model;

namespace TreasuryLedger.Core.Tests.Postings;

/// <summary>Laws of trial balance, general ledger and roll-forward over random histories.</summary>
public sealed class PostingStatementTests
{
    private const int Histories = 300;

    [Fact]
    public void a_trial_balance_is_even_before_rounding_and_with_its_rounding_line() => Each((books, digits) =>
    {
        var balance = TrialBalance.Of(PostingTotals.Of(books.Postings), digits);

        balance.Exact.Balances.Values.Aggregate(Amount.Zero, (sum, one) => sum + one.Amount).ShouldBe(Amount.Zero);
        (balance.Debit + balance.Rounding).ShouldBe(balance.Credit);
        balance.Rows.ShouldAllBe(row => row.Balance == row.Balance.RoundTo(digits));
        balance.Rows.Aggregate(Amount.Zero, (sum, row) => sum + row.Debit).ShouldBe(balance.Debit);
        var halfOfTheLastDigit = BigInteger.Pow(10, 18 - digits) / 2;
        BigInteger.Abs(balance.Rounding.Attos).ShouldBeLessThanOrEqualTo(balance.Rows.Length * halfOfTheLastDigit);
        balance.Exact.AmountOf(ChartHeading.DigitalAssets).ShouldBe(books.Answer.State.CostOpen);
        balance.Exact.AmountOf(ChartHeading.RealizedGains).ShouldBe(-books.Answer.State.RealizedGain);
    });

    [Fact]
    public void a_general_ledger_opens_with_the_balance_before_and_closes_with_the_balance_after() => Each((books, _) =>
    {
        var ledger = GeneralLedger.Of(books.Lines, new PostingFilter(), PostingPage.All);
        var before = PostingTotals.Of(books.PostingsAt(books.Earlier)).Balances;
        var after = PostingTotals.Of(books.Postings).Balances;

        ledger.LinesLeft.ShouldBe(0);
        var totals = PostingTotals.Of(books.Postings);
        (ledger.Unvalued, ledger.BasisMissing).ShouldBe((totals.Unvalued, totals.BasisMissing));
        foreach (var section in ledger.Sections)
        {
            section.Opening.ShouldBe(before.GetValueOrDefault(section.Ledger));
            section.Closing.ShouldBe(after.GetValueOrDefault(section.Ledger));
            var running = section.Opening;
            foreach (var line in section.Lines)
            {
                line.Source.At.ShouldBeGreaterThan(books.Earlier);
                running = running.With(line.Posting);
                (line.Balance.Quantity, line.Balance.Amount).ShouldBe((running.Quantity, running.Amount));
            }
        }

        after.Where(balance => !balance.Value.Amount.IsZero || !balance.Value.Quantity.IsZero)
            .Select(balance => balance.Key).Except(ledger.Sections.Select(section => section.Ledger)).ShouldBeEmpty();
    });

    [Fact]
    public void a_filter_leaves_out_what_it_says_and_pages_have_the_balances_of_the_whole() => Each((books, digits) =>
    {
        var whole = GeneralLedger.Of(books.Lines, new PostingFilter(), PostingPage.All);
        foreach (var filter in new[]
        {
            new PostingFilter(Place: World.Wallet), new PostingFilter(Asset: AssetId.Parse("ETH")),
            new PostingFilter(Account: ChartAccount.Cash), new PostingFilter(Heading: ChartHeading.DigitalAssets),
        })
        {
            GeneralLedger.Of(books.Lines, filter, PostingPage.All).Sections
                .SelectMany(section => section.Lines).Select(line => (line.Source, line.Posting))
                .ShouldBe(whole.Sections.SelectMany(section => section.Lines)
                    .Where(line => filter.Passes(line.Posting)).Select(line => (line.Source, line.Posting)));
        }

        var lines = whole.Sections.Sum(section => section.Lines.Length);
        for (var skip = 0; skip <= lines; skip += digits + 1)
        {
            var page = GeneralLedger.Of(books.Lines, new PostingFilter(), new PostingPage(skip, digits + 1));
            page.Sections.Sum(section => section.Lines.Length).ShouldBe(Math.Min(lines - skip, digits + 1));
            page.LinesLeft.ShouldBe(Math.Max(0, lines - skip - digits - 1));
            page.Sections.SelectMany(section => section.Lines).ShouldBeSubsetOf(
                whole.Sections.SelectMany(section => section.Lines));
        }
    });

    [Fact]
    public void opening_and_movements_are_closing_in_units_and_cost() => Each((books, digits) =>
    {
        foreach (var row in Roll(books, books.Earlier, books.Question.AsOf).Rows)
        {
            row.Movements.Aggregate(row.OpeningQuantity, (sum, movement) => sum + movement.Quantity)
                .ShouldBe(row.ClosingQuantity);
            row.Movements.Aggregate(row.OpeningCost, (sum, movement) => sum + movement.Cost)
                .ShouldBe(row.ClosingCost);
            (row.CostRounding, row.GainRounding).ShouldBe((Amount.Zero, Amount.Zero));
            row.Movements.ShouldAllBe(movement => movement.Kind == RollForwardKind.Converted
                || movement.Quantity.Sign == (movement.Kind == RollForwardKind.Rematched ? 0
                    : movement.Kind < RollForwardKind.Converted ? 1 : -1));
            // What was there before the span costs otherwise by as much as disposals before it took otherwise.
            Rematched(row).ShouldBe(Taken(books.BookAt(books.Earlier), row) - Taken(books.Book, row));
            var printed = row.RoundTo(digits);
            printed.Movements.Aggregate(printed.OpeningCost + printed.CostRounding, (sum, one) => sum + one.Cost)
                .ShouldBe(printed.ClosingCost);
            (printed.Gains + printed.Losses + printed.GainRounding).ShouldBe(printed.RealizedGain);
        }

        Amount Taken(Book book, RollForwardRow row) => book.Disposals
            .Where(disposal => disposal.Pool == row.Asset && disposal.At <= books.Earlier)
            .Aggregate(Amount.Zero, (sum, disposal) => sum + disposal.MatchedCost);
    });

    [Fact]
    public void a_roll_forward_begins_and_ends_with_the_books_and_has_each_asset_once() => Each((books, _) =>
    {
        var roll = Roll(books, books.Earlier, books.Question.AsOf);

        roll.Rows.Select(row => row.Asset).ShouldBeUnique();
        Ends(roll, row => (row.OpeningQuantity, row.OpeningCost)).ShouldBe(Ends(books.Before));
        Ends(roll, row => (row.ClosingQuantity, row.ClosingCost)).ShouldBe(Ends(books.Answer.State));
    });

    [Fact]
    public void spans_that_follow_each_other_add_up() => Each((books, _) =>
    {
        var whole = Roll(books, default, books.Question.AsOf);
        var first = Roll(books, default, books.Earlier);
        var second = Roll(books, books.Earlier, books.Question.AsOf);
        var isRematched = books.Before.Policy.IsWindowed;

        Sums(first, second).ShouldBe(Sums(whole), ignoreOrder: true);
        // Cost that disposals of the first span gave back is gain of the whole.
        if (whole.Rows.Concat(first.Rows).Concat(second.Rows).All(row => row.Incomplete == 0) || !isRematched)
        {
            Gains(first).Concat(Gains(second)).Concat(second.Rows.Select(Rematched))
                .Aggregate(Amount.Zero, (sum, one) => sum + one)
                .ShouldBe(Gains(whole).Aggregate(Amount.Zero, (sum, one) => sum + one));
        }

        foreach (var row in second.Rows.Where(row => first.Rows.Any(one => one.Asset == row.Asset)))
        {
            var before = first.Rows.Single(one => one.Asset == row.Asset);
            (row.OpeningQuantity, row.OpeningCost).ShouldBe((before.ClosingQuantity, before.ClosingCost));
        }

        static IEnumerable<Amount> Gains(RollForward roll) => roll.Rows.Select(row => row.RealizedGain);
        // What the second span gave back was taken in the first one, for whatever that was.
        IEnumerable<(AssetId, RollForwardKind, Quantity, Amount)> Sums(params RollForward[] rolls) =>
            from roll in rolls
            from row in roll.Rows
            from movement in row.Movements
            let isTaken = isRematched && movement.Kind > RollForwardKind.Converted
            group movement by (row.Asset, Kind: isTaken ? RollForwardKind.Rematched : movement.Kind) into all
            let units = all.Aggregate(Quantity.Zero, (sum, one) => sum + one.Quantity)
            let cost = all.Aggregate(Amount.Zero, (sum, one) => sum + one.Cost)
            where !units.IsZero || !cost.IsZero || !isRematched
            select (all.Key.Asset, all.Key.Kind, units, cost);
    });

    [Fact]
    public void gains_and_losses_are_the_realized_gains_of_the_span_as_printed() => Each((books, digits) =>
    {
        var roll = Roll(books, books.Earlier, books.Question.AsOf).RoundTo(digits);
        var span = new Period("span", books.Earlier.Plus(1), Instant.Max);
        var gains = RealizedGains.Of(books.Book, [span], digits);

        roll.Rows.Where(row => !row.Proceeds.IsZero || !row.CostBasis.IsZero || row.Incomplete > 0)
            .Select(row => (row.Asset, row.Proceeds, row.CostBasis, row.RealizedGain, row.Incomplete))
            .ShouldBe(gains.Rows
                .Where(row => row.Figures is not { Proceeds.IsZero: true, CostBasis.IsZero: true, Incomplete: 0 })
                .Select(row => (
                    row.Asset, row.Figures.Proceeds, row.Figures.CostBasis, row.Figures.Gain, row.Figures.Incomplete)));
    });

    private static void Each(Action<RandomBooks, int> law)
    {
        foreach (var (number, books) in RandomBooks.Some(1, Histories).Index())
        {
            try
            {
                law(books, number % 5);
            }
            catch (ShouldAssertException broken)
            {
                throw new ShouldAssertException($"{books.Named}: {broken.Message}", broken);
            }
        }
    }

    private static Amount Rematched(RollForwardRow row) => row.Movements
        .Where(movement => movement.Kind == RollForwardKind.Rematched)
        .Aggregate(Amount.Zero, (sum, movement) => sum + movement.Cost);

    private static RollForward Roll(RandomBooks books, Instant from, Instant through)
    {
        var question = books.Question with { AsOf = through };
        var (before, after) = (books.History.At(question with { AsOf = from }), books.History.At(question));
        return RollForward.Of(before.State, books.History.Between(from, question), after.State);
    }

    private static IEnumerable<(AssetId, Quantity, Amount)> Ends(
        RollForward roll, Func<RollForwardRow, (Quantity Units, Amount Cost)> of) =>
        from row in roll.Rows
        let end = of(row)
        where !end.Units.IsZero || !end.Cost.IsZero
        select (row.Asset, end.Units, end.Cost);

    private static ImmutableArray<(AssetId, Quantity, Amount)> Ends(BookState state) =>
    [
        .. from pool in state.Pools()
           group pool by pool.Pool into pools
           let units = pools.Aggregate(Quantity.Zero, (sum, one) => sum + one.Balance)
           let cost = pools.Aggregate(Amount.Zero, (sum, one) => sum + one.OpenCost)
           where !units.IsZero || !cost.IsZero
           orderby pools.Key
           select (pools.Key, units, cost),
    ];
}
