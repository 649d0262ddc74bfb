using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Loans;

/// <summary>What happens at indexed positions beside supply and debt, terms of loans, and locks.</summary>
public static class PositionRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<TouchPosition>(
            "interest-bookings", "Book the interest of an indexed position",
            new Example("both sides", """
                {
                  "effectiveAt": "2026-01-08T00:00:00Z",
                  "position": "aave-2",
                  "sides": [
                    {
                      "asset": "WETH",
                      "side": "supply",
                      "touch": { "index": "1.051", "indexBefore": "1.05", "scaledBefore": "0.95238095238095238" }
                    },
                    {
                      "asset": "USDT",
                      "side": "debt",
                      "touch": { "index": "1.081", "indexBefore": "1.08", "scaledBefore": "925.925926" }
                    }
                  ]
                }
                """)),
        CommandRoute.Of<TransferSupply>(
            "supply-transfers", "Record that supplied units went from one indexed position to another",
            new Example("aTokens to another wallet", """
                {
                  "effectiveAt": "2026-01-08T01:00:00Z",
                  "from": "aave-2",
                  "to": "aave-3",
                  "asset": "WETH",
                  "quantity": "0.1",
                  "fromTouch": { "index": "1.051", "indexBefore": "1.051", "scaledBefore": "0.95238095238095238" },
                  "toTouch": { "index": "1.051" }
                }
                """)),
        CommandRoute.Of<ForgiveDebt>(
            "debt-reliefs", "Record that a lender gave up debt",
            new Example("deficit", """
                {
                  "effectiveAt": "2026-01-08T02:00:00Z",
                  "position": "aave-2",
                  "asset": "USDT",
                  "quantity": "10",
                  "touch": { "index": "1.081", "indexBefore": "1.081", "scaledBefore": "925.925926" }
                }
                """)),
        CommandRoute.Of<ChooseEMode>(
            "emode-choices", "Record the efficiency mode that a position chose",
            new Example("mode", """
                { "effectiveAt": "2026-01-08T03:00:00Z", "position": "aave-3", "category": 1 }
                """)),
        CommandRoute.Of<SwitchCollateral>(
            "collateral-switches", "Record whether a supply is collateral",
            new Example("on", """
                { "effectiveAt": "2026-01-08T03:00:00Z", "position": "aave-3", "asset": "WETH", "isCollateral": true }
                """)),
        CommandRoute.Of<AgreeLoanTerms>(
            "loan-terms", "Record the terms of a collateralized loan",
            new Example("bilateral", """
                {
                  "effectiveAt": "2026-01-08T04:00:00Z",
                  "position": "loan-1",
                  "rate": "0.09",
                  "days": "actual360",
                  "marginCallLoanToValue": "0.7",
                  "liquidationLoanToValue": "0.8",
                  "maturesAt": "2026-07-01T00:00:00Z",
                  "recallNoticeDays": 30
                }
                """)),
        CommandRoute.Of<LockUnits>(
            "unit-locks", "Record that units cannot leave before an instant",
            new Example("unstaking", """
                {
                  "effectiveAt": "2026-01-08T05:00:00Z",
                  "account": "wallet",
                  "asset": "ETH",
                  "quantity": "1",
                  "until": "2026-01-20T00:00:00Z"
                }
                """)),
        // Of a market book; here, because what is registered comes before positions and this after them.
        CommandRoute.Of<RecordReserveUse>(
            [JournalKind.MarketBook], "reserve-uses", "Record how far a reserve is used by all",
            new Example("totals", """
                {
                  "effectiveAt": "2026-01-08T06:00:00Z",
                  "market": "aave-v3-ethereum",
                  "asset": "WETH",
                  "supplied": "2900000",
                  "borrowed": "2600000",
                  "available": "300000"
                }
                """)),
    ];
}
