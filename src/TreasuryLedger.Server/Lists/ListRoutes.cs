using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Lists;

/// <summary>
/// A list that journals give, over HTTP and on the command line alike: as pages, or whole as a stream. A route is only
/// a row.
/// </summary>
/// <param name="Verb">Its verb on the command line.</param>
/// <param name="Path">Its path behind a journal's address.</param>
/// <param name="Id">Names the operation for generated clients.</param>
/// <param name="Summary">What it lists, in a line.</param>
/// <param name="Description">What else a caller must know.</param>
/// <param name="Kinds">The kinds of journals that give it.</param>
/// <param name="Filters">Its parameters beside those of every list.</param>
/// <param name="ReadFilter">Reads them.</param>
/// <param name="Rows">Its rows.</param>
public sealed record ListRoute(
    string Verb,
    string Path,
    string Id,
    string Summary,
    string Description,
    JournalKind[] Kinds,
    ParameterText[] Filters,
    Func<QueryReader, ListFilter> ReadFilter,
    ListShape Rows)
{
    private const string Streams = " Filters combine. As a stream (`ndjson`, `csv`, `xlsx`) it is given whole: NDJSON "
        + "begins with the viewpoint and ends with the number of rows, so a stream that broke is known by its end; CSV "
        + "has the viewpoint in the headers Ledger-As-Of, Ledger-Known-At and Ledger-Position.";

    private static readonly ProblemSet Problems = new("List",
    [
        ErrorRegistry.IdInvalid, ErrorRegistry.KnownAtInFuture, ErrorRegistry.PositionNotReached,
        ErrorRegistry.CursorInvalid, ErrorRegistry.ReadModelBehind, ErrorRegistry.ReadModelStopped,
        ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code, ErrorRegistry.Of(RefusalCode.AssetUnknown).Code,
    ]);

    /// <summary>Every list.</summary>
    public static ListRoute[] All { get; } =
    [
        new("entries", "entries", "listEntries", "Entries in recorded order",
            "The journal, voided entries included unless `voided=false`. Without asOf entries of every effective "
            + "instant." + Streams,
            JournalAddress.Kinds, [.. ListFilter.MovementParameters, .. ListFilter.EntryParameters],
            ListFilter.ReadMovements, ListShape.OfEntries),
        new("movements", "movements", "listMovements", "Changes of units in recorded order",
            "What entries moved: units held and owed, unless another side is asked for. Without asOf movements of "
            + "every effective instant." + Streams,
            [JournalKind.Treasury], [.. ListFilter.MovementParameters, .. ListFilter.EntryParameters],
            ListFilter.ReadMovements, ListShape.OfMovements),
        new("prices", "prices", "listPrices", "Prices in recorded order",
            "What was recorded, voided prices included unless `voided=false`." + Streams,
            [JournalKind.PriceBook], [.. ListFilter.PriceParameters, .. ListFilter.EntryParameters],
            ListFilter.ReadPrices, ListShape.OfPrices),
    ];

    /// <summary>Maps all lists, and what entries add up to.</summary>
    public static void MapAll(IEndpointRouteBuilder app)
    {
        foreach (var route in All)
        {
            foreach (var kind in route.Kinds)
            {
                route.Map(app, kind);
            }
        }

        foreach (var kind in JournalAddress.Kinds)
        {
            MapSums(app, kind);
        }
    }

    private void Map(IEndpointRouteBuilder app, JournalKind kind) => app
        .MapGet(JournalAddress.Of(kind, Path), async (HttpContext http, ListLookout lookout) =>
        {
            var key = JournalAddress.KeyOf(http, kind, Caller.Of(http).Tenant);
            var question = ListQuestion.Read(
                Id, new QueryReader(http.Request.Query), ReadFilter, ListHttp.Accepted(http.Request));
            var stand = await lookout.StandAsync(key, question, http.RequestAborted);
            if (!ListHttp.Begin(http, stand))
            {
                return;
            }

            if (question.Format == ListFormat.Json)
            {
                var page = await Rows.PageAsync(lookout, stand, http.RequestAborted);
                await http.Response.WriteAsJsonAsync(page, Rows.Page, Wire.Options, http.RequestAborted);
                return;
            }

            await foreach (var part in Rows.StreamAsync(lookout, stand, http.RequestAborted))
            {
                await http.Response.BodyWriter.WriteAsync(part, http.RequestAborted);
            }
        })
        .Documented(new OperationText(IdOf(Id, kind), TagOf(kind), Summary, Description)
        {
            Parameters =
            [
                WriteDocumentation.JournalParameter(kind), .. ListQuestion.Parameters, ListHttp.IfNoneMatch, .. Filters,
            ],
            Answers = [(200, "The answer. The same question gets the same bytes, and the same ETag.", Rows.Page)],
            Streams = [.. ListHttp.Streams],
            Problems = Problems,
        });

    private static void MapSums(IEndpointRouteBuilder app, JournalKind kind) => app
        .MapGet(JournalAddress.Of(kind, "entries/sums"), async (HttpContext http, ListLookout lookout) =>
        {
            var key = JournalAddress.KeyOf(http, kind, Caller.Of(http).Tenant);
            var stand = await lookout.StandAsync(key, SumsQuestion(http.Request.Query), http.RequestAborted);
            if (ListHttp.Begin(http, stand))
            {
                var sums = await lookout.SumsAsync(stand, http.RequestAborted);
                await Http.AnswerAsync(http, sums);
            }
        })
        .Documented(new OperationText(
            IdOf("sumEntries", kind), TagOf(kind), "What a filtered list of entries adds up to",
            "How many entries match, and what their matching movements add up to by side and asset. The same filters "
            + "as for the list.")
        {
            Parameters =
            [
                WriteDocumentation.JournalParameter(kind), .. Question.Times, ListHttp.IfNoneMatch,
                .. ListFilter.MovementParameters, .. ListFilter.EntryParameters,
            ],
            Answers = [(200, "The answer. The same question gets the same bytes.", typeof(EntrySumsAnswer))],
            Problems = Problems,
        });

    /// <summary>The question of <c>entries/sums</c>: no order, no pages.</summary>
    public static ListQuestion SumsQuestion(IQueryCollection query)
    {
        var reader = new QueryReader(query);
        var question = new ListQuestion(
            "sumEntries", ListFilter.ReadMovements(reader), ListOrder.Oldest, reader.Value<AsOf>("asOf"),
            reader.Value<Core.Time.Instant>("knownAt"), reader.Number("minPosition", 0, long.MaxValue) ?? 0,
            Limit: null, Cursor: null, ListFormat.Json);
        reader.End();
        return question;
    }

    private static string IdOf(string id, JournalKind kind) =>
        kind == JournalKind.Treasury || id == "listPrices" ? id : $"{id}Of{kind}";

    private static string TagOf(JournalKind kind) =>
        kind == JournalKind.Treasury ? Documentation.JournalTag : WriteDocumentation.TagOf(kind);
}
