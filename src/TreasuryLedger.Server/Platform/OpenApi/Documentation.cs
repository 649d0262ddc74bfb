using Microsoft.OpenApi;
using Scalar.AspNetCore;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>
/// The OpenAPI document and the page that shows it. Everything is served from here; nothing from elsewhere.
/// </summary>
public static class Documentation
{
    private const string Scheme = "key";

    /// <summary>What the page may load: a page that asks another host for something shows nothing instead.</summary>
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds the document.</summary>
    public static void AddDocumentation(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => Wire.Apply(json.SerializerOptions));
        services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddOperationTransformer(OperationDocumentation.TransformAsync);
            options.AddSchemaTransformer(WireSchemas.TransformAsync);
            options.AddDocumentTransformer((document, _, _) =>
            {
                Introduce(document);
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>Maps the document at <c>/openapi/v1.json</c> and the page at <c>/docs</c>.</summary>
    public static void MapDocumentation(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").ExcludeFromDescription();
        app.MapScalarApiReference("/docs", page =>
        {
            page.Title = "Treasury Ledger";
            page.OpenApiRoutePattern = "/openapi/{documentName}.json";
            page.DefaultFonts = false;
            page.Telemetry = false;
            page.HideClientButton = true;
            page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            page.PersistentAuthentication = false;
            page.DisableAgent();
            page.DisableMcp();
            page.AddPreferredSecuritySchemes(Scheme);
        }).AddEndpointFilter(async (call, next) =>
        {
            call.HttpContext.Response.Headers.ContentSecurityPolicy = ContentPolicy;
            return await next(call);
        });
    }

    private static void Introduce(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Treasury Ledger",
            Version = "v1",
            Description = Introduction,
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.Examples = OperationDocumentation.ProblemExamples();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "tlk_<id>_<secret>",
                Description = "A key of the tenant. The first start of the server shows one; `keys create` makes more.",
            },
        };
        document.Security =
            [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
    }

    private const string Introduction = """
        What did we hold, owe, earn and risk **as of** an instant in the world, **as known at** an instant in the
        ledger, and why does it differ from what we said before?

        - **Two times.** Every read takes `asOf` and `knownAt`, both inclusive and optional, and prints both with the
          positions of the journals that it read. The same question gets the same bytes for ever, under the printed
          calculation version.
        - **Two identities.** `Idempotency-Key` names a request: sent again with the same body it gets its first answer,
          marked `Idempotent-Replayed`. `fact` names what happened: the same fact from a second source adds evidence, a
          different claim opens a break.
        - **Exact numbers.** Money and quantities are decimal strings, never JSON numbers; nothing is rounded on the way
          in.
        - **Problems** are `application/problem+json` with a `code`, the `numbers` that matter and what to do `next`.
          All codes stand at `GET /v1/errors`.
        """;
}
