using Npgsql;

namespace TreasuryLedger.Server.Platform;

/// <summary>A database of this process, by its name.</summary>
/// <param name="name">As the configuration names it; the main one is <see cref="TenantDatabases.MainName"/>.</param>
/// <param name="app">Connections of the application role.</param>
/// <param name="prepare">
/// Brings it to what this version needs, before it is used first; <c>null</c> if that is done. It may be away when the
/// process starts, and come later.
/// </param>
public sealed class NamedDatabase(string name, NpgsqlDataSource app, Func<CancellationToken, Task>? prepare = null)
    : IDisposable
{
    /// <summary>Who comes this soon after somebody found it away is told so without another try.</summary>
    private static readonly TimeSpan AwayFor = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _preparing = new(1);
    private bool _isPrepared = prepare is null;
    private volatile bool _isReady = prepare is null;
    private Func<CancellationToken, Task>? _first;
    private long? _awaySince;

    /// <summary>As the configuration names it.</summary>
    public string Name => name;

    /// <summary>Connections of the application role, whether or not it was prepared.</summary>
    public NpgsqlDataSource App => app;

    /// <summary>Connections of the application role, once it is prepared.</summary>
    /// <param name="cancellation">Stops the wait.</param>
    /// <exception cref="ProblemException">It was never reached yet, and is not now, or it is another one.</exception>
    public ValueTask<NpgsqlDataSource> ReadyAsync(CancellationToken cancellation) =>
        _isReady ? new(app) : PrepareAsync(cancellation);

    /// <summary>Does something before anybody uses it from now on: now, or as soon as it is there.</summary>
    /// <param name="first">What to do. If it fails, it is tried again by whoever comes next.</param>
    /// <param name="cancellation">Stops the wait.</param>
    /// <exception cref="ProblemException">It is not there now.</exception>
    public async Task FirstAsync(Func<CancellationToken, Task> first, CancellationToken cancellation)
    {
        await _preparing.WaitAsync(cancellation);
        (_first, _isReady) = (first, false);
        _preparing.Release();
        await ReadyAsync(cancellation);
    }

    private async ValueTask<NpgsqlDataSource> PrepareAsync(CancellationToken cancellation)
    {
        await _preparing.WaitAsync(cancellation);
        try
        {
            if (!_isReady)
            {
                if (_awaySince is { } since && TimeProvider.System.GetElapsedTime(since) < AwayFor)
                {
                    throw Away(null);
                }

                if (!_isPrepared)
                {
                    await prepare!(cancellation);
                    _isPrepared = true;
                }

                if (_first is { } first)
                {
                    await first(cancellation);
                    _first = null;
                }

                _isReady = true;
            }

            return app;
        }
        catch (NpgsqlException fault)
        {
            _awaySince = TimeProvider.System.GetTimestamp();
            throw Away(fault);
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _preparing.Dispose();
        app.Dispose();
    }

    private ProblemException Away(NpgsqlException? fault) => new(
        Problem.Of(ErrorRegistry.DatabaseUnavailable, $"Database {name} does not answer.", ("database", name)), fault);
}
