using System.Net;
using System.Text.RegularExpressions;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Policies;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What two persons decide waits for the second one: over HTTP, on the command line, in the database.
/// </summary>
[Collection(ApiTests.Name)]
public sealed partial class FourEyesTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    private const string Send = """
        {"effectiveAt":"2026-01-05T08:00:00Z","fact":"desk:send","from":"wallet","to":"exchange","asset":"ETH",
        "quantity":"2","mode":"instruction","reserves":true}
        """;

    private const string Limits = """{"effectiveAt":"2026-01-05T00:00:00Z","venues":["nowhere"]}""";

    [Fact]
    public async Task limits_wait_for_a_second_person_and_are_in_force_when_that_one_has_approved_them()
    {
        var (ann, bob) = await OpenAsync();
        var proposed = await PostAsync(ann, "limits", Limits, "limits");

        Outcome(proposed.ShouldBe(HttpStatusCode.Accepted)).ShouldBe("proposed");
        var again = (await PostAsync(ann, "limits", Limits, "limits"))
            .ShouldBe(HttpStatusCode.Accepted);
        (Outcome(again), again.Position).ShouldBe(("proposed", proposed.Position));
        (await AreInForceAsync(ann)).ShouldBeFalse();
        var waiting = (await bob.GetAsync(Treasury + "/proposals")).ShouldBe(HttpStatusCode.OK).Json;
        waiting.GetProperty("fourEyes").GetProperty("instructionsAbove").GetString().ShouldBe("1000");
        var row = waiting.GetProperty("proposals").EnumerateArray().Single();
        row.GetProperty("entry").GetInt64().ShouldBe(proposed.Position);
        row.GetProperty("kind").GetString().ShouldBe("limits");
        row.GetProperty("notBy")[0].GetString().ShouldBe("ann");
        row.GetProperty("command").GetString().ShouldBe("approve-proposal");

        (await PostAsync(ann, "proposals/approvals", Of(proposed))).Code.ShouldBe("second_person_needed");
        var approved = (await PostAsync(bob, "proposals/approvals", Of(proposed)))
            .ShouldBe(HttpStatusCode.Created);

        (await AreInForceAsync(ann)).ShouldBeTrue();
        (await bob.GetAsync(Treasury + "/proposals")).Json.GetProperty("proposals").GetArrayLength().ShouldBe(0);
        (await bob.GetAsync($"{Treasury}/proposals?knownAt={At(proposed)}"))
            .Json.GetProperty("proposals").GetArrayLength().ShouldBe(1);
        var entry = (await ann.GetAsync($"{Treasury}/entries/{approved.Position}")).Text;
        entry.ShouldContain("\"type\":\"limits_set_v1\"");
        entry.ShouldContain("\"actor\":\"bob\"");
        entry.ShouldContain($"\"voids\":{proposed.Position}");
        (await PostAsync(bob, "proposals/approvals", Of(proposed))).Code.ShouldBe("proposal_ended");
        (await ann.GetAsync(Treasury + "/verification")).Json.GetProperty("isIntact").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task an_instruction_above_the_amount_waits_and_one_below_does_not()
    {
        var (ann, bob) = await OpenAsync();
        await PriceAsync(ann);

        var small = Send.Replace("\"2\"", "\"0.1\"", StringComparison.Ordinal)
            .Replace("desk:send", "desk:small", StringComparison.Ordinal);
        Outcome((await PostAsync(ann, "transfers", small)).ShouldBe(HttpStatusCode.Created))
            .ShouldBe("recorded");
        var tried = await PostAsync(ann, "transfers?dryRun=true", Send);
        Outcome(tried.ShouldBe(HttpStatusCode.OK)).ShouldBe("proposed");
        var proposed = (await PostAsync(ann, "transfers", Send)).ShouldBe(HttpStatusCode.Accepted);
        (await FactsAsync(ann)).ShouldBe(["desk:small"]);
        (await PostAsync(bob, "proposals/approvals", Of(proposed))).ShouldBe(HttpStatusCode.Created);
        (await FactsAsync(ann)).ShouldBe(["desk:small", "desk:send"]);

        var other = Send.Replace("desk:send", "desk:other", StringComparison.Ordinal);
        var declined = (await PostAsync(ann, "transfers", other)).ShouldBe(HttpStatusCode.Accepted);
        var feed = await host.NewCallerAsync(ann.Tenant, "feed", Grant.Of(Role.Custodian));
        (await PostAsync(feed, "proposals/approvals", Of(declined))).Code.ShouldBe("role_missing");
        (await PostAsync(feed, "proposals/refusals", Of(declined, ",\"reason\":\"withdrawn\"")))
            .ShouldBe(HttpStatusCode.Created);
        (await PostAsync(bob, "proposals/approvals", Of(declined))).Code.ShouldBe("proposal_ended");
        (await FactsAsync(ann)).ShouldBe(["desk:small", "desk:send"]);
        // Its source says what was asked for, and not when a second person approved it.
        Outcome((await PostAsync(ann, "transfers", Send)).ShouldBe(HttpStatusCode.OK)).ShouldBe("evidenceAdded");
    }

    [Fact]
    public async Task what_is_still_to_be_decided_of_the_official_book_stays_listed_and_what_is_final_does_not()
    {
        var (ann, bob) = await OpenAsync();
        static string Day(int day, string more) =>
            $$"""{"effectiveAt":"2099-12-{{day}}T16:00:00Z","reason":"so","book":"official",{{more}}}""";
        static string Order(string method) => $"\"account\":\"wallet\",\"method\":\"{method}\"";
        async Task<long> RecordAsync(ApiClient who, string path, string json) =>
            (await PostAsync(who, path, json)).ShouldBe(HttpStatusCode.Created).Position;
        async Task<IEnumerable<long>> WaitingAsync() => (await ann.GetAsync(Treasury + "/proposals"))
            .ShouldBe(HttpStatusCode.OK).Json.GetProperty("proposals").EnumerateArray()
            .Select(row => row.GetProperty("entry").GetInt64());

        var hifo = await RecordAsync(ann, "standing-orders", Day(30, Order("hifo")));
        var lifo = await RecordAsync(ann, "standing-orders", Day(30, Order("lifo")));
        var first = await RecordAsync(ann, "basis-allocations", Day(30, "\"method\":\"fifo\""));
        var second = await RecordAsync(ann, "basis-allocations", Day(31, "\"method\":\"fifo\""));
        (await WaitingAsync()).ShouldBe([hifo, lifo, first, second]);

        await RecordAsync(bob, "standing-orders", Day(30, Order("hifo") + $",\"proposal\":{hifo}"));
        (await WaitingAsync()).ShouldBe([lifo, first, second]);
        await RecordAsync(bob, "basis-allocations", Day(30, $"\"method\":\"fifo\",\"proposal\":{first}"));
        (await WaitingAsync()).ShouldBe([lifo]);
        (await PostAsync(ann, "standing-orders", Day(31, Order("fifo") + ",\"fact\":\"desk:order\""))).Code
            .ShouldBe("terms_invalid");
    }

    [Fact]
    public async Task the_documented_bodies_work_for_the_second_person()
    {
        var (ann, bob) = await OpenAsync();
        foreach (var route in ApprovalRoutes.All)
        {
            var proposed = await PostAsync(ann, "limits", Limits);
            var body = Position().Replace(route.Examples[0].Json, $"${{1}}{proposed.Position}");

            (await PostAsync(bob, route.Path, body)).Status.ShouldBe(
                route.Command == typeof(SetFourEyes) ? HttpStatusCode.Accepted : HttpStatusCode.Created);
        }
    }

    [Fact]
    public async Task the_command_line_lists_and_approves_as_HTTP_does()
    {
        var (ann, _) = await OpenAsync();
        var proposed = await PostAsync(ann, "limits", Limits);
        var body = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(body, Of(proposed), TestContext.Current.CancellationToken);
            string[] record =
            [
                "record", "approve-proposal", "--file", body, "--journal", "treasury/acme", "--tenant", ann.Tenant,
                "--idempotency-key", "approved", "--json", "--actor",
            ];

            var listed = await ProgramRun.OverAsync(
                host.Login, "proposals", "--treasury", "acme", "--tenant", ann.Tenant, "--json");
            var refused = await ProgramRun.OverAsync(host.Login, [.. record, "ann"]);
            var approved = await ProgramRun.OverAsync(host.Login, [.. record, "bob"]);

            listed.Output.ShouldContain("approve-proposal");
            refused.ExitCode.ShouldBe(1);
            (refused.Output + refused.Error).ShouldContain("second_person_needed");
            approved.ExitCode.ShouldBe(0, approved.Error);
            (await AreInForceAsync(ann)).ShouldBeTrue();
        }
        finally
        {
            File.Delete(body);
        }
    }

    [Fact]
    public async Task the_database_refuses_every_attempt_of_the_program_to_decide_alone()
    {
        var (ann, bob) = await OpenAsync();
        var ended = await PostAsync(ann, "limits", Limits);
        var approved = await PostAsync(bob, "proposals/approvals", Of(ended));
        var waiting = await PostAsync(ann, "limits", Limits);
        var terms = (await PostAsync(ann, "books", """
            {"effectiveAt":"2099-12-31T16:00:00Z","book":"official","reason":"so","terms":{"lotMethod":"hifo",
            "basisScope":"universal","stablecoins":"cashAtPar","incomeBasis":"fairValue","priceAgeMaxSeconds":1}}
            """)).ShouldBe(HttpStatusCode.Created);
        var attempts = new ApprovalAttempts(
            ann.Tenant, waiting.Position, ended.Position, approved.Position, ended.Position - 2, terms.Position);
        var app = Logins.Of(host.Login).App;
        var forTenant = $"call ledger.for_tenant('{ann.Tenant}')";

        foreach (var (what, statement) in attempts.All())
        {
            var refused = await Should.ThrowAsync<PostgresException>(
                () => Database.AskAsync(app, $"{forTenant}; {statement}"), what);
            refused.SqlState.ShouldBeOneOf(
                [PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.RestrictViolation],
                $"{what}: {refused.MessageText}");
        }

        attempts.All().Count().ShouldBeGreaterThanOrEqualTo(10);
        // What all of them differ from is taken, so none was refused for its form.
        await Database.AskAsync(app, $"begin; {forTenant}; {attempts.Sound}; rollback");
        (await ann.GetAsync(Treasury + "/verification")).Json.GetProperty("isIntact").GetBoolean().ShouldBeTrue();
        (await AreInForceAsync(ann)).ShouldBeTrue();
    }

    /// <summary>Under a key that no other caller of the tenant has.</summary>
    private static Task<ApiAnswer> PostAsync(ApiClient caller, string path, string json, string? key = null) =>
        caller.PostAsync($"{Treasury}/{path}", json, key ?? $"{Guid.NewGuid()}");

    [GeneratedRegex("(\"proposal\": )[0-9]+")]
    private static partial Regex Position();

    /// <summary>A treasury of two persons in which instructions above 1,000 USD wait.</summary>
    private async Task<(ApiClient Ann, ApiClient Bob)> OpenAsync()
    {
        var tenant = (await host.NewTenantAsync()).Tenant;
        var ann = await (await host.NewCallerAsync(tenant, "ann")).OpenAsync();
        (await PostAsync(ann, "four-eyes", """{"effectiveAt":"2026-01-01T00:00:00Z","instructionsAbove":"1000"}"""))
            .ShouldBe(HttpStatusCode.Created);
        (await PostAsync(ann, "capital-contributions", """
            {"effectiveAt":"2026-01-01T00:00:00Z","account":"wallet","asset":"ETH","quantity":"10"}
            """)).ShouldBe(HttpStatusCode.Created);
        return (ann, await host.NewCallerAsync(tenant, "bob"));
    }

    private static async Task PriceAsync(ApiClient client)
    {
        var now = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        (await client.PostAsync(
            ApiClient.Prices + "/prices",
            $$"""{"effectiveAt":"{{now}}","asset":"ETH","currency":"USD","price":"2000"}"""))
            .ShouldBe(HttpStatusCode.Created);
    }

    /// <summary>Whether limits are in force that allow no venue where anything lies.</summary>
    private static async Task<bool> AreInForceAsync(ApiClient client) =>
        (await client.GetAsync(Treasury + "/exposure")).ShouldBe(HttpStatusCode.OK)
            .Json.GetProperty("brokenLimits").GetArrayLength() > 0;

    private static async Task<IEnumerable<string?>> FactsAsync(ApiClient client) =>
        (await client.GetAsync(Treasury + "/instructions")).ShouldBe(HttpStatusCode.OK)
            .Json.GetProperty("instructions").EnumerateArray().Select(row => row.GetProperty("fact").GetString());

    private static string Of(ApiAnswer proposed, string more = "") =>
        $$"""{"effectiveAt":"2026-01-06T00:00:00Z","proposal":{{proposed.Position}}{{more}}}""";

    private static string? Outcome(ApiAnswer answer) =>
        answer.Json.GetProperty("entries")[0].GetProperty("outcome").GetString();

    private static string? At(ApiAnswer answer) =>
        answer.Json.GetProperty("entries")[0].GetProperty("recordedAt").GetString();
}
