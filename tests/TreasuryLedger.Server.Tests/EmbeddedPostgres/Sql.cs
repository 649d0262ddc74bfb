using Npgsql;
using Xunit;

namespace TreasuryLedger.Server.Tests.EmbeddedPostgres;

internal static class Sql
{
    /// <summary>The first value of a statement's answer, as text.</summary>
    public static async Task<string?> ScalarAsync(this NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // statements of tests, written in tests
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))?.ToString();
    }
}
