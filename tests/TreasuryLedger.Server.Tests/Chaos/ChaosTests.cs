using Shouldly;
using Xunit;

namespace TreasuryLedger.Server.Tests.Chaos;

/// <summary>Nothing told is lost, and nothing is doubled.</summary>
public sealed class ChaosTests
{
    [Fact]
    public async Task with_everything_killed_stopped_or_cut_off_nothing_told_is_lost_or_doubled_and_sums_are_right()
    {
        const int cuts = 64;

        var result = await ChaosRun.RunAsync(
            [Blow.Program, Blow.Database, Blow.Stop, Blow.Stop], cuts, seed: 20260201, _ => { },
            TestContext.Current.CancellationToken);

        result.Told.ShouldBeGreaterThan(50 + cuts);
        result.Replayed.ShouldBeGreaterThanOrEqualTo(cuts / 2); // of every other one the answer was on its way
        (result.Lost, result.Doubled, result.IsIntact, result.Unclean, result.Cut)
            .ShouldBe((0, 0, true, 0, cuts), result.ToString());
        result.Wrong.ShouldBeEmpty();
    }
}
