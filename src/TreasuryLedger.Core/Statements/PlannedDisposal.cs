using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;

namespace TreasuryLedger.Core.Statements;

/// <summary>What a disposal would take and gain in a book, if it happened right after everything else.</summary>
/// <param name="Policy">The terms of the book then.</param>
/// <param name="Row">The disposal; absent if the book keeps the asset as cash.</param>
public sealed record PlannedDisposal(BookPolicy Policy, Disposal? Row)
{
    private static readonly FactId Fact = FactId.Parse("planned");

    /// <summary>Folds the disposal onto a book, which stays as it is.</summary>
    /// <param name="book">The book at the instant of the plan.</param>
    /// <param name="choice">Which book that is.</param>
    /// <param name="sold">What would be sold, and where.</param>
    /// <param name="proceeds">
    /// What it would bring, in the reporting currency; absent: what the price book says, if it says anything.
    /// </param>
    public static PlannedDisposal Of(TreasuryAt book, BookChoice choice, Leg sold, Amount? proceeds)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(sold);
        var at = book.Viewpoint.AsOf;
        var policy = book.State.Policy;
        var (value, _, state) = book.Valuer.Value(sold.Asset, sold.Quantity, at);
        LedgerEvent happens = (proceeds ?? (state == PriceState.Valid ? value : null)) is { } worth
            ? new AssetSold(sold, MoneyOf(worth, sold.Account, policy, book.Registers), [])
            : new FeePaid(sold);
        var rows = new BookRows();
        var fold = new BookFold(book.State, book.Registers, book.Prices, rows, choice);
        fold.Apply(new NarrowEntry
        {
            Position = long.MaxValue,
            EffectiveAt = at,
            RecordedAt = at,
            Fact = Fact,
            FactIsGiven = false,
            Event = happens,
        });
        fold.TellWaiting();
        return new PlannedDisposal(policy, rows.Disposals.FirstOrDefault(row => row.Entry == long.MaxValue));
    }

    /// <summary>Money in the smallest units of its currency, half a unit to the even one.</summary>
    private static Leg MoneyOf(Amount worth, AccountId account, BookPolicy policy, Registers registers)
    {
        var digits = Math.Min(registers.DecimalsOf(policy.ReportingCurrency), Amount.Decimals);
        var units = Rounding.DivideHalfEven(
            worth.Attos, System.Numerics.BigInteger.Pow(10, Amount.Decimals - digits));
        return new Leg(account, policy.ReportingCurrency, new Quantity(units));
    }
}
