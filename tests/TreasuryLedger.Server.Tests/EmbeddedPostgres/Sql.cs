using System.Globalization;
using Npgsql;
using TreasuryLedger.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

internal static class Sql
{
    /// <summary>Runs a statement on a server through a connection of its own; its first value as text.</summary>
    public static Task<string> AskAsync(this EmbeddedPostgresServer server, string sql) =>
        AskAsync(server.OwnerConnectionString, sql);

    /// <summary>Runs a statement on a connection of its own; its first value as text.</summary>
    public static async Task<string> AskAsync(string connectionString, string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return await connection.ScalarAsync(sql) ?? "";
    }

    /// <summary>Runs a statement on an open connection; its first value as text, or null.</summary>
    public static async Task<string?> ScalarAsync(this NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // statements of tests, written in tests
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        var value = await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        return Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// As <see cref="AskAsync(EmbeddedPostgresServer, string)"/>, asking again while the server recovers.
    /// </summary>
    public static async Task<string> AskOnceRecoveredAsync(this EmbeddedPostgresServer server, string sql)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            try
            {
                return await server.AskAsync(sql);
            }
            catch (NpgsqlException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }
}
