using Npgsql;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Webhooks;

/// <summary>
/// Before a server uses a database: every secret there can be opened, and lies under the key that seals now. So a key
/// is out of use as soon as a server has started without sealing with it, and what was stored before there were keys
/// lies open no longer. A database that is away at the start is looked at when it comes.
/// </summary>
/// <param name="database">The databases; the owner looks at all tenants.</param>
/// <param name="keys">The keys.</param>
/// <param name="log">Told of what was sealed anew, and of a database that is away or another one.</param>
public sealed class SecretSealing(Platform.Database database, SecretKeys keys, ILogger<SecretSealing> log)
    : IHostedService
{
    private const string Select =
        """
        select tenant, journal, id, secret, secret_key, previous_secret, previous_secret_key from ledger.webhooks
        where removed_at is null
            and (secret_key is distinct from $1
                or (previous_secret is not null and previous_secret_key is distinct from $1))
        for update
        """;

    private const string Update =
        """
        update ledger.webhooks set secret = $4, secret_key = $5, previous_secret = $6, previous_secret_key = $7
        where tenant = $1 and journal = $2 and id = $3
        """;

    /// <summary>Looks at all databases.</summary>
    /// <exception cref="ProblemException">A secret cannot be opened with the keys that are there.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var hasStarted = false;
        foreach (var one in database.Tenants.All)
        {
            try
            {
                await one.FirstAsync(stop => SealAsync(one, stop), cancellationToken);
            }
            catch (ProblemException away) when (
                away.Problem.Code is ErrorRegistry.DatabaseUnavailable or ErrorRegistry.DatabaseNotConfigured)
            {
                // The others are served; whoever asks for this one is told the same.
                log.LogWarning(
                    "The webhooks' secrets of database {Database} are looked at when it comes: {Why}", one.Name,
                    away.Message);
            }
        }

        hasStarted = true;

        async Task SealAsync(NamedDatabase one, CancellationToken stop)
        {
            try
            {
                await this.SealAsync(database.OwnerOf(one), one.Name, stop);
            }
            catch (ProblemException missing) when (hasStarted)
            {
                // It stops no server that runs: all but these webhooks can be served.
                log.LogError("The webhooks' secrets of database {Database}: {Why}", one.Name, missing.Message);
            }
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SealAsync(string owner, string name, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var found = await FindAsync(connection, cancellation);
        Require(found, name);
        foreach (var (journal, id, secret, previous) in found)
        {
            await using var update = new NpgsqlCommand(Update, connection);
            update.Parameters.AddRange(JournalRows.KeyOf(journal));
            update.Parameters.Add(JournalRows.Text(id));
            Anew(update, secret, journal, id);
            Anew(update, previous, journal, id);
            await update.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        if (found.Count > 0)
        {
            log.LogInformation(
                "The secrets of {Count} webhooks of database {Database} are sealed with key {Key} now.",
                found.Count, name, keys.Sealing);
        }
    }

    private async Task<List<(JournalKey, string Id, Stored Secret, Stored? Previous)>> FindAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand(Select, connection);
        select.Parameters.Add(JournalRows.Text(keys.Sealing ?? ""));
        await using var row = await select.ExecuteReaderAsync(cancellation);
        var found = new List<(JournalKey, string, Stored, Stored?)>();
        while (await row.ReadAsync(cancellation))
        {
            found.Add((
                new JournalKey(row.GetString(0), row.GetString(1)), row.GetString(2), StoredAt(row, 3)!,
                StoredAt(row, 5)));
        }

        return found;
    }

    private static Stored? StoredAt(NpgsqlDataReader row, int column) => row.IsDBNull(column)
        ? null
        : new Stored(row.IsDBNull(column + 1) ? null : row.GetString(column + 1), row.GetFieldValue<byte[]>(column));

    /// <summary>Refuses to start where webhooks could not be told.</summary>
    private void Require(List<(JournalKey, string Id, Stored Secret, Stored? Previous)> found, string name)
    {
        var missing = found.SelectMany(one => new[] { one.Secret.Key, one.Previous?.Key })
            .Where(key => key is not null && !keys.Has(key)).Distinct(StringComparer.Ordinal).ToList();
        if (missing.Count > 0 || (found.Count > 0 && keys.Sealing is null))
        {
            throw ProblemException.Of(
                ErrorRegistry.SecretKeyMissing,
                $"Database {name} has webhooks whose secrets this server can neither open nor seal: Webhooks:Keys "
                + (missing.Count > 0 ? $"lacks {string.Join(", ", missing)}." : "names no key.")
                + " Their messages could not be signed.",
                ("database", name),
                ("webhooks", found.Count));
        }
    }

    /// <summary>Adds the secret and the name of its key to a statement, sealed with the key of now.</summary>
    private void Anew(NpgsqlCommand update, Stored? stored, JournalKey journal, string id)
    {
        var anew = stored is null ? null : keys.Seal(
            stored.Key is null ? stored.Bytes : keys.Open(new SealedSecret(stored.Key, stored.Bytes), journal, id),
            journal, id);
        update.Parameters.AddWithValue(NpgsqlTypes.NpgsqlDbType.Bytea, anew?.Bytes ?? (object)DBNull.Value);
        update.Parameters.AddWithValue(NpgsqlTypes.NpgsqlDbType.Text, anew?.Key ?? (object)DBNull.Value);
    }

    /// <summary>A secret as it lies in the table; without a key in plain, as before there were keys.</summary>
    private sealed record Stored(string? Key, byte[] Bytes);
}
