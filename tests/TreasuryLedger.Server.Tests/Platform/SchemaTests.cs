using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.EmbeddedPostgres;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform;

public sealed class SchemaTests(Databases databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("journal.mt_events")]
    [InlineData("ledger.entries")]
    [InlineData("ledger.texts")]
    public async Task the_application_cannot_change_or_remove_what_was_recorded(string table)
    {
        await using var connection = await OpenAsync(Logins.Of(await databases.NewAsync()).App);

        foreach (var statement in new[] { $"update {table} set tenant_id = 'x'", $"update {table} set position = 1",
            $"delete from {table}", $"truncate {table}", $"drop table {table}" })
        {
            var refused = await Should.ThrowAsync<PostgresException>(() => connection.ScalarAsync(statement));
            refused.SqlState.ShouldBeOneOf(
                PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.UndefinedColumn);
        }
    }

    [Fact]
    public async Task a_second_preparation_changes_nothing()
    {
        var login = await databases.NewAsync();
        await using var connection = await OpenAsync(login);
        var before = await connection.ScalarAsync(Shape);

        await Task.WhenAll(Schema.PrepareAsync(login, Cancellation), Schema.PrepareAsync(login, Cancellation));

        (await connection.ScalarAsync(Shape)).ShouldBe(before);
    }

    private const string Shape =
        """
        select md5(string_agg(line, ',' order by line)) from (
            select concat(relnamespace::regnamespace, relname, relkind, relacl) as line from pg_class
            where relnamespace::regnamespace::text in ('ledger', 'journal', 'wolverine')
            union all
            select concat(attrelid::regclass, attname, atttypid::regtype, attacl) from pg_attribute
            join pg_class on pg_class.oid = attrelid
            where relnamespace::regnamespace::text in ('ledger', 'journal', 'wolverine') and not attisdropped
            union all
            select pg_get_functiondef(oid) || coalesce(proacl::text, '') from pg_proc
            where pronamespace::regnamespace::text in ('ledger', 'journal', 'wolverine')) lines
        """;

    private static async Task<NpgsqlConnection> OpenAsync(string login)
    {
        var connection = new NpgsqlConnection(login);
        await connection.OpenAsync(Cancellation);
        return connection;
    }
}
