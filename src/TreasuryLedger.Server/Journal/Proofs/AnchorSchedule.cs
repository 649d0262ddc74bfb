using Npgsql;

namespace TreasuryLedger.Server.Journal.Proofs;

/// <summary>Anchors in turns while the server runs, if a folder is configured.</summary>
/// <param name="anchoring">Makes anchors.</param>
/// <param name="options">How often.</param>
/// <param name="time">Measures the turns.</param>
/// <param name="log">Told of what fails.</param>
public sealed class AnchorSchedule(
    Anchoring anchoring, AnchorOptions options, TimeProvider time, ILogger<AnchorSchedule> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Directory is null)
        {
            return;
        }

        using var turns = new PeriodicTimer(options.Every, time);
        do
        {
            await AnchorAsync(stoppingToken);
        }
        while (await turns.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>A turn that fails does not end the schedule: the next one says it again, or makes it good.</summary>
    private async Task AnchorAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var anchored in anchoring.AnchorAllAsync(cancellation))
            {
                if (anchored.Fault is { } changed)
                {
                    log.LogCritical("{Tenant} is not anchored: {Reason}", anchored.Tenant, changed);
                }
                else if (anchored.IsNew)
                {
                    log.LogInformation(
                        "Anchored {Tenant}: number {Number}, head of heads {Root}.",
                        anchored.Tenant, anchored.Number, anchored.Root);
                }
            }
        }
        catch (Exception fault) when (fault is NpgsqlException or HttpRequestException or IOException
            or UnauthorizedAccessException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            log.LogError(fault, "Heads could not be anchored; the next turn tries again.");
        }
    }
}

/// <summary>Puts the schedule into a server.</summary>
public static class AnchorModule
{
    /// <summary>Adds the schedule, with what the configuration says.</summary>
    public static void AddAnchoring(this IServiceCollection services, IConfiguration configuration)
    {
        var options = AnchorOptions.Of(configuration);
        services.AddSingleton(options);
        services.AddSingleton(provider => new Anchoring(
            provider.GetRequiredService<Prover>(),
            options,
            options.ObjectStore.Terms is { } terms
                ? new ObjectStore(new HttpClient(), terms, provider.GetRequiredService<TimeProvider>())
                : null));
        services.AddHostedService<AnchorSchedule>();
    }
}
