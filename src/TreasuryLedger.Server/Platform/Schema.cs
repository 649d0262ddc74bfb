using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using JasperFx;
using Marten;
using Npgsql;
using Wolverine.Persistence.Durability;

namespace TreasuryLedger.Server.Platform;

/// <summary>
/// Brings a database to what this version needs: roles, the event store's and the message store's tables, our own, and
/// who may do what. Run at every start; does nothing where nothing is to do. Two starts at once wait for each other.
/// </summary>
public static class Schema
{
    /// <summary>Our own migrations in the order in which they run. A landed one is never edited.</summary>
    private static readonly string[] Migrations =
    [
        "0001_journal",
        "0002_narrow",
        "0003_writer_checkpoints",
        "0004_lists",
        "0005_cursors",
        "0006_subtrees",
        "0007_nodes",
        "0008_tenants",
        "0009_narrow_beyond",
        "0010_heads_only_forward",
        "0011_grants",
        "0012_webhooks",
        "0013_facts",
        "0014_tenants_apart",
        "0015_access_log",
        "0016_tellings",
        "0017_breaks",
        "0018_four_eyes",
        "0019_webhook_secrets",
        "0020_fills",
        "0021_heads_only_forward_for_all",
    ];

    /// <summary>Two programs that start at once migrate one after the other.</summary>
    private const long MigrationLock = 0x7472_6561_7375_7279;

    /// <summary>Migrates, and gives the connections of owner and application through the operator's login.</summary>
    /// <param name="login">
    /// A login that may create roles, or that is a member of the roles of <c>Sql/roles.sql</c>, made beforehand.
    /// </param>
    /// <param name="cancellation">Stops it; a migration that was not finished is undone.</param>
    public static async Task<Logins> PrepareAsync(string login, CancellationToken cancellation)
    {
        await MigrateAsync(login, cancellation);
        return Logins.Of(login);
    }

    /// <summary>
    /// Migrates, and gives the application a login of its own with a new random password that is kept nowhere: for a
    /// database that belongs to this process alone.
    /// </summary>
    /// <inheritdoc cref="PrepareAsync"/>
    public static async Task<Logins> PrepareOwnAsync(string login, CancellationToken cancellation)
    {
        await MigrateAsync(login, cancellation);
        var password = RandomNumberGenerator.GetHexString(48, lowercase: true);
        await using var connection = new NpgsqlConnection(login);
        await connection.OpenAsync(cancellation);
        await RunAsync(connection, $"alter role {Logins.AppRole} login password '{password}'", cancellation);
        return Logins.Of(login, password);
    }

    /// <summary>
    /// Notes in a migrated database which one of a ledger it is, if nobody did before, and sees to it that it is that.
    /// </summary>
    /// <param name="owner">The owner's connection string.</param>
    /// <param name="name">The name under which it is configured.</param>
    /// <param name="ledger">The ledger, as the main database says; <c>null</c> of the main one, which makes it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The ledger.</returns>
    /// <exception cref="ProblemException">It is another, or another ledger's.</exception>
    public static async Task<Guid> IdentifyAsync(
        string owner, string name, Guid? ledger, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(cancellation);
        await using var identify = new NpgsqlCommand(
            """
            insert into ledger.identity (ledger, name) values (@ledger, @name) on conflict do nothing;
            select ledger, name from ledger.identity;
            """, connection);
        identify.Parameters.AddWithValue("ledger", ledger ?? Guid.NewGuid());
        identify.Parameters.AddWithValue("name", name);
        await using var row = await identify.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            && row.GetString(1) == name && row.GetGuid(0) is var found && found == (ledger ?? found)
                ? found
                : throw ProblemException.Of(
                    ErrorRegistry.DatabaseNotConfigured,
                    $"What is configured as database {name} is another one, or that of another ledger.",
                    ("database", name));
    }

    private static async Task MigrateAsync(string login, CancellationToken cancellation)
    {
        await using var operating = new NpgsqlConnection(login);
        await operating.OpenAsync(cancellation);
        await using var turn = await operating.BeginTransactionAsync(cancellation);
        await RunAsync(operating, $"select pg_advisory_xact_lock({MigrationLock})", cancellation);
        await using (var roles = new NpgsqlConnection(login))
        {
            await roles.OpenAsync(cancellation);
            await RunAsync(roles, Script("roles"), cancellation);
        }

        await MigrateAsOwnerAsync(Logins.Of(login).Owner, cancellation);
        await turn.CommitAsync(cancellation);
    }

    private static async Task MigrateAsOwnerAsync(string owner, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(
            connection,
            """
            create table if not exists ledger.migrations (
                name text primary key, run_at timestamptz not null default now())
            """,
            cancellation);
        var isChanged = false;
        await using (var database = NpgsqlDataSource.Create(owner))
        {
            if (await IsNewAsync(connection, StoresOf(database), cancellation))
            {
                await MigrateStoresAsync(database);
                await RunAsync(connection, Script("stores"), cancellation);
                isChanged = true;
            }
        }

        foreach (var name in Migrations)
        {
            if (await IsNewAsync(connection, name, cancellation))
            {
                await RunAsync(connection, Script(name), cancellation);
                isChanged = true;
            }
        }

        if (isChanged)
        {
            await RunAsync(connection, Script("grants"), cancellation);
            await RunAsync(connection, Script("policies"), cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Notes a migration; whether it was not noted before.</summary>
    private static async Task<bool> IsNewAsync(
        NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var note = new NpgsqlCommand(
            "insert into ledger.migrations (name) values ($1) on conflict do nothing", connection);
        note.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await note.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>
    /// Names what the two stores want of the database, so that they are asked to migrate only when that changes: their
    /// comparison takes seconds, and it would put back what <c>Sql/stores.sql</c> takes away.
    /// </summary>
    private static string StoresOf(NpgsqlDataSource database)
    {
        using var store = DocumentStore.For(options => Store.Configure(options, database, AutoCreate.None));
        var messages = typeof(IMessageStore).Assembly.GetName().Version;
        var wanted = $"{messages}\n{store.Storage.ToDatabaseScript()}";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)));
        return $"stores-{digest[..16]}";
    }

    /// <summary>The tables of Marten and Wolverine, by their own means: a host that is built, never started.</summary>
    private static async Task MigrateStoresAsync(NpgsqlDataSource database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddStore(database, AutoCreate.CreateOrUpdate);
        using var host = builder.Build();
        await host.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await host.Services.GetRequiredService<IMessageStore>().Admin.MigrateAsync();
    }

    private static string Script(string name)
    {
        using var stream = typeof(Schema).Assembly.GetManifestResourceStream($"Sql/{name}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [SuppressMessage("Security", "CA2100", Justification = "Our own scripts, and constants; no text from outside.")]
    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
