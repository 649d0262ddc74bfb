using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Chaos;

/// <summary>Nothing told is lost, and nothing is doubled.</summary>
public sealed class ChaosTests
{
    [Fact]
    public async Task with_the_program_and_the_database_killed_or_stopped_nothing_told_is_lost_and_nothing_is_doubled()
    {
        var result = await ChaosRun.KillAsync(
            [Blow.Program, Blow.Database, Blow.Stop, Blow.Stop], seed: 20260201, _ => { },
            TestContext.Current.CancellationToken);

        result.Told.ShouldBeGreaterThan(50);
        (result.Lost, result.Doubled, result.IsIntact, result.Unclean).ShouldBe((0, 0, true, 0), result.ToString());
    }
}
