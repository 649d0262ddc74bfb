using System.Net.Http.Headers;
using Shouldly;
using TreasuryLedger.Server.Platform.OpenApi;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Fuzz;

/// <summary>The contract under requests by chance; <c>fuzz --full</c> of the benchmarks sends 50,000.</summary>
[Collection(ApiTests.Name)]
public sealed class ContractFuzzTests(ApiHost host)
{
    private const int Requests = 500;

    [Fact]
    public async Task every_answer_is_one_that_the_document_promises()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var client = await host.NewTenantAsync();
        using var http = host.Host.Server.CreateClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", client.Key);
        var fuzz = new ContractFuzz(await Documentation.WriteAsync(host.Host.Services), http);
        await fuzz.BeginAsync();

        var faults = await fuzz.RunAsync(Requests, seed: 20260201, cancellation);

        faults.DistinctBy(fault => fault[..Math.Min(60, fault.Length)]).Take(12).ShouldBeEmpty(
            $"{faults.Count} of {Requests}");
        foreach (var status in new[] { 200, 201, 400, 404, 405, 409, 415, 422 })
        {
            fuzz.Statuses.Keys.ShouldContain(status);
        }

        (await client.GetAsync(ApiClient.Treasury + "/verification")).Json.GetProperty("isIntact").GetBoolean()
            .ShouldBeTrue();
    }
}
