using System.Numerics;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks.Rows;

/// <summary>
/// What is held, owed and at risk at a random (as of, known at): of one lending position through 100,000 touches, and
/// of a thousand positions at once, in a market with 100,000 updates of its indices.
/// </summary>
public static class Positions
{
    private const double TargetMs = 10;

    /// <summary>Measures both.</summary>
    public static async Task MeasureAsync(Lab lab, RawLimit raw, Findings findings)
    {
        await lab.RecordAsync(JournalKey.Markets(Lab.Tenant, "main"), "markets", LendingHistory.Markets());
        foreach (var (positions, touches, what, estimate) in new[]
        {
            (1, 100_000, "a position with 100,000 index updates", "p50 2 ms, p99 5 ms: as totals"),
            (1_000, 5, "a treasury with 1,000 positions", "p50 5 ms, p99 8 ms: 4 µs a position"),
        })
        {
            var key = JournalKey.Treasury(Lab.Tenant, $"lending-{positions}");
            await lab.RecordAsync(key, "load", LendingHistory.Commands(positions, touches));
            var (health, levels) = (await Totals.AskAsync(lab, key, Health), await Totals.AskAsync(lab, key, Levels));
            findings.Rows.Add(new Row(
                $"health factor and loan-to-value of {what} at random (E, K), warm", estimate, health.Percentiles(),
                "–", "–", "p99 ≤ 10 ms", health.At(0.99) > TargetMs ? Reached.No : Reached.Yes));
            findings.Rows.Add(new Row(
                "the same with the liquidation price of each", "p50 6 ms, p99 9 ms: 2 µs a position more",
                levels.Percentiles(), "–", "–", "p99 ≤ 10 ms",
                levels.At(0.99) > TargetMs ? Reached.No : Reached.Yes));
        }
    }

    private static BigInteger Health(TreasuryAt treasury) => AccountsOf(treasury).Whole
        .Aggregate(BigInteger.Zero, (sum, account) => sum + AccountData.Of(account.Value).HealthFactor);

    private static BigInteger Levels(TreasuryAt treasury)
    {
        var accounts = AccountsOf(treasury);
        var ether = accounts.ReserveOf(History.Asked);
        return Health(treasury) + accounts.Whole.Aggregate(
            BigInteger.Zero, (sum, account) => sum + LiquidationLevels.Of(account.Value, ether).Price8);
    }

    private static PositionAccounts AccountsOf(TreasuryAt treasury) => PositionAccounts.Of(
        treasury.Positions, treasury.Registers, treasury.Markets, treasury.Viewpoint.AsOf, null,
        treasury.State.Facts);
}
