using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>Where single entries, heads and requests are asked for, of treasuries and books alike.</summary>
public static class EntryRoutes
{
    private static readonly ProblemSet Problems = new("Entry",
    [
        ErrorRegistry.IdInvalid, ErrorRegistry.KnownAtInFuture, ErrorRegistry.PositionNotReached,
        ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code, ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
    ]);

    private static readonly ProblemSet RequestProblems = new("Request",
    [
        ErrorRegistry.IdInvalid, ErrorRegistry.IdempotencyKeyInvalid, ErrorRegistry.RequestUnknown,
        ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code,
    ]);

    /// <summary>Maps the routes of a kind of journal.</summary>
    public static void Map(IEndpointRouteBuilder app, JournalKind kind)
    {
        Read("entries/{position}", "getEntry", "One entry with its hash, evidence and text",
            "The entry exactly as it is stored and hashed; its free text beside it, unless that was erased.",
            [
                new("position", "path", typeof(long), "The entry's position.", "1", Required: true),
                .. Question.Times,
            ]).Map<EntryLookout, EntryAnswer>(app, kind, (lookout, key, http, query, cancel) => lookout.OneAsync(
                key, http.Request.RouteValues["position"]!.ToString()!, query, cancel));
        Read("head", "getHead", "Where the journal stands",
            "Position, recorded instant and hash of the newest entry at the known-at instant.", Question.Times)
            .Map<EntryLookout, JournalHeadAnswer>(app, kind, (lookout, key, _, query, cancel) =>
                lookout.HeadAsync(key, query, cancel));
        Read("verification", "verify", "Whether the journal is what was recorded",
            "Derives the whole journal again from its stored rows: positions, instants, hash chain, index and texts. "
            + "It has no viewpoint: it asks what is stored, and takes time in proportion to that.",
            []).Map<EntryLookout, VerificationAnswer>(app, kind, (lookout, key, _, query, cancel) =>
            {
                query.End();
                return lookout.VerifyAsync(key, cancel);
            });
        var request = Read("requests/{**idempotencyKey}", "getRequest", "What a request recorded",
            "Looks a request up by its idempotency key, e.g. after outcome_unknown. 404 means that it recorded nothing "
            + "and may be sent again with the same key. It has no viewpoint: it asks what is stored.",
            [new("idempotencyKey", "path", typeof(string), "The key of the request.", "desk-2026-02-06-001", true,
                WriteEndpoints.IdempotencyKeyPattern)]);
        (request with { Text = request.Text with { Problems = RequestProblems } })
            .Map<EntryLookout, RequestAnswer>(app, kind, (lookout, key, http, query, cancel) =>
            {
                query.End();
                return lookout.RequestAsync(key, JournalAddress.RestOf(http, "idempotencyKey"), cancel);
            });
    }

    /// <summary>Maps the list of a tenant's journals.</summary>
    public static void MapJournals(IEndpointRouteBuilder app) => app
        .MapGet("/v1/journals", async (HttpContext http, EntryLookout lookout) =>
        {
            new QueryReader(http.Request.Query).End();
            var caller = Caller.Of(http);
            var answer = await lookout.JournalsAsync(caller.Tenant, caller.Grant, http.RequestAborted);
            await Http.AnswerAsync(http, answer);
        })
        .Documented(new OperationText(
            "listJournals", Documentation.JournalTag, "Every journal with its head",
            "Treasuries, price books and market books. Keep the heads elsewhere: the command 'verify --against' proves "
            + "from them that nothing before was changed.")
        {
            Answers = [(200, "The journals.", typeof(JournalsAnswer))],
            Problems = RequestProblems,
        });

    private static JournalRead Read(
        string path, string id, string summary, string description, ParameterText[] parameters) =>
        new(path, new OperationText(id, Documentation.JournalTag, summary, description)
        {
            Parameters = [.. parameters],
            Problems = Problems,
        });
}
