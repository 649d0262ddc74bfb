using Npgsql;

namespace TreasuryLedger.Server.Platform;

/// <summary>A database of this process, by its name.</summary>
/// <param name="Name">As the configuration names it; the main one is <see cref="TenantDatabases.MainName"/>.</param>
/// <param name="App">Connections of the application role.</param>
public sealed record NamedDatabase(string Name, NpgsqlDataSource App);

/// <summary>
/// In which database the journals of a tenant lie. Whatever reads or writes rows of a tenant asks here first; keys,
/// messages and what nodes know of each other lie in the main one.
/// </summary>
/// <param name="all">Every database, the main one first.</param>
public sealed class TenantDatabases(IReadOnlyList<NamedDatabase> all)
{
    /// <summary>The name of the main database.</summary>
    public const string MainName = "main";

    /// <summary>Every database, the main one first.</summary>
    public IReadOnlyList<NamedDatabase> All => all;

    /// <summary>Connections to the main database.</summary>
    public NpgsqlDataSource Main => all[0].App;

    /// <summary>One database, which has every tenant.</summary>
    /// <param name="main">Connections of the application role.</param>
    public static TenantDatabases Of(NpgsqlDataSource main) => new([new NamedDatabase(MainName, main)]);

    /// <summary>The database of a tenant.</summary>
    /// <param name="tenant">Whose journals.</param>
    /// <param name="cancellation">Stops the look-up.</param>
    public ValueTask<NpgsqlDataSource> OfAsync(string tenant, CancellationToken cancellation) => new(Main);

    /// <summary>A connection to the database of a tenant.</summary>
    /// <inheritdoc cref="OfAsync"/>
    public async ValueTask<NpgsqlConnection> OpenAsync(string tenant, CancellationToken cancellation) =>
        await (await OfAsync(tenant, cancellation)).OpenConnectionAsync(cancellation);
}
