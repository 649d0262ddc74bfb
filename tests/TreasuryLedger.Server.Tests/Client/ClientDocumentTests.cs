using Shouldly;
using TreasuryLedger.Server.Platform.OpenApi;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Client;

/// <summary>The client's types are those of the OpenAPI document.</summary>
[Collection(ApiTests.Name)]
public sealed class ClientDocumentTests(ApiHost host)
{
    private const string Folder = "src/TreasuryLedger.Client/Generated";

    [Fact]
    public async Task the_clients_types_are_what_the_document_says()
    {
        var files = ClientSource.Of(await Documentation.WriteAsync(host.Host.Services));

        files["Commands.cs"].ShouldContain("public sealed record AcquireAsset : Command");
        files["Records.cs"].ShouldContain("public sealed record BalancesAnswer");
        foreach (var (name, text) in files)
        {
            await RepositoryFiles.ShouldHoldAsync($"{Folder}/{name}", text, TestContext.Current.CancellationToken);
        }
    }
}
