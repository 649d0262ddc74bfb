using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>
/// The clock by which nodes are dead or alive. This machine's is compared with it and trusted no further.
/// </summary>
/// <param name="databases">The main one is whose clock it is.</param>
public sealed class DatabaseClock(TenantDatabases databases)
{
    /// <summary>
    /// The largest difference with which a node takes part in the assignment; what nodes tell each other about it
    /// expires after 10 s, by the clocks of both.
    /// </summary>
    public static TimeSpan OffMax => TimeSpan.FromSeconds(5);

    /// <summary>The database's clock, and how far this machine's is ahead of it.</summary>
    public async Task<(DateTimeOffset Now, TimeSpan Ahead)> ReadAsync(CancellationToken cancellation)
    {
        await using var ask = databases.Main.CreateCommand("select statement_timestamp()");
        var now = new DateTimeOffset((DateTime)(await ask.ExecuteScalarAsync(cancellation))!);
        return (now, DateTimeOffset.UtcNow - now); // the clock that Wolverine asks, whatever ours is
    }

    /// <summary>Whether a difference is too large.</summary>
    public static bool IsOff(TimeSpan ahead) => ahead.Duration() > OffMax;
}
