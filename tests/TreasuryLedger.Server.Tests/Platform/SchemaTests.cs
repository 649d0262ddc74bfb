using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform;

public sealed class SchemaTests(Databases databases)
{
    private const string Shape =
        """
        select md5(string_agg(line, ',' order by line)) from (
            select concat(relnamespace::regnamespace, relname, relkind, relacl) as line from pg_class
            where relnamespace::regnamespace::text in ('ledger', 'journal', 'lists', 'wolverine')
            union all
            select concat(attrelid::regclass, attname, atttypid::regtype, attacl) from pg_attribute
            join pg_class on pg_class.oid = attrelid
            where relnamespace::regnamespace::text in ('ledger', 'journal', 'lists', 'wolverine') and not attisdropped
            union all
            select concat(pg_get_functiondef(oid), proacl) from pg_proc
            where pronamespace::regnamespace::text in ('ledger', 'journal', 'lists', 'wolverine')) lines
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("journal.mt_events", "version")]
    [InlineData("ledger.entries", "position")]
    [InlineData("ledger.texts", "position")]
    [InlineData("ledger.api_keys", "tenant")]
    [InlineData("ledger.tenants", "database")]
    [InlineData("ledger.identity", "name")]
    [InlineData("ledger.sources", "terms")]
    [InlineData("ledger.payloads", "hash")]
    [InlineData("ledger.payload_parts", "content")]
    [InlineData("ledger.payload_rows", "payload")]
    [InlineData("ledger.payload_runs", "report")]
    [InlineData("ledger.tellings", "fact")]
    [InlineData("ledger.break_steps", "status")]
    [InlineData("ledger.fill_spans", "edges")]
    public async Task the_application_cannot_change_or_remove_what_is_recorded(string table, string column)
    {
        var app = Logins.Of(await databases.NewAsync()).App;

        (await RefusalAsync(app, $"update {table} set {column} = {column}")).ShouldBe("42501");
        (await RefusalAsync(app, $"delete from {table}")).ShouldBe("42501");
        (await RefusalAsync(app, $"truncate {table}")).ShouldBe("42501");
        (await RefusalAsync(app, $"drop table {table}")).ShouldBe("42501");
        (await RefusalAsync(app, $"alter table {table} disable trigger all")).ShouldBe("42501");
    }

    [Theory]
    [InlineData("delete from ledger.heads")]
    [InlineData("truncate ledger.heads")]
    [InlineData("update ledger.heads set tenant = tenant")]
    [InlineData("delete from journal.mt_streams")]
    [InlineData("update journal.mt_streams set is_archived = true")]
    [InlineData("select ledger.erase_text('a', 'b', 1)")]
    [InlineData("update ledger.node_secret set secret = sha256('')")]
    [InlineData("create table ledger.mine (id int)")]
    [InlineData("set role treasury_owner; truncate ledger.entries")]
    public async Task the_application_can_do_nothing_else_to_a_journal(string statement)
    {
        var login = await databases.NewAsync();
        var logins = await Schema.PrepareOwnAsync(login, Cancellation);

        (await RefusalAsync(logins.App, statement)).ShouldBe("42501");
    }

    [Theory]
    [InlineData("insert into ledger.heads values ('a', 'b', 0, 'epoch', sha256(''), false, 'epoch')")]
    [InlineData("select * from ledger.api_keys")]
    [InlineData("select * from ledger.node_secret")]
    [InlineData("select * from wolverine.wolverine_nodes")]
    public async Task a_reader_only_reads_journals(string statement)
    {
        var login = await databases.NewAsync();

        (await RefusalAsync(login, $"set role {Logins.ReaderRole}; {statement}")).ShouldBe("42501");
        await Database.AskAsync(login, $"set role {Logins.ReaderRole}; select count(*) from ledger.entries");
        await Database.AskAsync(login, $"set role {Logins.ReaderRole}; select count(*) from journal.mt_events");
    }

    [Fact]
    public async Task a_role_and_its_limits_survive_a_reset_of_the_connection()
    {
        var app = Logins.Of(await databases.NewAsync()).App;

        (await Database.AskAsync(app, "discard all; select current_user")).ShouldBe(Logins.AppRole);
        (await Database.AskAsync(app, "discard all; show statement_timeout")).ShouldBe("30s");
        (await Database.AskAsync(app, "show lock_timeout")).ShouldBe("10s");
        (await Database.AskAsync(app, "show synchronous_commit")).ShouldBe("on");
    }

    [Fact]
    public async Task preparing_again_even_twice_at_once_changes_nothing()
    {
        var login = await databases.NewAsync();
        var before = await Database.AskAsync(login, Shape);

        await Task.WhenAll(Schema.PrepareAsync(login, Cancellation), Schema.PrepareAsync(login, Cancellation));

        (await Database.AskAsync(login, Shape)).ShouldBe(before);
    }

    [Fact]
    public async Task two_first_starts_at_once_prepare_one_database()
    {
        var login = await databases.NewEmptyAsync();

        await Task.WhenAll(Schema.PrepareAsync(login, Cancellation), Schema.PrepareAsync(login, Cancellation));

        (await Database.AskAsync(login, Shape)).ShouldBe(await Database.AskAsync(await databases.NewAsync(), Shape));
    }

    private static async Task<string> RefusalAsync(string login, string statement) =>
        (await Should.ThrowAsync<PostgresException>(() => Database.AskAsync(login, statement))).SqlState;
}
