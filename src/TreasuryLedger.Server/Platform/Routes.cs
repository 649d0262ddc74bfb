using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Books;
using TreasuryLedger.Server.Exports;
using TreasuryLedger.Server.Facts;
using TreasuryLedger.Server.Holding;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Loans;
using TreasuryLedger.Server.Opening;
using TreasuryLedger.Server.Periods;
using TreasuryLedger.Server.Platform.Access;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;
using TreasuryLedger.Server.Policies;
using TreasuryLedger.Server.Reconciliation;
using TreasuryLedger.Server.Registration;
using TreasuryLedger.Server.Trading;
using TreasuryLedger.Server.Transfers;
using TreasuryLedger.Server.Webhooks;
using TreasuryLedger.Server.Wraps;

namespace TreasuryLedger.Server.Platform;

/// <summary>Every address of the server: the slices by name, nothing found by searching.</summary>
public static class Routes
{
    /// <summary>
    /// The rows of all slices, in the order of the documentation and of the story that their examples tell.
    /// </summary>
    public static CommandRoute[] Commands { get; } =
    [
        .. OpeningRoutes.All,
        .. RegistrationRoutes.All,
        .. BookRoutes.All,
        .. HoldingRoutes.All,
        .. TradingRoutes.All,
        .. TransferRoutes.All,
        .. WrapRoutes.All,
        .. LoanRoutes.All,
        .. PositionRoutes.All,
        .. JournalRoutes.All,
        .. PolicyRoutes.All,
        .. PeriodRoutes.All,
        .. TransferRoutes.Incoming,
        .. ApprovalRoutes.All,
    ];

    /// <summary>Maps everything.</summary>
    public static void MapTreasuryLedger(this WebApplication app)
    {
        foreach (var route in Commands)
        {
            foreach (var (kind, endpoint) in app.MapCommand(route))
            {
                endpoint.Documented(WriteDocumentation.Of(route, kind), route.Command);
            }
        }

        foreach (var kind in JournalAddress.Kinds)
        {
            app.MapBatches(kind).Documented(WriteDocumentation.OfBatches(kind), typeof(Batch));
            EntryRoutes.Map(app, kind);
            ProofRoutes.Map(app, kind);
        }

        AaveImportRoute.Map(app);
        FactRoutes.Map(app);
        MessageRoute.Map(app);
        BreakRoutes.Map(app);
        foreach (var question in AnswerRoute.All)
        {
            question.Map(app);
        }

        foreach (var export in ExportRoute.All)
        {
            export.Map(app);
        }

        ListRoute.MapAll(app);
        ListStatus.Map(app);
        EntryRoutes.MapJournals(app);
        RunningAnswers.Map(app);
        ProofRoutes.MapHeads(app);
        WebhookRoutes.Map(app);
        KeyRoutes.Map(app);
        AccessRoutes.Map(app);
        ErrorRoutes.Map(app);
    }
}
