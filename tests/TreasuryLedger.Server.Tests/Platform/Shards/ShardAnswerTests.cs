using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using Xunit;

namespace TreasuryLedger.Server.Tests.Platform.Shards;

/// <summary>Which database has a tenant changes nothing that the tenant is told.</summary>
public sealed partial class ShardAnswerTests(Databases databases)
{
    private const string Treasury = "/v1/treasuries/trend-research";

    /// <summary>Every table with rows of tenants, and the column that says whose they are.</summary>
    private const string TenantTables =
        """
        select string_agg(format('select ''%1$s.%2$s'' from %1$I.%2$I where %3$I = ''{0}''',
            c.table_schema, c.table_name, c.column_name), ' union all ')
        from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
        where c.column_name in ('tenant', 'tenant_id') and t.table_type = 'BASE TABLE'
            and c.table_schema in ('ledger', 'lists', 'journal')
        """;

    private static readonly string[] Instants =
    [
        "", "asOf=2026-02-06T23:59:59Z&knownAt=2026-02-06T23:59:59Z", "asOf=2026-02-04&knownAt=2026-02-11T00:00:00Z",
        "asOf=2026-02-08&knownAt=2026-02-08T12:00:00Z",
    ];

    private static readonly string[] WithoutInstants = ["verification", "knownAt1", "size=", "from="];

    /// <summary>Every question at several instants, every list as a stream, and what stands beside them.</summary>
    private static IEnumerable<string> Questions =>
        from path in (string[])
        [
            .. AnswerRoute.All.Where(question => !question.Path.Contains('{', StringComparison.Ordinal))
                .Select(question => question.Path + question.Verb switch
                {
                    "restatement" => "?knownAt1=2026-02-06T23:59:59Z",
                    "plan" => "?asset=ETH&account=binance&quantity=1",
                    "deleverage" => "?account=aave-v3",
                    _ => "",
                }),
            "general-ledger?format=csv", "realized-gains/lots?format=xlsx",
            .. ListRoute.All.Where(list => list.Kinds.Contains(JournalKind.Treasury))
                .SelectMany(list => new[] { $"{list.Path}?format=ndjson", $"{list.Path}?format=csv" }),
            "entries/sums", "entries/17", "head", "verification", "entries/17/proof?size=140",
            "consistency?from=20&to=140",
        ]
        from instant in WithoutInstants.Any(part => path.Contains(part, StringComparison.Ordinal))
            ? Instants[..1]
            : Instants
        let address = $"{Treasury}/{path}".TrimEnd('/')
        select instant.Length == 0
            ? address
            : address + (address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + instant;

    private static IEnumerable<string> Lacking =>
        AnswerRoute.All.Where(question => question.MayLack).Select(question => question.Path);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task the_same_commands_get_the_same_bytes_in_either_database()
    {
        await using var here = await ShardedServer.StartAsync(
            await databases.NewAsync(), (ShardedServer.Second, await databases.NewAsync()));
        await using var there = await ShardedServer.StartAsync(
            await databases.NewAsync(), (ShardedServer.Second, await databases.NewEmptyAsync()));
        var inMain = await here.CallerAsync("acme", TenantDatabases.MainName);
        var inSecond = await there.CallerAsync("acme", ShardedServer.Second);

        await here.RecordCaseAsync("acme");
        await there.RecordCaseAsync("acme");

        foreach (var question in Questions)
        {
            var expected = await inMain.GetAsync(question);
            // What a treasury may lack, such as a sealed period, is lacking in both.
            if (!Lacking.Any(path => question.StartsWith($"{Treasury}/{path}", StringComparison.Ordinal)))
            {
                expected.ShouldBe(HttpStatusCode.OK);
            }

            var answer = (await inSecond.GetAsync(question)).ShouldBe(expected.Status);
            Unsalted(answer.Text).ShouldBe(Unsalted(expected.Text), question);
            expected.Text.Length.ShouldBeGreaterThan(2, question);
        }
    }

    [Fact]
    public async Task nothing_of_a_tenant_lies_in_a_database_that_is_not_its_own()
    {
        var (main, second) = (await databases.NewAsync(), await databases.NewAsync());
        await using var server = await ShardedServer.StartAsync(main, (ShardedServer.Second, second));
        var left = await (await server.CallerAsync("left", TenantDatabases.MainName)).OpenAsync();
        var right = await (await server.CallerAsync("right", ShardedServer.Second)).OpenAsync();
        foreach (var caller in new[] { left, right })
        {
            (await caller.GetAsync(ApiClient.Treasury + "/entries")).ShouldBe(HttpStatusCode.OK);
            (await caller.GetAsync(ApiClient.Treasury + "/entries/1/proof")).ShouldBe(HttpStatusCode.OK);
            (await caller.GetAsync("/v1/journals")).Json.GetProperty("journals").GetArrayLength().ShouldBe(3);
        }

        (await TablesAsync(main, "right")).ShouldBe("ledger.api_keys ledger.tenants");
        (await TablesAsync(second, "left")).ShouldBeEmpty();
        (await TablesAsync(second, "right")).ShouldContain("ledger.entries");
        (await TablesAsync(second, "right")).ShouldContain("lists.entries");
        (await TablesAsync(second, "right")).ShouldContain("journal.mt_events");
        (await server.Tenants.ListAsync(Cancellation)).Select(tenant => (tenant.Tenant, tenant.Database))
            .ShouldBe([("left", "main"), ("right", "second")]);
    }

    /// <summary>Free texts have random salts, so their digests differ, and every hash that follows one.</summary>
    private static string Unsalted(string answer) => Digests().Replace(answer, "digest");

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Digests();

    private static async Task<string> TablesAsync(string login, string tenant)
    {
        var union = (await Server.Tests.Database.AskAsync(login, TenantTables))!
            .Replace("{0}", tenant, StringComparison.Ordinal);
        return (await Server.Tests.Database.AskAsync(
            login, $"select coalesce(string_agg(distinct t, ' ' order by t), '') from ({union}) found (t)"))!;
    }
}
