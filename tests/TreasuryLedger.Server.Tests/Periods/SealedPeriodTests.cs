using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Tests.Api;
using TreasuryLedger.Server.Tests.Facts;
using Xunit;

namespace TreasuryLedger.Server.Tests.Periods;

/// <summary>
/// Nothing gets an accounting date inside a sealed period, whichever way it is written; and everything that is true
/// is recorded all the same (Periods/SPEC.md 2).
/// </summary>
[Collection(ProgramTests.Name)]
public sealed class SealedPeriodTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;
    private const string Until = "2026-01-31T16:00:00Z";

    /// <summary>Instants of January in Singapore, the first and the last among them.</summary>
    private static readonly string[] Inside =
        ["2025-12-31T16:00:00Z", "2026-01-10T09:30:00Z", "2026-01-20T00:00:00Z", "2026-01-31T15:59:59.999999Z"];

    /// <summary>Route, command and members of facts that change what was held, owed or gained.</summary>
    private static readonly (string Route, string Command, string Members)[] Facts =
    [
        ("capital-contributions", "contribute-capital", Leg("bank", "USD", "10")),
        ("fees", "pay-fee", Leg("wallet", "ETH", "0.01")),
        ("yields", "receive-yield", Leg("wallet", "ETH", "0.5")),
        ("acquisitions", "acquire-asset",
            Leg("wallet", "ETH", "1")
            + ",\"paidAccount\":\"bank\",\"paidAsset\":\"USD\",\"paidQuantity\":\"1900\""),
        ("sales", "sell-to-exchange",
            Leg("exchange", "ETH", "0.2") + ",\"proceedsAsset\":\"USD\",\"proceedsQuantity\":\"500\""),
        ("transfers", "transfer-asset",
            "\"from\":\"wallet\",\"to\":\"exchange\",\"asset\":\"ETH\",\"quantity\":\"0.3\""),
        ("wraps", "wrap-asset",
            "\"account\":\"wallet\",\"fromAsset\":\"ETH\",\"toAsset\":\"WETH\",\"quantity\":\"0.1\""),
        ("borrowings", "borrow",
            "\"position\":\"aave-1\",\"asset\":\"USDT\",\"quantity\":\"7\",\"to\":\"wallet\""),
        ("takeovers", "take-over-units",
            "\"to\":\"wallet\",\"treasury\":\"second\",\"asset\":\"ETH\",\"quantity\":\"0.4\","
            + "\"lots\":[{\"quantity\":\"0.4\",\"acquiredAt\":\"2025-06-01T00:00:00Z\","
            + "\"cost\":{\"currency\":\"USD\",\"amount\":\"700\"}}]"),
        ("books", "adopt-terms",
            "\"book\":\"board\",\"terms\":{\"lotMethod\":\"lifo\",\"basisScope\":\"universal\","
            + "\"stablecoins\":\"cashAtPar\",\"incomeBasis\":\"fairValue\",\"priceAgeMaxSeconds\":1}"),
    ];

    private int _attempts;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task a_hundred_attempts_to_post_into_a_sealed_period_and_none_gets_in()
    {
        var client = await SealAsync();
        var before = await FrozenAsync(client);

        await ByApiAsync(client);
        await ByForgedMembersAsync(client);
        await ByCorrectionsAsync(client);
        await ByBatchesAsync(client);
        await ByPeriodsAsync(client);
        await ByCommandLineAsync(client);
        await ByImportAsync(client);
        await ByLogsAsync(client);
        await ByFileAsync(client);
        await BySqlAsync(client);

        _attempts.ShouldBeGreaterThanOrEqualTo(100);
        (await FrozenAsync(client)).ShouldBe(before);
        var check = await ProgramRun.OverAsync(
            host.Login, "check", "--journal", "treasury/acme", "--tenant", client.Tenant);
        check.ExitCode.ShouldBe(0, check.Error);

        // What is true was recorded, shows at once, and is caught up.
        var gains = (await client.GetAsync($"{Treasury}/periods/gains?asOf=2026-03-31")).Json;
        gains.GetProperty("catchUps").GetArrayLength().ShouldBeGreaterThan(0);
        gains.GetProperty("fromTheBeginning").GetProperty("difference").GetString().ShouldBe("0");
        foreach (var line in gains.GetProperty("catchUps").EnumerateArray())
        {
            var late = line.GetProperty("late");
            late.GetProperty("accountingDate").GetString().ShouldBe("2026-02-01");
            (await client.GetAsync(late.GetProperty("path").GetString()!)).ShouldBe(HttpStatusCode.OK);
        }

        await LedgerAsync(client);
    }

    /// <summary>The general ledger goes on from the closing of January and names what it catches up.</summary>
    private static async Task LedgerAsync(ApiClient client)
    {
        var ledger = (await client.GetAsync(
            $"{Treasury}/periods/general-ledger?from=2026-01-31&asOf=2026-03-31&limit=10000")).Json;
        var whole = (await client.GetAsync($"{Treasury}/periods/general-ledger?asOf=2026-03-31&limit=10000")).Json;
        var january = Rows(await client.GetAsync($"{Treasury}/periods/trial-balance?asOf=2026-01-31"));
        var derived = Rows(await client.GetAsync($"{Treasury}/trial-balance?asOf=2026-03-31"));
        var caughtUp = 0;
        ledger.GetProperty("ties").EnumerateArray()
            .ShouldAllBe(tie => tie.GetProperty("difference").GetString() == "0");
        foreach (var account in ledger.GetProperty("accounts").EnumerateArray())
        {
            var key = Key(account);
            account.GetProperty("opening").GetProperty("quantity").GetString()
                .ShouldBe(january.GetValueOrDefault(key, "0"), key);
            account.GetProperty("closing").GetProperty("quantity").GetString()
                .ShouldBe(derived.GetValueOrDefault(key, "0"), key);
            foreach (var line in account.GetProperty("lines").EnumerateArray()
                .Where(line => line.GetProperty("kind").GetString() == "catchUp"))
            {
                caughtUp++;
                line.GetProperty("accountingDate").GetString().ShouldBe("2026-02-01");
                line.GetProperty("late").GetProperty("accountingDate").GetString().ShouldBe("2026-02-01");
            }
        }

        caughtUp.ShouldBeGreaterThan(10);
        foreach (var account in whole.GetProperty("accounts").EnumerateArray())
        {
            account.GetProperty("closing").GetProperty("quantity").GetString()
                .ShouldBe(derived.GetValueOrDefault(Key(account), "0"));
        }

        static Dictionary<string, string> Rows(ApiAnswer answer) => answer.Json.GetProperty("rows").EnumerateArray()
            .ToDictionary(Key, row => row.GetProperty("quantity").GetString()!);

        static string Key(JsonElement row) =>
            $"{row.GetProperty("account").GetString()} {row.GetProperty("asset").GetString()}";
    }

    [Fact]
    public async Task a_statement_that_somebody_changes_by_hand_is_found_at_its_seal()
    {
        var client = await SealAsync();
        var seal = (await client.GetAsync(Treasury + "/periods")).Json.GetProperty("periods")[0].GetProperty("seal");
        var entry = seal.GetProperty("entry").GetInt64();

        // The owner of the database can do anything; here it changes what was sealed and mends the chain.
        await new ChainForger(Logins.Of(host.Login).Owner, client.Tenant, "treasury/acme")
            .ChangeAsync(14, "\"quantity\": \"10000000000000000000\"", "\"quantity\": \"10000000000000000001\"");

        var check = await ProgramRun.OverAsync(
            host.Login, "check", "--journal", "treasury/acme", "--tenant", client.Tenant, "--json");
        check.ExitCode.ShouldBe(1);
        check.Error.ShouldContain($"at {entry}: The statements of the period have the hash");
        check.Error.ShouldNotContain("makes it anew");
    }

    [Fact]
    public async Task a_second_person_reopens_a_sealed_period_and_it_is_issued_anew_beside_the_first_issue()
    {
        var client = await SealAsync();
        var first = await FrozenAsync(client);
        var then = (await client.GetAsync(Treasury + "/periods")).Json.GetProperty("viewpoint").GetProperty("knownAt");
        await client.PostAsync(
            Treasury + "/acquisitions", $$"""{"effectiveAt":"{{Inside[0]}}",{{Facts[3].Members}}}""");
        var reason = "\"effectiveAt\":\"2026-02-10T00:00:00Z\",\"until\":\"" + Until
            + "\",\"reason\":\"a fact came late\"";
        var asked = (await client.PostAsync(Treasury + "/reopening-requests", $"{{{reason}}}"))
            .ShouldBe(HttpStatusCode.Created);
        var second = await host.NewCallerAsync(client.Tenant, "bob");

        (await second.PostAsync(
            Treasury + "/reopenings", $"{{{reason},\"request\":{asked.Position}}}", "by-a-second-person"))
            .ShouldBe(HttpStatusCode.Created);
        (await client.GetAsync(Treasury + "/periods/statement?asOf=2026-01-31")).Code.ShouldBe("figure_unknown");
        foreach (var (route, members) in new[]
        {
            ("periods", $"\"from\":\"2025-12-31T16:00:00Z\",\"until\":\"{Until}\""),
            ("seals", $"\"until\":\"{Until}\""),
        })
        {
            (await client.PostAsync($"{Treasury}/{route}", $$"""{"effectiveAt":"2026-02-11T00:00:00Z",{{members}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        var periods = (await client.GetAsync(Treasury + "/periods")).Json;
        periods.GetProperty("periods")[0].GetProperty("issue").GetInt32().ShouldBe(2);
        periods.GetProperty("reopened")[0].GetProperty("period").GetProperty("issue").GetInt32().ShouldBe(1);
        var anew = await FrozenAsync(client);
        anew.ShouldNotBe(first);
        (await FrozenAsync(client, $"&knownAt={then.GetString()}")).ShouldBe(first);
        (await client.GetAsync($"{Treasury}/periods/gains?asOf=2026-03-31")).Json
            .GetProperty("catchUps").GetArrayLength().ShouldBe(0);
        var check = await ProgramRun.OverAsync(
            host.Login, "check", "--journal", "treasury/acme", "--tenant", client.Tenant);
        check.ExitCode.ShouldBe(0, check.Error);
    }

    private async Task ByApiAsync(ApiClient client)
    {
        foreach (var (route, _, members) in Facts)
        {
            foreach (var at in route == "books" ? Inside[..1] : Inside)
            {
                await OutsideAsync(client, await client.PostAsync(
                    $"{Treasury}/{route}", $$"""{"effectiveAt":"{{at}}",{{members}}}"""));
            }
        }
    }

    private async Task ByForgedMembersAsync(ApiClient client)
    {
        foreach (var member in new[]
        {
            "accountingDate", "accountingAt", "accountingDay", "period", "postingDate", "bookedAt", "recordedAt",
            "position", "closing",
        })
        {
            _attempts++;
            (await client.PostAsync(
                Treasury + "/fees",
                $$"""{"effectiveAt":"{{Inside[1]}}",{{Leg("wallet", "ETH", "0.01")}},"{{member}}":"2026-01-10"}"""))
                .Status.ShouldBe(HttpStatusCode.BadRequest, member);
        }

        _attempts++;
        (await client.PostAsync(
            Treasury + "/fees",
            $$"""{"effectiveAt":"{{Inside[1]}}",{{Leg("wallet", "ETH", "0.01")}}}""",
            recordedAt: "2026-01-15T00:00:00Z")).Code.ShouldBe("scripted_clock_wrong");
    }

    private async Task ByCorrectionsAsync(ApiClient client)
    {
        await OutsideAsync(client, await client.PostAsync(
            Treasury + "/corrections", $$"""{"effectiveAt":"{{Inside[1]}}","entry":15}"""));
        await OutsideAsync(client, await client.PostAsync(
            Treasury + "/corrections",
            $$"""
            {"effectiveAt":"{{Inside[1]}}","entry":14,"replacement":{"command":"acquire-asset",
            "effectiveAt":"{{Inside[0]}}",{{Facts[3].Members}} } }
            """));
        foreach (var target in new[] { 17, 18 })
        {
            _attempts++;
            (await client.PostAsync(
                Treasury + "/corrections", $$"""{"effectiveAt":"{{Inside[1]}}","entry":{{target}}}"""))
                .Code.ShouldBe("entry_not_correctable");
        }
    }

    private async Task ByBatchesAsync(ApiClient client)
    {
        foreach (var at in Inside)
        {
            var commands = Facts[..^1].Select(fact =>
                $$"""{"command":"{{fact.Command}}","effectiveAt":"{{at}}",{{fact.Members}}}""");
            await OutsideAsync(client, await client.PostAsync(
                Treasury + "/batches", $$"""{"commands":[{{string.Join(',', commands)}}]}"""));
        }
    }

    /// <summary>To open the period again, or to close it once more over what is true now.</summary>
    private async Task ByPeriodsAsync(ApiClient client)
    {
        foreach (var (route, members, code) in new[]
        {
            ("reopenings", $"\"until\":\"{Until}\",\"reason\":\"because\"", "reopening_not_requested"),
            ("reopenings", $"\"until\":\"{Until}\",\"reason\":\"because\",\"request\":18", "reopening_not_requested"),
            ("reopenings", $"\"until\":\"{Until}\"", "terms_invalid"),
            ("seals", $"\"until\":\"{Until}\"", "period_already_sealed"),
            ("periods", $"\"from\":\"2025-12-31T16:00:00Z\",\"until\":\"{Until}\"", "period_out_of_order"),
            ("periods", $"\"from\":\"2026-01-30T16:00:00Z\",\"until\":\"{Until}\"", "period_out_of_order"),
        })
        {
            _attempts++;
            (await client.PostAsync($"{Treasury}/{route}", $$"""{"effectiveAt":"2026-02-10T00:00:00Z",{{members}}}"""))
                .Code.ShouldBe(code);
        }

        // Asking is allowed, and changes nothing; who asked or sealed cannot go on.
        var ask = $$"""{"effectiveAt":"2026-02-10T00:00:00Z","until":"{{Until}}","reason":"because"}""";
        var asked = (await client.PostAsync(Treasury + "/reopening-requests", ask)).ShouldBe(HttpStatusCode.Created);
        var other = await host.NewCallerAsync(client.Tenant, "bob");
        var again = (await other.PostAsync(Treasury + "/reopening-requests", ask, "ask-2"))
            .ShouldBe(HttpStatusCode.Created);
        foreach (var (caller, request) in new[]
        {
            (client, asked.Position), (client, again.Position), (other, again.Position), (other, asked.Position),
        })
        {
            _attempts++;
            (await caller.PostAsync(
                Treasury + "/reopenings",
                $$"""
                {"effectiveAt":"2026-02-10T00:00:00Z","until":"{{Until}}","reason":"because",
                "request":{{request}}}
                """,
                idempotencyKey: $"reopen-{_attempts}"))
                .Code.ShouldBeOneOf("second_person_needed", "reopening_not_requested");
        }
    }

    private async Task ByCommandLineAsync(ApiClient client)
    {
        var file = Path.GetTempFileName();
        try
        {
            foreach (var (index, at) in Inside.Index())
            {
                var (_, command, members) = Facts[index];
                await File.WriteAllTextAsync(file, $$"""{"effectiveAt":"{{at}}",{{members}}}""", Cancellation);
                var run = await ProgramRun.OverAsync(
                    host.Login, "record", command, "--file", file, "--journal", "treasury/acme", "--tenant",
                    client.Tenant, "--idempotency-key", $"cli-{index}", "--json");
                run.ExitCode.ShouldBe(0, run.Error);
                await OutsideAsync(client, JsonDocument.Parse(run.Output).RootElement);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A pack of the treasury as it was is read into the ledger that has it already.</summary>
    private async Task ByImportAsync(ApiClient client)
    {
        var folder = Directory.CreateTempSubdirectory("sealed");
        try
        {
            var pack = Path.Combine(folder.FullName, "pack.zip");
            var made = await ProgramRun.OverAsync(
                host.Login, "export", "pack", "--treasury", "acme", "--tenant", client.Tenant, "--as-of", "2026-01-31",
                "--out", pack);
            made.ExitCode.ShouldBe(0, made.Error);
            var head = await client.HeadAsync();
            _attempts++;

            await ProgramRun.OverAsync(host.Login, "import-pack", pack, "--json");

            (await client.HeadAsync()).ShouldBe(head);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Logs of a lending pool, by the command line.</summary>
    private async Task ByLogsAsync(ApiClient client)
    {
        var folder = Directory.CreateTempSubdirectory("sealed");
        try
        {
            var (logs, terms) = (Path.Combine(folder.FullName, "logs"), Path.Combine(folder.FullName, "terms"));
            await File.WriteAllTextAsync(
                logs, JsonSerializer.Serialize(AaveImportTests.Logs(orphaned: false)), Cancellation);
            await File.WriteAllTextAsync(terms, AaveImportTests.Terms("aave-2"), Cancellation);
            var head = await PositionAsync(client);

            var run = await ProgramRun.OverAsync(
                host.Login, "import-aave", "--treasury", "acme", "--tenant", client.Tenant, "--logs", logs, "--terms",
                terms, "--json");

            run.ExitCode.ShouldBe(0, run.Error);
            await OutsideAsync(client, head, 2);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Rows of a file under a mapping, each at an instant of January.</summary>
    private async Task ByFileAsync(ApiClient client)
    {
        await client.RegisterAsync("desk-file", """
            {
              "kind": "mapped",
              "mapping": {
                "rules": [
                  {
                    "when": { "Type": "reward" },
                    "command": {
                      "command": "receive-yield", "fact": "desk:{Id}", "effectiveAt": "{Time|instant}",
                      "account": "wallet", "asset": "ETH", "quantity": "{Quantity|number}"
                    }
                  }
                ]
              }
            }
            """);
        var head = await PositionAsync(client);
        var rows = Inside.Select((at, index) => $"{index},reward,{at},0.25");

        (await client.ImportAsync("desk-file", string.Join('\n', ["Id,Type,Time,Quantity", .. rows])))
            .ShouldBe("rows 4, recorded 4");

        await OutsideAsync(client, head, Inside.Length);
    }

    private static async Task<long> PositionAsync(ApiClient client) =>
        (await client.GetAsync(Treasury + "/head")).Json.GetProperty("head").GetProperty("position").GetInt64();

    /// <summary>Everything recorded since a position has an accounting date behind the seal.</summary>
    private async Task OutsideAsync(ApiClient client, long head, int count)
    {
        var now = await PositionAsync(client);
        now.ShouldBe(head + count);
        for (var position = head + 1; position <= now; position++)
        {
            await OutsideAsync(client, position);
        }
    }

    /// <summary>As the program's own role and as a login that an operator made for it, past the program.</summary>
    private async Task BySqlAsync(ApiClient client)
    {
        await Database.AskAsync(host.Login, """
            do $$ begin
                create role operators_choice in role treasury_app;
            exception when duplicate_object then
                null; -- by another test
            end $$
            """);
        foreach (var (role, statement) in SqlAttempts.Of(client.Tenant).SelectMany(statement =>
            new[] { (Logins.AppRole, statement), ("operators_choice", statement) }))
        {
            _attempts++;
            var refused = await Should.ThrowAsync<PostgresException>(
                () => Database.AskAsync(
                    host.Login, $"set role {role}; call ledger.for_tenant('{client.Tenant}'); {statement}"),
                $"{role}: {statement}");
            refused.SqlState.ShouldBeOneOf(
                PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.UniqueViolation,
                PostgresErrorCodes.RestrictViolation, PostgresErrorCodes.CheckViolation);
        }
    }

    /// <summary>It was recorded, and its accounting date lies behind the seal.</summary>
    private async Task OutsideAsync(ApiClient client, ApiAnswer answer) =>
        await OutsideAsync(client, answer.ShouldBe(HttpStatusCode.Created).Json);

    private async Task OutsideAsync(ApiClient client, JsonElement recorded)
    {
        foreach (var entry in recorded.GetProperty("entries").EnumerateArray())
        {
            await OutsideAsync(client, entry.GetProperty("position").GetInt64());
        }
    }

    private async Task OutsideAsync(ApiClient client, long position)
    {
        _attempts++;
        var dates = (await client.GetAsync($"{Treasury}/entries/{position}/accounting-dates"))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("dates");
        dates.EnumerateArray().Single(row => row.GetProperty("book").GetString() == "official")
            .GetProperty("accountingDate").GetString().ShouldBe("2026-02-01");
    }

    /// <summary>Everything that is official of January.</summary>
    private static async Task<string> FrozenAsync(ApiClient client, string known = "")
    {
        var statement = (await client.GetAsync(Treasury + "/periods/statement?asOf=2026-01-31" + known)).Json;
        var gains = (await client.GetAsync(Treasury + "/periods/gains?asOf=2026-01-31" + known)).Json;
        return string.Join('\n',
            statement.GetProperty("hash"), statement.GetProperty("lines"), gains.GetProperty("gains"),
            gains.GetProperty("realizedGain"), gains.GetProperty("catchUps"),
            gains.GetProperty("span").GetProperty("knownPosition"));
    }

    /// <summary>A treasury with a gain in January, which is closed (entry 17) and sealed (18).</summary>
    private async Task<ApiClient> SealAsync()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        string[] steps =
        [
            "capital-contributions|" + Inside[0] + "|" + Leg("bank", "USD", "100000"),
            "acquisitions|2026-01-05T00:00:00Z|" + Leg("wallet", "ETH", "10")
                + ",\"paidAccount\":\"bank\",\"paidAsset\":\"USD\",\"paidQuantity\":\"20000\"",
            "transfers|2026-01-06T00:00:00Z|\"from\":\"wallet\",\"to\":\"exchange\",\"asset\":\"ETH\","
                + "\"quantity\":\"5\"",
            "sales|2026-01-15T00:00:00Z|" + Leg("exchange", "ETH", "2")
                + ",\"proceedsAsset\":\"USD\",\"proceedsQuantity\":\"5000\"",
            "periods|2026-02-02T00:00:00Z|\"from\":\"2025-12-31T16:00:00Z\",\"until\":\"" + Until + "\"",
            "seals|2026-02-03T00:00:00Z|\"until\":\"" + Until + "\"",
        ];
        foreach (var step in steps.Select(step => step.Split('|')))
        {
            (await client.PostAsync($"{Treasury}/{step[0]}", $$"""{"effectiveAt":"{{step[1]}}",{{step[2]}}}"""))
                .ShouldBe(HttpStatusCode.Created);
        }

        return client;
    }

    private static string Leg(string account, string asset, string quantity) => string.Create(
        CultureInfo.InvariantCulture,
        $"\"account\":\"{account}\",\"asset\":\"{asset}\",\"quantity\":\"{quantity}\"");
}
