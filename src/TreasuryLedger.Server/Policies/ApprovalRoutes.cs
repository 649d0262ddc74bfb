using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Policies;

/// <summary>What two persons decide, and how the second one does.</summary>
public static class ApprovalRoutes
{
    /// <summary>The routes.</summary>
    public static CommandRoute[] All =>
    [
        CommandRoute.Of<SetFourEyes>(
            "four-eyes", "Say what two persons decide; one person alone says so once",
            new Example("from one million on", """
                {
                  "effectiveAt": "2026-01-09T00:00:00Z",
                  "instructionsAbove": "1000000",
                  "reason": "Resolved by the board on 8 January."
                }
                """)
            {
                IsApart = true,
            }),
        CommandRoute.Of<DeclineProposal>(
            "proposals/refusals", "Decline what somebody proposed, or withdraw it",
            new Example("withdrawn", """
                {
                  "effectiveAt": "2026-01-10T09:00:00Z",
                  "proposal": 72,
                  "reason": "The amount is that of another treasury."
                }
                """)
            {
                IsApart = true,
            }),
        CommandRoute.Of<ApproveProposal>(
            "proposals/approvals", "Approve, as a second person, what somebody proposed",
            new Example("by its entry", """
                { "effectiveAt": "2026-01-10T10:00:00Z", "proposal": 74 }
                """)
            {
                IsApart = true,
            }),
    ];
}
