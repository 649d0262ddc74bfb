using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Facts;

/// <summary>The sources of a treasury.</summary>
/// <param name="Sources">By name, each with the terms that count.</param>
public sealed record SourcesAnswer(ImmutableArray<RegisteredSource> Sources);

/// <summary>Payloads of a treasury.</summary>
/// <param name="Payloads">The newest first.</param>
public sealed record PayloadsAnswer(ImmutableArray<PayloadLine> Payloads);

/// <summary>A payload, and the row in it that was asked for.</summary>
/// <param name="Payload">The payload.</param>
/// <param name="Row">Which row has the hash, if it is that of a row.</param>
public sealed record PayloadAnswer(KeptPayload Payload, long? Row);

/// <summary>Sources, files and payloads over HTTP.</summary>
public static class FactRoutes
{
    private const string Sources = "sources";
    private const string Payloads = "payloads";
    private const long ListMax = 500;

    private static readonly ImmutableArray<string> MediaTypes =
        ["application/json", ListHttp.Csv, ListHttp.Ndjson, "application/octet-stream", "text/plain"];

    private static readonly ProblemSet Problems = new(
        "Facts",
        [
            ErrorRegistry.JsonMalformed, ErrorRegistry.MemberUnknown, ErrorRegistry.MemberDuplicate,
            ErrorRegistry.MemberMissing, ErrorRegistry.ValueInvalid, ErrorRegistry.IdInvalid,
            ErrorRegistry.RequestTooSlow, ErrorRegistry.BodyTooLarge, ErrorRegistry.ContentTypeUnsupported,
            ErrorRegistry.ClockBehind, ErrorRegistry.NotRecorded, ErrorRegistry.OutcomeUnknown,
            ErrorRegistry.SourceUnknown, ErrorRegistry.PayloadUnknown, ErrorRegistry.FileUnreadable,
        ]);

    private static readonly OperationFamily Family = new(
        Documentation.FactTag, Problems, WriteDocumentation.JournalParameter(JournalKind.Treasury));

    private static readonly ParameterText Source = new(
        "source", "path", typeof(string), "The source: letters, digits and . _ -, at most 63.", "desk-file", true,
        "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$");

    private static readonly ParameterText Hash = new(
        "hash", "path", typeof(string), "SHA-256 of a payload or of a row, lower-case hex.",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true, "^[0-9a-f]{64}$");

    private static readonly ParameterText FileName = new(
        "name", "query", typeof(string), "The file's name, for people.", "january.csv");

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        MapSources(app);
        MapPayloads(app);
    }

    private static void MapSources(IEndpointRouteBuilder app)
    {
        app.MapPut(Of($"{Sources}/{{source}}"), RegisterAsync).Documented(
            Family.Text<RegisteredSource>(
                "registerSource", "Say who is who at a source, and how what it tells is read",
                "Replaces what was said before, which stays on record. Payloads can be run again under it. The mapping "
                + "of columns is explained in ops/runbooks/facts-in.md.",
                "What counts now.", Source) with
            {
                Examples =
                [
                    new("a file of a desk", """
                        {
                          "kind": "mapped",
                          "accounts": { "Main": "wallet" },
                          "assets": { "Ether": "ETH" },
                          "mapping": {
                            "rules": [
                              {
                                "when": { "Type": "staking reward" },
                                "command": {
                                  "command": "receive-yield",
                                  "fact": "desk:{Id}",
                                  "effectiveAt": "{Time|instant}",
                                  "account": "{Place|account}",
                                  "asset": "{Coin|asset}",
                                  "quantity": "{Quantity|number}"
                                }
                              }
                            ]
                          }
                        }
                        """),
                ],
            },
            typeof(SourceTerms));
        app.MapGet(Of(Sources), ListAsync).Documented(Family.Text<SourcesAnswer>(
            "listSources", "Sources of the treasury", "Each with the terms that count now.", "The sources."));
        app.MapPost(Of($"{Sources}/{{source}}/imports"), ImportAsync).Documented(
            Family.Text<ImportReport>(
                "importFile", "Record what a file of a source tells",
                "The body is the file: JSON, JSON lines, or values under a line of names. It is kept with its hash "
                + "before anything is made of it. Each row is recorded or refused alone; sent again after whatever "
                + "stopped it, nothing is doubled and nothing is missing. Rows that wait for something are parked: the "
                + "payload can be run again.",
                "What came of it, row by row where something is wrong.", Source, FileName) with
            {
                Examples =
                [
                    new("one row", """
                        { "Id": "7", "Type": "staking reward", "Time": "2026-01-09 08:00:00", "Place": "Main",
                          "Coin": "Ether", "Quantity": "0.25" }
                        """),
                ],
            },
            typeof(JsonElement))
            .Accepts<JsonElement>(MediaTypes[0], [.. MediaTypes[1..]]);
    }

    private static void MapPayloads(IEndpointRouteBuilder app)
    {
        app.MapGet(Of(Payloads), PayloadsAsync).Documented(Family.Text<PayloadsAnswer>(
            "listPayloads", "What was received", $"The newest {ListMax}, each with what its newest run came to.",
            "The payloads.",
            new ParameterText("open", "query", typeof(bool), "Only those with something not recorded.", "true")));
        app.MapGet(Of($"{Payloads}/{{hash}}"), PayloadAsync).Documented(Family.Text<PayloadAnswer>(
            "getPayload", "What was received, by its hash",
            "The evidence of an entry names the hash of its row: this finds the payload and the row's number in it.",
            "The payload.", Hash));
        app.MapGet(Of($"{Payloads}/{{hash}}/content"), ContentAsync).Documented(Family.Text<PayloadAnswer>(
            "getPayloadContent", "What was received, byte by byte", "The bytes as they came.", "The bytes.", Hash) with
        {
            Streams = ["application/octet-stream"],
        });
        app.MapPost(Of($"{Payloads}/{{hash}}/runs"), RunAsync).Documented(
            Family.Text<ImportReport>(
                "runPayload", "Make entries of a payload again",
                "By the terms that its source has now. What stands is found, what was parked gets its chance.",
                "What came of it.", Hash) with
            {
                Examples = [new("nothing beside", "{}")],
            },
            typeof(JsonElement));
    }

    private static async Task RegisterAsync(HttpContext http, FactStore store, string source)
    {
        var (journal, caller) = Begin(http);
        CheckWhole(caller);
        var terms = JsonBody.Read<SourceTerms>(await Http.ReadJsonAsync(http.Request, Http.CommandBytesMax));
        terms.Check();
        await Http.AnswerAsync(http, await store.RegisterAsync(
            journal, Checked(source), terms, caller.Actor, http.RequestAborted));
    }

    private static async Task ListAsync(HttpContext http, FactStore store)
    {
        var (journal, _) = Begin(http);
        await Http.AnswerAsync(http, new SourcesAnswer(await store.ListAsync(journal, null, http.RequestAborted)));
    }

    private static async Task ImportAsync(HttpContext http, FactImporter importer, string source)
    {
        var query = new QueryReader(http.Request.Query);
        var name = query.Text("name");
        query.End();
        var (journal, caller) = (KeyOf(http), Caller.Of(http));
        SourceTerms.Require(name is null or { Length: <= 200 }, "name", "at most 200 characters");
        if (http.Request.GetTypedHeaders().ContentType?.MediaType.Value is not { } type
            || !MediaTypes.Contains(type.ToLowerInvariant()) || http.Request.Headers.ContentEncoding.Count > 0)
        {
            throw ProblemException.Of(
                ErrorRegistry.ContentTypeUnsupported,
                $"The content type must be one of {string.Join(", ", MediaTypes)}, not compressed.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = PayloadFile.BytesMax + 1;
        }

        await Http.AnswerAsync(http, await importer.ImportAsync(
            journal, Checked(source), http.Request.Body, name, caller.Actor, caller.Grant.Check, http.RequestAborted));
    }

    private static async Task PayloadsAsync(HttpContext http, FactStore store)
    {
        var query = new QueryReader(http.Request.Query);
        var isOpen = query.Flag("open");
        query.End();
        await Http.AnswerAsync(http, new PayloadsAnswer(
            await store.PayloadsAsync(KeyOf(http), isOpen, ListMax, http.RequestAborted)));
    }

    private static async Task PayloadAsync(HttpContext http, FactStore store, string hash)
    {
        var (journal, _) = Begin(http);
        var found = await FindAsync(http, store, journal, hash);
        await Http.AnswerAsync(http, new PayloadAnswer(found.Payload, found.Row));
    }

    private static async Task ContentAsync(HttpContext http, FactStore store, string hash)
    {
        var (journal, _) = Begin(http);
        var found = await FindAsync(http, store, journal, hash);
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = found.Payload.Bytes;
        var bytes = Convert.FromHexString(found.Payload.Hash);
        await foreach (var part in store.ContentAsync(journal, bytes, http.RequestAborted))
        {
            await http.Response.BodyWriter.WriteAsync(part, http.RequestAborted);
        }
    }

    private static async Task RunAsync(HttpContext http, FactStore store, FactImporter importer, string hash)
    {
        var (journal, caller) = Begin(http);
        var found = await FindAsync(http, store, journal, hash);
        await Http.AnswerAsync(http, await importer.RunAgainAsync(
            journal, found.Payload, caller.Actor, caller.Grant.Check, http.RequestAborted));
    }

    private static async Task<(KeptPayload Payload, long? Row)> FindAsync(
        HttpContext http, FactStore store, JournalKey journal, string hash) =>
        (hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? await store.PayloadAsync(journal, Convert.FromHexString(hash), http.RequestAborted)
            : null) ?? throw ProblemException.Of(
                ErrorRegistry.PayloadUnknown, "No payload and no row of one has this hash.");

    private static (JournalKey Journal, Caller Caller) Begin(HttpContext http)
    {
        new QueryReader(http.Request.Query).End();
        return (KeyOf(http), Caller.Of(http));
    }

    private static JournalKey KeyOf(HttpContext http) =>
        JournalAddress.KeyOf(http, JournalKind.Treasury, Caller.Of(http).Tenant);

    /// <summary>Who is who is about all accounts.</summary>
    private static void CheckWhole(Caller caller)
    {
        if (!caller.Grant.Accounts.IsEmpty)
        {
            throw ProblemException.Of(
                ErrorRegistry.ScopeExceeded, "A key that is limited to accounts says nothing of sources.");
        }
    }

    private static string Checked(string source) => IdText.IsId(source) ? source
        : throw ProblemException.Of(
            ErrorRegistry.SourceUnknown, "The id of a source is letters, digits and . _ -, at most 63.");

    private static string Of(string path) => JournalAddress.Of(JournalKind.Treasury, path);
}
