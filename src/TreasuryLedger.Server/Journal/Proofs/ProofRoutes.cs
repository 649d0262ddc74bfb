using System.Globalization;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>Where proofs are asked for. They have no viewpoint: they say what is stored.</summary>
public static class ProofRoutes
{
    private static readonly ProblemSet Problems = new("Proof",
    [
        ErrorRegistry.IdInvalid, ErrorRegistry.PositionNotReached, ErrorRegistry.JournalDamaged,
        ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code, ErrorRegistry.Of(RefusalCode.EntryUnknown).Code,
    ]);

    /// <summary>Maps the routes of a kind of journal.</summary>
    public static void Map(IEndpointRouteBuilder app, JournalKind kind)
    {
        Read("entries/{position}/proof", "proveEntry", "Proof that an entry stands in the journal",
            "A file that others check without this server: the entry as it is stored, and the hashes that lead from it "
            + "to the root of the journal's tree (RFC 6962) and on to the head of heads. Check it with the command "
            + "'verify-proof' or with ops/verifier/verify.py, against anchors or a head of heads that you kept.",
            [
                new("position", "path", typeof(long), "The entry's position.", "14", Required: true),
                new("size", "query", typeof(long),
                    "The size of the tree in which it is proven, e.g. that of a head that you kept. Without it the "
                    + "newest, which alone leads on to the head of heads.", "15"),
            ]).Map<Prover, EntryProof>(app, kind, async (prover, key, http, query, cancellation) =>
            {
                var size = query.Number("size", 1, long.MaxValue);
                query.End();
                return await prover.EntryAsync(key, PositionOf(http), size, cancellation);
            });
        Read("consistency", "proveConsistency", "Proof that the journal only grew between two sizes",
            "The hashes that lead to the roots of both sizes (RFC 6962): the larger tree begins with the smaller one, "
            + "entry by entry.",
            [
                new("from", "query", typeof(long), "The earlier size.", "5", Required: true),
                new("to", "query", typeof(long), "The later size; without it the newest.", "15"),
            ]).Map<Prover, ConsistencyProof>(app, kind, async (prover, key, _, query, cancellation) =>
            {
                var from = query.Number("from", 1, long.MaxValue) ?? throw ProblemException.Of(
                    ErrorRegistry.QueryInvalid, "The parameter 'from' is missing.", ("parameter", "from"));
                var to = query.Number("to", from, long.MaxValue);
                query.End();
                return await prover.ConsistencyAsync(key, from, to, cancellation);
            });
    }

    /// <summary>Maps the head of heads of a tenant.</summary>
    public static void MapHeads(IEndpointRouteBuilder app) => app
        .MapGet("/v1/head-of-heads", async (HttpContext http, Prover prover) =>
        {
            new QueryReader(http.Request.Query).End();
            var heads = await prover.HeadsAsync(Caller.Of(http).Tenant, http.RequestAborted);
            await Http.AnswerAsync(http, heads);
        })
        .Documented(new OperationText(
            "getHeadOfHeads", Documentation.JournalTag, "One value that vouches for every journal",
            "The root over the tree heads of all journals of the tenant, and the heads. Keep the root elsewhere: every "
            + "later proof can be held against it.")
        {
            Answers = [(200, "The head of heads.", typeof(TenantHeads))],
            Problems = Problems,
        });

    private static JournalRead Read(
        string path, string id, string summary, string description, ParameterText[] parameters) =>
        new(path, new OperationText(id, Documentation.JournalTag, summary, description)
        {
            Parameters = [.. parameters],
            Problems = Problems,
        });

    private static long PositionOf(HttpContext http) =>
        long.TryParse(
            http.Request.RouteValues["position"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture,
            out var position)
        && position > 0
            ? position
            : throw ProblemException.Of(
                ErrorRegistry.Of(RefusalCode.EntryUnknown).Code, "The address names no entry: positions count from 1.");
}
