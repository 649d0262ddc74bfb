using System.Collections.Immutable;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Lists;

/// <summary>A journal whose lists do not reach its head.</summary>
/// <param name="Journal">The journal, kind and id.</param>
/// <param name="Head">Its newest entry.</param>
/// <param name="Position">The newest entry that lists have.</param>
/// <param name="StoppedAt">The entry that cannot be applied, if that is why.</param>
/// <param name="StoppedSince">When that was found.</param>
/// <param name="Reason">Why it cannot.</param>
public sealed record ListBehindRow(
    string Journal, long Head, long Position, long? StoppedAt, Instant? StoppedSince, string? Reason);

/// <summary>How the tables of lists stand.</summary>
/// <param name="Behind">A tenant's journals that they do not reach, by name; none is the usual answer.</param>
public sealed record ListStatusAnswer(ImmutableArray<ListBehindRow> Behind);

/// <summary>Says how the tables of lists stand: numbers to anybody, names and reasons to whose they are.</summary>
public static class ListStatus
{
    private static readonly ProblemSet Problems = new("ListStatus", []);

    /// <summary>Maps both.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/health/lists", async (TenantDatabases databases, CancellationToken cancellation) =>
        {
            var behind = new List<JournalBehind>();
            var away = await databases.EachAsync(
                async database => behind.AddRange(await ListWorker.BehindAsync(database, tenant: null, cancellation)),
                cancellation);
            var state = ListWorker.StateOf(behind, ListMeter.Seen.BehindFor);
            return Results.Ok(new Health(
                away.Count > 0 ? "away" : state.Stopped > 0 ? "stopped" : state.Journals > 0 ? "behind" : "ok",
                state.Journals, state.Behind, state.Stopped, (long)state.BehindFor.TotalSeconds, away));
        }).ExcludeFromDescription();
        app.MapGet("/v1/lists", async (HttpContext http, TenantDatabases databases) =>
        {
            new QueryReader(http.Request.Query).End();
            var tenant = Caller.Of(http).Tenant;
            var database = await databases.OfAsync(tenant, http.RequestAborted);
            var behind = await ListWorker.BehindAsync(database, tenant, http.RequestAborted);
            await Http.AnswerAsync(http, new ListStatusAnswer(
            [
                .. behind.Select(journal => new ListBehindRow(
                    journal.Journal.Journal, journal.Head, journal.Progress.Position, journal.Progress.StoppedAt,
                    journal.Progress.StoppedSince, journal.Progress.Reason)),
            ]));
        }).Documented(new OperationText(
            "getListStatus", Documentation.JournalTag, "Journals that lists do not reach yet, and why",
            "Lists are read from tables that follow the journals. A read applies what it lacks, so a journal that is "
            + "behind is only slower to list; one that has stopped is listed up to its position, until it is repaired.")
        {
            Answers = [(200, "The journals.", typeof(ListStatusAnswer))],
            Problems = Problems,
        });
    }

    /// <summary>Numbers of what is behind, and databases that could not be asked.</summary>
    private sealed record Health(
        string Status,
        int JournalsBehind,
        long EntriesBehind,
        int JournalsStopped,
        long SecondsBehind,
        IReadOnlyList<string> DatabasesAway);
}
