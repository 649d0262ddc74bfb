using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Holding;

/// <summary>How holdings begin, grow by capital and yield, and shrink by fees.</summary>
public static class HoldingRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<OpenBalances>(
            "opening-balances", "Say what was held and owed when the journal begins",
            new Example("lots with their original cost", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "lots": [
                    {
                      "account": "wallet",
                      "asset": "ETH",
                      "quantity": "100",
                      "acquiredAt": "2025-03-01T09:30:00Z",
                      "cost": { "currency": "USD", "amount": "210000.00" }
                    },
                    {
                      "account": "bank",
                      "asset": "USD",
                      "quantity": "500000.00",
                      "acquiredAt": "2026-01-01T00:00:00Z"
                    }
                  ],
                  "debts": [{ "account": "aave-1", "asset": "USDT", "quantity": "1000" }]
                }
                """)),
        CommandRoute.Of<ContributeCapital>(
            "capital-contributions", "Record capital that owners put in",
            new Example("money", """
                { "effectiveAt": "2026-01-02T08:00:00Z", "account": "bank", "asset": "USD", "quantity": "100000.00" }
                """)),
        CommandRoute.Of<ReceiveYield>(
            "yields", "Record units that came as yield",
            new Example("staking reward", """
                { "effectiveAt": "2026-01-05T06:00:00Z", "account": "wallet", "asset": "ETH", "quantity": "0.05" }
                """)),
        CommandRoute.Of<PayFee>(
            "fees", "Record a fee that belongs to no other entry",
            new Example("gas", """
                { "effectiveAt": "2026-01-05T06:30:00Z", "account": "wallet", "asset": "ETH", "quantity": "0.0021" }
                """)),
    ];
}
