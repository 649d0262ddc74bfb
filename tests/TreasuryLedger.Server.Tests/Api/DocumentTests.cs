using System.Text;
using System.Text.Json;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Shouldly;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>The OpenAPI document: valid, complete, and what the repository says it is.</summary>
[Collection(ApiTests.Name)]
public sealed class DocumentTests(ApiHost host)
{
    [Fact]
    public async Task it_is_what_is_checked_in() => await RepositoryFiles.ShouldHoldAsync(
        "ops/openapi/v1.json",
        await Documentation.WriteAsync(host.Host.Services) + "\n",
        TestContext.Current.CancellationToken);

    [Fact]
    public async Task it_is_a_valid_OpenAPI_3_1_document()
    {
        var (document, diagnostic) = await ReadAsync();

        diagnostic.Errors.ShouldBeEmpty();
        diagnostic.Warnings.ShouldBeEmpty();
        diagnostic.SpecificationVersion.ShouldBe(OpenApiSpecVersion.OpenApi3_1);
        document.Paths.Count.ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task every_reference_in_it_leads_somewhere()
    {
        using var document = JsonDocument.Parse(await Documentation.WriteAsync(host.Host.Services));

        References(document.RootElement).Distinct().Where(reference => !Leads(document.RootElement, reference))
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task every_operation_is_named_once_and_documents_parameters_bodies_and_problems()
    {
        var (document, _) = await ReadAsync();
        var operations = document.Paths.SelectMany(path => path.Value.Operations!.Select(operation =>
            (Path: path.Key, Method: operation.Key, Operation: operation.Value))).ToList();

        operations.Select(it => it.Operation.OperationId).ShouldBeUnique();
        foreach (var (path, method, operation) in operations)
        {
            var name = $"{method} {path}";
            operation.Summary.ShouldNotBeNullOrEmpty(name);
            operation.Description.ShouldNotBeNullOrEmpty(name);
            operation.Tags!.Count.ShouldBe(1, name);
            foreach (var parameter in operation.Parameters ?? [])
            {
                parameter.Description.ShouldNotBeNullOrEmpty($"{name} {parameter.Name}");
                parameter.Schema.ShouldNotBeNull($"{name} {parameter.Name}");
                parameter.Examples!.Count.ShouldBe(1, $"{name} {parameter.Name}");
            }

            foreach (var placeholder in path.Split('{').Skip(1).Select(part => part.Split('}')[0].TrimStart('*')))
            {
                operation.Parameters!.ShouldContain(
                    it => it.Name == placeholder && it.In == ParameterLocation.Path && it.Required, name);
            }

            operation.Responses!.Keys.ShouldContain("401", name);
            operation.Responses.Keys.ShouldContain(status => status[0] == '2', name);
            operation.Responses.ShouldAllBe(
                response => response.Key == "304" || response.Value.Content!.Count >= 1, name);
            // What is done to a key or webhook that the address names takes no body.
            if (method != HttpMethod.Get && !path.StartsWith("/v1/keys/{id}", StringComparison.Ordinal)
                && !path.Contains("/webhooks/{id}", StringComparison.Ordinal))
            {
                operation.RequestBody!.Content!["application/json"].Examples!.ShouldNotBeEmpty(name);
                operation.RequestBody.Content["application/json"].Schema.ShouldNotBeNull(name);
            }
        }
    }

    [Fact]
    public async Task both_times_are_parameters_of_every_read_of_a_journal()
    {
        var (document, _) = await ReadAsync();

        foreach (var (path, item) in document.Paths.Where(path => path.Key.Contains('{', StringComparison.Ordinal)))
        {
            if (item.Operations!.TryGetValue(HttpMethod.Get, out var read)
                && !path.Contains("/requests/", StringComparison.Ordinal)
                // What was received is beside the journal and has no viewpoint.
                && !path.Contains("/payloads", StringComparison.Ordinal)
                && !path.EndsWith("/sources", StringComparison.Ordinal)
                && !path.EndsWith("/breaks", StringComparison.Ordinal)
                && !path.EndsWith("/verification", StringComparison.Ordinal)
                && !path.EndsWith("/proof", StringComparison.Ordinal)
                && !path.EndsWith("/consistency", StringComparison.Ordinal)
                && !path.Contains("/webhooks", StringComparison.Ordinal)
                && !path.Contains("/errors/", StringComparison.Ordinal))
            {
                var names = read.Parameters!.Select(parameter => parameter.Name).ToList();
                names.ShouldContain("asOf", path);
                names.ShouldContain(name => name == "knownAt" || name == "knownAt1", path);
            }
        }
    }

    [Fact]
    public async Task every_code_is_documented_by_some_operation_and_every_documented_code_is_registered()
    {
        var text = await Documentation.WriteAsync(host.Host.Services);
        using var document = JsonDocument.Parse(text);
        var examples = document.RootElement.GetProperty("components").GetProperty("examples");
        var referred = References(document.RootElement)
            .Where(reference => reference.StartsWith("#/components/examples/", StringComparison.Ordinal))
            .Select(reference => reference["#/components/examples/".Length..])
            .Distinct();

        // An address that is not served is no operation.
        referred.Append(ErrorRegistry.RouteUnknown)
            .ShouldBe(ErrorRegistry.All.Select(kind => kind.Code), ignoreOrder: true);
        examples.EnumerateObject().Select(example => example.Name)
            .ShouldBe(ErrorRegistry.All.Select(kind => kind.Code), ignoreOrder: true);
    }

    [Fact]
    public void every_value_with_a_text_form_is_described()
    {
        var texts = typeof(Amount).Assembly.GetTypes().Concat(typeof(WireSchemas).Assembly.GetTypes())
            .Where(type => !type.IsInterface && type.GetInterfaces().Any(face =>
                face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IText<>)));

        texts.ShouldBe(WireSchemas.Described, ignoreOrder: true);
    }

    private async Task<(OpenApiDocument Document, OpenApiDiagnostic Diagnostic)> ReadAsync()
    {
        var text = await Documentation.WriteAsync(host.Host.Services);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var result = await OpenApiDocument.LoadAsync(
            stream, OpenApiConstants.Json, cancellationToken: TestContext.Current.CancellationToken);
        return (result.Document!, result.Diagnostic!);
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name == "$ref" && member.Value.ValueKind == JsonValueKind.String
                ? [member.Value.GetString()!]
                : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static bool Leads(JsonElement root, string reference)
    {
        foreach (var step in reference.Split('/').Skip(1))
        {
            if (!root.TryGetProperty(step, out root))
            {
                return false;
            }
        }

        return true;
    }
}
