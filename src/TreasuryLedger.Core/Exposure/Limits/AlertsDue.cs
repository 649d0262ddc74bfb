using System.Collections.Immutable;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Exposure.Limits;

/// <summary>Which breaches an alert is to be raised about (SPEC 9.9).</summary>
public static class AlertsDue
{
    /// <summary>The breaches about which nobody has raised an alert, by their beginning.</summary>
    /// <param name="seen">
    /// What is broken at each instant looked at, in order. The first one lies before all that is new: what is broken
    /// there was so before.
    /// </param>
    /// <param name="alerts">The alerts that were raised, as known.</param>
    public static ImmutableArray<Breach> Of(
        IReadOnlyList<(Instant At, ImmutableArray<BrokenLimit> Broken)> seen, ImmutableArray<RecordedAlert> alerts)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var own = alerts.ToLookup(one => (one.Raised.Limit, one.Raised.Subject));
        return [.. Breaches.Of(seen).Where(breach => !own[(breach.Limit, breach.Subject)].Any(IsAbout(breach)))];

        // While one is open no other is raised. What was resolved and is still broken, somebody accepts.
        Func<RecordedAlert, bool> IsAbout(Breach breach) => alert => alert.Resolved is null
            || (breach.From == seen[0].At && alert.Since <= breach.From)
            || (alert.Since >= breach.From && !(alert.Since >= breach.Until));
    }
}
