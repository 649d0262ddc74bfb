using System.Globalization;
using Npgsql;
using TreasuryLedger.EmbeddedPostgres;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(Databases))]

namespace TreasuryLedger.Server.Tests;

/// <summary>
/// One real PostgreSQL for all tests, as durable as in production; each test class that asks gets a migrated database
/// of its own, copied from one that was migrated once.
/// </summary>
public sealed class Databases : IAsyncLifetime
{
    private const string Template = "ledger_template";

    private readonly SemaphoreSlim _copying = new(1);
    private EmbeddedPostgresServer? _server;
    private int _count;

    /// <summary>The folder of PostgreSQL's programs.</summary>
    public string BinaryDirectory => _server!.BinaryDirectory;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedPostgresServer.StartThrowawayAsync();
        await CreateAsync(Template, "template0");
        // What is copied must have no connection left.
        var unpooled = new NpgsqlConnectionStringBuilder(LoginTo(Template)) { Pooling = false };
        await Schema.PrepareAsync(unpooled.ConnectionString, CancellationToken.None);
    }

    /// <summary>The login of the operator to a new, migrated database.</summary>
    public async Task<string> NewAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _count)}");
        await CreateAsync(name, Template);
        return LoginTo(name);
    }

    /// <summary>The login of the operator to a new, empty database.</summary>
    public async Task<string> NewEmptyAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _count)}");
        await CreateAsync(name, "template0");
        return LoginTo(name);
    }

    public async ValueTask DisposeAsync()
    {
        _copying.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task CreateAsync(string name, string template)
    {
        await _copying.WaitAsync(); // a template is copied by one at a time
        try
        {
            await using var connection = new NpgsqlConnection(_server!.OwnerConnectionString);
            await connection.OpenAsync();
#pragma warning disable CA2100 // names made here
            await using var create = new NpgsqlCommand($"create database {name} template {template}", connection);
#pragma warning restore CA2100
            await create.ExecuteNonQueryAsync();
        }
        finally
        {
            _copying.Release();
        }
    }

    /// <summary>Pooled, as in production; a pool soon gives back what it does not need: there are many.</summary>
    private string LoginTo(string database) => new NpgsqlConnectionStringBuilder(_server!.OwnerConnectionString)
    {
        Database = database,
        Pooling = true,
        ConnectionIdleLifetime = 4,
        ConnectionPruningInterval = 2,
    }.ConnectionString;
}
