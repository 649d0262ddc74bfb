namespace TreasuryLedger.Server.Lists;

/// <summary>What the container holds of lists.</summary>
public static class ListModule
{
    /// <summary>Adds the tables' worker, which runs where a host is started, and what lists are read by.</summary>
    public static void AddLists(this IServiceCollection services) => services
        .AddSingleton<ListProjector>()
        .AddSingleton<CursorKey>()
        .AddSingleton<ListLookout>()
        .AddHostedService<ListWorker>();
}
