using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Trading;

/// <summary>How assets are acquired and sold.</summary>
public static class TradingRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<AcquireAsset>(
            "acquisitions", "Record or instruct an acquisition",
            new Example("bought with money", """
                {
                  "effectiveAt": "2026-01-05T09:00:00Z",
                  "fact": "kraken:trade-1001",
                  "account": "exchange",
                  "asset": "ETH",
                  "quantity": "10",
                  "paidAccount": "bank",
                  "paidAsset": "USD",
                  "paidQuantity": "25001.00",
                  "fees": [{ "account": "bank", "asset": "USD", "quantity": "40.00" }],
                  "evidence": { "source": "kraken", "reference": "trade-1001", "quality": "fact" },
                  "reason": "Rebalancing of January."
                }
                """)),
        CommandRoute.Of<SellToExchange>(
            "sales", "Record or instruct a sale at an exchange",
            new Example("sold for money", """
                {
                  "effectiveAt": "2026-01-06T13:00:00Z",
                  "fact": "kraken:trade-1002",
                  "account": "exchange",
                  "asset": "ETH",
                  "quantity": "8",
                  "proceedsAsset": "USD",
                  "proceedsQuantity": "21600.00",
                  "fees": [{ "account": "exchange", "asset": "USD", "quantity": "34.56" }]
                }
                """),
            new Example("instruction", """
                {
                  "effectiveAt": "2026-01-07T00:00:00Z",
                  "fact": "desk:order-7",
                  "mode": "instruction",
                  "reserves": true,
                  "expiresAt": "2026-01-31T00:00:00Z",
                  "account": "exchange",
                  "asset": "ETH",
                  "quantity": "1",
                  "proceedsAsset": "USD",
                  "proceedsQuantity": "2700.00"
                }
                """)),
    ];
}
