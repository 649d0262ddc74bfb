using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Registration;

/// <summary>How accounts and assets are registered.</summary>
public static class RegistrationRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<RegisterAccount>(
            "accounts", "Register an account",
            new Example("wallet", """
                { "effectiveAt": "2026-01-01T00:00:00Z", "account": "wallet", "kind": "wallet", "venue": "own keys" }
                """),
            new Example("exchange", """
                { "effectiveAt": "2026-01-01T00:00:00Z", "account": "exchange", "kind": "exchange", "venue": "kraken" }
                """),
            new Example("bank", """
                { "effectiveAt": "2026-01-01T00:00:00Z", "account": "bank", "kind": "bank", "venue": "first bank" }
                """),
            new Example("lending position", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "account": "aave-1",
                  "kind": "lendingPosition",
                  "venue": "aave",
                  "market": "aave-v3-ethereum"
                }
                """),
            new Example("position with an index", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "account": "aave-2",
                  "kind": "lendingPosition",
                  "venue": "aave",
                  "market": "aave-v3-ethereum"
                }
                """),
            new Example("another one", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "account": "aave-3",
                  "kind": "lendingPosition",
                  "venue": "aave",
                  "market": "aave-v3-ethereum"
                }
                """),
            new Example("loan between two parties", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "account": "loan-1",
                  "kind": "lendingPosition",
                  "venue": "desk"
                }
                """)),
        CommandRoute.Of<RegisterAsset>(
            "assets", "Register an asset",
            new Example("currency", """
                { "effectiveAt": "2026-01-01T00:00:00Z", "asset": "USD", "kind": "currency", "decimals": 2 }
                """),
            new Example("token", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "asset": "ETH",
                  "kind": "token",
                  "decimals": 18,
                  "chain": "ethereum"
                }
                """),
            new Example("stablecoin", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "asset": "USDT",
                  "kind": "stablecoin",
                  "decimals": 6,
                  "chain": "ethereum",
                  "contract": "0xdac17f958d2ee523a2206206994597c13d831ec7",
                  "parCurrency": "USD"
                }
                """),
            new Example("wrapped token", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "asset": "WETH",
                  "kind": "token",
                  "decimals": 18,
                  "chain": "ethereum",
                  "contract": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
                  "standsFor": { "asset": "ETH", "kind": "wrapped" }
                }
                """)),
    ];
}
