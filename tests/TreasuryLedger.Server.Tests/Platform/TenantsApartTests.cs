using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform;

/// <summary>
/// The database's own wall between tenants. Tables and functions are taken from its catalogue, so that a new one cannot
/// be forgotten.
/// </summary>
public sealed class TenantsApartTests(Databases databases)
{
    private const string Led =
        """
        select string_agg(concat(c.oid::regclass, ' ', a.attname), ',' order by c.oid::regclass::text) from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname in ('tenant', 'tenant_id') and not a.attisdropped
        where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in ('ledger', 'journal', 'lists')
        """;

    private const string Definers =
        """
        select string_agg(proname, ' ' order by proname) from pg_proc
        where prosecdef and pronamespace::regnamespace::text in ('ledger', 'journal', 'lists')
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_statement_that_forgets_the_tenant_or_says_another_sees_no_row_of_any_table()
    {
        var login = await databases.NewAsync();
        await using var ledger = await FilledAsync(login);
        var tables = (await Database.AskAsync(login, Led))!.Split(',').Select(line => line.Split(' ')).ToList();
        tables.Count.ShouldBeGreaterThan(10);
        foreach (var table in tables)
        {
            var name = table[0];
            if (await Database.AskAsync(login, $"select has_table_privilege('treasury_app', '{name}', 'select')")
                == "False")
            {
                continue; // nobody to hide it from
            }

            await FillAsync(login, name, table[1]);
            var count = $"select count(*) from {name}";
            (await Database.AskAsync(login, count)).ShouldNotBe("0", $"{name} is empty: the test would see nothing");
            (await AsAsync(ledger, null, count)).ShouldBe(0, name);
            (await AsAsync(ledger, "", count)).ShouldBe(0, name);
            (await AsAsync(ledger, "other", count)).ShouldBe(0, name);
            (await AsAsync(ledger, TestLedger.Tenant, count)).ShouldBeGreaterThan(0, name);
        }
    }

    [Theory]
    [InlineData("insert into ledger.tenants (tenant, database) values ('other', 'main')")]
    [InlineData("insert into ledger.heads values ('other', 'b', 0, 'epoch', sha256(''), false, 'epoch')")]
    [InlineData("insert into lists.progress (tenant, journal, position) values ('other', 'b', 0)")]
    [InlineData("insert into journal.mt_streams (tenant_id, id) values ('other', 'b')")]
    [InlineData("insert into ledger.texts values ('other', 'treasury/main', 1, 'reason', '', '')")]
    public async Task nothing_is_written_for_another_tenant_than_the_one_that_was_said(string statement)
    {
        await using var ledger = await FilledAsync(await databases.NewAsync());

        (await Should.ThrowAsync<PostgresException>(() => AsAsync(ledger, TestLedger.Tenant, statement)))
            .SqlState.ShouldBe("42501");
        (await Should.ThrowAsync<PostgresException>(() => AsAsync(ledger, null, statement))).SqlState.ShouldBe("42501");
    }

    [Fact]
    public async Task what_was_said_ends_with_its_transaction_also_on_a_connection_that_is_used_again()
    {
        await using var ledger = await FilledAsync(await databases.NewAsync());
        await using var connection = await ledger.Pool.OpenConnectionAsync(Cancellation);
        (await JournalRows.HeadAsync(connection, TestLedger.Main, Cancellation)).ShouldNotBeNull();

        (await connection.AskAsync("select count(*) from ledger.heads")).ShouldBe("0");
        (await connection.AskAsync("select current_setting('treasury.tenant', true)")).ShouldBe("");
    }

    [Fact]
    public async Task only_these_functions_see_more_than_one_tenant()
    {
        var login = await databases.NewAsync();

        (await Database.AskAsync(login, Definers)).ShouldBe(
            "drop_narrow_beyond every_head every_journal every_journal_behind every_payload_waiting every_tenant "
            + "every_webhook_due shown_key webhook_totals");
    }

    [Fact]
    public async Task the_application_is_not_an_auditor_and_none_of_its_logins_sees_past_the_policies()
    {
        var login = await databases.NewAsync();

        (await Database.AskAsync(login, "select pg_has_role('treasury_app', 'treasury_reader', 'member')"))
            .ShouldBe("False");
        (await Database.AskAsync(
            login,
            "select bool_or(rolbypassrls or rolsuper) from pg_roles "
            + "where rolname in ('treasury_app', 'treasury_reader')"))
            .ShouldBe("False");
    }

    [Fact]
    public async Task rows_are_found_by_their_index_with_the_policy_as_without_it()
    {
        await using var ledger = await FilledAsync(await databases.NewAsync());
        await using var connection = await ledger.Pool.OpenConnectionAsync(Cancellation);
        await using var explain = new TenantCommand(
            connection,
            TestLedger.Tenant,
            "explain select data from journal.mt_events where tenant_id = 'acme' and stream_id = 'treasury/main' "
            + "and version > 3 and version <= 9");
        var lines = new List<string>();
        await using var rows = await explain.ExecuteReaderAsync(Cancellation);
        while (await rows.ReadAsync(Cancellation))
        {
            lines.Add(rows.GetString(0));
        }

        string.Join('\n', lines).ShouldContain("Index Cond: (((tenant_id)::text = 'acme'::text)");
    }

    private static async Task<TestLedger> FilledAsync(string login)
    {
        var ledger = new TestLedger(login);
        await ledger.OpenAsync();
        await ledger.RecordAsync("one", TestLedger.Buy(reason: "because"));
        var tables = new Lists.ListTables(login, ledger.Pool);
        await tables.Projector.ApplyAsync(TestLedger.Main, 6, waits: true, retries: false, Cancellation);
        return ledger;
    }

    /// <summary>A row of the tenant in a table that has none yet, made of what each column's type takes.</summary>
    private static async Task FillAsync(string login, string table, string tenant) => await Database.AskAsync(
        login,
        $"""
        do $fill$
        declare
            columns text;
            taken text;
            rule text;
        begin
            if exists (select from {table} where {tenant} = 'acme') then
                return;
            end if;
            set local session_replication_role = replica;
            for rule in select conname from pg_constraint where conrelid = '{table}'::regclass and contype = 'c' loop
                execute format('alter table {table} drop constraint %I', rule);
            end loop;
            select string_agg(quote_ident(attname), ','), string_agg(case
                when attname = '{tenant}' then '''acme'''
                when atttypid = 'bytea'::regtype then 'sha256('''')'
                when atttypid::regtype::text like '%[]' then '''{"{}"}'''
                when atttypid = 'timestamptz'::regtype then 'now()'
                when atttypid = 'uuid'::regtype then 'gen_random_uuid()'
                when atttypid in ('jsonb'::regtype, 'json'::regtype) then '''{"{}"}'''
                when atttypid = 'boolean'::regtype then 'false'
                else '''1''' end, ',')
            into columns, taken
            from pg_attribute
            where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped
                and (attnotnull and not atthasdef or attname = '{tenant}') and attgenerated = ''
                and attidentity = '';
            execute format('insert into {table} (%s) values (%s)', columns, taken);
        end
        $fill$
        """);

    /// <summary>Asks as the application, of a tenant or of none.</summary>
    private static async Task<long> AsAsync(TestLedger ledger, string? tenant, string sql)
    {
        await using var connection = await ledger.Pool.OpenConnectionAsync(Cancellation);
        if (tenant is null)
        {
            return long.Parse((await connection.AskAsync(sql))!, System.Globalization.CultureInfo.InvariantCulture);
        }

        await using var command = new TenantCommand(connection, tenant, sql);
        return await command.ExecuteScalarAsync(Cancellation) is long count ? count : 0;
    }
}
