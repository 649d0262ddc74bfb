using Wolverine.Http;
using Wolverine.Runtime.Agents;

namespace TreasuryLedger.Server.Journal.Nodes;

/// <summary>What the container holds of the nodes.</summary>
public static class NodesModule
{
    /// <summary>Adds the way of submissions to their writers; added after Wolverine, which must run before.</summary>
    /// <param name="services">The container.</param>
    /// <param name="node">How this process is one of several; <c>null</c> if it is alone.</param>
    public static void AddNodes(this IServiceCollection services, NodeOptions? node)
    {
        services.AddSingleton<DatabaseClock>();
        services.AddSingleton(provider => new WriterSlots(
            node, provider.GetRequiredService<JournalWriters>(), provider.GetRequiredService<DatabaseClock>()));
        services.AddSingleton<IAgentFamily>(provider => provider.GetRequiredService<WriterSlots>());
        services.AddSingleton(provider => new Submissions(
            provider.GetRequiredService<JournalWriters>(),
            provider.GetService<NodeWatch>(),
            provider.GetRequiredService<ILogger<Submissions>>()));
        if (node is null)
        {
            return;
        }

        services.AddSingleton(node);
        services.AddSingleton<NodeWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<NodeWatch>());
        services.AddWolverineHttp();
        services.AddSignatures(node);
    }
}
