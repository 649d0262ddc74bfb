using System.Net.Http.Headers;
using Shouldly;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Api;
using TreasuryLedger.Server.Tests.Webhooks;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform;

/// <summary>A tenant that calls with another's names, tags, cursors and keys.</summary>
/// <remarks>The benchmarks call 100,000 times.</remarks>
[Collection(ProgramTests.Name)]
public sealed class TenantFuzzTests(ApiHost host)
{
    private const int Calls = 160;

    [Fact]
    public async Task no_call_of_a_tenant_tells_it_of_another_and_a_planted_leak_is_found()
    {
        const int seed = 20260201;
        var random = new Random(seed);
        var thief = new Thief(host.Host.Server.CreateHandler());
        using var http = new HttpClient(thief) { BaseAddress = host.Host.Server.BaseAddress };
        await using var receiver = await Receiver.StartAsync(_ => 204);
        var fuzz = await TenantFuzz.PrepareAsync(http, new KeyAdministration(host.Owner), receiver);
        fuzz.Hidden.ShouldBeGreaterThan(50);
        (await fuzz.RunAsync(seed, Calls, _ => { })).ShouldBeNull();
        fuzz.Calls.Count.ShouldBe(9);
        fuzz.Delivered.ShouldBeGreaterThan(0);

        // From now on one call of ten is answered as if the other had asked it.
        thief.Steals = fuzz.Others;
        var leaks = 0;
        for (var number = 0; number < Calls / 4; number++)
        {
            leaks += await fuzz.CallAsync(random, number) is null ? 0 : 1;
        }

        leaks.ShouldBeGreaterThan(0, $"seed {seed}");
    }

    /// <summary>A server that mixes callers up, once it is told to.</summary>
    private sealed class Thief(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private int _requests;

        public ApiKey? Steals { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Steals is not null && ++_requests % 10 == 0)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Steals.ToString());
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
