using System.Data;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// A statement about one tenant's rows, which says first whose: to a statement that does not, the database shows the
/// application's role no row (ops/decisions: tenants apart). Both travel together and are one transaction, to whose end
/// the tenant holds; nothing is left on the connection. Inside a transaction it holds for later statements as well.
/// </summary>
internal sealed class TenantCommand : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlBatchCommand _command;

    /// <summary>A statement of a journal, whose first parameters are tenant and journal.</summary>
    public TenantCommand(NpgsqlConnection connection, JournalKey key, string sql)
        : this(new NpgsqlBatch(connection), key.Tenant, sql) => Parameters.AddRange(JournalRows.KeyOf(key));

    /// <inheritdoc cref="TenantCommand(NpgsqlConnection, JournalKey, string)"/>
    public TenantCommand(NpgsqlDataSource database, JournalKey key, string sql)
        : this(database.CreateBatch(), key.Tenant, sql) => Parameters.AddRange(JournalRows.KeyOf(key));

    /// <summary>A statement of a tenant, without parameters as yet.</summary>
    public TenantCommand(NpgsqlConnection connection, string tenant, string sql)
        : this(new NpgsqlBatch(connection), tenant, sql)
    {
    }

    /// <inheritdoc cref="TenantCommand(NpgsqlConnection, string, string)"/>
    public TenantCommand(NpgsqlDataSource database, string tenant, string sql)
        : this(database.CreateBatch(), tenant, sql)
    {
    }

    [SuppressMessage("Security", "CA2100", Justification = "Constants of the program; every value is a parameter.")]
    private TenantCommand(NpgsqlBatch batch, string tenant, string sql)
    {
        (_batch, _command) = (batch, new NpgsqlBatchCommand(sql));
        _batch.BatchCommands.Add(Says(tenant));
        _batch.BatchCommands.Add(_command);
    }

    /// <summary>Its parameters, by their order.</summary>
    public NpgsqlParameterCollection Parameters => _command.Parameters;

    /// <summary>For how many seconds it is waited for; 0: as long as it takes.</summary>
    public int CommandTimeout
    {
        init => _batch.Timeout = value;
    }

    /// <summary>What leads a batch of one tenant's statements. It gives no result.</summary>
    public static NpgsqlBatchCommand Says(string tenant) =>
        new("call ledger.for_tenant($1)") { Parameters = { JournalRows.Text(tenant) } };

    /// <summary>The rows that it gives.</summary>
    public Task<NpgsqlDataReader> ExecuteReaderAsync(CancellationToken cancellation = default) =>
        _batch.ExecuteReaderAsync(cancellation);

    /// <inheritdoc cref="ExecuteReaderAsync(CancellationToken)"/>
    public Task<NpgsqlDataReader> ExecuteReaderAsync(CommandBehavior behavior) => _batch.ExecuteReaderAsync(behavior);

    /// <summary>The first value that it gives; <c>null</c> without a row.</summary>
    public Task<object?> ExecuteScalarAsync(CancellationToken cancellation = default) =>
        _batch.ExecuteScalarAsync(cancellation);

    /// <summary>How many rows it changed.</summary>
    public Task<int> ExecuteNonQueryAsync(CancellationToken cancellation = default) =>
        _batch.ExecuteNonQueryAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
