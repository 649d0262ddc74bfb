using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>
/// The OpenAPI document and the page that shows it. Everything is served from here; nothing from elsewhere.
/// </summary>
public static class Documentation
{
    private const string Name = "v1";
    private const string Scheme = "key";

    /// <summary>What the page may load: if it asked another host for anything, the browser would refuse.</summary>
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly (string Name, string Meaning)[] Tags =
    [
        (WriteDocumentation.TagOf(JournalKind.Treasury), "Commands: what happened, and what shall be done."),
        (FactTag, "Facts from custodians, exchanges and files, with what they came in."),
        (AskTag, "Derived answers at any as-of and known-at instant."),
        (ExportTag, "Books as files for other programs and for people."),
        (JournalTag, "The entries themselves, as stored and hashed."),
        (WriteDocumentation.TagOf(JournalKind.PriceBook), "Observed prices, shared by a tenant's treasuries."),
        (WriteDocumentation.TagOf(JournalKind.MarketBook), "Observed terms of lending markets, shared likewise."),
        (WebhookTag, "Who is told of entries as they are recorded."),
        (KeyTag, "Who may do what. Nobody gives a key alone."),
        (ErrorTag, "Every code that a problem can carry."),
    ];

    /// <summary>The heading of derived answers.</summary>
    public const string AskTag = "Treasury: ask";

    /// <summary>The heading of facts that outside systems tell.</summary>
    public const string FactTag = "Treasury: facts in";

    /// <summary>The heading of exports.</summary>
    public const string ExportTag = "Treasury: export";

    /// <summary>The heading of entries.</summary>
    public const string JournalTag = "Treasury: journal";

    /// <summary>The heading of webhooks.</summary>
    public const string WebhookTag = "Treasury: webhooks";

    /// <summary>The heading of keys.</summary>
    public const string KeyTag = "Keys";

    /// <summary>The heading of errors.</summary>
    public const string ErrorTag = "Errors";

    /// <summary>Adds the document.</summary>
    public static void AddDocumentation(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => Wire.Apply(json.SerializerOptions));
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddOperationTransformer(OperationDocumentation.TransformAsync);
            options.AddSchemaTransformer(WireSchemas.TransformAsync);
            options.AddDocumentTransformer(StoredSchemas.TransformAsync);
            options.AddDocumentTransformer(async (document, context, cancellation) =>
            {
                Introduce(document);
                document.AddComponent(
                    nameof(Problem), await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellation));
            });
        });
    }

    /// <summary>Maps the document at <c>/openapi/v1.json</c> and the page at <c>/docs</c>.</summary>
    public static void MapDocumentation(this WebApplication app)
    {
        // It never changes while the program runs, and takes seconds to make.
        var document = new Lazy<Task<string>>(() => WriteAsync(app.Services));
        app.MapGet("/openapi/v1.json", async (HttpContext http, CancellationToken cancellation) =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(await document.Value, cancellation);
        }).ExcludeFromDescription();
        app.MapScalarApiReference("/docs", page =>
        {
            page.Title = "Treasury Ledger";
            page.OpenApiRoutePattern = "/openapi/{documentName}.json";
            page.DynamicBaseServerUrl = true;
            page.DefaultFonts = false;
            page.Telemetry = false;
            page.HideClientButton = true;
            page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            page.PersistentAuthentication = false;
            page.DefaultOpenAllTags = false;
            page.DisableAgent();
            page.DisableMcp();
            page.AddPreferredSecuritySchemes(Scheme);
        }).AddEndpointFilter(async (call, next) =>
        {
            call.HttpContext.Response.Headers.ContentSecurityPolicy = ContentPolicy;
            return await next(call);
        });
    }

    /// <summary>The document's text.</summary>
    public static async Task<string> WriteAsync(IServiceProvider services)
    {
        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name);
        var document = await provider.GetOpenApiDocumentAsync();
        return await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1);
    }

    private static void Introduce(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo { Title = "Treasury Ledger", Version = Name, Description = Introduction };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = Tags
            .Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Meaning })
            .ToHashSet();
        document.Components ??= new OpenApiComponents();
        document.Components.Examples = OperationDocumentation.ProblemExamples();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "tlk_<id>_<secret>",
                Description = "A key. The first start of the server shows one; its command `keys create` makes more.",
            },
        };
        foreach (var (name, schema) in document.Components.Schemas!)
        {
            // Behind each name of a member of the union the same command stands without its name.
            if (name.StartsWith(nameof(Command), StringComparison.Ordinal) && name != nameof(Command))
            {
                schema.Required!.Add(Wire.CommandMember);
            }

            Straighten(schema);
        }

        WireSchemas.Describe(document.Components.Schemas);
        document.Security =
            [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
    }

    /// <summary>Descriptions come from doc comments: where a line ended there means nothing here.</summary>
    private static void Straighten(IOpenApiSchema schema)
    {
        if (schema.Description is { } text && text.Contains('\n', StringComparison.Ordinal))
        {
            schema.Description = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }

        if (schema is OpenApiSchema)
        {
            var inner = (schema.Properties?.Values ?? []).Concat(schema.OneOf ?? []).Concat(schema.AnyOf ?? []);
            foreach (var part in schema.Items is { } items ? inner.Append(items) : inner)
            {
                Straighten(part);
            }
        }
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
        - **What is no HTTP request** (a request line that cannot be read or is too long, headers above 32 KB) is turned
          away before anything here sees it: 400, 414 or 431, without a body, and the connection is closed. Nothing was
          recorded.
        """;
}
