using System.Globalization;
using System.Threading.RateLimiting;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform;

/// <summary>How often somebody may ask.</summary>
/// <param name="PerSecond">Requests a second in the long run; 0: no limit.</param>
/// <param name="Burst">Requests at once after a pause.</param>
public sealed record RateLimit(int PerSecond, int Burst);

/// <summary>
/// Keeps one caller from taking what all share: requests are counted for each key and for each tenant, by each server
/// for itself and in memory alone. Who exceeds a limit is refused at once with when to come back; nothing waits.
/// Settings: <c>RateLimits:Key</c>, <c>RateLimits:Tenant</c>, and <c>RateLimits:Tenants:&lt;name&gt;</c> for one
/// tenant, each with <c>PerSecond</c> and <c>Burst</c>.
/// </summary>
public sealed class RateLimits : IDisposable
{
    /// <summary>Of a key, if nobody says otherwise: far above what a feed needs, below what a server can do.</summary>
    public static readonly RateLimit OfKey = new(5_000, 10_000);

    /// <summary>Of a tenant, if nobody says otherwise.</summary>
    public static readonly RateLimit OfTenant = new(10_000, 20_000);

    private readonly PartitionedRateLimiter<Caller> _keys;
    private readonly PartitionedRateLimiter<Caller> _tenants;

    /// <summary>The limits that the configuration names.</summary>
    public RateLimits(IConfiguration configuration)
    {
        var (key, tenant) = (Of(configuration, "Key", OfKey), Of(configuration, "Tenant", OfTenant));
        var tenants = configuration.GetSection("RateLimits:Tenants").GetChildren().ToDictionary(
            section => section.Key, section => Of(configuration, $"Tenants:{section.Key}", tenant));
        _keys = PartitionedRateLimiter.Create<Caller, string>(caller => Partition(caller.KeyId, key));
        _tenants = PartitionedRateLimiter.Create<Caller, string>(
            caller => Partition(caller.Tenant, tenants.GetValueOrDefault(caller.Tenant, tenant)));
    }

    /// <summary>Counts a request, or refuses it.</summary>
    /// <param name="http">The request of a known caller.</param>
    /// <exception cref="ProblemException">There were too many.</exception>
    public void Check(HttpContext http)
    {
        var caller = Caller.Of(http);
        Take(http, _keys, caller, "key");
        Take(http, _tenants, caller, "tenant");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _tenants.Dispose();
    }

    private static void Take(HttpContext http, PartitionedRateLimiter<Caller> limiter, Caller caller, string whose)
    {
        using var lease = limiter.AttemptAcquire(caller);
        if (!lease.IsAcquired)
        {
            var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            throw ProblemException.Of(
                ErrorRegistry.RateLimited, $"This {whose} asks more often than it may.", ("of", whose),
                ("retryAfterSeconds", seconds));
        }
    }

    private static RateLimitPartition<string> Partition(string name, RateLimit limit) => limit.PerSecond == 0
        ? RateLimitPartition.GetNoLimiter(name)
        : RateLimitPartition.GetTokenBucketLimiter(name, _ => new TokenBucketRateLimiterOptions
        {
            // Tenths, so that a burst that is spent comes back evenly; a limit below ten a second, by the second.
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(limit.PerSecond < 10 ? 1_000 : 100),
            TokensPerPeriod = limit.PerSecond < 10 ? limit.PerSecond : limit.PerSecond / 10,
            TokenLimit = limit.Burst,
            QueueLimit = 0,
        });

    private static RateLimit Of(IConfiguration configuration, string name, RateLimit otherwise)
    {
        var section = configuration.GetSection($"RateLimits:{name}");
        var perSecond = section.GetValue("PerSecond", otherwise.PerSecond);
        var limit = new RateLimit(perSecond, section.GetValue("Burst", Math.Max(otherwise.Burst, perSecond)));
        return limit is { PerSecond: >= 0, Burst: > 0 }
            ? limit
            : throw new InvalidOperationException(
                $"{section.Path} needs PerSecond of 0 or more, and Burst of 1 or more.");
    }
}
