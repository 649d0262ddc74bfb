using System.Text.Json;
using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>
/// Every example of the document is of the schema beside it. That every answer of these tests is, too, is checked where
/// it arrives, in <see cref="ApiClient"/>.
/// </summary>
public sealed class SchemaTests
{
    private static readonly DocumentedSchemas Document = DocumentedSchemas.Instance;

    [Fact]
    public void every_documented_request_and_answer_is_of_its_schema()
    {
        var bodies =
            from it in Document.Operations
            from body in it.Operation.GetProperty("responses").EnumerateObject()
                .Select(response => (response.Name, response.Value))
                .Concat(it.Operation.TryGetProperty("requestBody", out var request) ? [("request", request)] : [])
            where DocumentedSchemas.HasContent(Document.Resolved(body.Value))
            let content = DocumentedSchemas.Content(Document.Resolved(body.Value))
            where content.TryGetProperty("examples", out _)
            from example in content.GetProperty("examples").EnumerateObject()
            select (Name: $"{it.Name} {body.Name} {example.Name}", Schema: content.GetProperty("schema"),
                Value: Document.Resolved(example.Value).GetProperty("value"));

        var checkedBodies = bodies.ToList();

        checkedBodies.Count.ShouldBeGreaterThan(1_000);
        checkedBodies.SelectMany(body => Faults(body.Schema, body.Value, body.Name)).ShouldBeEmpty();
    }

    [Fact]
    public void every_documented_parameter_is_of_its_schema()
    {
        var parameters =
            from it in Document.Operations
            where it.Operation.TryGetProperty("parameters", out _)
            from parameter in it.Operation.GetProperty("parameters").EnumerateArray()
            let value = parameter.GetProperty("examples").EnumerateObject().Single().Value.GetProperty("value")
            select Faults(parameter.GetProperty("schema"), value, $"{it.Name} {parameter.GetProperty("name")}");

        parameters.SelectMany(faults => faults).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}""", "{}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"b":"x"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":["null","integer"]}}}""", """{"a":1.5}""")]
    [InlineData("""{"type":"array","items":{"type":"string","pattern":"^a$"}}""", """["a","b"]""")]
    [InlineData("""{"oneOf":[{"type":"null"},{"type":"string","enum":["x"]}]}""", "\"y\"")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"boolean"}]}""", "\"y\"")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"string"}]}""", "\"y\"")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"abc\"")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", """{"b":1}""")]
    [InlineData("""{"type":"string","minLength":2}""", "\"abc\"")]
    public void the_check_finds_what_is_not_of_a_schema(string schema, string value) => Faults(
        JsonDocument.Parse(schema).RootElement, JsonDocument.Parse(value).RootElement, "it").ShouldNotBeEmpty();

    private static IReadOnlyList<string> Faults(JsonElement schema, JsonElement value, string name)
    {
        using var document = JsonDocument.Parse(value.GetRawText());
        return Document.Faults(schema, document, name);
    }
}
