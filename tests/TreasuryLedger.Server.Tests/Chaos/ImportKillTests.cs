using Shouldly;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Chaos;

/// <summary>An import that is killed leaves no gap and no double.</summary>
[Collection(ProgramTests.Name)]
public sealed class ImportKillTests(ApiHost host)
{
    [Fact]
    public async Task killed_anywhere_and_started_again_a_file_is_recorded_as_if_nothing_had_happened()
    {
        const int rows = 12_000;
        var client = await (await host.NewTenantAsync()).OpenAsync();

        var result = await ImportKills.RunAsync(
            host.Login, client.Tenant, rows, kills: 2, seed: 20260201, _ => { }, TestContext.Current.CancellationToken);

        // Both kills came in the middle, or this shows nothing.
        result.Recorded.ShouldAllBe(recorded => recorded > 0 && recorded < rows - 1, result.ToString());
        (result.Missing, result.Doubled, result.IsInOrder, result.Unfound)
            .ShouldBe((0, 0, true, 0), result.ToString());
        var found = result.Recorded[^1];
        result.Told.ShouldBe(
            $"rows {rows}, recorded {rows - 1 - found}, found {found}, evidence 0, breaks 0, parked 0, rejected 1, "
            + "row 17 Quantity value_invalid");
    }
}
