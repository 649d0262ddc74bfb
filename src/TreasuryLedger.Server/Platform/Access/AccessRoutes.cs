using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform.Access;

/// <summary>Reads the access log, for compliance and admins.</summary>
public static class AccessRoutes
{
    private const long LimitMax = 1_000;

    private static readonly ProblemSet Problems = new("Access", [ErrorRegistry.QueryInvalid]);

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder app) => app
        .MapGet("/v1/access", async (HttpContext http, TenantDatabases databases) =>
        {
            var query = new QueryReader(http.Request.Query);
            var asked = new AccessQuestion(
                query.Number("before", 1, long.MaxValue) ?? long.MaxValue,
                query.Number("limit", 1, LimitMax) ?? 100,
                query.Text("actor"),
                query.Flag("refused"),
                query.Value<Instant>("from"),
                query.Value<Instant>("until"));
            query.End();
            var tenant = Caller.Of(http).Tenant;
            var database = await databases.OfAsync(tenant, http.RequestAborted);
            var rows = await AccessTable.ReadAsync(database, tenant, asked, http.RequestAborted);
            await Http.AnswerAsync(
                http, new AccessAnswer(rows, rows.Length == asked.Limit ? rows[^1].Number : null));
        })
        .Documented(new OperationText(
            "listAccess", Documentation.KeyTag, "Who asked for what",
            "Every request of the tenant, the newest first: by whom, of which route and viewpoint, and how it ended. "
            + "Never what was said. Requests appear within a second.")
        {
            Parameters =
            [
                new("before", "query", typeof(long), "Those with a smaller number: go on where a page ended.", "120"),
                new("limit", "query", typeof(long), $"At most so many, 1 to {LimitMax}; without it 100.", "20"),
                new("actor", "query", typeof(string), "Those of one actor.", "custody.feed"),
                new("refused", "query", typeof(bool), "Only those that were refused or failed.", "true"),
                new("from", "query", typeof(Instant), "Those that ended then or later.", "2026-02-01T00:00:00Z"),
                new("until", "query", typeof(Instant), "Those that ended before.", "2026-03-01T00:00:00Z"),
            ],
            Answers = [(200, "The requests.", typeof(AccessAnswer))],
            Problems = Problems,
        });
}
