using Shouldly;
using TreasuryLedger.Server.Platform.OpenApi;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>
/// The API keeps what it has promised: v1 may grow, and a change that breaks a program needs a v2. What is promised is
/// taken anew at each release, with <c>RELEASE_OPENAPI=1</c> and a look at what changed.
/// </summary>
[Collection(ApiTests.Name)]
public sealed class PromiseTests(ApiHost host)
{
    private const string Released = "ops/openapi/v1.released.txt";

    [Fact]
    public async Task nothing_that_was_released_is_broken()
    {
        var now = Promises.Of(await Documentation.WriteAsync(host.Host.Services));
        var file = RepositoryFiles.PathOf(Released);
        if (Environment.GetEnvironmentVariable("RELEASE_OPENAPI") == "1")
        {
            await File.WriteAllLinesAsync(file, now, TestContext.Current.CancellationToken);
        }

        var released = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);

        released.Length.ShouldBeGreaterThan(3_000);
        Promises.Broken(released, now).ShouldBeEmpty(
            "programs rely on this: keep it, or serve the change under a new version");
    }

    [Theory]
    [InlineData("\"required\":[\"a\"]", "\"required\":[\"a\",\"b\"]", "new: T needs b")]
    [InlineData("\"required\":[\"a\"]", "\"required\":[]", "no more: T always has a")]
    [InlineData(",\"b\":{\"enum\":[\"x\",\"y\"]}", "", "no more: T.b: anything")]
    [InlineData("[\"x\",\"y\"]", "[\"x\"]", "no more: T.b = y")]
    [InlineData(",{\"$ref\":\"#/V\"}", "", "no more: T.d: U or V")]
    [InlineData(",{\"$ref\":\"#/V\"}", ",{\"$ref\":\"#/W\"}", "no more: T.d: U or V")]
    [InlineData(",{\"$ref\":\"#/V\"}", ",{\"$ref\":\"#/V\"},{\"type\":\"null\"}", "no more: T.d: U or V")]
    [InlineData("\"type\":\"string\"", "\"type\":\"integer\"", "no more: T.a: string")]
    [InlineData("\"post\"", "\"put\"", "no more: POST /t")]
    [InlineData("\"201\"", "\"200\"", "no more: POST /t answers 201 application/json T")]
    [InlineData("\"201\":{\"content\":{\"application/json\"", "\"201\":{\"content\":{\"text/csv\"",
        "no more: POST /t answers 201 application/json T")]
    [InlineData("\"required\":false", "\"required\":true", "new: POST /t needs query q")]
    public void a_break_is_seen(string before, string after, string broken)
    {
        Document.ShouldContain(before);

        Promises.Broken(Promises.Of(Document), Promises.Of(Document.Replace(before, after, StringComparison.Ordinal)))
            .ShouldContain(broken);
    }

    [Theory]
    [InlineData("[\"x\",\"y\"]", "[\"x\",\"y\",\"z\"]")]
    [InlineData(",{\"$ref\":\"#/V\"}", ",{\"$ref\":\"#/V\"},{\"$ref\":\"#/W\"}")]
    [InlineData("\"properties\":{", "\"properties\":{\"c\":{},")]
    [InlineData("\"201\":{\"content\":{", "\"201\":{\"content\":{\"text/csv\":{\"schema\":{\"type\":\"string\"}},")]
    [InlineData("\"parameters\":[", "\"parameters\":[{\"in\":\"query\",\"name\":\"r\",\"schema\":{}},")]
    [InlineData("\"paths\":{", "\"paths\":{\"/u\":{\"get\":{\"parameters\":[{\"in\":\"query\",\"name\":\"r\","
        + "\"required\":true,\"schema\":{}}],\"responses\":{}}},")]
    public void what_only_grows_breaks_nothing(string before, string after)
    {
        Document.ShouldContain(before);

        Promises.Broken(Promises.Of(Document), Promises.Of(Document.Replace(before, after, StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    private const string Document =
        """
        {"paths":{"/t":{"post":{"parameters":[{"in":"query","name":"q","required":false,"schema":{"type":"boolean"}}],
        "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}},
        "responses":{"201":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}}}}}},
        "components":{"schemas":{"T":{"required":["a"],
        "properties":{"a":{"type":"string"},"d":{"oneOf":[{"$ref":"#/U"},{"$ref":"#/V"}]},"b":{"enum":["x","y"]}}}}}}
        """;
}
