using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers;

/// <summary>Where the span of a question begins; it ends with asOf.</summary>
internal static class SpanStart
{
    /// <summary>The parameter.</summary>
    public static ParameterText Parameter => new(
        "from", "query", typeof(AsOf),
        "The earlier instant in the world (inclusive), not after asOf: what happened after it, up to asOf. Without "
        + "it: from the beginning.", "2026-01-31");

    /// <summary>Reads it; once the treasury is seen it gives the instant, absent for the beginning.</summary>
    public static Func<Seen, Instant?> Read(QueryReader query)
    {
        var from = query.Value<AsOf>("from");
        return seen =>
        {
            var asOf = seen.Standpoint.AsOf;
            return from?.In(seen.Zone) is { } later && later > asOf
                ? throw ProblemException.Of(
                    ErrorRegistry.QueryInvalid, $"The parameter 'from' must not be after asOf, which is {asOf}.",
                    ("from", later), ("asOf", asOf))
                : from?.In(seen.Zone);
        };
    }
}
