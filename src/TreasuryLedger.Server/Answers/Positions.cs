using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Loans;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Server.Answers.Exposure;

namespace TreasuryLedger.Server.Answers;

/// <summary>Collateral or debt of one asset.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Quantity">Whole tokens.</param>
/// <param name="Price">The price used, or the latest one, which was too old.</param>
/// <param name="PriceState">Whether the price was valid.</param>
/// <param name="Value">What it is worth; absent without a valid price.</param>
/// <param name="LiquidationThreshold">Of collateral: loan-to-value at which it may be liquidated, if the market book
/// has it.</param>
/// <param name="LiquidationPrice">Of collateral: at this price and below the position may be liquidated while all other
/// prices stay, if there is one.</param>
/// <param name="Accrued">Whole tokens of them that came with interest since units were booked last; absent where
/// nothing accrues.</param>
public sealed record PositionItem(
    AssetId Asset,
    ExactDecimal Quantity,
    PriceRow? Price,
    PriceState PriceState,
    Amount? Value,
    ExactDecimal? LiquidationThreshold,
    ExactDecimal? LiquidationPrice,
    ExactDecimal? Accrued);

/// <summary>A lending position.</summary>
/// <param name="Account">The position; absent for all of them together.</param>
/// <param name="Market">The market whose terms it has; absent if it has none, or for several.</param>
/// <param name="Collateral">By asset.</param>
/// <param name="Debts">By asset.</param>
/// <param name="CollateralValue">Worth of all collateral; absent with a gap.</param>
/// <param name="DebtValue">Worth of all debt; absent with a gap.</param>
/// <param name="LoanToValue">Debt for each unit of collateral value, rounded down at 18 digits.</param>
/// <param name="HealthFactor">Below 1 it may be liquidated, by the contract's arithmetic; absent without debt.</param>
/// <param name="Gaps">What keeps figures from being complete.</param>
public sealed record PositionRow(
    AccountId? Account,
    string? Market,
    ImmutableArray<PositionItem> Collateral,
    ImmutableArray<PositionItem> Debts,
    Amount? CollateralValue,
    Amount? DebtValue,
    ExactDecimal? LoanToValue,
    ExactDecimal? HealthFactor,
    ImmutableArray<PositionGap> Gaps);

/// <summary>A rung of the ladder: at this price and below it, this position may be liquidated.</summary>
/// <param name="Asset">The collateral asset whose price falls.</param>
/// <param name="Price">The position's liquidation price.</param>
/// <param name="Account">The position.</param>
/// <param name="Collateral">Its whole tokens of the asset.</param>
/// <param name="Debt">Its debt value at this price.</param>
/// <param name="CollateralSoFar">Whole tokens of this rung and of those above it.</param>
/// <param name="DebtSoFar">Debt value of this rung and of those above it.</param>
/// <param name="ValueAtRung">What the tokens so far are worth at this price.</param>
public sealed record LadderRow(
    AssetId Asset,
    ExactDecimal Price,
    AccountId Account,
    ExactDecimal Collateral,
    Amount Debt,
    ExactDecimal CollateralSoFar,
    Amount DebtSoFar,
    Amount ValueAtRung);

/// <summary>Lending positions, alone and together, and the order in which a falling price reaches them.</summary>
/// <param name="Viewpoint">Where the answer stands.</param>
/// <param name="Positions">By account.</param>
/// <param name="Together">All of them added up: the figure that trackers publish. Lenders look at each alone.</param>
/// <param name="Ladder">By asset, then from the highest price down.</param>
public sealed record PositionsAnswer(
    Standpoint Viewpoint,
    ImmutableArray<PositionRow> Positions,
    PositionRow? Together,
    ImmutableArray<LadderRow> Ladder)
{
    /// <summary>The answer.</summary>
    public static PositionsAnswer Of(Seen seen)
    {
        var positions = seen.At.Positions;
        var accounts = SeenExposure.AccountsOf(seen, null, seen.At);
        var assets = positions.SelectMany(position => position.Collateral).Select(item => item.Asset).Distinct();
        ImmutableArray<PositionRow> rows =
        [
            .. positions.Select((position, place) =>
                Row(seen, position, PositionFigures.Of(position, accounts, place))),
        ];
        return new PositionsAnswer(
            seen.Standpoint,
            rows,
            rows switch
            {
                [] => null,
                [var only] => only with { Account = null },
                _ => Row(seen, LendingPositions.Together(positions), null),
            },
            [.. assets.Order().SelectMany(asset => Rungs(seen, accounts, asset))]);
    }

    private static PositionRow Row(Seen seen, LendingPosition position, PositionFigures? alone) => new(
        position.Account,
        position.Market,
        [
            .. position.Collateral.Select(item => Item(seen, item.Asset, item.Quantity, item.Valuation, item.Side) with
            {
                LiquidationThreshold = item.LiquidationThreshold,
                LiquidationPrice = alone is { } own
                    ? own.LiquidationPrice(item.Asset)
                    : position.LiquidationPrice(item.Asset, seen.At.Registers.DecimalsOf(item.Asset)),
            }),
        ],
        [.. position.Debts.Select(item => Item(seen, item.Asset, item.Quantity, item.Valuation, item.Side))],
        position.CollateralAmount,
        position.DebtAmount,
        alone is null ? position.LoanToValue : alone.LoanToValue,
        alone is null ? position.HealthFactor : alone.HealthFactor,
        alone is null ? position.Gaps : alone.Gaps);

    private static PositionItem Item(
        Seen seen, AssetId asset, Quantity quantity, Valuation valuation, SideUnits? side) => new(
        asset,
        seen.Tokens(asset, quantity),
        PriceRow.Of(valuation.Price, seen.Standpoint.AsOf),
        valuation.State,
        valuation.Value,
        LiquidationThreshold: null,
        LiquidationPrice: null,
        side?.Accrued is { } accrued ? seen.Tokens(asset, accrued) : null);

    private static IEnumerable<LadderRow> Rungs(Seen seen, PositionAccounts accounts, AssetId asset) =>
        LadderAnswer.Rows(
            AaveLadder.Of(accounts.Whole, accounts.ReserveOf(asset)),
            units => seen.Tokens(asset, new Quantity(units)))
            .Select(rung => new LadderRow(
                asset, rung.Price, rung.Account, rung.Collateral, rung.Debt, rung.CollateralSoFar, rung.DebtSoFar,
                rung.ValueSoFar));

    /// <summary>The figures of a position alone: those that exposure shows.</summary>
    private sealed record PositionFigures(
        ExactDecimal? LoanToValue,
        ExactDecimal? HealthFactor,
        Func<AssetId, ExactDecimal?> LiquidationPrice,
        ImmutableArray<PositionGap> Gaps)
    {
        public static PositionFigures Of(LendingPosition position, PositionAccounts accounts, int place)
        {
            var found = accounts.All[place];
            if (found.Account is not { } account)
            {
                return new PositionFigures(
                    position.LoanToValue, null, _ => null,
                    [
                        .. position.Gaps.Concat(found.Gaps.Select(gap => gap.OfPosition()).OfType<PositionGap>())
                            .Distinct().Order(),
                    ]);
            }

            var data = AccountData.Of(account);
            return new PositionFigures(
                Shown.LoanToValue(data),
                Shown.Wad(data.HealthFactor),
                asset => Shown.Level(LiquidationLevels.Of(account, accounts.ReserveOf(asset))),
                position.Gaps);
        }
    }
}
