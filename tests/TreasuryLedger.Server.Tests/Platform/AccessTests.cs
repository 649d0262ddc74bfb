using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Access;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform;

/// <summary>Every request is noted with who made it, and too many are refused.</summary>
[Collection(ApiTests.Name)]
public sealed class AccessTests(ApiHost host)
{
    [Fact]
    public async Task answers_and_refusals_are_noted_with_actor_route_viewpoint_and_outcome_and_without_secrets()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        var feed = await host.NewCallerAsync(opened.Tenant, "feed", Grant.Of(Role.Custodian));
        var answer = await feed.GetAsync(ApiClient.Treasury + "/balances?asOf=2026-01-31");
        (await feed.GetAsync(ApiClient.Treasury + "/lots")).Code.ShouldBe(ErrorRegistry.RoleMissing);
        var id = answer.Headers.GetValues(AccessLogging.RequestIdHeader).Single();

        var noted = await NotedAsync(opened, "/v1/access?actor=feed", 2);
        var (refused, answered) = (noted[0], noted[1]);
        answered.GetProperty("requestId").GetString().ShouldBe(id);
        answered.GetProperty("route").GetString().ShouldBe("/v1/treasuries/{treasury}/balances");
        answered.GetProperty("journal").GetString().ShouldBe("acme");
        answered.GetProperty("asOf").GetString().ShouldBe("2026-01-31");
        answered.GetProperty("status").GetInt32().ShouldBe(200);
        refused.GetProperty("status").GetInt32().ShouldBe(403);
        refused.GetProperty("code").GetString().ShouldBe(ErrorRegistry.RoleMissing);
        (await NotedAsync(opened, "/v1/access?actor=feed&refused=true", 1)).Count.ShouldBe(1);
        (await NotedAsync(opened, "/v1/access?limit=1", 1)).Count.ShouldBe(1);
        (await feed.GetAsync("/v1/access")).Code.ShouldBe(ErrorRegistry.RoleMissing);

        var stranger = await host.NewTenantAsync();
        (await NotedAsync(stranger, "/v1/access", 0)).ShouldNotContain(row => row.GetRawText().Contains("feed"));
        // Of whom nobody knows anything is noted as well, for the operator.
        await new ApiClient(host.Host, opened.Tenant, "tlk_none").GetAsync("/v1/journals");
        const string nobody = "select count(*) from ledger.access_log where tenant = '-' and code = 'key_invalid'";
        while (await Database.AskAsync(host.Login, nobody) == "0")
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        (await Database.AskAsync(host.Login, "select count(*) from ledger.access_log a where a::text like '%tlk_%'"))
            .ShouldBe("0");
    }

    [Fact]
    public async Task who_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up()
    {
        var limited = await host.NewCallerAsync(ApiHost.Limited);
        var others = await host.NewTenantAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => limited.GetAsync("/v1/journals")));

        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBeGreaterThanOrEqualTo(3);
        var refused = answers.First(answer => answer.Status == HttpStatusCode.TooManyRequests);
        refused.Code.ShouldBe(ErrorRegistry.RateLimited);
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeGreaterThanOrEqualTo(1);
        (await others.GetAsync("/v1/journals")).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<List<JsonElement>> NotedAsync(ApiClient client, string address, int atLeast)
    {
        while (true)
        {
            var rows = (await client.GetAsync(address)).ShouldBe(HttpStatusCode.OK).Json.GetProperty("requests");
            if (rows.GetArrayLength() >= atLeast)
            {
                return [.. rows.EnumerateArray()];
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
