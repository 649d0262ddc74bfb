using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;

using Microsoft.OpenApi;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Platform.OpenApi;

/// <summary>Writes what an <see cref="OperationText"/> says into the OpenAPI document.</summary>
public static class OperationDocumentation
{
    /// <summary>Problems that any request can meet.</summary>
    private static readonly string[] Everywhere =
    [
        ErrorRegistry.RequestMalformed, ErrorRegistry.QueryInvalid, ErrorRegistry.KeyMissing, ErrorRegistry.KeyInvalid,
        ErrorRegistry.MethodNotAllowed, ErrorRegistry.InternalError, ErrorRegistry.DatabaseUnavailable,
    ];

    /// <summary>Gives a route its documentation, which also declares its bodies.</summary>
    public static RouteHandlerBuilder Documented(
        this RouteHandlerBuilder endpoint, OperationText text, Type? body = null)
    {
        endpoint.WithMetadata(text).WithSummary(text.Summary).WithDescription(text.Description).WithTags(text.Tag);
        if (body is not null)
        {
            endpoint.Accepts(body, "application/json");
        }

        foreach (var (status, _, type) in text.Answers)
        {
            endpoint.Produces(status, type, "application/json");
        }

        foreach (var status in KindsOf(text).Select(kind => kind.Status).Distinct())
        {
            endpoint.Produces<Problem>(status, Problem.MediaType);
        }

        return endpoint;
    }

    /// <summary>Puts parameters, examples and the meaning of statuses into an operation.</summary>
    public static async Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var text = context.Description.ActionDescriptor.EndpointMetadata.OfType<OperationText>().Last();
        // An address that is served by PUT and by POST is two operations, and each needs a name of its own.
        var isSecond = context.Description.HttpMethod == HttpMethods.Post
            && context.Description.ActionDescriptor.EndpointMetadata.OfType<IHttpMethodMetadata>().Last().HttpMethods
                .Contains(HttpMethods.Put);
        operation.OperationId = isSecond ? text.Id + "ByPost" : text.Id;
        operation.Parameters = [];
        foreach (var parameter in text.Parameters)
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = Enum.Parse<ParameterLocation>(parameter.In, ignoreCase: true),
                Required = parameter.Required,
                Description = parameter.Description,
                Schema = await context.GetOrCreateSchemaAsync(parameter.Type, null, cancellation),
                Example = parameter.Example,
            });
        }

        if (operation.RequestBody is OpenApiRequestBody body)
        {
            body.Required = true;
            body.Content!["application/json"].Examples = text.Examples.ToDictionary(
                example => example.Name,
                IOpenApiExample (example) => new OpenApiExample { Value = JsonNode.Parse(example.Json) },
                StringComparer.Ordinal);
        }

        foreach (var (status, meaning, _) in text.Answers)
        {
            Describe(operation, status, meaning);
        }

        foreach (var kinds in KindsOf(text).GroupBy(kind => kind.Status))
        {
            DescribeProblems(
                operation, kinds.Key, [.. kinds.OrderBy(kind => kind.Code, StringComparer.Ordinal)], context.Document);
        }
    }

    /// <summary>An example of every problem, to which the operations refer.</summary>
    public static IDictionary<string, IOpenApiExample> ProblemExamples() => ErrorRegistry.All.ToDictionary(
        kind => kind.Code,
        IOpenApiExample (kind) => new OpenApiExample
        {
            Value = JsonSerializer.SerializeToNode(Problem.Of(kind.Code, $"{kind.Title}."), Wire.Options),
        },
        StringComparer.Ordinal);

    private static IEnumerable<ErrorKind> KindsOf(OperationText text) =>
        text.Errors.Concat(Everywhere).Distinct(StringComparer.Ordinal).Select(ErrorRegistry.Of);

    private static void DescribeProblems(
        OpenApiOperation operation, int status, ErrorKind[] kinds, OpenApiDocument? document)
    {
        Describe(operation, status, string.Join('\n', kinds.Select(kind => $"- `{kind.Code}`: {kind.Title}.")));
        operation.Responses![Text(status)].Content![Problem.MediaType].Examples = kinds.ToDictionary(
            kind => kind.Code,
            IOpenApiExample (kind) => new OpenApiExampleReference(kind.Code, document),
            StringComparer.Ordinal);
    }

    private static void Describe(OpenApiOperation operation, int status, string meaning) =>
        operation.Responses![Text(status)].Description = meaning;

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
