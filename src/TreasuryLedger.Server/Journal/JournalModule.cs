using Microsoft.Extensions.DependencyInjection.Extensions;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Journal;

/// <summary>What the container holds of the journal.</summary>
public static class JournalModule
{
    /// <summary>Adds readers and writers over the application's connections.</summary>
    /// <param name="services">The container.</param>
    /// <param name="databases">Where each journal lies; the caller disposes them.</param>
    public static void AddJournal(this IServiceCollection services, TenantDatabases databases)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new WriterOptions());
        services.AddSingleton(databases);
        services.AddSingleton<JournalReader>();
        services.AddSingleton<JournalWriters>();
        services.AddSingleton<Prover>();
    }
}
