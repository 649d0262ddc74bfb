using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
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
        Map<EntryAnswer>(app, kind, "entries/{position}", "getEntry", "One entry with its hash, evidence and text",
            "The entry exactly as it is stored and hashed; its free text beside it, unless that was erased.",
            [
                new("position", "path", typeof(long), "The entry's position.", "1", Required: true),
                .. Question.Times,
            ],
            Problems,
            (lookout, key, http, cancel) => lookout.OneAsync(
                key, http.Request.RouteValues["position"]!.ToString()!, new QueryReader(http.Request.Query), cancel));
        Map<JournalHeadAnswer>(app, kind, "head", "getHead", "Where the journal stands",
            "Position, recorded instant and hash of the newest entry at the known-at instant.",
            Question.Times,
            Problems,
            (lookout, key, http, cancel) => lookout.HeadAsync(key, new QueryReader(http.Request.Query), cancel));
        Map<VerificationAnswer>(app, kind, "verification", "verify", "Whether the journal is what was recorded",
            "Derives the whole journal again from its stored rows: positions, instants, hash chain, index and texts. "
            + "It has no viewpoint: it asks what is stored, and takes time in proportion to that.",
            [],
            Problems,
            (lookout, key, http, cancel) =>
            {
                new QueryReader(http.Request.Query).End();
                return lookout.VerifyAsync(key, cancel);
            });
        Map<RequestAnswer>(app, kind, "requests/{**idempotencyKey}", "getRequest", "What a request recorded",
            "Looks a request up by its idempotency key, e.g. after outcome_unknown. 404 means that it recorded nothing "
            + "and may be sent again with the same key. It has no viewpoint: it asks what is stored.",
            [new("idempotencyKey", "path", typeof(string), "The key of the request.", "desk-2026-02-06-001", true,
                WriteEndpoints.IdempotencyKeyPattern)],
            RequestProblems,
            (lookout, key, http, cancel) =>
            {
                new QueryReader(http.Request.Query).End();
                // A slash that is escaped in an address stays escaped through routing.
                var request = http.Request.RouteValues["idempotencyKey"]?.ToString() ?? "";
                request = request.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
                return lookout.RequestAsync(key, request, cancel);
            });
    }

    /// <summary>Maps the list of a tenant's journals.</summary>
    public static void MapJournals(IEndpointRouteBuilder app) => app
        .MapGet("/v1/journals", async (HttpContext http, EntryLookout lookout) =>
        {
            new QueryReader(http.Request.Query).End();
            var answer = await lookout.JournalsAsync(Caller.Of(http).Tenant, http.RequestAborted);
            await http.Response.WriteAsJsonAsync(answer, Wire.Options, http.RequestAborted);
        })
        .Documented(new OperationText(
            "listJournals", Documentation.JournalTag, "Every journal with its head",
            "Treasuries, price books and market books. Keep the heads elsewhere: the command 'verify --against' proves "
            + "from them that nothing before was changed.")
        {
            Answers = [(200, "The journals.", typeof(JournalsAnswer))],
            Problems = RequestProblems,
        });

    private static void Map<T>(
        IEndpointRouteBuilder app,
        JournalKind kind,
        string path,
        string id,
        string summary,
        string description,
        ParameterText[] parameters,
        ProblemSet problems,
        Func<EntryLookout, JournalKey, HttpContext, CancellationToken, Task<T>> ask) => app
        .MapGet(JournalAddress.Of(kind, path), async (HttpContext http, EntryLookout lookout) =>
        {
            var key = JournalAddress.KeyOf(http, kind, Caller.Of(http).Tenant);
            var answer = await ask(lookout, key, http, http.RequestAborted);
            await http.Response.WriteAsJsonAsync(answer, Wire.Options, http.RequestAborted);
        })
        .Documented(new OperationText(
            kind == JournalKind.Treasury ? id : $"{id}Of{kind}",
            kind == JournalKind.Treasury ? Documentation.JournalTag : WriteDocumentation.TagOf(kind),
            summary,
            description)
        {
            Parameters = [WriteDocumentation.JournalParameter(kind), .. parameters],
            Answers = [(200, "The answer.", typeof(T))],
            Problems = problems,
        });
}
