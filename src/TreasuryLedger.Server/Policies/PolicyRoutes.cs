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
    ];
}
