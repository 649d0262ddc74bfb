using System.Collections.Concurrent;
using Npgsql;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Platform;

/// <summary>A tenant that is assigned.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Database">The name of the database that has its journals.</param>
/// <param name="AssignedAt">When it was assigned.</param>
public sealed record AssignedTenant(string Tenant, string Database, Instant AssignedAt);

/// <summary>
/// In which database the journals of a tenant lie. Whatever reads or writes rows of a tenant asks here first. Keys,
/// messages, what nodes know of each other, and this very assignment lie in the main one (ops/decisions: several
/// databases).
/// </summary>
public sealed class TenantDatabases
{
    /// <summary>The name of the main database.</summary>
    public const string MainName = "main";

    private const string Select = "select database from ledger.tenants where tenant = $1";

    // Two at once: the second waits for the first and finds its row.
    private const string Insert =
        "insert into ledger.tenants (tenant, database) values ($1, $2) on conflict do nothing";

    private readonly ConcurrentDictionary<string, string> _assigned = new(StringComparer.Ordinal);
    private readonly NamedDatabase _ofNew;
    private readonly bool _isAll;

    /// <summary>Several databases, and tenants that are assigned to them.</summary>
    /// <param name="all">Every database, the main one first.</param>
    /// <param name="ofNew">The name of that which tenants get that are not assigned.</param>
    public TenantDatabases(IReadOnlyList<NamedDatabase> all, string ofNew)
    {
        All = all;
        _ofNew = Named(ofNew);
    }

    private TenantDatabases(NamedDatabase only)
    {
        (All, _ofNew, _isAll) = ([only], only, true);
    }

    /// <summary>Every database, the main one first.</summary>
    public IReadOnlyList<NamedDatabase> All { get; }

    /// <summary>Connections to the main database.</summary>
    public NpgsqlDataSource Main => All[0].App;

    /// <summary>One database, which has every tenant and is not asked whether it does.</summary>
    /// <param name="only">Connections of the application role.</param>
    public static TenantDatabases Of(NpgsqlDataSource only) => new(new NamedDatabase(MainName, only));

    /// <summary>The database of a tenant; of one that has none yet, that which it would get.</summary>
    /// <param name="tenant">Whose journals.</param>
    /// <param name="cancellation">Stops the look-up.</param>
    /// <exception cref="ProblemException">It does not answer, or this process does not know it.</exception>
    public async ValueTask<NpgsqlDataSource> OfAsync(string tenant, CancellationToken cancellation) =>
        await (await FindAsync(tenant, cancellation)).ReadyAsync(cancellation);

    /// <summary>A connection to the database of a tenant.</summary>
    /// <inheritdoc cref="OfAsync"/>
    public async ValueTask<NpgsqlConnection> OpenAsync(string tenant, CancellationToken cancellation) =>
        await (await OfAsync(tenant, cancellation)).OpenConnectionAsync(cancellation);

    /// <summary>The database of a tenant that is about to write; one that has none yet is assigned now.</summary>
    /// <inheritdoc cref="OfAsync"/>
    public async ValueTask<NpgsqlDataSource> AssignedAsync(string tenant, CancellationToken cancellation)
    {
        if (!_isAll && !_assigned.ContainsKey(tenant))
        {
            await AssignAsync(tenant, _ofNew.Name, cancellation);
        }

        return await OfAsync(tenant, cancellation);
    }

    /// <summary>Assigns a tenant, unless it is assigned already; it is never moved.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="database">The name of a database of this process.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The name of the database that it has.</returns>
    public async Task<string> AssignAsync(string tenant, string database, CancellationToken cancellation)
    {
        await using (var insert = new TenantCommand(Main, tenant, Insert))
        {
            insert.Parameters.Add(JournalRows.Text(tenant));
            insert.Parameters.Add(JournalRows.Text(Named(database).Name));
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        return _assigned[tenant] = (await AssignmentAsync(tenant, cancellation))!;
    }

    /// <summary>Every assigned tenant, by name.</summary>
    public async Task<IReadOnlyList<AssignedTenant>> ListAsync(CancellationToken cancellation)
    {
        await using var select = Main.CreateCommand(
            "select tenant, database, assigned_at from ledger.every_tenant() order by tenant collate \"C\"");
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var tenants = new List<AssignedTenant>();
        while (await rows.ReadAsync(cancellation))
        {
            tenants.Add(new AssignedTenant(
                rows.GetString(0), rows.GetString(1), Instant.FromUtc(rows.GetDateTime(2))));
        }

        return tenants;
    }

    /// <summary>The database of a tenant, whether or not it answers.</summary>
    /// <exception cref="ProblemException">This process does not know it.</exception>
    public async ValueTask<NamedDatabase> FindAsync(string tenant, CancellationToken cancellation)
    {
        if (_isAll)
        {
            return _ofNew;
        }

        if (!_assigned.TryGetValue(tenant, out var name))
        {
            if (await AssignmentAsync(tenant, cancellation) is not { } found)
            {
                return _ofNew; // not kept: another process may assign it any time
            }

            name = _assigned[tenant] = found;
        }

        return Named(name);
    }

    /// <summary>Asks every database; a further one that does not answer holds up none of the others.</summary>
    /// <param name="ask">What to do with each.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The names of those that did not answer.</returns>
    public async Task<IReadOnlyList<string>> EachAsync(
        Func<NpgsqlDataSource, Task> ask, CancellationToken cancellation)
    {
        var away = new List<string>();
        foreach (var database in All)
        {
            try
            {
                await ask(await database.ReadyAsync(cancellation));
            }
            catch (Exception fault) when (fault is ProblemException or NpgsqlException { IsTransient: true }
                && database != All[0])
            {
                away.Add(database.Name);
            }
        }

        return away;
    }

    /// <summary>The database of a tenant, or all: each answers.</summary>
    /// <param name="tenant">A tenant, or <c>null</c> for all.</param>
    /// <param name="cancellation">Stops the look-up.</param>
    /// <exception cref="ProblemException">One of them does not answer, or this process does not know it.</exception>
    public async Task<IReadOnlyList<NamedDatabase>> ForAsync(string? tenant, CancellationToken cancellation)
    {
        var databases = tenant is null ? All : [await FindAsync(tenant, cancellation)];
        foreach (var database in databases)
        {
            await database.ReadyAsync(cancellation);
        }

        return databases;
    }

    /// <summary>
    /// The name of a tenant's database for the numbers of a problem, if it is known and not the main one.
    /// </summary>
    public (string Name, object Value)[] NumbersOf(string? tenant) =>
        tenant is not null && _assigned.TryGetValue(tenant, out var name) && name != MainName
            ? [("database", name)]
            : [];

    private async Task<string?> AssignmentAsync(string tenant, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(Main, tenant, Select);
        select.Parameters.Add(JournalRows.Text(tenant));
        return (string?)await select.ExecuteScalarAsync(cancellation);
    }

    private NamedDatabase Named(string name) =>
        All.FirstOrDefault(database => database.Name == name) ?? throw ProblemException.Of(
            ErrorRegistry.DatabaseNotConfigured,
            $"The settings of this server name no database {name}.",
            ("database", name));
}
