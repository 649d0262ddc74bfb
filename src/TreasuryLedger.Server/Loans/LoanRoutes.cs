using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Loans;

/// <summary>How lending positions take collateral, owe, and are liquidated.</summary>
public static class LoanRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<DepositCollateral>(
            "collateral-deposits", "Record or instruct a deposit of collateral",
            new Example("deposit", """
                {
                  "effectiveAt": "2026-01-05T13:00:00Z",
                  "from": "wallet",
                  "position": "aave-1",
                  "asset": "WETH",
                  "quantity": "20"
                }
                """),
            new Example("deposit with an index", """
                {
                  "effectiveAt": "2026-01-07T10:00:00Z",
                  "from": "wallet",
                  "position": "aave-2",
                  "asset": "WETH",
                  "quantity": "1",
                  "touch": { "index": "1.05" }
                }
                """)),
        CommandRoute.Of<Borrow>(
            "borrowings", "Record or instruct a borrowing",
            new Example("borrowing", """
                {
                  "effectiveAt": "2026-01-05T13:10:00Z",
                  "position": "aave-1",
                  "asset": "USDT",
                  "quantity": "20000",
                  "to": "wallet"
                }
                """),
            new Example("borrowing with an index", """
                {
                  "effectiveAt": "2026-01-07T10:00:00Z",
                  "position": "aave-2",
                  "asset": "USDT",
                  "quantity": "1000",
                  "to": "wallet",
                  "touch": { "index": "1.08" }
                }
                """)),
        CommandRoute.Of<AccrueInterest>(
            "interest-accruals", "Record interest by amount",
            new Example("owed", """
                {
                  "effectiveAt": "2026-01-06T00:00:00Z",
                  "position": "aave-1",
                  "asset": "USDT",
                  "quantity": "1.498",
                  "side": "debt"
                }
                """)),
        CommandRoute.Of<Repay>(
            "repayments", "Record or instruct a repayment",
            new Example("repayment", """
                {
                  "effectiveAt": "2026-01-06T08:00:00Z",
                  "position": "aave-1",
                  "asset": "USDT",
                  "quantity": "5000",
                  "from": "wallet"
                }
                """)),
        CommandRoute.Of<WithdrawCollateral>(
            "collateral-withdrawals", "Record or instruct a withdrawal of collateral",
            new Example("withdrawal", """
                {
                  "effectiveAt": "2026-01-06T09:00:00Z",
                  "position": "aave-1",
                  "to": "wallet",
                  "asset": "WETH",
                  "quantity": "1"
                }
                """)),
        CommandRoute.Of<RecordLiquidation>(
            "liquidations", "Record a liquidation",
            new Example("liquidation", """
                {
                  "effectiveAt": "2026-01-06T10:00:00Z",
                  "position": "aave-1",
                  "collateralAsset": "WETH",
                  "seizedQuantity": "0.42",
                  "debtAsset": "USDT",
                  "coveredQuantity": "1000",
                  "bonusQuantity": "0.018",
                  "protocolFeeQuantity": "0.002"
                }
                """)),
    ];
}
