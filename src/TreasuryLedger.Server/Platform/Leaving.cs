using TreasuryLedger.Server.Journal.Nodes;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// How a server stops: first it says so, and still answers. Who looks at readiness sends others elsewhere, and no
/// connection outlives its request; so nobody sends on one in the moment in which it is closed and has to find out what
/// became of it. Then requests in flight are ended, and then the rest. Setting: <c>Shutdown:ReadyOffSeconds</c>.
/// </summary>
/// <param name="readyOff">For how long it still answers.</param>
public sealed class Leaving(TimeSpan readyOff) : IHostedLifecycleService
{
    /// <summary>The setting.</summary>
    public const string Setting = "Shutdown:ReadyOffSeconds";

    /// <summary>For how long requests in flight go on after that.</summary>
    private static readonly TimeSpan InFlight = TimeSpan.FromSeconds(30);

    private const double SecondsDefault = 1;
    private const double SecondsMax = 300;

    private volatile bool _isLeaving;

    /// <summary>How long the host may take to stop: both draw on the same time.</summary>
    public TimeSpan Longest => readyOff + InFlight;

    /// <summary>Whether callers shall go elsewhere.</summary>
    public bool IsLeaving => _isLeaving;

    /// <summary>What the configuration says; one of several nodes waits until the others have looked at it.</summary>
    /// <exception cref="ArgumentException">The setting is not of its form.</exception>
    public static Leaving From(IConfiguration configuration)
    {
        var usual = NodeOptions.From(configuration)?.HealthCheckInterval.TotalSeconds ?? SecondsDefault;
        var seconds = configuration.GetValue(Setting, usual);
        return seconds is >= 0 and <= SecondsMax
            ? new Leaving(TimeSpan.FromSeconds(seconds))
            : throw new ArgumentException($"{Setting} is {seconds}; it must be 0 to {SecondsMax}.");
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_isLeaving)
        {
            return; // a host that is stopped twice says it once
        }

        _isLeaving = true;
        await Task.Delay(readyOff, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>What a server that leaves says to those who still ask.</summary>
public static class LeavingGate
{
    /// <summary>While the server is leaving, no connection outlives its request.</summary>
    public static void UseLeaving(this WebApplication app)
    {
        var leaving = app.Services.GetRequiredService<Leaving>();
        app.Use((http, next) =>
        {
            if (leaving.IsLeaving)
            {
                http.Response.Headers.Connection = "close";
            }

            return next(http);
        });
    }
}
