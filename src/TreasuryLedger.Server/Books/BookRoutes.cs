using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Books;

/// <summary>
/// How prices and the terms of lending markets are recorded, in books that a tenant's treasuries share.
/// </summary>
public static class BookRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<RecordPrice>(
            [JournalKind.PriceBook], "prices", "Record a price",
            new Example("close of a session", """
                {
                  "effectiveAt": "2026-01-05T00:00:00Z",
                  "fact": "exchange:eth-usd:2026-01-04",
                  "asset": "ETH",
                  "currency": "USD",
                  "price": "2500.10",
                  "session": { "open": "2450", "high": "2533.5", "low": "2441.07" },
                  "evidence": { "source": "exchange", "reference": "https://example.org/eth-usd", "quality": "fact" }
                }
                """),
            new Example("later price", """
                { "effectiveAt": "2026-01-06T12:00:00Z", "asset": "ETH", "currency": "USD", "price": "2700" }
                """)),
        CommandRoute.Of<RecordMarketState>(
            [JournalKind.MarketBook], "states", "Record the terms of an asset in a lending market",
            new Example("terms", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "market": "aave-v3-ethereum",
                  "asset": "WETH",
                  "loanToValueMax": "0.80",
                  "liquidationThreshold": "0.83",
                  "liquidationBonus": "0.05",
                  "borrowRate": "0.0261",
                  "supplyRate": "0.0184"
                }
                """)),
    ];
}
