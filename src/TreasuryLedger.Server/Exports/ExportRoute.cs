using System.Globalization;
using System.Net.Mime;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Exports;

/// <summary>A file before it is written: where it stands is known.</summary>
/// <param name="Standpoint">Where it stands.</param>
/// <param name="Cost">Counts what it costs, while it is written.</param>
/// <param name="WriteAsync">Writes it, a part at a time.</param>
public sealed record PendingExport(
    Standpoint Standpoint, FoldCost Cost, Func<Stream, CancellationToken, Task> WriteAsync)
{
    /// <summary>What else its bytes follow from; empty if from standpoint and question alone.</summary>
    public string Form { get; init; } = "";
}

/// <summary>A file that is made of a treasury at a viewpoint, over HTTP and on the command line alike.</summary>
/// <param name="Name">Its name in the path and on the command line.</param>
/// <param name="Extension">What its file's name ends with.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Id">Names the operation for generated clients.</param>
/// <param name="Summary">What it is, in a line.</param>
/// <param name="Description">What else a caller must know.</param>
/// <param name="Parameters">What it takes.</param>
/// <param name="AskAsync">Reads the question and finds where the file stands.</param>
public sealed record ExportRoute(
    string Name,
    string Extension,
    string MediaType,
    string Id,
    string Summary,
    string Description,
    ParameterText[] Parameters,
    Func<Asking, CancellationToken, Task<PendingExport>> AskAsync)
{
    /// <summary>Every export.</summary>
    public static ExportRoute[] All { get; } =
    [
        WorkbookFile.Route, StatementFile.Route, Form8949File.Route, BeancountFile.Route, AuditorsPack.Route,
        .. ExposureChartFile.Routes,
    ];

    private static readonly ProblemSet Problems = new("Export",
    [
        ErrorRegistry.IdInvalid, ErrorRegistry.KnownAtInFuture, ErrorRegistry.PositionNotReached,
        ErrorRegistry.BookUnknown, ErrorRegistry.Of(RefusalCode.JournalNotOpened).Code,
        ErrorRegistry.Of(RefusalCode.AssetUnknown).Code,
    ]);

    /// <summary>Maps the export for HTTP.</summary>
    public void Map(IEndpointRouteBuilder app) => app
        .MapGet(JournalAddress.Of(JournalKind.Treasury, $"exports/{Name}"), async (HttpContext http, AnswerDesk desk) =>
        {
            var asking = new Asking(
                desk, JournalAddress.KeyOf(http, JournalKind.Treasury, Caller.Of(http).Tenant), "",
                new QueryReader(http.Request.Query), ListFormat.Json);
            var pending = await AskAsync(asking, http.RequestAborted);
            var stand = pending.Standpoint;
            if (!ListHttp.Begin(http, asking.TextOf(Id, MediaType + pending.Form, stand)))
            {
                return;
            }

            var response = http.Response;
            ListHttp.BeginFile(response, stand.AsOf, stand.KnownAt, stand.Positions.Treasury);
            response.ContentType = MediaType;
            response.Headers.ContentDisposition = new ContentDisposition("attachment")
            {
                FileName = FileNameOf(stand),
            }.ToString();
            using var running = http.RequestServices.GetRequiredService<RunningAnswers>()
                .Begin(http, Id, stand, pending.Cost);
            await pending.WriteAsync(response.Body, http.RequestAborted);
        })
        .Documented(new OperationText(Id, Documentation.ExportTag, Summary, Description)
        {
            Parameters =
            [
                WriteDocumentation.JournalParameter(JournalKind.Treasury), ListHttp.IfNoneMatch, RunningAnswers.Header,
                .. Parameters,
            ],
            Streams = [MediaType.Split(';')[0]],
            Problems = Problems,
        });

    /// <summary>A name that says whose file it is and where it stands.</summary>
    public string FileNameOf(Standpoint stand) => string.Create(
        CultureInfo.InvariantCulture, $"{stand.Treasury}-{Name}-{stand.AsOf.ToUtc():yyyy-MM-dd}.{Extension}");
}
