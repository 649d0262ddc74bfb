using System.Net;
using Shouldly;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Tests.Api;
using TreasuryLedger.Server.Webhooks;
using Xunit;

namespace TreasuryLedger.Server.Tests.Webhooks;

/// <summary>Entries are told to a receiver on this machine, over HTTP, by the server's own worker.</summary>
[Collection(ApiTests.Name)]
public sealed class WebhookTests(ApiHost host)
{
    private const string Webhooks = ApiClient.Treasury + "/webhooks";

    private const string Yield = """
        {"effectiveAt":"2026-01-05T08:00:00Z","account":"wallet","asset":"ETH","quantity":"1"}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task every_entry_arrives_in_order_signed_and_as_it_is_stored()
    {
        await using var receiver = await Receiver.StartAsync(_ => 204);
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var (_, secret) = await AddAsync(client, receiver.Url + "/ledger", ""","from":1""");
        await client.PostAsync(ApiClient.Treasury + "/yields", Yield);
        var head = (await client.GetAsync(ApiClient.Treasury + "/head")).Json.GetProperty("head")
            .GetProperty("position").GetInt32();

        var all = await receiver.WaitAsync(head);

        all.Select(one => one.Position).ShouldBe(Enumerable.Range(1, head).Select(position => (long)position));
        all.Select(one => one.Id).ShouldBeUnique();
        foreach (var one in all)
        {
            one.ContentType.ShouldBe("application/json");
            one.SignaturesOf(secret).ShouldBe(1);
            one.Signature.ShouldNotContain(' ');
            one.Id.ShouldNotContain('.');
            var stored = (await client.GetAsync($"{ApiClient.Treasury}/entries/{one.Position}")).Json;
            var told = one.Json.GetProperty("data");
            told.GetProperty("entry").GetRawText().ShouldBe(stored.GetProperty("entry").GetRawText());
            told.GetProperty("hash").GetString().ShouldBe(stored.GetProperty("hash").GetString());
            told.GetProperty("treasury").GetString().ShouldBe("acme");
            one.Json.GetProperty("type").GetString().ShouldBe(
                $"entry.{stored.GetProperty("entry").GetProperty("type").GetString()}");
            one.Json.GetProperty("timestamp").GetString().ShouldBe(
                stored.GetProperty("entry").GetProperty("recordedAt").GetString());
        }
    }

    [Fact]
    public async Task only_the_kinds_that_were_asked_for_arrive_and_only_from_then_on()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var (id, _) = await AddAsync(client, receiver.Url, ""","kinds":["yield_received"]""");
        await client.PostAsync(ApiClient.Treasury + "/fees", Yield);
        var asked = (await client.PostAsync(ApiClient.Treasury + "/yields", Yield)).Position;

        (await receiver.WaitAsync(1)).Single().Position.ShouldBe(asked);
        await client.PostAsync(ApiClient.Treasury + "/fees", Yield);
        await EventuallyAsync(client, id, webhook => webhook.GetProperty("behind").GetInt64() == 0);
        receiver.All.Count.ShouldBe(1);
    }

    [Fact]
    public async Task what_was_not_taken_is_sent_again_and_nothing_behind_it_before()
    {
        var tries = 0;
        await using var receiver = await Receiver.StartAsync(async (received, http) =>
        {
            switch (received.Position == 2 ? ++tries : 0)
            {
                case 1:
                    http.Response.StatusCode = 500;
                    break;
                case 2:
                    http.Abort();
                    break;
                case 3:
                    http.Response.Redirect("/elsewhere");
                    break;
                case 4:
                    http.Response.StatusCode = 503;
                    http.Response.Headers.RetryAfter = "7200";
                    break;
            }

            await Task.CompletedTask;
        });
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var (id, secret) = await AddAsync(client, receiver.Url, ""","from":1""");
        for (var failures = 1; failures <= 4; failures++)
        {
            var failed = await EventuallyAsync(client, id, Has(failures));
            failed.GetProperty("position").GetInt64().ShouldBe(1);
            var wait = failed.GetProperty("nextAt").GetDateTimeOffset() - DateTimeOffset.UtcNow;
            wait.ShouldBe(
                failures == 4 ? TimeSpan.FromHours(2) : WebhookOptions.BackOff[failures - 1],
                (WebhookOptions.BackOff[failures - 1] / 10) + TimeSpan.FromSeconds(3));
            await PassAsync(id);
        }

        var all = await receiver.WaitAsync(8);

        all.Take(8).Select(one => one.Position).ShouldBe([1, 2, 2, 2, 2, 2, 3, 4]);
        all.Where(one => one.Position == 2).Select(one => one.Id).Distinct().Count().ShouldBe(1);
        all.ShouldAllBe(one => one.SignaturesOf(secret) == 1 && one.Path == "/");
        var log = (await client.GetAsync($"{Webhooks}/{id}/deliveries?before=7")).Json.GetProperty("deliveries");
        log.EnumerateArray().Select(one => one.TryGetProperty("status", out var status)
                ? status.GetRawText()
                : one.GetProperty("fault").GetString())
            .ShouldBe(["200", "503", "302", "unreachable", "500", "200"]);
        log[0].GetProperty("position").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task a_receiver_that_is_down_for_days_is_waited_for_then_paused_and_loses_nothing_when_resumed()
    {
        var isDown = true;
        await using var receiver = await Receiver.StartAsync(_ => isDown ? 502 : 200);
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var (id, _) = await AddAsync(client, receiver.Url, ""","from":1""");
        WebhookOptions.BackOff.Aggregate((all, one) => all + one).ShouldBeGreaterThan(TimeSpan.FromDays(3));

        for (var failures = 1; failures <= WebhookOptions.BackOff.Length; failures++)
        {
            (await EventuallyAsync(client, id, Has(failures))).TryGetProperty("pausedAt", out _).ShouldBeFalse();
            await PassAsync(id);
        }

        var paused = await EventuallyAsync(client, id, webhook => webhook.TryGetProperty("pausedAt", out _));
        paused.GetProperty("pausedBecause").GetString().ShouldBe("failing");
        using var http = host.Host.Server.CreateClient();
        (await http.GetStringAsync("/health/webhooks", Cancellation)).ShouldContain("\"status\":\"paused\"");
        (await http.GetStringAsync("/health/metrics", Cancellation)).ShouldContain("\ntreasury_webhooks_paused{");
        var tried = receiver.All.Count;
        await client.PostAsync(ApiClient.Treasury + "/yields", Yield);
        await PassAsync(id);
        await Task.Delay(600, Cancellation);
        receiver.All.Count.ShouldBe(tried);

        isDown = false;
        (await client.PostAsync($"{Webhooks}/{id}/resumption", "")).ShouldBe(HttpStatusCode.OK);

        (await receiver.WaitAsync(tried + 3)).Skip(tried).Take(3).Select(one => one.Position).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task a_receiver_that_says_that_it_is_gone_is_asked_no_more()
    {
        await using var receiver = await Receiver.StartAsync(_ => 410);
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var (id, _) = await AddAsync(client, receiver.Url, ""","from":1""");

        var paused = await EventuallyAsync(client, id, webhook => webhook.TryGetProperty("pausedAt", out _));

        paused.GetProperty("pausedBecause").GetString().ShouldBe("gone");
        receiver.All.Count.ShouldBe(1);
        (await client.DeleteAsync($"{Webhooks}/{id}")).ShouldBe(HttpStatusCode.OK);
        (await client.DeleteAsync($"{Webhooks}/{id}")).Code.ShouldBe(ErrorRegistry.WebhookUnknown);
        (await client.GetAsync(Webhooks)).Json.GetProperty("webhooks").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task an_entry_that_was_taken_while_the_sender_died_is_sent_again_under_its_id()
    {
        string? killed = null;
        await using var receiver = await Receiver.StartAsync(async (received, _) =>
        {
            if (received.Position == 3 && killed is null)
            {
                // Between the delivery and the cursor: whoever holds the turn loses its connection.
                killed = await Database.AskAsync(
                    host.Login,
                    """
                    select count(pg_terminate_backend(pid))
                    from pg_stat_activity join pg_locks using (pid)
                    where datname = current_database() and locktype = 'advisory' and state = 'idle in transaction'
                    """);
            }
        });
        var client = await (await host.NewTenantAsync()).OpenAsync();
        await AddAsync(client, receiver.Url, ""","from":1""");

        var all = await receiver.WaitAsync(6);

        killed.ShouldBe("1");
        all.Take(6).Select(one => one.Position).ShouldBe([1, 2, 3, 3, 4, 5]);
        all[3].Id.ShouldBe(all[2].Id);
        all[3].Body.ShouldBe(all[2].Body);
    }

    [Fact]
    public async Task a_new_secret_and_the_one_before_both_sign_until_the_time_is_over()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var (id, first) = await AddAsync(client, receiver.Url);
        var second = (await client.PostAsync($"{Webhooks}/{id}/rotation?keepHours=1", ""))
            .ShouldBe(HttpStatusCode.Created).Json.GetProperty("secret").GetString()!;
        await client.PostAsync(ApiClient.Treasury + "/yields", Yield);

        var both = (await receiver.WaitAsync(1))[0];
        (await client.GetAsync(Webhooks)).Text.ShouldNotContain(second[6..]);
        await Database.AskAsync(
            host.Login, $"update ledger.webhooks set previous_until = clock_timestamp() where id = '{id}'");
        await client.PostAsync(ApiClient.Treasury + "/yields", Yield);
        var one = (await receiver.WaitAsync(2))[1];

        (both.SignaturesOf(first), both.SignaturesOf(second)).ShouldBe((1, 1));
        (one.SignaturesOf(first), one.SignaturesOf(second)).ShouldBe((0, 1));
        first.ShouldNotBe(second);
    }

    [Fact]
    public async Task entries_are_sent_again_from_any_position_with_the_ids_that_they_had()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        var client = await (await host.NewTenantAsync()).OpenAsync();
        var (id, _) = await AddAsync(client, receiver.Url, ""","from":4""");
        var behind = await EventuallyAsync(client, id, webhook => webhook.GetProperty("behind").GetInt64() == 0);
        var head = behind.GetProperty("position").GetInt64();
        var before = receiver.All;

        (await client.PostAsync($"{Webhooks}/{id}/resumption?from=2", "")).ShouldBe(HttpStatusCode.OK);
        var all = await receiver.WaitAsync(before.Count + (int)head - 1);

        all.Skip(before.Count).Select(one => one.Position)
            .ShouldBe(Enumerable.Range(2, (int)head - 1).Select(position => (long)position));
        all.Skip(before.Count + 2).Select(one => one.Id).ShouldBe(before.Select(one => one.Id));
        (await client.PostAsync($"{Webhooks}/{id}/resumption?from={head + 1}", "")).ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync($"{Webhooks}/{id}/resumption?from={head + 2}", "")).Code.ShouldBe("entry_unknown");
        (await client.PostAsync($"{Webhooks}/{new string('0', 16)}/resumption", "")).Code
            .ShouldBe(ErrorRegistry.WebhookUnknown);
    }

    [Fact]
    public async Task webhooks_are_for_admins_of_the_treasury_and_seen_by_compliance()
    {
        var opened = await (await host.NewTenantAsync()).OpenAsync();
        var (id, _) = await AddAsync(opened, "http://127.0.0.1:9/never");
        var compliance = await host.NewCallerAsync(opened.Tenant, "watch", Grant.Of(Role.Compliance));
        var limited = await host.NewCallerAsync(
            opened.Tenant, "limited", Grant.Of(Role.Admin) with { Accounts = ["wallet"] });
        var other = await host.NewCallerAsync(
            opened.Tenant, "other", Grant.Of(Role.Admin) with { Treasuries = ["other"] });
        var stranger = await (await host.NewTenantAsync()).OpenAsync();
        const string terms = """{"url":"http://127.0.0.1:9/x"}""";

        (await compliance.GetAsync(Webhooks)).ShouldBe(HttpStatusCode.OK);
        (await compliance.PostAsync(Webhooks, terms)).Code.ShouldBe(ErrorRegistry.RoleMissing);
        (await compliance.PostAsync($"{Webhooks}/{id}/rotation", "")).Code.ShouldBe(ErrorRegistry.RoleMissing);
        foreach (var caller in new[] { limited, other })
        {
            (await caller.PostAsync(Webhooks, terms)).Code.ShouldBe(ErrorRegistry.ScopeExceeded);
            (await caller.DeleteAsync($"{Webhooks}/{id}")).Code.ShouldBe(ErrorRegistry.ScopeExceeded);
            (await caller.GetAsync(Webhooks)).Code.ShouldBe(ErrorRegistry.ScopeExceeded);
        }

        (await stranger.GetAsync(Webhooks)).Json.GetProperty("webhooks").GetArrayLength().ShouldBe(0);
        (await stranger.DeleteAsync($"{Webhooks}/{id}")).Code.ShouldBe(ErrorRegistry.WebhookUnknown);
        (await stranger.GetAsync($"{Webhooks}/{id}/deliveries")).Code.ShouldBe(ErrorRegistry.WebhookUnknown);
        (await stranger.PostAsync("/v1/treasuries/nobody/webhooks", terms)).Code.ShouldBe("journal_not_opened");
    }

    [Theory]
    [InlineData("""{"url":"http://example.com/"}""", "$.url")]
    [InlineData("""{"url":"ledger"}""", "$.url")]
    [InlineData("""{"url":"https://10.0.0.1/"}""", "$.url")]
    [InlineData("""{"url":"https://me:secret@example.com/"}""", "$.url")]
    [InlineData("""{"url":"https://example.com/","kinds":["no_such"]}""", "$.kinds")]
    [InlineData("""{"url":"https://example.com/","from":0}""", "$.from")]
    public async Task what_is_no_webhook_is_refused(string terms, string path)
    {
        var client = await host.SharedAsync();

        var refused = await client.PostAsync(Webhooks, terms);

        refused.Code.ShouldBe(ErrorRegistry.ValueInvalid);
        refused.Json.GetProperty("numbers").GetProperty("path").GetString().ShouldBe(path);
    }

    private static Func<System.Text.Json.JsonElement, bool> Has(int failures) =>
        webhook => webhook.GetProperty("failures").GetInt32() == failures;

    private static async Task<(string Id, string Secret)> AddAsync(
        ApiClient client, string url, string further = "")
    {
        var made = (await client.PostAsync(Webhooks, $$"""{"url":"{{url}}"{{further}}}"""))
            .ShouldBe(HttpStatusCode.Created).Json;
        return (made.GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }

    /// <summary>The time to wait passes.</summary>
    private async Task PassAsync(string id) => (await Database.AskAsync(
        host.Login, $"update ledger.webhooks set next_at = clock_timestamp() where id = '{id}'")).ShouldBe("1");

    private static async Task<System.Text.Json.JsonElement> EventuallyAsync(
        ApiClient client, string id, Func<System.Text.Json.JsonElement, bool> isTrue)
    {
        var until = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var webhook = (await client.GetAsync(Webhooks)).Json.GetProperty("webhooks").EnumerateArray()
                .Single(one => one.GetProperty("id").GetString() == id);
            if (isTrue(webhook))
            {
                return webhook;
            }

            (DateTime.UtcNow < until).ShouldBeTrue(webhook.GetRawText());
            await Task.Delay(20, Cancellation);
        }
    }
}
