using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Wraps;

/// <summary>How units become units of a stand-in, and back.</summary>
public static class WrapRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<WrapAsset>(
            "wraps", "Record or instruct a wrap",
            new Example("ETH to WETH", """
                {
                  "effectiveAt": "2026-01-05T12:30:00Z",
                  "account": "wallet",
                  "fromAsset": "ETH",
                  "toAsset": "WETH",
                  "quantity": "30"
                }
                """)),
        CommandRoute.Of<UnwrapAsset>(
            "unwraps", "Record or instruct an unwrap",
            new Example("WETH to ETH", """
                {
                  "effectiveAt": "2026-01-05T12:45:00Z",
                  "account": "wallet",
                  "fromAsset": "WETH",
                  "toAsset": "ETH",
                  "quantity": "5"
                }
                """)),
    ];
}
