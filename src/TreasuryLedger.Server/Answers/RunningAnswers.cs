using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>An answer that is being made.</summary>
/// <param name="Name">What its caller called it; absent if nothing.</param>
/// <param name="Operation">What is asked.</param>
/// <param name="Viewpoint">Where it stands.</param>
/// <param name="StartedAt">Since when, by the clock of the node.</param>
/// <param name="EntriesFolded">Entries that were folded so far; a question may fold some more than once.</param>
/// <param name="EntriesSaved">Entries that checkpoints saved.</param>
/// <param name="EntriesKnown">How many entries the journal has at the viewpoint.</param>
/// <param name="RowsWritten">Rows that were written so far, where it is answered in rows.</param>
public sealed record RunningAnswer(
    string? Name,
    string Operation,
    Standpoint Viewpoint,
    Instant StartedAt,
    long EntriesFolded,
    long EntriesSaved,
    long EntriesKnown,
    long RowsWritten);

/// <summary>What is being made for a tenant.</summary>
/// <param name="Running">In the order in which it began.</param>
/// <param name="Imports">Payloads that become entries, in the order in which that began.</param>
public sealed record ProgressAnswer(
    ImmutableArray<RunningAnswer> Running, ImmutableArray<Facts.RunningImport> Imports);

/// <summary>
/// What this node is making now, so that whoever waits for a long report sees it go on. It ends when it is made, or
/// when its caller goes away.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class RunningAnswers(TimeProvider time)
{
    private const string HeaderName = "Ledger-Progress";
    private const int NameMax = 100;

    private readonly ConcurrentDictionary<long, (string Tenant, Func<RunningAnswer> Now)> _running = [];
    private long _last;

    /// <summary>The header by which a caller gives a question a name.</summary>
    public static ParameterText Header { get; } = new(
        HeaderName, "header", typeof(string),
        "A name by which `GET /v1/progress` shows how far the answer is while it is made.", "year-end-2026");

    /// <summary>Shows a question while it is answered.</summary>
    public IDisposable Begin(HttpContext http, string operation, Standpoint stand, FoldCost cost)
    {
        ArgumentNullException.ThrowIfNull(http);
        var (id, clock) = (Interlocked.Increment(ref _last), time.GetUtcNow().UtcDateTime);
        var since = Instant.FromUtc(clock.AddTicks(-(clock.Ticks % TimeSpan.TicksPerMicrosecond)));
        var name = http.Request.Headers[HeaderName].ToString() is { Length: > 0 and <= NameMax } given ? given : null;
        _running[id] = (Caller.Of(http).Tenant, () => new RunningAnswer(
            name, operation, stand, since, cost.Folded, cost.Saved, stand.Positions.Treasury, cost.Rows));
        return new Ending(() => _running.TryRemove(id, out _));
    }

    /// <summary>How far an answer is, in a line.</summary>
    public static string Line(FoldCost cost, Standpoint stand)
    {
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentNullException.ThrowIfNull(stand);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{cost.Folded} entries folded, {cost.Saved} saved by checkpoints, of {stand.Positions.Treasury} in the "
            + $"journal; {cost.Rows} rows written.");
    }

    /// <summary>Maps the list.</summary>
    public static void Map(IEndpointRouteBuilder app) => app
        .MapGet("/v1/progress", async (HttpContext http, RunningAnswers running, Facts.RunningImports imports) =>
        {
            new QueryReader(http.Request.Query).End();
            var tenant = Caller.Of(http).Tenant;
            var answer = new ProgressAnswer(running.Of(tenant), imports.Of(tenant));
            await Http.AnswerAsync(http, answer);
        })
        .Documented(new OperationText(
            "listProgress", Documentation.AskTag, "Answers and files that are being made",
            "Those of the tenant on this node, with the entries folded of those in the journal and the rows written. "
            + "Whoever closes the connection of a question ends it: nothing more is folded for it.")
        {
            Answers = [(200, "What is being made now.", typeof(ProgressAnswer))],
            Problems = new ProblemSet("Progress", []),
        });

    /// <summary>What is being made for a tenant.</summary>
    public ImmutableArray<RunningAnswer> Of(string tenant) =>
    [
        .. _running.OrderBy(one => one.Key).Where(one => one.Value.Tenant == tenant).Select(one => one.Value.Now()),
    ];

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
