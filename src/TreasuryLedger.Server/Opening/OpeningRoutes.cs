using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Opening;

/// <summary>How treasuries and books are opened.</summary>
public static class OpeningRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<OpenBook>(
            [JournalKind.PriceBook, JournalKind.MarketBook], "", "Open a book",
            new Example("book", """
                { "effectiveAt": "2026-01-01T00:00:00Z", "name": "Reference book" }
                """)),
        CommandRoute.Of<OpenTreasury>(
            "", "Open a treasury",
            new Example("treasury", """
                {
                  "effectiveAt": "2026-01-01T00:00:00Z",
                  "name": "Example Holdings Ltd",
                  "timeZone": "Asia/Singapore",
                  "fiscalYearStart": "01-01",
                  "reportingCurrency": "USD",
                  "priceBook": "reference",
                  "marketBook": "lenders",
                  "limits": { "loanToValueMax": "0.70" }
                }
                """)),
    ];
}
