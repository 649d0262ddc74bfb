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
    ];
}
