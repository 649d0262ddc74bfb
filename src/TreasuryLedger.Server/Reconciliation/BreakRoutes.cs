using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Answers.Forms;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Reconciliation;

/// <summary>Breaks of a treasury.</summary>
/// <param name="Breaks">The oldest first.</param>
public sealed record BreaksAnswer(ImmutableArray<BreakStanding> Breaks);

/// <summary>Reconciliation over HTTP.</summary>
public static class BreakRoutes
{
    private static readonly ProblemSet Problems = new(
        "Reconciliation",
        [
            ErrorRegistry.JsonMalformed, ErrorRegistry.MemberUnknown, ErrorRegistry.MemberDuplicate,
            ErrorRegistry.MemberMissing, ErrorRegistry.ValueInvalid, ErrorRegistry.IdInvalid,
            ErrorRegistry.RequestTooSlow, ErrorRegistry.BodyTooLarge, ErrorRegistry.ContentTypeUnsupported,
            ErrorRegistry.KnownAtInFuture, ErrorRegistry.BreakUnknown, ErrorRegistry.BreakDecided,
            ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code,
        ]);

    private static readonly OperationFamily Family = new(
        Documentation.FactTag, Problems, WriteDocumentation.JournalParameter(JournalKind.Treasury));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(Of("reconciliations"), ReconcileAsync).Documented(
            Family.Text<ReconciliationAnswer>(
                "reconcile", "Hold a statement against the ledger",
                "Lines are matched by fact, then one by one, one with several, several with several; none twice. What "
                + "is left is a break, with a command that would mend it. With `record` breaks are kept, and those "
                + "that "
                + "are found no more are resolved.", "What matches and what does not.", AnswerForm.Parameters) with
            {
                Streams = [.. ListHttp.Streams],
                Examples =
                [
                    new("a day at an exchange", """
                        {
                          "source": "exchange-statement",
                          "account": "exchange",
                          "from": "2026-01-05T00:00:00Z",
                          "until": "2026-01-05T23:59:59Z",
                          "lines": [
                            { "reference": "L-1", "at": "2026-01-05T10:00:00Z", "asset": "ETH", "change": "5" }
                          ],
                          "balances": [ { "asset": "ETH", "at": "2026-01-05T23:59:59Z", "quantity": "5" } ],
                          "rules": { "windowSeconds": 3600, "tolerance": "0.000001" }
                        }
                        """),
                ],
            },
            typeof(SourceStatement));
        app.MapGet(Of("breaks"), ListAsync).Documented(Family.Text<BreaksAnswer>(
            "listBreaks", "Breaks, with age, owner and what was done",
            "Those that reconciliation kept, and facts that two sources told differently.", "The breaks.",
            [BreakDesk.OpenFlag, .. AnswerForm.Parameters]) with
        {
            Streams = [.. ListHttp.Streams],
        });
        app.MapPost(Of("breaks/{id}/steps"), DecideAsync).Documented(
            Family.Text<BreakStanding>(
                "decideBreak", "Assign, accept or resolve a break",
                "Accepting needs a note. What was resolved and is found again is opened again.", "Where it stands now.",
                new ParameterText("id", "path", typeof(string), "The break.", "entry-14", true)) with
            {
                Examples =
                [
                    new("somebody looks into it", """{ "status": "assigned", "owner": "ops.anna" }"""),
                ],
            },
            typeof(BreakDecision));
    }

    private static async Task ReconcileAsync(HttpContext http, BreakDesk desk, AnswerDesk answers)
    {
        CheckWhole(http);
        var statement = JsonBody.Read<SourceStatement>(await Http.ReadJsonAsync(http.Request, Http.BatchBytesMax));
        var pending = await desk.ReconcileAsync(
            Asking.Of(http, answers), statement, Caller.Of(http).Actor, http.RequestAborted);
        await AnswerRoute.GiveAsync(http, "reconcile", pending, typeof(ReconciliationAnswer));
    }

    private static async Task ListAsync(HttpContext http, BreakDesk desk, AnswerDesk answers)
    {
        var asking = Asking.Of(http, answers);
        var pending = await desk.ListAsync(asking, asking.Query.Flag(BreakDesk.OpenFlag.Name), http.RequestAborted);
        await AnswerRoute.GiveAsync(http, "listBreaks", pending, typeof(BreaksAnswer));
    }

    private static async Task DecideAsync(HttpContext http, BreakDesk desk, string id)
    {
        new QueryReader(http.Request.Query).End();
        CheckWhole(http);
        var decision = JsonBody.Read<BreakDecision>(await Http.ReadJsonAsync(http.Request, Http.CommandBytesMax));
        await Http.AnswerAsync(http, await desk.DecideAsync(
            KeyOf(http), id, decision, Caller.Of(http).Actor, http.RequestAborted));
    }

    private static void CheckWhole(HttpContext http)
    {
        if (!Caller.Of(http).Grant.Accounts.IsEmpty)
        {
            throw ProblemException.Of(
                ErrorRegistry.ScopeExceeded, "A key that is limited to accounts does not reconcile.");
        }
    }

    private static JournalKey KeyOf(HttpContext http) =>
        JournalAddress.KeyOf(http, JournalKind.Treasury, Caller.Of(http).Tenant);

    private static string Of(string path) => JournalAddress.Of(JournalKind.Treasury, path);
}
