using System.Collections.Immutable;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;
using Wolverine;

namespace TreasuryLedger.Server.Platform;

/// <summary>Several commands, recorded all or none.</summary>
/// <param name="Commands">1 to 10,000, in the order in which they are decided; each names its command.</param>
public sealed record Batch(ImmutableArray<Command> Commands)
{
    /// <summary>Reads a batch.</summary>
    /// <exception cref="ProblemException">The body is none.</exception>
    public static ImmutableArray<Command> Read(ReadOnlyMemory<byte> body)
    {
        var commands = JsonBody.Read<Batch>(body).Commands;
        // The serializer holds members to their nullability, but not the items of lists.
        return commands.IndexOf(null!) is var nothing and >= 0
            ? throw ProblemException.Of(
                ErrorRegistry.ValueInvalid,
                $"$.commands[{nothing}] must not be null.",
                ("path", $"$.commands[{nothing}]"))
            : commands;
    }
}

/// <summary>The one endpoint function of all writes, under the addresses of the command routes.</summary>
public static class WriteEndpoints
{
    /// <summary>The header that names a request.</summary>
    public const string IdempotencyKeyHeader = "Idempotency-Key";

    /// <summary>The header of an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    /// <summary>The header with the recorded instant for journals with a replayed clock.</summary>
    public const string RecordedAtHeader = "Recorded-At";

    /// <summary>The path of batches behind a journal's address.</summary>
    public const string BatchPath = "batches";

    /// <summary>Longest key of a request (inclusive).</summary>
    public const int IdempotencyKeyLengthMax = Submission.KeyLengthMax;

    /// <summary>What a key of a request is made of: the one text of answers, registry and documentation.</summary>
    public static readonly string IdempotencyKeyForm =
        $"letters, digits and . _ - : / @ +, at most {IdempotencyKeyLengthMax}, starting with a letter or digit";

    /// <summary>The same as a regular expression.</summary>
    public static readonly string IdempotencyKeyPattern =
        $"^[A-Za-z0-9][A-Za-z0-9._:/@+-]{{0,{IdempotencyKeyLengthMax - 1}}}$";

    /// <summary>Maps a command's route for each kind of journal that takes it.</summary>
    public static IEnumerable<(JournalKind Kind, RouteHandlerBuilder Endpoint)> MapCommand(
        this IEndpointRouteBuilder app, CommandRoute route) =>
        route.Journals.Select(kind => (kind, app.MapMethods(
            JournalAddress.Of(kind, route.Path),
            route.Path.Length == 0 ? [HttpMethods.Put, HttpMethods.Post] : [HttpMethods.Post],
            async (HttpContext http, IMessageBus bus, TenantDatabases databases) =>
            {
                var body = await Http.ReadJsonAsync(http.Request, Http.CommandBytesMax);
                var command = (Command)JsonBody.Read(body, route.Command);
                await RecordAsync(http, bus, databases, kind, [command], atomic: false);
            })));

    /// <summary>Maps the route of atomic batches of a kind of journal.</summary>
    public static RouteHandlerBuilder MapBatches(this IEndpointRouteBuilder app, JournalKind kind) => app.MapPost(
        JournalAddress.Of(kind, BatchPath),
        async (HttpContext http, IMessageBus bus, TenantDatabases databases) =>
        {
            var body = await Http.ReadJsonAsync(http.Request, Http.BatchBytesMax);
            await RecordAsync(http, bus, databases, kind, Batch.Read(body), atomic: true);
        });

    /// <summary>Whether a text may be the key of a request. A <c>#</c> is kept for the items of batches.</summary>
    public static bool IsIdempotencyKey(string? text) =>
        IdText.IsReference(text) && text!.Length <= IdempotencyKeyLengthMax
        && !text.Contains('#', StringComparison.Ordinal);

    private static async Task RecordAsync(
        HttpContext http,
        IMessageBus bus,
        TenantDatabases databases,
        JournalKind kind,
        ImmutableArray<Command> commands,
        bool atomic)
    {
        var caller = Caller.Of(http);
        foreach (var command in commands)
        {
            caller.Grant.Check(kind, command);
        }

        var query = new QueryReader(http.Request.Query);
        var submission = new Submission(
            JournalAddress.KeyOf(http, kind, caller.Tenant),
            KeyOf(http.Request),
            caller.Actor,
            commands,
            atomic,
            DryRun: query.Flag("dryRun"),
            ScriptOf(http.Request));
        query.End();
        var answer = await bus.RecordAsync(databases, submission, http.RequestAborted);
        if (answer.IsReplay())
        {
            http.Response.Headers[ReplayedHeader] = "true";
        }

        await Http.AnswerAsync(http, answer, StatusOf(answer));
    }

    /// <summary>
    /// 201: new entries. 202: taken, but somebody must look at a break, or approve it. 200: nothing new (a replay, more
    /// evidence for what stood already, or a dry run).
    /// </summary>
    private static int StatusOf(RecordedAnswer answer) => answer switch
    {
        { DryRun: true } => StatusCodes.Status200OK,
        _ when answer.Entries.Any(entry => entry.Outcome is RecordedAs.BreakOpened or RecordedAs.Proposed) =>
            StatusCodes.Status202Accepted,
        _ when answer.IsReplay() => StatusCodes.Status200OK,
        _ when answer.Entries.All(entry => entry.Outcome == RecordedAs.EvidenceAdded) => StatusCodes.Status200OK,
        _ => StatusCodes.Status201Created,
    };

    private static string KeyOf(HttpRequest request)
    {
        var key = request.Headers[IdempotencyKeyHeader];
        return key switch
        {
            { Count: 0 } => throw ProblemException.Of(
                ErrorRegistry.IdempotencyKeyMissing, $"The request has no header {IdempotencyKeyHeader}."),
            { Count: 1 } when IsIdempotencyKey(key[0]) => key[0]!,
            _ => throw ProblemException.Of(
                ErrorRegistry.IdempotencyKeyInvalid,
                $"The header {IdempotencyKeyHeader} must be one key: {IdempotencyKeyForm}.",
                ("lengthMax", IdempotencyKeyLengthMax)),
        };
    }

    private static Instant? ScriptOf(HttpRequest request)
    {
        var text = request.Headers[RecordedAtHeader];
        return text.Count == 0 ? null
            : text.Count == 1 && Instant.TryParse(text[0], out var instant) ? instant
            : throw ProblemException.Of(
                ErrorRegistry.ValueInvalid, $"The header {RecordedAtHeader} must be {Instant.Expected}.");
    }
}
