using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Policies;

/// <summary>How books come to their terms.</summary>
public static class PolicyRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<AdoptTerms>(
            "books", "Adopt terms for a book from a day on",
            new Example("a book of its own", """
                {
                  "effectiveAt": "2026-01-03T16:00:00Z",
                  "book": "management",
                  "terms": {
                    "lotMethod": "hifo",
                    "basisScope": "universal",
                    "stablecoins": "cashAtPar",
                    "incomeBasis": "fairValue",
                    "priceAgeMaxSeconds": 172800
                  },
                  "reason": "Resolved by the board on 2 January."
                }
                """)),
        CommandRoute.Of<AllocateBasis>(
            "basis-allocations", "Allocate the lots of a book to accounts, once and for all",
            new Example("by a rule", """
                {
                  "effectiveAt": "2026-01-03T16:00:00Z",
                  "book": "management",
                  "method": "hifo",
                  "accounts": ["wallet", "exchange"],
                  "reason": "Rev. Proc. 2024-28, by rule, fixed in December."
                }
                """)),
        CommandRoute.Of<GiveStandingOrder>(
            "standing-orders", "Order how a book takes the lots at one account",
            new Example("highest cost first at the exchange", """
                { "effectiveAt": "2100-01-01T00:00:00Z", "book": "us-tax", "account": "exchange", "method": "hifo" }
                """)),
        CommandRoute.Of<IdentifyLots>(
            "lot-identifications", "Identify the lots of a disposal or a transfer",
            new Example("by name", """
                {
                  "effectiveAt": "2026-01-05T09:59:00Z",
                  "of": "desk:sale-1",
                  "asset": "ETH",
                  "lots": [{ "lot": "desk:buy-1:0", "quantity": "2.5" }],
                  "evidence": { "source": "trader's ticket", "quality": "fact" }
                }
                """),
            new Example("by what they are like", """
                {
                  "effectiveAt": "2026-01-05T09:59:00Z",
                  "of": "desk:sale-2",
                  "asset": "ETH",
                  "filter": { "acquiredBefore": "2025-01-01T00:00:00Z", "unitCost": "3000" },
                  "method": "hifo"
                }
                """)),
        CommandRoute.Of<SetLimits>(
            "limits", "Set the limits of the treasury from an instant on",
            new Example("positions, concentration and venues", """
                {
                  "effectiveAt": "2026-01-05T00:00:00Z",
                  "loanToValueMax": "0.7",
                  "healthFactorMin": "1.3",
                  "fallMin": "0.2",
                  "concentrations": [
                    { "of": "counterparty", "partMax": "0.8" },
                    { "of": "asset", "name": "ETH", "partMax": "1" }
                  ],
                  "venues": ["ethereum", "binance", "aave", "bank"],
                  "priceAgeMaxSeconds": 172800,
                  "reason": "Resolved by the board on 4 January."
                }
                """)),
        CommandRoute.Of<AdoptPlaybook>(
            "playbooks", "Adopt what is to be done when health factors fall",
            new Example("two bands", """
                {
                  "effectiveAt": "2026-01-05T00:00:00Z",
                  "bands": [
                    {
                      "healthFactorBelow": "1.5", "action": "review", "deadlineSeconds": 86400,
                      "approver": "treasurer"
                    },
                    {
                      "healthFactorBelow": "1.3", "action": "sellAndRepay", "healthFactorTarget": "1.5",
                      "deadlineSeconds": 3600, "approver": "cfo"
                    }
                  ]
                }
                """)),
        CommandRoute.Of<RaiseAlert>(
            "alerts", "Say that a limit is broken",
            new Example("a lending position", """
                {
                  "effectiveAt": "2026-01-06T10:00:00Z",
                  "fact": "desk:alert-1",
                  "limit": "healthFactorMin",
                  "subject": "aave-1",
                  "allowed": "1.3",
                  "is": "1.27"
                }
                """)),
        CommandRoute.Of<AcknowledgeAlert>(
            "alerts/acknowledgements", "Take notice of an alert",
            new Example("by its fact", """
                { "effectiveAt": "2026-01-06T10:05:00Z", "alert": "desk:alert-1" }
                """)),
        CommandRoute.Of<ResolveAlert>(
            "alerts/resolutions", "Resolve an alert",
            new Example("by what was done", """
                {
                  "effectiveAt": "2026-01-06T11:00:00Z",
                  "alert": "desk:alert-1",
                  "reason": "Repaid 2,000,000 USDT."
                }
                """)),
    ];
}
