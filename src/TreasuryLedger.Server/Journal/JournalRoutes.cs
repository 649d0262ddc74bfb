using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal;

/// <summary>How entries are corrected and annotated, and instructions cancelled.</summary>
public static class JournalRoutes
{
    private static readonly JournalKind[] AnyJournal =
        [JournalKind.Treasury, JournalKind.PriceBook, JournalKind.MarketBook];

    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<AnnotateEntry>(
            AnyJournal, "annotations", "Put a note to an entry",
            new Example("note", """
                { "effectiveAt": "2026-01-08T09:00:00Z", "entry": 2, "reason": "Checked against the register." }
                """)),
        CommandRoute.Of<CorrectEntry>(
            AnyJournal, "corrections", "Void an entry and put what is true in its place",
            new Example("replace", """
                {
                  "effectiveAt": "2026-01-08T10:00:00Z",
                  "entry": 15,
                  "reason": "The reward was larger.",
                  "replacement": {
                    "command": "receive-yield",
                    "effectiveAt": "2026-01-05T06:00:00Z",
                    "account": "wallet",
                    "asset": "ETH",
                    "quantity": "0.06"
                  }
                }
                """)),
        CommandRoute.Of<CancelInstruction>(
            "instruction-cancellations", "Cancel an instruction",
            new Example("cancel", """
                { "effectiveAt": "2026-01-08T11:00:00Z", "instruction": "desk:order-7" }
                """)),
    ];
}
