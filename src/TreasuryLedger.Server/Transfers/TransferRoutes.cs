using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Transfers;

/// <summary>How units move between the treasury's own accounts.</summary>
public static class TransferRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<TransferAsset>(
            "transfers", "Record or instruct a transfer between two accounts",
            new Example("at once", """
                {
                  "effectiveAt": "2026-01-05T10:00:00Z",
                  "from": "exchange",
                  "to": "wallet",
                  "asset": "ETH",
                  "quantity": "6",
                  "fees": [{ "account": "exchange", "asset": "ETH", "quantity": "0.001" }]
                }
                """)),
        CommandRoute.Of<TransferToExchange>(
            "transfers-to-exchange", "Record or instruct a transfer to an exchange",
            new Example("in transit", """
                {
                  "effectiveAt": "2026-01-05T11:00:00Z",
                  "fact": "ethereum:0x5c50:0",
                  "sourceOrder": "24170000.17",
                  "from": "wallet",
                  "to": "exchange",
                  "asset": "ETH",
                  "quantity": "10",
                  "inTransit": true,
                  "expectedBy": "2026-01-05T12:00:00Z"
                }
                """)),
        CommandRoute.Of<ConfirmArrival>(
            "arrivals", "Record that units of a transfer arrived",
            new Example("all of it", """
                { "effectiveAt": "2026-01-05T11:06:00Z", "transfer": "ethereum:0x5c50:0", "quantity": "10" }
                """)),
        CommandRoute.Of<HandOverUnits>(
            "handovers", "Record that units went to another treasury of the same owners",
            new Example("from the exchange", """
                {
                  "effectiveAt": "2026-01-05T12:00:00Z",
                  "fact": "ethereum:0x77aa:0",
                  "from": "exchange",
                  "treasury": "second",
                  "asset": "ETH",
                  "quantity": "0.5"
                }
                """)),
    ];

    /// <summary>What comes from other treasuries.</summary>
    public static CommandRoute[] Incoming =>
    [
        CommandRoute.Of<TakeOverUnits>(
            "takeovers", "Record that units came from another treasury of the same owners",
            new Example("with date and cost", """
                {
                  "effectiveAt": "2026-02-20T12:00:00Z",
                  "fact": "ethereum:0x88bb:0",
                  "to": "wallet",
                  "treasury": "second",
                  "asset": "ETH",
                  "quantity": "0.75",
                  "lots": [
                    {
                      "quantity": "0.5",
                      "acquiredAt": "2025-03-01T09:00:00Z",
                      "cost": { "currency": "USD", "amount": "1050" }
                    },
                    {
                      "quantity": "0.25",
                      "acquiredAt": "2025-11-20T09:00:00Z",
                      "cost": { "currency": "USD", "amount": "700.01" }
                    }
                  ]
                }
                """)),
    ];
}
