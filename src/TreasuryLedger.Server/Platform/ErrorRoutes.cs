using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Platform;

/// <summary>Every error code of the server.</summary>
/// <param name="Errors">By status and code.</param>
public sealed record ErrorsAnswer(IReadOnlyList<ErrorKind> Errors);

/// <summary>Where the registry of errors explains itself; problems point here.</summary>
public static class ErrorRoutes
{
    private const string Tag = Documentation.ErrorTag;

    private static readonly ProblemSet Problems = new("Error", [ErrorRegistry.ErrorUnknown]);

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/errors", async (HttpContext http, CancellationToken cancellation) =>
        {
            new QueryReader(http.Request.Query).End();
            await http.Response.WriteAsJsonAsync(new ErrorsAnswer(ErrorRegistry.All), Wire.Options, cancellation);
        }).Documented(new OperationText(
            "listErrors", Tag, "Every error code", "Its status, what it means, what to do next, whether to try again.")
        {
            Answers = [(200, "The codes.", typeof(ErrorsAnswer))],
            Problems = Problems,
        });

        app.MapGet("/v1/errors/{code}", async (HttpContext http, CancellationToken cancellation) =>
        {
            new QueryReader(http.Request.Query).End();
            var kind = ErrorRegistry.Find(http.Request.RouteValues["code"]!.ToString()!) ?? throw ProblemException.Of(
                ErrorRegistry.ErrorUnknown, "No error has this code.");
            await http.Response.WriteAsJsonAsync(kind, Wire.Options, cancellation);
        }).Documented(new OperationText("getError", Tag, "One error code", "Where the type of a problem points to.")
        {
            Parameters = [new("code", "path", typeof(string), "The code.", ErrorRegistry.OutcomeUnknown, true)],
            Answers = [(200, "The code.", typeof(ErrorKind))],
            Problems = Problems,
        });
    }
}
