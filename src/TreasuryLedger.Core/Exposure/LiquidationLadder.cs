using System.Collections.Immutable;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Exposure;

/// <summary>One position on the ladder: at this price and below it may be liquidated.</summary>
/// <param name="Price">Its liquidation price, currency per token.</param>
/// <param name="Account">The position.</param>
/// <param name="Collateral">Its units of the asset.</param>
/// <param name="Debt">Its debt value.</param>
/// <param name="CollateralSoFar">Units of this rung and all above it, which fall first.</param>
/// <param name="DebtSoFar">Debt value of this rung and all above it.</param>
/// <param name="AmountAtRung">What the units so far are worth at this rung's price.</param>
public sealed record LadderRung(
    ExactDecimal Price,
    AccountId Account,
    Quantity Collateral,
    Amount Debt,
    Quantity CollateralSoFar,
    Amount DebtSoFar,
    Amount AmountAtRung);

/// <summary>
/// The positions in the order in which a falling price of one asset would reach them, the first to fall first. A lender
/// liquidates each position alone, so this, not an average, is how close liquidation is.
/// </summary>
public static class LiquidationLadder
{
    /// <summary>The rungs, highest price first; ties in the order of account ids.</summary>
    /// <param name="positions">Positions; those without a liquidation price in the asset have no rung.</param>
    /// <param name="asset">The collateral asset whose price falls.</param>
    /// <param name="decimals">Its decimals.</param>
    public static ImmutableArray<LadderRung> Of(
        IEnumerable<LendingPosition> positions, AssetId asset, int decimals)
    {
        var rungs = ImmutableArray.CreateBuilder<LadderRung>();
        var (units, debt) = (Quantity.Zero, Amount.Zero);
        var reached = positions
            .Select(position => (Position: position, Price: position.LiquidationPrice(asset, decimals)))
            .Where(rung => rung.Price is not null && rung.Position.Account is not null)
            .OrderByDescending(rung => rung.Price!.Value)
            .ThenBy(rung => rung.Position.Account!.Value);
        foreach (var (position, price) in reached)
        {
            var own = position.Collateral.Single(item => item.Asset == asset).Quantity;
            units += own;
            debt += position.DebtAmount!.Value;
            rungs.Add(new LadderRung(
                price!.Value,
                position.Account!.Value,
                own,
                position.DebtAmount.Value,
                units,
                debt,
                Amount.Of(units, decimals, price.Value)));
        }

        return rungs.ToImmutable();
    }
}
