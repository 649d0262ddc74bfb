using Shouldly;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Postings;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>
/// Double entry of the case: its trial balance and its roll-forward of February tie to the realized loss. The figures
/// stand here and nowhere in the program.
/// </summary>
public sealed class CaseStatementTests
{
    private const int Cents = 2;

    private static readonly Instant EndOfJanuary = Instant.Parse("2026-01-31T23:59:59.999999Z");
    private static readonly Instant EndOfFebruary = Instant.Parse("2026-02-28T23:59:59.999999Z");

    [Fact]
    public async Task the_trial_balance_shows_the_realized_loss_and_nothing_that_is_not_known()
    {
        var view = await CaseReplay.Treasury.Value;
        var before = Balance(view, EndOfJanuary);
        var after = Balance(view, EndOfFebruary);

        (after.Debit, after.Rounding).ShouldBe((after.Credit, Amount.Zero));
        (after.Exact.Unvalued, after.Exact.BasisMissing).ShouldBe((0, 0));
        before.BalanceOf(ChartHeading.RealizedGains).ShouldBe(Amount.Zero);
        Text(after.BalanceOf(ChartHeading.RealizedGains)).ShouldBe("746838053.99");
        Text(after.BalanceOf(ChartHeading.DigitalAssets)).ShouldBe("0");
        Text(after.BalanceOf(ChartHeading.Debt)).ShouldBe("0");
    }

    [Fact]
    public async Task the_roll_forward_of_february_goes_from_the_lots_of_january_to_those_left()
    {
        var view = await CaseReplay.Treasury.Value;
        var (january, february) = (At(view, EndOfJanuary), At(view, EndOfFebruary));
        var roll = RollForward.Of(january.State, february.HappenedAfter(EndOfJanuary), february.State).RoundTo(Cents);
        var row = roll.Rows.ShouldHaveSingleItem();

        (row.OpeningCost, row.ClosingCost).ShouldBe((january.State.CostOpen, february.State.CostOpen));
        Text(row.OpeningCost).ShouldBe("2086198689");
        var movement = row.Movements.ShouldHaveSingleItem();
        (movement.Kind, Text(movement.Cost)).ShouldBe((RollForwardKind.Sale, "-2086198689"));
        movement.Quantity.ToTokens(february.Registers.DecimalsOf(row.Asset)).ToString().ShouldBe("-651757");
        (Text(row.Proceeds), Text(row.RealizedGain)).ShouldBe(("1339360635.01", "-746838053.99"));
        (Text(row.Gains), Text(row.Losses)).ShouldBe(("1110000", "-747948053.99"));
        (row.CostRounding, row.GainRounding).ShouldBe((Amount.Zero, Amount.Zero));
        february.State.RealizedGain.RoundTo(Cents).ShouldBe(row.RealizedGain);
    }

    private static TrialBalance Balance(TreasuryView view, Instant asOf)
    {
        var at = At(view, asOf);
        var answer = new BookAnswer(at.State, at.Registers, at.Prices);
        return TrialBalance.Of(PostingTotals.Of(PostingFold.Of(answer, at.Happened)), Cents);
    }

    private static TreasuryAt At(TreasuryView view, Instant asOf) => TreasuryAt.Of(
        view.Treasury.Entries, view.Prices.Entries, view.Markets.Entries, new Viewpoint(asOf, view.KnownAt));

    private static string Text(Amount amount) => amount.ToString();
}
