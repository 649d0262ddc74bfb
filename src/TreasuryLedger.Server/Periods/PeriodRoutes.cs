using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Periods;

/// <summary>How the periods of a book are closed, sealed and opened again.</summary>
public static class PeriodRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<ClosePeriod>(
            "periods", "Close the next period of a book",
            new Example("the official book", """
                {
                  "effectiveAt": "2026-01-06T16:00:00Z",
                  "book": "official",
                  "from": "2025-12-31T16:00:00Z",
                  "until": "2026-01-05T16:00:00Z"
                }
                """),
            new Example("another book", """
                {
                  "effectiveAt": "2026-01-06T16:00:00Z",
                  "book": "us-tax",
                  "from": "2025-12-31T16:00:00Z",
                  "until": "2026-01-05T16:00:00Z"
                }
                """)),
        CommandRoute.Of<SealPeriod>(
            "seals", "Seal a closed period",
            new Example("what was closed", """
                { "effectiveAt": "2026-01-07T09:00:00Z", "book": "official", "until": "2026-01-05T16:00:00Z" }
                """)),
        CommandRoute.Of<RequestReopening>(
            "reopening-requests", "Ask to reopen the last period of a book, which is sealed",
            new Example("with a reason", """
                {
                  "effectiveAt": "2026-01-08T09:00:00Z",
                  "until": "2026-01-05T16:00:00Z",
                  "reason": "The custodian replaced its statement."
                }
                """)),
        CommandRoute.Of<ReopenPeriod>(
            "reopenings", "Reopen the last closed period of a book; a sealed one as a second person",
            new Example("one that is not sealed", """
                {
                  "effectiveAt": "2026-01-08T10:00:00Z",
                  "book": "us-tax",
                  "until": "2026-01-05T16:00:00Z",
                  "reason": "Closed before the exchange had reported."
                }
                """)),
    ];
}
