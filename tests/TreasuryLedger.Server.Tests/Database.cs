using System.Globalization;
using Npgsql;
using Xunit;

namespace TreasuryLedger.Server.Tests;

/// <summary>Statements of tests.</summary>
internal static class Database
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The first value of a statement's answer as text, or how many rows it changed.</summary>
    public static async Task<string?> AskAsync(string login, string sql)
    {
        await using var connection = new NpgsqlConnection(login);
        await connection.OpenAsync(Cancellation);
        return await connection.AskAsync(sql);
    }

    /// <inheritdoc cref="AskAsync(string,string)"/>
    public static async Task<string?> AskAsync(this NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // statements of tests, written in tests
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        return await rows.ReadAsync(Cancellation)
            ? Convert.ToString(rows.GetValue(0), CultureInfo.InvariantCulture)
            : rows.RecordsAffected.ToString(CultureInfo.InvariantCulture);
    }
}
