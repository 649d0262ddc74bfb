using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>Writes what an <see cref="OperationText"/> says into the OpenAPI document.</summary>
public static class OperationDocumentation
{
    /// <summary>Gives a route its documentation, which also declares its bodies.</summary>
    public static RouteHandlerBuilder Documented(
        this RouteHandlerBuilder endpoint, OperationText text, Type? body = null)
    {
        var audience = body is null ? Audience.Of(text) : Audience.OfBody(body);
        endpoint.WithMetadata(text, audience).WithSummary(text.Summary).WithTags(text.Tag)
            .WithDescription(audience == Audience.Everybody ? text.Description
                : $"{text.Description} For the roles {audience}.");
        if (body is not null)
        {
            endpoint.Accepts(body, "application/json");
        }

        foreach (var (status, _, type) in text.Answers)
        {
            endpoint.Produces(status, type, "application/json");
        }

        return endpoint;
    }

    /// <summary>Puts names, parameters, examples and the meaning of statuses into an operation.</summary>
    public static async Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var text = metadata.OfType<OperationText>().Last();
        // An address that is served by PUT and by POST is two operations, and each needs a name of its own.
        var isSecond = context.Description.HttpMethod == HttpMethods.Post
            && metadata.OfType<IHttpMethodMetadata>().Last().HttpMethods.Contains(HttpMethods.Put);
        operation.OperationId = isSecond ? text.Id + "ByPost" : text.Id;
        operation.Parameters = [];
        foreach (var parameter in text.Parameters)
        {
            operation.Parameters.Add(await ParameterAsync(parameter, context, cancellation));
        }

        if (operation.RequestBody is OpenApiRequestBody body)
        {
            body.Required = true;
            body.Content!["application/json"].Examples = text.Examples.ToDictionary(
                example => example.Name,
                IOpenApiExample (example) => new OpenApiExample { Value = JsonNode.Parse(example.Json) },
                StringComparer.Ordinal);
        }

        foreach (var (status, meaning, type) in text.Answers)
        {
            var answer = operation.Responses![Text(status)];
            answer.Description = meaning;
            if ((ExampleOf(text.Id) ?? ExampleOf(type.Name)) is { } example)
            {
                answer.Content!["application/json"].Example = example;
            }
        }

        if (text.Answers.IsEmpty)
        {
            operation.Responses!["200"] = new OpenApiResponse
            {
                Description = "The file.",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal),
            };
        }

        foreach (var media in text.Streams)
        {
            operation.Responses!["200"].Content![media] =
                new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        if (text.Parameters.Any(parameter => parameter.Name == HeaderNames.IfNoneMatch))
        {
            operation.Responses!["304"] = new OpenApiResponse { Description = "The caller has the answer already." };
        }

        foreach (var (status, kinds) in text.Problems.ByStatus)
        {
            var name = text.Problems.Name + Text(status);
            context.Document!.AddComponent(name, Response(kinds, context.Document));
            operation.Responses![Text(status)] = new OpenApiResponseReference(name, context.Document);
        }
    }

    /// <summary>An example of every problem, to which the responses refer.</summary>
    public static IDictionary<string, IOpenApiExample> ProblemExamples() => ErrorRegistry.All.ToDictionary(
        kind => kind.Code,
        IOpenApiExample (kind) => new OpenApiExample
        {
            Value = JsonSerializer.SerializeToNode(Problem.Of(kind.Code, $"{kind.Title}."), Wire.Options),
        },
        StringComparer.Ordinal);

    /// <summary>An answer that was really given; a test gets it again and compares.</summary>
    private static JsonNode? ExampleOf(string name)
    {
        using var stored = typeof(OperationDocumentation).Assembly.GetManifestResourceStream($"Examples/{name}.json");
        return stored is null ? null : JsonNode.Parse(stored);
    }

    private static async Task<OpenApiParameter> ParameterAsync(
        ParameterText text, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await context.GetOrCreateSchemaAsync(text.Type, null, cancellation);
        schema.Pattern = text.Pattern ?? schema.Pattern;
        schema.Description = null; // the parameter has its own
        schema.Examples = null;
        var example = new OpenApiExample
        {
            Value = text.Type == typeof(string) || text.Type.IsEnum || Wire.IsText(text.Type)
                ? JsonValue.Create(text.Example)
                : JsonNode.Parse(text.Example),
        };
        if (!text.Required)
        {
            // The page would send every optional parameter that has an example, which is seldom what a reader wants.
            example.AddExtension("x-disabled", new JsonNodeExtension(JsonValue.Create(true)));
        }

        return new OpenApiParameter
        {
            Name = text.Name,
            In = Enum.Parse<ParameterLocation>(text.In, ignoreCase: true),
            Required = text.Required,
            Description = text.Description,
            Schema = schema,
            Examples = new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal) { ["example"] = example },
        };
    }

    private static OpenApiResponse Response(ErrorKind[] kinds, OpenApiDocument document)
    {
        var response = new OpenApiResponse
        {
            Description = string.Join('\n', kinds.Select(kind => $"- `{kind.Code}`: {kind.Title}.")),
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [Problem.MediaType] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchemaReference(nameof(Problem), document),
                    Examples = kinds.ToDictionary(
                        kind => kind.Code,
                        IOpenApiExample (kind) => new OpenApiExampleReference(kind.Code, document),
                        StringComparer.Ordinal),
                },
            },
        };
        if (kinds.Any(kind => kind.Retryable))
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
            {
                ["Retry-After"] = new OpenApiHeader
                {
                    Description = "Seconds after which to try again.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
                },
            };
        }

        return response;
    }

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
