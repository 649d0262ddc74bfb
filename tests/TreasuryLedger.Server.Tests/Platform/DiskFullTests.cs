using System.Net;
using Microsoft.AspNetCore.Http;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform;

/// <summary>The database has no room: it says so by an error of its own, which a trigger raises here.</summary>
[Collection(ApiTests.Name)]
public sealed class DiskFullTests(ApiHost host)
{
    private const string Yield = """
        {"effectiveAt":"2026-01-05T08:00:00Z","account":"wallet","asset":"ETH","quantity":"1"}
        """;

    [Theory]
    [InlineData("ledger.entries")]
    [InlineData("journal.mt_events")]
    [InlineData("ledger.narrow")]
    public async Task while_there_is_no_room_nothing_is_recorded_and_reads_go_on(string table)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var head = await client.HeadAsync();
        var tenant = table.StartsWith("journal", StringComparison.Ordinal) ? "tenant_id" : "tenant";
        await Database.AskAsync(host.Login, $"""
            create function public.no_room() returns trigger language plpgsql as $$
            begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
            create trigger no_room before insert on {table} for each row
                when (new.{tenant} = '{client.Tenant}') execute function public.no_room();
            """);
        try
        {
            var refused = await client.PostAsync(ApiClient.Treasury + "/yields", Yield, "k");

            refused.ShouldBe(HttpStatusCode.ServiceUnavailable).Code.ShouldBe(ErrorRegistry.NotRecorded);
            refused.Headers.RetryAfter.ShouldNotBeNull();
            (await client.HeadAsync()).ShouldBe(head);
            (await client.GetAsync(ApiClient.Treasury + "/balances")).ShouldBe(HttpStatusCode.OK);
            (await client.GetAsync(ApiClient.Treasury + "/requests/k")).Code.ShouldBe(ErrorRegistry.RequestUnknown);
        }
        finally
        {
            await Database.AskAsync(
                host.Login, $"drop trigger no_room on {table}; drop function public.no_room()");
        }

        (await client.PostAsync(ApiClient.Treasury + "/yields", Yield, "k")).ShouldBe(HttpStatusCode.Created);
        (await client.GetAsync(ApiClient.Treasury + "/verification")).Json.GetProperty("isIntact").GetBoolean()
            .ShouldBeTrue();
    }

    [Theory]
    [InlineData("POST", "/v1/treasuries/acme/yields", false)]
    [InlineData("PUT", "/v1/treasuries/acme", false)]
    [InlineData("POST", "/v1/keys/0f1e2d3c4b5a6978/rotation", true)]
    [InlineData("DELETE", "/v1/treasuries/acme/webhooks/0f1e2d3c4b5a6978", true)]
    [InlineData("GET", "/v1/treasuries/acme/balances", true)]
    public void with_too_little_room_nothing_is_taken_in_and_the_rest_goes_on(string method, string path, bool passes)
    {
        var request = new DefaultHttpContext { Request = { Method = method, Path = path } }.Request;
        var folder = Path.GetTempPath();
        var free = new DiskGate(folder, 0, TimeProvider.System).Free!.Value;
        var gate = new DiskGate(folder, long.MaxValue, TimeProvider.System);

        free.ShouldBeGreaterThan(0);
        if (passes)
        {
            gate.Check(request);
        }
        else
        {
            var refused = Should.Throw<ProblemException>(() => gate.Check(request)).Problem;
            (refused.Code, refused.Status, refused.Retryable).ShouldBe((ErrorRegistry.NotRecorded, 503, true));
            refused.Numbers["leastFreeBytes"].ShouldBe($"{long.MaxValue}");
        }

        new DiskGate(folder, 1, TimeProvider.System).Check(request);
        new DiskGate(null, long.MaxValue, TimeProvider.System).Check(request);
    }

    [Fact]
    public async Task health_says_how_much_room_is_left()
    {
        using var stranger = host.Host.Server.CreateClient();

        var health = await stranger.GetStringAsync("/health/disk", TestContext.Current.CancellationToken);

        health.ShouldContain("\"status\":\"ok\"");
        health.ShouldContain("\"leastFreeBytes\":536870912");
    }
}
