using Npgsql;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Platform.Keys;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// The databases of this process. The main one, migrated: that which the configuration names, else an embedded
/// PostgreSQL that ends with the process. Settings: <c>Database:OwnerConnection</c>, <c>Database:AppConnection</c> (a
/// login of its own for the application, if the owner's login shall not be used for it),
/// <c>Database:DataDirectory</c>. And further ones, each prepared when it is used first:
/// <c>Database:Shards:&lt;name&gt;:OwnerConnection</c> and <c>AppConnection</c>; <c>Database:NewTenants</c> names that
/// which tenants get that nobody assigned, else the main one.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private readonly EmbeddedPostgresServer? _embedded;

    private readonly Dictionary<string, string> _owners;

    private Database(Logins logins, EmbeddedPostgresServer? embedded, ShardSettings shards)
    {
        Logins = logins;
        _embedded = embedded;
        _owners = shards.All.ToDictionary(shard => shard.Name, shard => shard.Logins.Owner);
        _owners.Add(TenantDatabases.MainName, logins.Owner);
        Tenants = new TenantDatabases(
            [
                new NamedDatabase(TenantDatabases.MainName, NpgsqlDataSource.Create(logins.App)),
                .. shards.All.Select(shard => new NamedDatabase(
                    shard.Name,
                    NpgsqlDataSource.Create(shard.Logins.App),
                    cancellation => PrepareAsync(shard, cancellation))),
            ],
            shards.NewTenants);
    }

    /// <summary>The two ways into the main one.</summary>
    public Logins Logins { get; }

    /// <summary>The main one's pool of the application role.</summary>
    public NpgsqlDataSource App => Tenants.Main;

    /// <summary>In which database the journals of a tenant lie.</summary>
    public TenantDatabases Tenants { get; }

    /// <summary>The folder of an embedded server; <c>null</c> of any other database.</summary>
    public string? DataDirectory => _embedded?.DataDirectory;

    /// <summary>Ends when an embedded server has ended by itself and could not be started again; else never.</summary>
    public Task Lost => _embedded?.Completion ?? Task.Delay(Timeout.Infinite);

    /// <summary>The owner's connection string to one of them.</summary>
    public string OwnerOf(NamedDatabase database) => _owners[database.Name];

    /// <summary>Opens the main database and brings it to what this version needs.</summary>
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
    /// <exception cref="ProblemException">It is a further one, or the settings of those are wrong.</exception>
    public static async Task<Database> OpenAsync(
        IConfiguration configuration, Action<string> progress, CancellationToken cancellation, bool alone = true)
    {
        var shards = ShardSettings.Of(configuration);
        if (configuration["Database:OwnerConnection"] is { Length: > 0 } owner)
        {
            var logins = await Schema.PrepareAsync(owner, cancellation);
            await Schema.IdentifyAsync(logins.Owner, TenantDatabases.MainName, ledger: null, cancellation);
            return new Database(
                configuration["Database:AppConnection"] is { Length: > 0 } app ? logins.WithApp(app) : logins,
                embedded: null,
                shards);
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
            return new Database(
                Logins.Of(RunningServer.OwnerConnectionString(options)!), embedded: null, shards);
        }

        try
        {
            var logins = await Schema.PrepareOwnAsync(server.OwnerConnectionString, cancellation);
            await Schema.IdentifyAsync(logins.Owner, TenantDatabases.MainName, ledger: null, cancellation);
            return new Database(logins, server, shards);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A main database that somebody else migrated and will stop, and what the settings name beside it.
    /// </summary>
    public static Database Of(Logins logins, IConfiguration? settings = null) =>
        new(logins, embedded: null, ShardSettings.Of(settings ?? new ConfigurationManager()));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var database in Tenants.All)
        {
            database.Dispose();
        }

        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

    private async Task PrepareAsync(Shard shard, CancellationToken cancellation)
    {
        var ledger = await Schema.IdentifyAsync(Logins.Owner, TenantDatabases.MainName, ledger: null, cancellation);
        var login = new NpgsqlConnectionStringBuilder(shard.Login) { Timeout = ShardSettings.ConnectSeconds };
        await Schema.PrepareAsync(login.ConnectionString, cancellation);
        await Schema.IdentifyAsync(shard.Logins.Owner, shard.Name, ledger, cancellation);
    }

    /// <summary>A further database, as the configuration names it.</summary>
    private sealed record Shard(string Name, string Login, Logins Logins);

    /// <summary>The further databases.</summary>
    /// <param name="All">Each.</param>
    /// <param name="NewTenants">The name of that which new tenants get.</param>
    private sealed record ShardSettings(IReadOnlyList<Shard> All, string NewTenants)
    {
        /// <summary>Its tenants wait no longer for one that was away when the process started.</summary>
        public const int ConnectSeconds = 5;

        public static ShardSettings Of(IConfiguration configuration) => new(
            [.. configuration.GetSection("Database:Shards").GetChildren().Select(ShardOf)],
            configuration["Database:NewTenants"] ?? TenantDatabases.MainName);

        private static Shard ShardOf(IConfigurationSection shard)
        {
            if (!KeyNames.IsTenant(shard.Key) || shard.Key == TenantDatabases.MainName
                || shard["OwnerConnection"] is not { Length: > 0 } owner)
            {
                throw ProblemException.Of(
                    ErrorRegistry.DatabaseNotConfigured,
                    $"{shard.Path} needs an OwnerConnection, and a name of lower-case letters, digits and . _ - that "
                    + $"is not {TenantDatabases.MainName}.");
            }

            var logins = Platform.Logins.Of(owner);
            return new Shard(
                shard.Key, owner, shard["AppConnection"] is { Length: > 0 } app ? logins.WithApp(app) : logins);
        }
    }
}
