using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using TreasuryLedger.Server.Journal.Proofs;

namespace TreasuryLedger.Server.Journal;

/// <summary>What the container holds of the journal.</summary>
public static class JournalModule
{
    /// <summary>Adds readers and writers over the application's connections.</summary>
    /// <param name="services">The container.</param>
    /// <param name="database">Connections of the application role; the caller disposes them.</param>
    public static void AddJournal(this IServiceCollection services, NpgsqlDataSource database)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new WriterOptions());
        services.AddSingleton(database);
        services.AddSingleton<JournalReader>();
        services.AddSingleton<JournalWriters>();
        services.AddSingleton<Prover>();
    }
}
