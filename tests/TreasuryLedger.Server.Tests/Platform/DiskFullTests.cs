using System.Net;
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
}
