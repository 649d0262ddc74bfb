using System.Net;
using System.Text.Json;
using Shouldly;
using TreasuryLedger.Server.Answers;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>The program as a person starts it, over the database of the running server.</summary>
[Collection(ProgramTests.Name)]
public sealed class CommandLineTests(ApiHost host)
{
    [Fact]
    public async Task what_it_answers_is_what_HTTP_answers()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await client.PostAsync(
            ApiClient.Treasury + "/capital-contributions",
            """{"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"1234.5"}""");

        var json = await RunAsync(
            "balances", "--treasury", "acme", "--tenant", client.Tenant, "--as-of", "2026-01-31", "--json");
        var table = await RunAsync(
            "balances", "--treasury", "acme", "--tenant", client.Tenant, "--as-of", "2026-01-31");

        var answer = await client.GetAsync(ApiClient.Treasury + "/balances?asOf=2026-01-31");
        json.ExitCode.ShouldBe(0, json.Error);
        JsonElement.DeepEquals(JsonDocument.Parse(json.Output).RootElement, answer.Json).ShouldBeTrue(json.Output);
        table.Output.ShouldContain("viewpoint: treasury acme, asOf 2026-01-31T15:59:59.999999Z, knownAt ");
        table.Output.ShouldMatch("bank +USD +1234.5");
    }

    [Theory]
    [InlineData("entries", "--treasury acme --limit 2 --json", "/entries?limit=2")]
    [InlineData("entries", "--treasury acme --type asset_registered --format csv",
        "/entries?type=asset_registered&format=csv")]
    [InlineData("movements", "--treasury acme --format ndjson", "/movements?format=ndjson")]
    [InlineData("sums", "--treasury acme --asset USD --json", "/entries/sums?asset=USD")]
    public async Task its_lists_are_those_of_HTTP(string verb, string options, string address)
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var answer = (await client.GetAsync(ApiClient.Treasury + address)).ShouldBe(HttpStatusCode.OK);

        var given = await RunAsync([verb, .. options.Split(' '), "--tenant", client.Tenant]);

        given.ExitCode.ShouldBe(0, given.Error);
        if (options.EndsWith("--json", StringComparison.Ordinal))
        {
            JsonElement.DeepEquals(JsonDocument.Parse(given.Output).RootElement, answer.Json).ShouldBeTrue();
        }
        else
        {
            given.Output.ShouldBe(answer.Text);
        }
    }

    [Fact]
    public async Task what_it_records_is_recorded_once()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                file,
                """{"effectiveAt":"2026-01-02T08:00:00Z","account":"bank","asset":"USD","quantity":"5"}""",
                TestContext.Current.CancellationToken);
            string[] record =
            [
                "record", "contribute-capital", "--file", file, "--journal", "treasury/acme", "--tenant",
                client.Tenant, "--idempotency-key", "cli-1", "--actor", "night.job", "--json",
            ];

            var first = await RunAsync(record);
            var again = await RunAsync(record);

            first.ExitCode.ShouldBe(0, first.Error);
            Row(first).GetProperty("replayed").GetBoolean().ShouldBeFalse();
            Row(again).GetProperty("replayed").GetBoolean().ShouldBeTrue();
            Row(again).GetProperty("hash").GetString().ShouldBe(Row(first).GetProperty("hash").GetString());
            var position = Row(first).GetProperty("position").GetInt64();
            (await client.GetAsync($"{ApiClient.Treasury}/entries/{position}")).Text.ShouldContain("\"night.job\"");
        }
        finally
        {
            File.Delete(file);
        }

        static JsonElement Row((int, string Output, string) run) =>
            JsonDocument.Parse(run.Output).RootElement.GetProperty("entries")[0];
    }

    [Fact]
    public async Task a_key_that_it_makes_works_until_it_revokes_it()
    {
        var without = await RunAsync("keys", "create", "--tenant", "cli-tenant", "--actor", "ann");
        var unknown = await RunAsync("keys", "create", "--tenant", "cli-tenant", "--actor", "ann", "--role", "owner");
        var made = await RunAsync(
            "keys", "create", "--tenant", "cli-tenant", "--actor", "ann", "--role", "risk", "compliance", "--json");
        without.ExitCode.ShouldBe(1);
        unknown.Error.ShouldContain("custodian, accountant, compliance, risk, admin");
        made.ExitCode.ShouldBe(0, made.Error);
        var key = JsonDocument.Parse(made.Output).RootElement;
        var client = new ApiClient(host.Host, "cli-tenant", key.GetProperty("key").GetString()!);

        (await client.GetAsync("/v1/errors")).ShouldBe(HttpStatusCode.OK);
        var listed = await RunAsync("keys", "list");
        var rotated = await RunAsync("keys", "rotate", key.GetProperty("id").GetString()!, "--json");
        var revoked = await RunAsync("keys", "revoke", key.GetProperty("id").GetString()!);

        rotated.ExitCode.ShouldBe(0, rotated.Error);
        var next = JsonDocument.Parse(rotated.Output).RootElement.GetProperty("key").GetString()!;
        (await new ApiClient(host.Host, "cli-tenant", next).GetAsync("/v1/keys")).ShouldBe(HttpStatusCode.OK);
        listed.Output.ShouldContain("cli-tenant");
        listed.Output.ShouldNotContain(key.GetProperty("key").GetString()!.Split('_')[2]);
        revoked.ExitCode.ShouldBe(0, revoked.Error);
    }

    [Fact]
    public async Task it_anchors_heads_writes_a_proof_and_checks_it_without_a_database()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var folder = Directory.CreateTempSubdirectory("cli-proofs-").FullName;
        try
        {
            var anchored = await RunAsync("anchor", "--directory", folder, "--json");
            anchored.Output.ShouldContain($"\"tenant\": \"{client.Tenant}\"", Case.Sensitive, anchored.Error);
            var (anchors, file) = (Path.Combine(folder, $"{client.Tenant}.ndjson"), Path.Combine(folder, "proof.json"));
            string[] of = ["--journal", "treasury/acme", "--tenant", client.Tenant];
            var proof = await RunAsync(["prove", "entry", "3", "--anchor", anchors, .. of]);
            await File.WriteAllTextAsync(file, proof.Output, TestContext.Current.CancellationToken);

            var proven = await RunWithoutDatabaseAsync("verify-proof", file, "--anchor", anchors);
            proven.ExitCode.ShouldBe(0, proven.Error + proof.Error);
            proven.Output.ShouldStartWith($"Entry 3 of {client.Tenant}:treasury/acme stands in the journal of ");
            var alone = await RunWithoutDatabaseAsync("verify-proof", file);
            alone.ExitCode.ShouldBe(1);
            alone.Error.ShouldContain("By itself a proof proves nothing");
            await File.WriteAllTextAsync(
                file,
                proof.Output.Replace("\"tester\"", "\"mallory\"", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
            (await RunWithoutDatabaseAsync("verify-proof", file, "--anchor", anchors)).Error
                .ShouldStartWith("NOT PROVEN: The path does not lead from entry 3");

            (await RunAsync(["prove", "growth", "--from", "2", .. of])).Output.ShouldContain("consistency-proof-v1");
            var verified = await RunAsync(["verify", "--against", anchors, .. of]);
            verified.ExitCode.ShouldBe(0, verified.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void every_question_has_a_verb_of_its_own() =>
        AnswerRoute.All.Select(question => question.Verb).ShouldBeUnique();

    [Fact]
    public void every_answer_has_a_name_of_its_own_in_the_document() =>
        AnswerRoute.All.Select(question => question.Answer).Distinct().Select(answer => answer.Name).ShouldBeUnique();

    [Fact]
    public async Task a_refusal_is_one_line_and_a_failing_exit()
    {
        var text = await RunAsync("balances", "--treasury", "nobody");
        var json = await RunAsync("balances", "--treasury", "nobody", "--json");
        var misspelt = await RunAsync("balance", "--treasury", "nobody");

        text.ExitCode.ShouldBe(1);
        text.Error.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith("journal_not_opened: ");
        json.ExitCode.ShouldBe(1);
        JsonDocument.Parse(json.Output).RootElement.GetProperty("code").GetString().ShouldBe("journal_not_opened");
        misspelt.ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task what_is_derived_is_checked_and_made_anew()
    {
        var client = await (await host.NewTenantAsync()).OpenAsync();
        string[] journal = ["--journal", "treasury/acme", "--tenant", client.Tenant];
        await Database.AskAsync(host.Login, $"update ledger.narrow set body = '' where tenant = '{client.Tenant}'");

        var found = await RunAsync(["check", .. journal]);
        var rebuilt = await RunAsync(["rebuild", .. journal, "--json"]);
        var after = await RunAsync(["check", .. journal]);

        found.ExitCode.ShouldBe(1);
        found.Error.ShouldContain($"narrow of {client.Tenant}:treasury/acme is wrong at 1: ");
        rebuilt.ExitCode.ShouldBe(0, rebuilt.Error);
        JsonDocument.Parse(rebuilt.Output).RootElement.GetProperty("parts")[0].GetProperty("part").GetString()
            .ShouldBe("narrow");
        after.ExitCode.ShouldBe(0, after.Error);
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ProgramRun.OverAsync(host.Login, arguments);

    /// <summary>With a database that nobody could open.</summary>
    private static Task<(int ExitCode, string Output, string Error)> RunWithoutDatabaseAsync(
        params string[] arguments) => ProgramRun.OverAsync("Host=nowhere.invalid", arguments);
}
