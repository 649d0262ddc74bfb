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
        CommandRoute.Of<SetMarketVersion>(
            [JournalKind.MarketBook], "versions", "Record which version of its contracts a market runs",
            new Example("version", """
                { "effectiveAt": "2026-01-01T00:00:00Z", "market": "aave-v3-ethereum", "version": "3.6" }
                """)),
        CommandRoute.Of<RecordReserve>(
            [JournalKind.MarketBook], "reserves", "Record the indices and rates of a reserve",
            new Example("update", """
                {
                  "effectiveAt": "2026-01-06T12:00:00Z",
                  "market": "aave-v3-ethereum",
                  "asset": "WETH",
                  "liquidityIndex": "1.05",
                  "variableBorrowIndex": "1.06",
                  "liquidityRate": "0.0184",
                  "variableBorrowRate": "0.0261"
                }
                """)),
        CommandRoute.Of<ConfigureReserve>(
            [JournalKind.MarketBook], "reserve-configurations", "Record how a reserve is configured",
            new Example("fee and caps", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "market": "aave-v3-ethereum",
                  "asset": "WETH",
                  "protocolFee": "0.1",
                  "reserveFactor": "0.15",
                  "supplyCap": "3800000",
                  "borrowCap": "3600000",
                  "isPaused": false
                }
                """)),
        CommandRoute.Of<ConfigureEMode>(
            [JournalKind.MarketBook], "emodes", "Record an efficiency mode of a market",
            new Example("mode", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "market": "aave-v3-ethereum",
                  "category": 1,
                  "loanToValueMax": "0.93",
                  "liquidationThreshold": "0.95",
                  "liquidationBonus": "0.01",
                  "collateral": ["WETH"],
                  "borrowable": ["WETH"]
                }
                """)),
    ];
}
