using Npgsql;
using TreasuryLedger.EmbeddedPostgres;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// The database of this process, migrated: the one that the configuration names, else an embedded PostgreSQL that ends
/// with the process. Settings: <c>Database:OwnerConnection</c>, <c>Database:AppConnection</c> (a login of its own for
/// the application, if the owner's login shall not be used for it), <c>Database:DataDirectory</c>.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private readonly EmbeddedPostgresServer? _embedded;

    private Database(Logins logins, EmbeddedPostgresServer? embedded)
    {
        Logins = logins;
        _embedded = embedded;
        App = NpgsqlDataSource.Create(logins.App);
        Tenants = TenantDatabases.Of(App);
    }

    /// <summary>The two ways in.</summary>
    public Logins Logins { get; }

    /// <summary>The pool of the application role.</summary>
    public NpgsqlDataSource App { get; }

    /// <summary>In which database the journals of a tenant lie.</summary>
    public TenantDatabases Tenants { get; }

    /// <summary>Ends when an embedded server has ended by itself and could not be started again; else never.</summary>
    public Task Lost => _embedded?.Completion ?? Task.Delay(Timeout.Infinite);

    /// <summary>Opens the database and brings it to what this version needs.</summary>
    /// <param name="configuration">Where it is.</param>
    /// <param name="progress">Told of what takes long.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="alone">
    /// Not to work in an embedded PostgreSQL that a running server has. Who does neither migrates nor stops it.
    /// </param>
    /// <exception cref="EmbeddedPostgresException">
    /// No embedded PostgreSQL can be had; the message says what to do.
    /// </exception>
    /// <exception cref="NpgsqlException">The named database cannot be reached.</exception>
    public static async Task<Database> OpenAsync(
        IConfiguration configuration, Action<string> progress, CancellationToken cancellation, bool alone = true)
    {
        if (configuration["Database:OwnerConnection"] is { Length: > 0 } owner)
        {
            var logins = await Schema.PrepareAsync(owner, cancellation);
            return new Database(
                configuration["Database:AppConnection"] is { Length: > 0 } app ? logins.WithApp(app) : logins,
                embedded: null);
        }

        var directory = configuration["Database:DataDirectory"];
        var options = new EmbeddedPostgresOptions
        {
            DataDirectory = directory is { Length: > 0 } ? directory : EmbeddedPostgresOptions.DefaultDataDirectory,
            Progress = progress,
        };
        EmbeddedPostgresServer server;
        try
        {
            server = await EmbeddedPostgresServer.StartAsync(options, cancellation);
        }
        catch (EmbeddedPostgresException busy) when (
            !alone && busy.IsInUse && RunningServer.OwnerConnectionString(options) is not null)
        {
            return Of(Logins.Of(RunningServer.OwnerConnectionString(options)!));
        }

        try
        {
            return new Database(await Schema.PrepareOwnAsync(server.OwnerConnectionString, cancellation), server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A database that somebody else migrated and will stop.</summary>
    public static Database Of(Logins logins) => new(logins, embedded: null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }
}
