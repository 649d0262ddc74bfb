using System.Text.Json;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Facts;

/// <summary>A message of Fireblocks' webhooks (v2) as far as its envelope goes; the rest is kept as it is.</summary>
/// <param name="Id">Its own id: it is taken once.</param>
/// <param name="EventType">What it is about.</param>
/// <param name="CreatedAt">When it was made (milliseconds since 1970).</param>
/// <param name="ResourceId">The transaction or wallet.</param>
/// <param name="WorkspaceId">Whose workspace.</param>
/// <param name="WebhookId">The endpoint it is for.</param>
/// <param name="EventVersion">The version of its form.</param>
/// <param name="Data">What is told.</param>
public sealed record FireblocksMessage(
    string Id,
    string EventType,
    long CreatedAt,
    string? ResourceId = null,
    string? WorkspaceId = null,
    string? WebhookId = null,
    decimal? EventVersion = null,
    JsonElement? Data = null);

/// <summary>What became of a message.</summary>
/// <param name="Payload">SHA-256 by which it is kept.</param>
/// <param name="Replayed">It was received before; nothing is done.</param>
/// <param name="Run">What it came to; absent if that is still to come.</param>
public sealed record MessageAnswer(string Payload, bool Replayed, ImportReport? Run);

/// <summary>
/// Takes messages of custodians. They carry no key of ours: the signature over the body is what lets them in, and it is
/// checked before anything of the body is read.
/// </summary>
public static class MessageRoute
{
    /// <summary>Under what addresses messages come, and no other.</summary>
    public const string Prefix = "/v1/messages";

    private const int BytesMax = 1 << 20;

    /// <summary>How far a custodian's clock may be ahead.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(5);

    /// <summary>For how long a sender is kept waiting; what takes longer is done without it.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    private static readonly ProblemSet Problems = new(
        "Message",
        [
            ErrorRegistry.JsonMalformed, ErrorRegistry.ValueInvalid, ErrorRegistry.RequestTooSlow,
            ErrorRegistry.BodyTooLarge, ErrorRegistry.ContentTypeUnsupported, ErrorRegistry.SignatureInvalid,
            ErrorRegistry.MessageTooOld, ErrorRegistry.MessageReused,
        ]);

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder app) => app
        .MapPost(Prefix + "/fireblocks/{tenant}/{treasury}/{source}", ReceiveAsync)
        .Documented(
            new OperationText(
                "receiveFireblocks", Documentation.FactTag, "Take a message of a Fireblocks webhook (v2)",
                "Its signature is verified over the body as it came, by the keys of the source's terms; no key of ours "
                + "is needed. The message is kept before anything is made of it, and taken once by its id. Give "
                + "Fireblocks this address for the endpoint.")
            {
                Parameters =
                [
                    new("tenant", "path", typeof(string), "Whose treasury.", "default", true),
                    WriteDocumentation.JournalParameter(JournalKind.Treasury),
                    new("source", "path", typeof(string), "The source that holds the keys.", "fireblocks", true),
                    new(FireblocksSignature.Header, "header", typeof(string),
                        "Detached JWS over the body: header, two points, signature.", "eyJhbGciOiJSUzUxMiJ9..c2ln"),
                    new(FireblocksSignature.LegacyHeader, "header", typeof(string),
                        "The older signature, which counts where the newer one is not sent.", "c2ln"),
                ],
                Examples =
                [
                    new("a transaction", """
                        {
                          "id": "6f2c4c0e-3a6e-4c5e-9d27-0c8b6e3f1a01",
                          "eventType": "transaction.status.updated",
                          "resourceId": "0b7f9d8e-2c31-4a53-9a0c-5d1a7c9e4b02",
                          "createdAt": 1770192000000,
                          "data": { "id": "0b7f9d8e-2c31-4a53-9a0c-5d1a7c9e4b02", "status": "COMPLETED" }
                        }
                        """),
                ],
                Answers =
                [
                    (200, "It is kept, and recorded as far as it can be.", typeof(MessageAnswer)),
                    (202, "It is kept, and recorded soon.", typeof(MessageAnswer)),
                ],
                Problems = Problems,
            },
            typeof(FireblocksMessage));

    private static async Task ReceiveAsync(
        HttpContext http,
        FactStore store,
        FactImporter importer,
        TimeProvider time,
        string tenant,
        string treasury,
        string source)
    {
        new QueryReader(http.Request.Query).End();
        var body = (await Http.ReadJsonAsync(http.Request, BytesMax)).ToArray();
        var journal = JournalKey.Treasury(tenant, treasury);
        // Who guesses addresses learns nothing: there, elsewhere and nowhere, a wrong signature is all there is.
        if (!journal.IsValid || !Core.Journal.IdText.IsId(source)
            || await store.FindAsync(journal, source, http.RequestAborted) is not
            { Terms: { Kind: SourceKind.Fireblocks } terms }
            || !FireblocksSignature.IsValid(http.Request.Headers, body, terms))
        {
            throw ProblemException.Of(
                ErrorRegistry.SignatureInvalid, "No key of this source signed the body as it came.");
        }

        var message = Envelope(body);
        CheckAge(message, terms, time.GetUtcNow());
        await using var file = await PayloadFile.ReceiveAsync(new MemoryStream(body), http.RequestAborted);
        var about = new KeptPayload(
            Convert.ToHexStringLower(file.Hash), source, message.EventType, body.Length, message.Id,
            message.ResourceId, $"source:{source}", default);
        if (!await store.KeepAsync(journal, file, about, waits: true, http.RequestAborted))
        {
            var isSame = await store.PayloadAsync(journal, file.Hash, http.RequestAborted) is not null;
            await AnswerAsync(http, isSame
                ? new MessageAnswer(about.Hash, Replayed: true, null)
                : throw ProblemException.Of(
                    ErrorRegistry.MessageReused, $"Message {message.Id} came before with another body."));
            return;
        }

        await AnswerAsync(http, new MessageAnswer(
            about.Hash, Replayed: false, await RunAsync(importer, journal, about, http)));
    }

    /// <summary>Records it now if that is quick; otherwise <see cref="WaitingPayloads"/> takes it up.</summary>
    private static async Task<ImportReport?> RunAsync(
        FactImporter importer, JournalKey journal, KeptPayload payload, HttpContext http)
    {
        try
        {
            return await importer.RunAgainAsync(journal, payload, payload.ReceivedBy, null, CancellationToken.None)
                .WaitAsync(AnswerWithin, http.RequestAborted);
        }
        catch (Exception later) when (later is TimeoutException or ProblemException or OperationCanceledException)
        {
            return null;
        }
    }

    private static FireblocksMessage Envelope(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            return new FireblocksMessage(
                root.GetProperty("id").GetString()!, root.GetProperty("eventType").GetString()!,
                root.GetProperty("createdAt").GetInt64(),
                root.TryGetProperty("resourceId", out var subject) ? subject.GetString() : null) switch
            {
                { Id.Length: > 0 and <= 200, EventType.Length: > 0 and <= 200 } message => message,
                _ => throw new FormatException(),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or NullReferenceException)
        {
            throw ProblemException.Of(
                ErrorRegistry.ValueInvalid, "A message has id, eventType and createdAt.", ("path", "$"));
        }
    }

    private static void CheckAge(FireblocksMessage message, SourceTerms terms, DateTimeOffset now)
    {
        var age = now.ToUnixTimeMilliseconds() - message.CreatedAt;
        var ageMax = (long)TimeSpan.FromHours(terms.MessageHours ?? SourceTerms.MessageHoursUnsaid).TotalMilliseconds;
        if (age > ageMax || age < -(long)AheadMax.TotalMilliseconds)
        {
            throw ProblemException.Of(
                ErrorRegistry.MessageTooOld,
                "The message was made outside the hours in which one is believed.",
                ("hoursMax", terms.MessageHours ?? SourceTerms.MessageHoursUnsaid));
        }
    }

    private static Task AnswerAsync(HttpContext http, MessageAnswer answer) => Http.AnswerAsync(
        http, answer,
        answer is { Replayed: false, Run: null } ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
}
