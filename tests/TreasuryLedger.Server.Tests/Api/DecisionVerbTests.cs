using System.Text.Json;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What people decide about lots, recorded on the command line from the documented bodies.</summary>
[Collection(ApiTests.Name)]
public sealed class DecisionVerbTests(ApiHost host)
{
    [Theory]
    [InlineData(typeof(IdentifyLots), "lots_identified_v1")]
    [InlineData(typeof(GiveStandingOrder), "standing_order_given_v1")]
    [InlineData(typeof(AllocateBasis), "basis_allocated_v1")]
    [InlineData(typeof(HandOverUnits), "units_handed_over_v1")]
    [InlineData(typeof(TakeOverUnits), "units_taken_over_v1")]
    public async Task a_decision_about_lots_is_recorded_by_the_command_line_as_over_HTTP(Type command, string type)
    {
        var client = await host.NewTenantAsync();
        foreach (var request in Story.Requests.TakeWhile(request => request.Route.Command != command))
        {
            await client.PostAsync(request.Address, request.Example.Json);
        }

        var body = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                body, Story.Requests.First(request => request.Route.Command == command).Example.Json,
                TestContext.Current.CancellationToken);
            string[] record =
            [
                "record", CommandNames.Of(command), "--file", body, "--journal",
                "treasury/acme", "--tenant", client.Tenant, "--idempotency-key", "decided", "--json",
            ];
            var before = await client.HeadAsync();

            var tried = await ProgramRun.OverAsync(host.Login, [.. record, "--dry-run"]);
            (await client.HeadAsync()).ShouldBe(before);
            var first = await ProgramRun.OverAsync(host.Login, record);
            var again = await ProgramRun.OverAsync(host.Login, record);

            tried.ExitCode.ShouldBe(0, tried.Error);
            first.ExitCode.ShouldBe(0, first.Error);
            var entry = JsonElement.Parse(first.Output).GetProperty("entries")[0];
            JsonElement.Parse(again.Output).GetProperty("entries")[0].GetProperty("replayed").GetBoolean()
                .ShouldBeTrue();
            (await client.GetAsync($"{ApiClient.Treasury}/entries/{entry.GetProperty("position").GetInt64()}")).Text
                .ShouldContain(type);
        }
        finally
        {
            File.Delete(body);
        }
    }
}
