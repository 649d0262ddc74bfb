using System.Data;
using Npgsql;

namespace TreasuryLedger.Server.Journal;

/// <summary>Several connections that see one and the same moment, so that much can be read side by side.</summary>
internal sealed class SharedSnapshot : IAsyncDisposable
{
    private readonly List<NpgsqlConnection> _connections = [];

    private SharedSnapshot()
    {
    }

    /// <summary>The connections, each in a transaction.</summary>
    public IReadOnlyList<NpgsqlConnection> Connections => _connections;

    /// <summary>Takes a snapshot of now.</summary>
    /// <param name="database">Connections of any role that may read.</param>
    /// <param name="count">How many connections, 1 or more.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<SharedSnapshot> TakeAsync(
        NpgsqlDataSource database, int count, CancellationToken cancellation)
    {
        var snapshot = new SharedSnapshot();
        try
        {
            var first = await snapshot.OpenAsync(database, cancellation);
            await using var export = new NpgsqlCommand("select pg_export_snapshot()", first);
            var name = count == 1 ? "" : (string)(await export.ExecuteScalarAsync(cancellation))!;
            while (snapshot._connections.Count < count)
            {
                var next = await snapshot.OpenAsync(database, cancellation);
#pragma warning disable CA2100 // the database made the name
                await using var see = new NpgsqlCommand($"set transaction snapshot '{name}'", next);
#pragma warning restore CA2100
                await see.ExecuteNonQueryAsync(cancellation);
            }

            foreach (var connection in snapshot._connections)
            {
                // One may wait for the others for as long as a journal takes; this ends with the transaction.
                await using var wait = new NpgsqlCommand(
                    "set local idle_in_transaction_session_timeout = 0", connection);
                await wait.ExecuteNonQueryAsync(cancellation);
            }

            return snapshot;
        }
        catch
        {
            await snapshot.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync(); // and its transaction
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        _connections.Add(connection);
        await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        return connection;
    }
}
